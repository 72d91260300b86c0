"""A clone: files as the one commit of a throwaway repository, sent by git's upload-pack.

The commit depends on the files alone, so each request of a clone finds the same one in a repository of its own.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from learning_platform.snapshots.git.process import output_of_git
from learning_platform.snapshots.git.protocol import FLUSH, line
from learning_platform.snapshots.git.repositories import throwaway_repository
from learning_platform.snapshots.rules import KIB, MAX_WIRE_BYTES
from learning_platform.snapshots.trees import File

SERVICE = "git-upload-pack"
BRANCH = "main"
# Neither a person nor a time of day can be found out from it.
AUTHOR = "participant <participant@example.invalid> 946684800 +0000"
# What git asks for of one commit is short.
MAX_REQUEST_BYTES = 64 * KIB
# What is compressed badly grows a little.
MAX_PACK_BYTES = 2 * MAX_WIRE_BYTES
# Objects stay in the pack that they arrive in.
SETTINGS = {"fastimport.unpackLimit": "1"}


async def advertised_commit(files: Sequence[File], *, message: str) -> bytes:
    """Return the answer to `info/refs`: a branch with the commit. Raises what `running_git` raises."""
    async with _repository_of(files, message=message) as repository:
        references = await output_of_git(
            repository.parent, "upload-pack", "--stateless-rpc", "--advertise-refs", repository.name
        )
    return line(f"# service={SERVICE}\n") + FLUSH + references


async def sent_commit(files: Sequence[File], request: bytes, *, message: str) -> bytes:
    """Return the answer to a request for the commit: its pack. Raises what `running_git` raises."""
    async with _repository_of(files, message=message) as repository:
        with (repository.parent / "request").open("w+b") as asked:
            asked.write(request)
            asked.seek(0)
            return await output_of_git(
                *(repository.parent, "upload-pack", "--stateless-rpc", repository.name),
                stdin=asked,
                max_bytes=MAX_PACK_BYTES,
            )


@asynccontextmanager
async def _repository_of(files: Sequence[File], *, message: str) -> AsyncIterator[Path]:
    async with throwaway_repository(branch=BRANCH) as repository:
        with (repository.parent / "import").open("w+b") as stream:
            _write_all(stream, _commit(files, message=message))
            await output_of_git(
                *(repository, "fast-import", "--quiet", "--date-format=raw", "--done"),
                stdin=stream,
                settings=SETTINGS,
            )
        yield repository


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
