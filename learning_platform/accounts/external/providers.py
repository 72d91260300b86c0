"""The providers that the settings name, and what a provider says about a person."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from learning_platform.accounts.email_addresses import usable_address
from learning_platform.accounts.rules import BadProviderAnswer
from learning_platform.core.settings import Settings

ProviderKey = Literal["oidc", "github", "gitlab"]
# OpenID Connect Core, section 2: at most 255 characters.
MAX_SUBJECT_LENGTH = 255
MIN_NAME_LENGTH, MAX_NAME_LENGTH = 3, 32
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and what is registered with it. Identities are stored with its `issuer`: the address is what lasts."""

    key: ProviderKey
    name: str
    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class ExternalUser:
    """A person who signed in at a provider. `email` is usable here; `wanted_name` may be any text."""

    issuer: str
    subject: str
    email: str | None
    is_email_verified: bool
    wanted_name: str


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """Return the providers that are set up, in the order of their buttons."""
    found: list[Provider] = []
    if settings.github_client_id and settings.github_client_secret:
        secret = settings.github_client_secret.get_secret_value()
        found.append(Provider("github", "GitHub", settings.github_url, settings.github_client_id, secret))
    if settings.gitlab_client_id and settings.gitlab_client_secret:
        secret = settings.gitlab_client_secret.get_secret_value()
        found.append(Provider("gitlab", "GitLab", settings.gitlab_url, settings.gitlab_client_id, secret))
    if settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret:
        secret = settings.oidc_client_secret.get_secret_value()
        found.append(Provider("oidc", settings.oidc_name, settings.oidc_issuer, settings.oidc_client_id, secret))
    return tuple(found)


def external_user(
    provider: Provider, *, subject: object, email: object, is_email_verified: object, names: tuple[object, ...]
) -> ExternalUser:
    """Return a user as a provider described them; only the subject has to be right. Raises BadProviderAnswer."""
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
        raise BadProviderAnswer(name=provider.name)
    address = usable_address(email)
    name = next((name for name in names if isinstance(name, str) and name), (address or "").partition("@")[0])
    # Some providers write the claim as text.
    is_verified = address is not None and (is_email_verified is True or is_email_verified == "true")
    return ExternalUser(provider.issuer, subject, address, is_verified, name[:200])


def valid_username(wanted: str) -> str:
    """Return the username that is most like a wanted name; `user` if hardly anything of it can be used."""
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode()
    name = NOT_IN_NAMES.sub("-", plain).strip("-")[:MAX_NAME_LENGTH]
    return name if len(name) >= MIN_NAME_LENGTH else "user"
