"""Accounts and tokens."""

from datetime import datetime
from typing import Annotated, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

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
        # A school's own network has addresses that the wide world cannot reach.
        found = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "not an e-mail address") from error
    if found.ascii_email is None:
        raise PydanticCustomError("email_letters", "cannot be sent to")
    return found.normalized


Email = Annotated[
    str,
    Field(max_length=MAX_EMAIL_LENGTH, json_schema_extra={"format": "email"}),
    IDENTIFIER,
    AfterValidator(_is_email),
]
Username = Annotated[str, Field(min_length=3, max_length=32, pattern=USERNAME_PATTERN), IDENTIFIER]
# Of somebody who may have an account already: what is wrong with it is only that it is not theirs.
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
    """Who signs in, by username or e-mail address."""

    username: Login
    password: Secret


class NewPassword(Input):
    """A password to replace the old one."""

    password: Password


class PasswordChange(NewPassword):
    """The form for another password: who changes it knows the old one."""

    current_password: Secret


class AccountDeletion(Input):
    """The form that deletes an account."""

    confirm_password: Secret


class ForgottenPassword(Input):
    """Whose password is forgotten."""

    email: Email


class User(Output):
    """A person, as they see themselves."""

    id: int
    email: str
    username: str
    role: Role
    locale: Language
    time_zone: str = Field(examples=["Europe/Moscow"])
    created_at: datetime


class ProfileChange(Input):
    """What is to be changed; the rest stays as it is."""

    locale: Language | None = None
    time_zone: TimeZone | None = Field(None, examples=["Europe/Moscow"])


class RefreshRequest(Input):
    """A refresh token to be exchanged; it works once."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=512, pattern=NO_NUL), IDENTIFIER]


class TokenPair(Output):
    """What a sign-in gives: `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    refresh_token: str
