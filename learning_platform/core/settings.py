"""Settings, from the environment or `.env`. Nothing has to be set to try the platform out."""

import secrets
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parents[2]
SHORTEST_SECRET = 32
# A key typed by hand ("aaaa…", "secretsecret…") repeats itself; a generated one of 32 characters never has so few.
FEWEST_DISTINCT_CHARACTERS = 10


class Settings(BaseSettings):
    """Every setting, with its default. Raises `pydantic.ValidationError` that names what is wrong."""

    # A traceback at start must not print the password of the database or the key.
    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr | None = None
    database_pool_size: int = Field(default=10, ge=2, le=1000)
    data_dir: Path = PROJECT / ".data"
    secret_key: SecretStr | None = None
    environment: Literal["development", "production"] = "development"
    track_creation: Literal["everyone", "authors"] = "everyone"
    scheduler: Literal["on", "off"] = "on"
    format_processes: int = Field(default=2, ge=1, le=32)
    metrics: Literal["on", "off"] = "on"
    scheduler_metrics: str | None = Field(default=None, pattern=r"^[^\s:]+:[0-9]{1,5}$")
    access_token_minutes: float = Field(default=30, gt=0, le=24 * 60)
    refresh_token_days: float = Field(default=30, gt=0, le=366)
    public_url: str = Field(default="http://localhost:8000", pattern=r"^https?://[^/\s]+$")
    smtp_url: SecretStr | None = None
    mail_from: str = "Learning Platform <learning-platform@localhost>"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator("log_level", "log_format", "environment", "scheduler", "metrics", "track_creation", mode="before")
    @classmethod
    def _without_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

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
        scheme, separator, rest = value.get_secret_value().partition("://")
        # `postgresql+asyncpg://` is how SQLAlchemy's users write the same address.
        if not separator or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
            raise ValueError("DATABASE_URL must look like postgresql://user:password@host:5432/name")
        return SecretStr(f"postgresql://{rest}")

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        problem = self._weakness_of_secret_key()
        if problem is not None:
            raise ValueError(problem)
        return self

    def _weakness_of_secret_key(self) -> str | None:
        if self.secret_key is None:
            return "SECRET_KEY must be set when ENVIRONMENT=production" if self.environment == "production" else None
        key = self.secret_key.get_secret_value()
        if len(key) < SHORTEST_SECRET:
            return f"SECRET_KEY must have at least {SHORTEST_SECRET} characters"
        if self.environment == "production" and len(set(key)) < FEWEST_DISTINCT_CHARACTERS:
            return "SECRET_KEY is too easy to guess: generate one with `openssl rand -hex 32`"
        return None


def signing_key(settings: Settings) -> str:
    """Return the key that signs tokens; without SECRET_KEY one is generated once and kept in DATA_DIR.

    Processes that share DATA_DIR share the key, also when they start together: whoever links its file first wins.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    kept = settings.data_dir / "secret_key"
    if not kept.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _keep_new_key(kept)
    return kept.read_text()


def _keep_new_key(kept: Path) -> None:
    # Not the process id: processes in several containers have the same one.
    draft = kept.with_name(f"{kept.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32))
    try:
        kept.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
