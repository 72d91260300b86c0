"""The last answer of a host, read from git's trace: git itself does not say all of it."""

import re
from dataclasses import dataclass
from pathlib import Path

STATUS = re.compile(r"<= Recv header: HTTP/[\d.]+ (?P<status>\d{3})(?! Connection established)")
RETRY_AFTER = re.compile(r"<= Recv header: retry-after: *(?P<value>[^\r\n]{1,100})", re.IGNORECASE)
# The answer that matters is the last.
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and `Retry-After` of an answer; no status if there was no answer."""

    status: int | None = None
    retry_after: str | None = None


def last_answer(trace: Path) -> Answer:
    """Return the last answer in a trace, which may be missing."""
    try:
        with trace.open("rb") as file:
            file.seek(max(0, trace.stat().st_size - MAX_BYTES))
            return answer_in(file.read().decode("latin-1"))
    except OSError:
        return Answer()


def answer_in(trace: str) -> Answer:
    """Return the last answer in the text of a trace. The proxy's own answer to CONNECT is not one."""
    status, retry_after = None, None
    for line in trace.splitlines():
        if found := STATUS.search(line):
            status, retry_after = int(found["status"]), None
        elif found := RETRY_AFTER.search(line):
            retry_after = found["value"].strip()
    return Answer(status, retry_after)
