"""Settings, from the environment or `.env`. All of them have defaults that work."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from learning_platform.core.database_url import normalise
from learning_platform.core.limit import Limit
from learning_platform.core.start import CannotStart

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PROJECT = Path(__file__).resolve().parents[2]
PORTS = range(1, 65_536)
SITE = re.compile(r"https?://[^/\s]+")
PROVIDER = re.compile(r"https?://[^/?#\s@]+(/[^?#\s]*)?")
MIN_SECRET_LENGTH = 32
# A key typed by hand ("aaaa…", "secretsecret…") repeats characters; a generated one has more distinct ones.
MIN_DISTINCT_CHARACTERS = 10
# Each group is set as a whole or not at all.
PROVIDER_SETTINGS = (
    ("oidc_issuer", "oidc_client_id", "oidc_client_secret"),
    ("github_client_id", "github_client_secret"),
    ("gitlab_client_id", "gitlab_client_secret"),
)


def _written_limit(text: str) -> str:
    Limit.parse(text)
    return text


WrittenLimit = Annotated[str, AfterValidator(_written_limit)]


def _provider_address(text: str) -> str:
    if not PROVIDER.fullmatch(text):
        raise ValueError("this must look like https://id.example.org or https://example.org/realms/school")
    return text.rstrip("/")


ProviderAddress = Annotated[str, AfterValidator(_provider_address)]


class Settings(BaseSettings):
    """Every setting, with its default. Raises `pydantic.ValidationError` with each invalid setting."""

    # A traceback must not show the password of the database or the key.
    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr | None = None
    database_pool_size: int = Field(default=10, ge=2, le=1000)
    data_dir: Path = PROJECT / ".data"
    secret_key: SecretStr | None = None
    environment: Literal["development", "production"] = "development"
    track_creation: Literal["everyone", "authors"] = "everyone"
    public_catalogue: Literal["on", "off"] = "on"
    # How long a place that was received from a waiting list can be declined after the start.
    seat_decline_hours: float = Field(default=24, ge=0, le=24 * 30)
    scheduler: Literal["on", "off"] = "on"
    fetcher: Literal["on", "off"] = "on"
    fetch_allow: str = ""
    fetch_ca_file: Path | None = None
    format_processes: int = Field(default=2, ge=1, le=32)
    metrics: Literal["on", "off"] = "on"
    scheduler_metrics: str | None = None
    access_token_minutes: float = Field(default=30, gt=0, le=24 * 60)
    refresh_token_days: float = Field(default=30, gt=0, le=366)
    # Sign-in, sessions, and how long old rows are kept.
    max_sessions: int = Field(default=50, ge=1, le=1000)
    password_queue: int = Field(default=100, ge=1, le=10_000)
    session_retention_days: float = Field(default=1, ge=0, le=3660)
    email_retention_days: float = Field(default=30, ge=1, le=3660)
    notification_retention_days: float = Field(default=365, ge=30, le=3660)
    known_network_days: float = Field(default=180, gt=0, le=3660)
    # Rate limits: `20/hour`, or `off` (accounts/rate_limits.py).
    limit_sign_in: WrittenLimit = "5/minute"
    limit_sign_in_address: WrittenLimit = "100/minute"
    limit_sign_in_account: WrittenLimit = "100/hour"
    limit_registrations: WrittenLimit = "100/hour"
    limit_refreshes: WrittenLimit = "200/hour"
    # The aliases are the names of the previous release, which stay valid for one more.
    limit_emails: WrittenLimit = Field(default="3/hour", validation_alias=AliasChoices("limit_emails", "limit_letters"))
    limit_emails_address: WrittenLimit = Field(
        default="30/hour", validation_alias=AliasChoices("limit_emails_address", "limit_letters_address")
    )
    limit_tracks: WrittenLimit = "50/day"
    limit_submissions: WrittenLimit = "20/hour"
    limit_diary_entries: WrittenLimit = "60/hour"
    limit_returns: WrittenLimit = "60/hour"
    limit_announcements: WrittenLimit = "60/hour"
    limit_invitations: WrittenLimit = "1000/day"
    limit_invitations_address: WrittenLimit = "3/day"
    limit_unknown_invitations: WrittenLimit = "300/hour"
    limit_writes: WrittenLimit = "300/minute"
    limit_external_sign_in: WrittenLimit = "120/minute"
    public_url: str = "http://localhost:8000"
    # Sign-in with accounts elsewhere; each is offered if its id and its secret are set.
    oidc_issuer: ProviderAddress | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = Field(default="OpenID Connect", max_length=40)
    github_url: ProviderAddress = "https://github.com"
    github_client_id: str | None = None
    github_client_secret: SecretStr | None = None
    gitlab_url: ProviderAddress = "https://gitlab.com"
    gitlab_client_id: str | None = None
    gitlab_client_secret: SecretStr | None = None
    smtp_url: SecretStr | None = None
    mail_from: str = "Learning Platform <learning-platform@localhost>"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator(
        "log_level",
        "log_format",
        "environment",
        "scheduler",
        "fetcher",
        "metrics",
        "track_creation",
        "public_catalogue",
        mode="before",
    )
    @classmethod
    def _without_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _is_site(cls, value: str) -> str:
        site = value.removesuffix("/")
        if not SITE.fullmatch(site):
            raise ValueError("PUBLIC_URL must look like https://learn.example.org, without a path")
        return site

    @field_validator("scheduler_metrics")
    @classmethod
    def _is_host_and_port(cls, value: str | None) -> str | None:
        host, _, port = (value or "").rpartition(":")
        if value is not None and not (host and port.isdecimal() and int(port) in PORTS):
            raise ValueError("SCHEDULER_METRICS must look like 127.0.0.1:9101, with a port from 1 to 65535")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in {"smtp", "smtps", "smtp+starttls"}:
            raise ValueError("SMTP_URL must look like smtp://user:password@host:25 (or smtps://, smtp+starttls://)")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        return SecretStr(normalise(value.get_secret_value()))

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        problems = [
            *self._weaknesses_of_secret_key(),
            *self._weaknesses_in_production(),
            *self._incomplete_providers(),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _weaknesses_of_secret_key(self) -> Iterator[str]:
        if self.secret_key is None:
            return
        key = self.secret_key.get_secret_value()
        if len(key) < MIN_SECRET_LENGTH:
            yield f"SECRET_KEY must have at least {MIN_SECRET_LENGTH} characters"
        elif self.environment == "production" and len(set(key)) < MIN_DISTINCT_CHARACTERS:
            yield "SECRET_KEY is too easy to guess. Generate one with `openssl rand -hex 32`"

    def _weaknesses_in_production(self) -> Iterator[str]:
        if self.environment != "production":
            return
        if self.secret_key is None:
            yield "SECRET_KEY must be set when ENVIRONMENT=production"
        if self.database_url is None:
            yield "DATABASE_URL must be set when ENVIRONMENT=production; the embedded database is for development only"
        if not self.public_url.startswith("https://"):
            yield "PUBLIC_URL must begin with https:// when ENVIRONMENT=production"
        for name in ("oidc_issuer", "github_url", "gitlab_url"):
            if (getattr(self, name) or "").startswith("http:"):
                yield f"{name.upper()} must begin with https:// when ENVIRONMENT=production"

    def _incomplete_providers(self) -> Iterator[str]:
        for names in PROVIDER_SETTINGS:
            missing = [name.upper() for name in names if not getattr(self, name)]
            if 0 < len(missing) < len(names):
                yield f"{' and '.join(missing)} must be set together with the other settings of this provider"


def load_settings() -> Settings:
    """Read the settings. Raises CannotStart with a line for each invalid setting."""
    try:
        return Settings()
    except ValidationError as error:
        raise CannotStart("\n".join(_line(problem) for problem in error.errors())) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(
            f"The file .env cannot be read ({type(error).__name__}). It must be a UTF-8 text file."
        ) from None


def _line(problem: "ErrorDetails") -> str:
    name = ".".join(str(part) for part in problem["loc"]).upper()
    said = problem["msg"].removeprefix("Value error, ")
    # Messages of the validators above name the setting already.
    return said if not name or said.startswith(name) else f"{name}: {said}"


def signing_key(settings: Settings) -> str:
    """Return the key that signs tokens; without SECRET_KEY one is generated once and kept in DATA_DIR (or CannotStart).

    Processes that share DATA_DIR share the key. When they start together, the first to link its file decides.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    kept = settings.data_dir / "secret_key"
    try:
        if not kept.exists():
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            _keep_new_key(kept)
        return kept.read_text()
    except OSError as error:
        raise CannotStart(
            f"The generated key cannot be stored in DATA_DIR ({settings.data_dir}): {error.strerror}."
            " Set SECRET_KEY, or set DATA_DIR to a writable folder."
        ) from error


def _keep_new_key(kept: Path) -> None:
    # A process id would not be unique, because processes in several containers may have the same one.
    draft = kept.with_name(f"{kept.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32))
    try:
        kept.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
