"""A clone: files as the one commit of a repository, sent by git's upload-pack.

The commit depends on the files alone. A clone has two requests or more: the repository is kept for a while
(git/kept.py), and where it is not, each request makes the same one, unless its files have changed.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from learning_platform.snapshots.git.process import output_of_git
from learning_platform.snapshots.git.protocol import FLUSH, line
from learning_platform.snapshots.rules import KIB, MAX_WIRE_BYTES
from learning_platform.snapshots.trees import File

SERVICE = "git-upload-pack"
BRANCH = "main"
# Neither a person nor a time of day can be found out from it.
AUTHOR = "participant <participant@example.invalid> 946684800 +0000"
# What git asks for of one commit is short.
MAX_REQUEST_BYTES = 64 * KIB
WANTED = re.compile(rb"^[0-9a-f]{4}want ([0-9a-f]{40,64})", re.MULTILINE)
# What is compressed badly grows a little.
MAX_PACK_BYTES = 2 * MAX_WIRE_BYTES
# Objects stay in the pack that they arrive in.
SETTINGS = {"fastimport.unpackLimit": "1"}


class CommitChanged(Exception):
    """The commit that git asks for was made of other files: of some it was not known in time what is hidden in them."""


async def advertised_commit(repository: Path) -> bytes:
    """Return the answer to `info/refs`: a branch with the commit. Raises what `running_git` raises."""
    references = await output_of_git(
        repository.parent, "upload-pack", "--stateless-rpc", "--advertise-refs", repository.name
    )
    return line(f"# service={SERVICE}\n") + FLUSH + references


async def sent_commit(repository: Path, request: bytes) -> bytes:
    """Return the answer to a request for the commit: its pack. Raises CommitChanged, and what `running_git` raises."""
    commit = (await output_of_git(repository, "rev-parse", f"refs/heads/{BRANCH}")).strip()
    if any(wanted != commit for wanted in WANTED.findall(request)):
        raise CommitChanged
    with (repository.parent / "request").open("w+b") as asked:
        asked.write(request)
        asked.seek(0)
        return await output_of_git(
            *(repository.parent, "upload-pack", "--stateless-rpc", repository.name),
            stdin=asked,
            max_bytes=MAX_PACK_BYTES,
        )


def refusal(message: str) -> bytes:
    """Return the answer to a request for a commit with which git stops, and shows a message."""
    return line(f"ERR {message}\n")


async def commit_files(repository: Path, files: Sequence[File], *, message: str) -> None:
    """Make files the one commit of an empty repository. Raises what `running_git` raises."""
    with (repository.parent / "import").open("w+b") as stream:
        _write_all(stream, _commit(files, message=message))
        await output_of_git(
            *(repository, "fast-import", "--quiet", "--date-format=raw", "--done"),
            stdin=stream,
            settings=SETTINGS,
        )


def _write_all(stream: IO[bytes], parts: Iterable[bytes]) -> None:
    stream.writelines(parts)
    stream.seek(0)


def _commit(files: Sequence[File], *, message: str) -> Iterable[bytes]:
    """Yield what git fast-import reads (git-fast-import(1))."""
    yield f"commit refs/heads/{BRANCH}\nauthor {AUTHOR}\ncommitter {AUTHOR}\n".encode()
    yield _data(message.encode())
    for file in sorted(files, key=lambda file: file.path):
        if file.content is not None:
            yield f"M {file.mode} inline {_quoted(file.path)}\n".encode()
            yield _data(file.content)
    yield b"done\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(path: str) -> str:
    """Return a path as fast-import reads it; no path has control characters (snapshots/paths.py)."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
