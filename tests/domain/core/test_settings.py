"""Settings: everything has a default, and production starts with nothing unsafe."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from learning_platform.core.database_url import IGNORED_OPTIONS
from learning_platform.core.settings import Settings, signing_key

STRONG_KEY = "0f4e1d2c3b4a59687786a5b4c3d2e1f0"
NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep out what is set where the tests run, `.env` included."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def refusal(**environment: str) -> str:
    """Return what is said of settings that are refused."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ValidationError) as caught:
            Settings()
    return str(caught.value)


def accepted(**environment: str) -> Settings:
    """Return settings read from the environment."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return Settings()


def test_nothing_has_to_be_set() -> None:
    settings = Settings()
    assert settings.database_url is None
    assert settings.environment == "development"
    assert settings.scheduler == "on"
    assert settings.track_creation == "everyone"
    assert (settings.access_token_minutes, settings.refresh_token_days) == (30, 30)


def test_what_stands_in_the_file_env_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=error\nSCHEDULER=off\nSOMETHING_ELSE=1\n")
    settings = accepted(SCHEDULER="on")
    assert (settings.log_level, settings.scheduler) == ("error", "on")


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_setting_is_as_good_as_none(name: str) -> None:
    assert accepted(**{name: ""}) == Settings()


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("postgresql://u:p@host:5432/name", "postgresql://u:p@host:5432/name"),
        ("postgres://u:p@host:5432/name", "postgresql://u:p@host:5432/name"),
        ("postgresql+asyncpg://u:p@host/name", "postgresql://u:p@host/name"),
        ("postgresql+psycopg2://u:p@host/name", "postgresql://u:p@host/name"),
        ("postgres://u:p%40ss@host/name?sslmode=require", "postgresql://u:p%40ss@host/name?sslmode=require"),
        ("postgresql:///name?host=/var/run/postgresql", "postgresql:///name?host=/var/run/postgresql"),
        ("POSTGRESQL://u:p@Host/Name", "postgresql://u:p@Host/Name"),
        ("jdbc:postgresql://host:5432/name?user=u&ssl=true", "postgresql://host:5432/name?user=u&sslmode=require"),
        ("postgres://u:p@host/name?sslmode=no-verify", "postgresql://u:p@host/name?sslmode=require"),
        ("postgres://u:p@host/name?gssencmode=disable", "postgresql://u:p@host/name"),
        ("postgres://host/name?hostaddr=127.0.0.1", "postgresql://host/name?host=127.0.0.1"),
        ("postgres://u:p@ss@host/name", "postgresql://u:p%40ss@host/name"),
        ("postgres://u:100%@host/name", "postgresql://u:100%25@host/name"),
        ("postgres://u@[::1]:5432/name", "postgresql://u@[::1]:5432/name"),
        ("postgres://u@a:1,b:2/name", "postgresql://u@a:1,b:2/name"),
        (" postgres://host/name?application_name=x\n", "postgresql://host/name?application_name=x"),
    ],
)
def test_the_address_of_the_database_is_taken_as_any_tool_writes_it(written: str, taken: str) -> None:
    database_url = accepted(DATABASE_URL=written).database_url
    assert database_url is not None
    assert database_url.get_secret_value() == taken


@pytest.mark.parametrize("option", sorted(IGNORED_OPTIONS))
def test_options_of_other_tools_are_left_out(option: str) -> None:
    database_url = accepted(DATABASE_URL=f"postgres://host/name?{option}=1&sslmode=require").database_url
    assert database_url is not None
    assert database_url.get_secret_value() == "postgresql://host/name?sslmode=require"


@pytest.mark.parametrize(
    "written",
    [
        "postgresql://u:secret/word@host/name",
        "postgresql://u:secret#word@host/name",
        "postgresql://u:secret?word@host/name",
        "postgresql://u:secret@host:port/name",
        "postgresql://u:secret@host:99999/name",
        "postgresql://u:secret@[::1/name",
        "postgresql://u:secret@host/name?sslmode",
        "postgresql://u:secret@host/name?port=x",
        "postgresql://u:secret@host/name?require_auth=scram-sha-256",
        "postgresql://u:secret@host/name?gssencmode=require",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_a_part_of_the_password(written: str) -> None:
    said = refusal(DATABASE_URL=written)
    assert "DATABASE_URL" in said
    assert "secret" not in said
    assert "word@" not in said


@pytest.mark.parametrize("written", ["mysql://u:p@host/name", "sqlite:///x.db", "host:5432/name", "postgresql"])
def test_the_address_of_another_database_is_refused_by_name_without_telling_the_password(written: str) -> None:
    said = refusal(DATABASE_URL=written)
    assert "DATABASE_URL must look like postgresql://user:password@host:5432/name" in said
    assert "u:p@" not in said


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "SECRET_KEY must be set when ENVIRONMENT=production"),
        ("short", "SECRET_KEY must have at least 32 characters"),
        ("a" * 64, "SECRET_KEY is too easy to guess"),
        ("secret" * 10, "SECRET_KEY is too easy to guess"),
    ],
)
def test_production_refuses_a_key_that_could_be_guessed_and_says_so(key: str, problem: str) -> None:
    said = refusal(ENVIRONMENT="production", SECRET_KEY=key)
    assert problem in said
    assert not key or f"'{key}'" not in said


SAFE = {
    "ENVIRONMENT": "Production",
    "SECRET_KEY": STRONG_KEY,
    "DATABASE_URL": "postgresql://u:p@host/name",
    "PUBLIC_URL": "https://learning.example.org",
}


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SECRET_KEY", "", "SECRET_KEY must be set when ENVIRONMENT=production"),
        ("DATABASE_URL", "", "DATABASE_URL must be set when ENVIRONMENT=production; the embedded database is for"),
        ("PUBLIC_URL", "", "PUBLIC_URL must begin with https:// when ENVIRONMENT=production"),
        ("PUBLIC_URL", "http://learning.example.org", "PUBLIC_URL must begin with https://"),
    ],
)
def test_production_refuses_each_unsafe_setting_by_name(name: str, value: str, problem: str) -> None:
    assert problem in refusal(**{**SAFE, name: value})


def test_everything_unsafe_is_named_together() -> None:
    said = refusal(ENVIRONMENT="production", SECRET_KEY="a" * 40)
    assert [name for name in ("SECRET_KEY", "DATABASE_URL", "PUBLIC_URL") if name in said] == [
        "SECRET_KEY",
        "DATABASE_URL",
        "PUBLIC_URL",
    ]


def test_production_starts_with_a_strong_key() -> None:
    settings = accepted(**SAFE)
    assert settings.environment == "production"
    assert signing_key(settings) == STRONG_KEY


def test_a_key_that_is_too_short_is_refused_while_developing_too() -> None:
    assert "at least 32 characters" in refusal(SECRET_KEY="short")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("SCHEDULER", "maybe"),
        ("TRACK_CREATION", "guests"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("METRICS", "some"),
        ("ACCESS_TOKEN_MINUTES", "0"),
        ("ACCESS_TOKEN_MINUTES", "nan"),
        ("REFRESH_TOKEN_DAYS", "-1"),
        ("REFRESH_TOKEN_DAYS", "inf"),
        ("DATABASE_POOL_SIZE", "1"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    assert name.lower() in refusal(**{name: value})


def test_the_former_names_of_two_limits_are_still_accepted() -> None:
    settings = accepted(LIMIT_LETTERS="4/hour", LIMIT_LETTERS_ADDRESS="off")
    assert (settings.limit_emails, settings.limit_emails_address) == ("4/hour", "off")


def test_the_new_name_of_a_limit_takes_precedence_over_the_former_one() -> None:
    assert accepted(LIMIT_EMAILS="5/hour", LIMIT_LETTERS="4/hour").limit_emails == "5/hour"


def test_a_former_name_of_a_limit_is_read_from_the_file_env(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LIMIT_LETTERS=4/hour\n")
    assert Settings().limit_emails == "4/hour"


@pytest.mark.parametrize("name", ["SCHEDULER", "METRICS"])
def test_a_switch_may_be_written_in_any_case(name: str) -> None:
    assert getattr(accepted(**{name: "OFF"}), name.lower()) == "off"


def test_settings_can_be_printed_without_telling_a_secret() -> None:
    settings = accepted(SECRET_KEY=STRONG_KEY, DATABASE_URL="postgresql://u:pa55word@host/name")
    assert STRONG_KEY not in repr(settings)
    assert "pa55word" not in repr(settings)


def test_a_key_is_generated_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    key = signing_key(settings)
    assert len(key) >= 32
    assert signing_key(Settings(data_dir=tmp_path / "data")) == key
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_another_folder_has_another_key(tmp_path: Path) -> None:
    assert signing_key(Settings(data_dir=tmp_path / "a")) != signing_key(Settings(data_dir=tmp_path / "b"))


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: signing_key(Settings(data_dir=tmp_path)), range(8)))
    assert len(set(keys)) == 1
