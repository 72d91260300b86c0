"""Accounts and tokens."""

from datetime import datetime
from typing import Annotated, Literal

from email_validator import EmailNotValidError
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from learning_platform.accounts.email_addresses import UnusableAddress, normalized_address
from learning_platform.accounts.rules import (
    MAX_EMAIL_LENGTH,
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    USERNAME_PATTERN,
)
from learning_platform.accounts.tokens import Role
from learning_platform.core.languages import Language
from learning_platform.web.schemas.common import NO_NUL, Input, Output
from learning_platform.web.schemas.texts import IDENTIFIER, PASSWORD


def _is_email(value: str) -> str:
    try:
        return normalized_address(value)
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "not an email address") from error
    except UnusableAddress as error:
        raise PydanticCustomError("email_characters", "cannot be sent to") from error


Email = Annotated[
    str,
    Field(max_length=MAX_EMAIL_LENGTH, json_schema_extra={"format": "email"}),
    IDENTIFIER,
    AfterValidator(_is_email),
]
Username = Annotated[str, Field(min_length=3, max_length=32, pattern=USERNAME_PATTERN), IDENTIFIER]
# A login is checked against accounts, so its form is not restricted.
Login = Annotated[str, Field(max_length=MAX_EMAIL_LENGTH, pattern=NO_NUL), IDENTIFIER]
Secret = Annotated[str, Field(max_length=MAX_PASSWORD_LENGTH), PASSWORD]
TimeZone = Annotated[str, Field(max_length=64, pattern=NO_NUL), IDENTIFIER]
Password = Annotated[str, Field(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH), PASSWORD]


class Registration(Input):
    """A new account."""

    email: Email = Field(examples=["alice@example.com"])
    username: Username = Field(examples=["alice"])
    password: Password = Field(examples=["correct horse battery"])


class SignInForm(Input):
    """The sign-in form; `username` may also be an email address."""

    username: Login
    password: Secret


class NewUsername(Input):
    """A new account of a person whose address a provider has verified."""

    username: Username


class NewUsernameAndEmail(NewUsername):
    """A new account of a person of whom a provider named no address, or one that it has not verified."""

    email: Email


class ExistingPassword(Input):
    """The password of an account that exists."""

    password: Secret


class NewPassword(Input):
    """A new password."""

    password: Password


class PasswordChange(NewPassword):
    """The form that changes a password; it asks for the current one."""

    current_password: Secret


class AccountDeletion(Input):
    """The form that deletes an account."""

    confirm_password: Secret


class ForgottenPassword(Input):
    """The form that requests a link to reset a password."""

    email: Email


class NewEmail(Input):
    """A new email address of an account that exists."""

    email: Email


class EmailChangeForm(NewEmail):
    """The form that changes an email address."""

    email_password: Secret


class EmailChangeRequest(NewEmail):
    """A new email address; the password may be left out by accounts that have none."""

    password: Secret | None = None


class EmailChange(Output):
    """A change that waits until the new address is confirmed."""

    new_email: str = Field(examples=["alice@example.org"])
    requested_at: datetime
    expires_at: datetime


class User(Output):
    """The signed-in user."""

    id: int
    email: str
    username: str
    role: Role
    locale: Language
    time_zone: str = Field(examples=["Europe/Moscow"])
    created_at: datetime


class ProfileChange(Input):
    """The fields to change; omitted fields keep their values."""

    locale: Language | None = None
    time_zone: TimeZone | None = Field(None, examples=["Europe/Moscow"])


class UserSession(Output):
    """A session; browser and system are null if the client did not say. Its use is stored once a day."""

    id: int
    browser: str | None = Field(examples=["Firefox"])
    system: str | None = Field(examples=["Linux"])
    created_at: datetime
    days_unused: int
    is_current: bool


class RefreshRequest(Input):
    """A refresh token, which works once."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=512, pattern=NO_NUL), IDENTIFIER]


class TokenPair(Output):
    """Tokens; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    refresh_token: str
