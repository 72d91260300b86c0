"""Log lines: no secret and no personal data in them."""

import json
import logging
import sys
from collections.abc import Iterator

import jwt
import pytest

from learning_platform.core.logs import RedactingFormatter, RedactingJsonFormatter, configure_logging, redact

TOKEN = jwt.encode({"sub": "1"}, "a secret of the tests, 32 characters")


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Give back the root logger, which this process shares with other tests."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("line", "logged"),
    [
        (f'"WebSocket /ws/{TOKEN}" [accepted]', '"WebSocket /ws/…" [accepted]'),
        (f"GET /ws/{TOKEN}?after=3", "GET /ws/…?after=3"),
        ("GET /ws/not.even.a-token", "GET /ws/…"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer …"),
        ("GET /calendar.ics?key=s3cret&x=1", "GET /calendar.ics?key=…&x=1"),
        ("GET /reset?x=1&token=s3cret", "GET /reset?x=1&token=…"),
        ("connecting to postgresql://lp:pa-ss@db:5432/lp", "connecting to postgresql://lp:…@db:5432/lp"),
        ("connecting to postgres://lp:pa@ss@db/lp", "connecting to postgres://lp:…@db/lp"),
        ("Key (lower(email))=(alice.b+c@example.co.uk) exists", "Key (lower(email))=(…) exists"),
        ("sweep deadlines failed for 17", "sweep deadlines failed for 17"),
    ],
)
def test_secrets_are_left_out_of_a_line(line: str, logged: str) -> None:
    assert redact(line) == logged


@pytest.mark.parametrize("formatter", [RedactingFormatter(), RedactingJsonFormatter()])
def test_a_traceback_is_redacted_like_any_line(formatter: logging.Formatter) -> None:
    try:
        raise ValueError(f"bad token {TOKEN} of alice@example.com")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed for %s", (TOKEN,), sys.exc_info())
    line = formatter.format(record)
    assert "ValueError" in line
    assert TOKEN not in line
    assert "alice@example.com" not in line


def test_a_line_of_json_is_one_object_with_the_traceback_in_it() -> None:
    try:
        raise ValueError("плохо")
    except ValueError:
        record = logging.LogRecord("example.web", logging.ERROR, __file__, 1, "it\nfailed", (), sys.exc_info())
    line = RedactingJsonFormatter().format(record)
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["level"], entry["logger"], entry["message"]) == ("error", "example.web", "it\nfailed")
    assert entry["time"].endswith("+00:00")
    assert "ValueError: плохо" in entry["traceback"]


def test_extra_fields_are_part_of_the_object_and_redacted() -> None:
    record = logging.makeLogRecord({"msg": "sent", "levelname": "INFO", "to": {"address": "alice@example.com"}})
    assert json.loads(RedactingJsonFormatter().format(record))["to"] == "{'address': '…'}"


@pytest.mark.usefixtures("logging_as_it_was")
@pytest.mark.parametrize("format", ["text", "json"])
@pytest.mark.parametrize("logger", ["learning_platform.web", "uvicorn.error", "uvicorn.access", "asyncpg", ""])
def test_every_logger_leaves_secrets_out(capsys: pytest.CaptureFixture[str], format: str, logger: str) -> None:
    configure_logging(level="debug", format=format)
    logging.getLogger(logger).warning("WebSocket /ws/%s", TOKEN)
    written = capsys.readouterr().err
    assert written.count("/ws/…") == 1
    assert TOKEN not in written


@pytest.mark.usefixtures("logging_as_it_was")
def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="warning", format="text")
    logging.getLogger("learning_platform.web").info("quiet")
    logging.getLogger("learning_platform.web").warning("loud")
    written = capsys.readouterr().err
    assert "loud" in written
    assert "quiet" not in written
