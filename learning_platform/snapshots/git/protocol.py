"""What git sends when it pushes over HTTP, and what it is answered (git's gitprotocol-pack and gitprotocol-http). Pure.

A message consists of lines that begin with their length in four hexadecimal digits; `0000` ends a group of lines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FLUSH = b"0000"
LENGTH_BYTES = 4
NO_OBJECT = "0" * 40
# Each push is a complete delivery into an empty repository: no branch is there before, and none can be deleted.
CAPABILITIES = "report-status side-band-64k quiet ofs-delta object-format=sha1 agent=learning-platform"
BRANCH = "refs/heads/"
FROZEN_BRANCH = "refs/heads/frozen"
MAX_SIDEBAND_BYTES = 65_000
REPORT, PROGRESS = b"\x01", b"\x02"


class BadRequest(Exception):
    """It is not what git sends."""


@dataclass(frozen=True, slots=True)
class Command:
    """A reference that is to be changed."""

    new: str
    reference: str

    @property
    def is_deletion(self) -> bool:
        """Say whether the reference is to be deleted."""
        return self.new == NO_OBJECT


@dataclass(frozen=True, slots=True)
class PushHead:
    """The beginning of a push, before its pack. `size`: in bytes."""

    commands: tuple[Command, ...]
    shallow: tuple[str, ...]
    capabilities: frozenset[str]
    size: int

    @property
    def rewritten(self) -> bytes:
        """Return the head of the same push to a branch whose name is known, answered without a sideband."""
        lines = [f"shallow {commit}" for commit in self.shallow]
        lines += [f"{NO_OBJECT} {command.new} {FROZEN_BRANCH}\0report-status" for command in self.commands]
        return b"".join(map(line, lines)) + FLUSH


def line(text: str | bytes) -> bytes:
    """Return a line with its length."""
    content = text.encode() if isinstance(text, str) else text
    return f"{len(content) + LENGTH_BYTES:04x}".encode() + content


def advertisement() -> bytes:
    """Return the answer to `info/refs`: a repository without references."""
    return (
        line("# service=git-receive-pack\n") + FLUSH + line(f"{NO_OBJECT} capabilities^{{}}\0{CAPABILITIES}\n") + FLUSH
    )


def read_head(content: bytes) -> PushHead:
    """Read the beginning of a push. Raises BadRequest if it is not whole within `content`."""
    commands: list[Command] = []
    shallow: list[str] = []
    capabilities: frozenset[str] = frozenset()
    position = 0
    for text, end in _lines(content):
        position = end
        if text.startswith("shallow "):
            shallow.append(_object(text.removeprefix("shallow ").strip()))
            continue
        command, _, named = text.partition("\0")
        capabilities = capabilities or frozenset(named.split())
        commands.append(_command(command.rstrip("\n")))
    if not commands:
        raise BadRequest
    return PushHead(tuple(commands), tuple(shallow), capabilities, position + LENGTH_BYTES)


def report(head: PushHead, *, refusal: str | None, messages: Iterable[str]) -> bytes:
    """Return the answer to a push: lines for the person, and the result for their git, refused if there is a reason."""
    result = "".join(
        f"{len(text.encode()) + LENGTH_BYTES:04x}{text}"
        for text in ("unpack ok\n", *(_result(command, refusal) for command in head.commands))
    ).encode()
    if "side-band-64k" not in head.capabilities:
        return result + FLUSH
    shown = b"".join(line(PROGRESS + part) for text in messages for part in _parts(f"{text}\n".encode()))
    results = b"".join(line(REPORT + part) for part in _parts(result + FLUSH))
    return shown + results + FLUSH


def results_of(answer: bytes) -> list[str]:
    """Return the lines of git's own report."""
    try:
        return [text.rstrip("\n") for text, _ in _lines(answer)]
    except BadRequest:
        return []


def _lines(content: bytes) -> Iterator[tuple[str, int]]:
    """Yield each line of the first group, and where the next one begins. Raises BadRequest."""
    position = 0
    while content[position : position + LENGTH_BYTES] != FLUSH:
        try:
            length = int(content[position : position + LENGTH_BYTES], 16)
        except ValueError as error:
            raise BadRequest from error
        if length <= LENGTH_BYTES or position + length > len(content):
            raise BadRequest
        yield content[position + LENGTH_BYTES : position + length].decode(errors="replace"), position + length
        position += length


def _command(text: str) -> Command:
    old, _, rest = text.partition(" ")
    new, _, reference = rest.partition(" ")
    if not reference:
        raise BadRequest
    _object(old)
    return Command(_object(new), reference)


def _object(text: str) -> str:
    if len(text) != len(NO_OBJECT) or set(text) - set("0123456789abcdef"):
        raise BadRequest
    return text


def _result(command: Command, refusal: str | None) -> str:
    return f"ok {command.reference}\n" if refusal is None else f"ng {command.reference} {refusal}\n"


def _parts(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), MAX_SIDEBAND_BYTES):
        yield content[start : start + MAX_SIDEBAND_BYTES]
