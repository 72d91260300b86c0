"""A push: streamed to a file, then received by git into an empty throwaway repository, of which one tree is kept."""

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from learning_platform.core.errors import Conflict
from learning_platform.core.languages import N_
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.git.extraction import Extracted, frozen_commit
from learning_platform.snapshots.git.process import GitFailed, limit_reached, running_git
from learning_platform.snapshots.git.protocol import (
    BRANCH,
    FROZEN_BRANCH,
    BadRequest,
    PushHead,
    read_head,
    results_of,
)
from learning_platform.snapshots.git.repositories import temporary_folder, throwaway_repository
from learning_platform.snapshots.rules import KIB, MAX_WIRE_BYTES, FreezeFailed

# The head of a push to one branch is short; that of a shallow clone names where its history ends.
MAX_HEAD_BYTES = 64 * KIB
MAX_SAID_LINES, MAX_SAID_LENGTH = 10, 300
INFLATED_PIECE_BYTES = 64 * KIB
MAX_INFLATED_BYTES = 2 * MAX_WIRE_BYTES


class NotOneBranch(Conflict):
    code = "not_one_branch"
    message = N_("Push one branch. Tags, several branches and deletions are not accepted.")


class NotReceived(FreezeFailed):
    """git refused a push; `said` are its own lines about it."""

    def __init__(self, said: list[str]) -> None:
        super().__init__("bad_repository")
        self.said = said


class ReceivedPush:
    """A push in a file, where the place of its head is large enough for another one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0
        self._head: PushHead | None = None

    async def read(self, body: AsyncIterator[bytes]) -> None:
        """Keep what arrives. Raises FreezeFailed (too_large), and leaves the rest of the body."""
        async for chunk in body:
            self._size += len(chunk)
            if self._size > MAX_WIRE_BYTES:
                raise FreezeFailed("too_large", str(MAX_WIRE_BYTES))
            self._file.write(chunk)

    async def discard(self, body: AsyncIterator[bytes]) -> None:
        """Take the rest of a body and keep no more of it than the head."""
        async for chunk in body:
            if self._size < MAX_HEAD_BYTES:
                self._file.write(chunk[: MAX_HEAD_BYTES - self._size])
            self._size += len(chunk)

    def head(self) -> PushHead:
        """Return the head as it arrived. Raises BadRequest."""
        if self._head is None:
            self._file.seek(MAX_HEAD_BYTES)
            self._head = read_head(self._file.read(MAX_HEAD_BYTES))
        return self._head

    def rewritten(self) -> IO[bytes]:
        """Return the file with the head that git is to see directly before the pack, to be read from there on.

        Raises BadRequest.
        """
        head = self.head()
        start = MAX_HEAD_BYTES + head.size - len(head.rewritten)
        if start < 0:
            raise BadRequest
        self._file.seek(start)
        self._file.write(head.rewritten)
        self._file.seek(start)
        return self._file


@asynccontextmanager
async def push_file() -> AsyncIterator[ReceivedPush]:
    """Open a file for a push, for a block."""
    with temporary_folder() as folder, (folder / "push").open("w+b", buffering=0) as file:  # A cache.
        file.seek(MAX_HEAD_BYTES)
        yield ReceivedPush(file)


async def inflated(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a body that was compressed with gzip, in pieces of limited size. Raises BadRequest, also for a bomb."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    size = 0
    async for chunk in chunks:
        while chunk and size <= MAX_INFLATED_BYTES:
            try:
                part = inflater.decompress(chunk, INFLATED_PIECE_BYTES)
            except zlib.error as error:
                raise BadRequest from error
            size += len(part)
            yield part
            chunk = inflater.unconsumed_tail
    yield inflater.flush()
    if size > MAX_INFLATED_BYTES or not inflater.eof:
        raise BadRequest


async def freeze_push(push: ReceivedPush) -> Extracted:
    """Receive a push of one branch and return its files. Raises FreezeFailed, NotReceived, NotOneBranch, BadRequest."""
    ensure_one_branch(push.head())
    async with throwaway_repository() as repository:
        try:
            await _receive(repository, push.rewritten())
        except GitFailed as error:
            raise NotReceived(_readable(error.said)) from error
        return await frozen_commit(repository, FROZEN_BRANCH)


def received_of(extracted: Extracted) -> Received:
    """Return what a push brought, to be handed in."""
    return Received(
        "push",
        tree=extracted.tree,
        commit=extracted.commit,
        committed_at=extracted.committed_at,
        mask_terms=tuple(extracted.author_names),
    )


def ensure_one_branch(head: PushHead) -> None:
    """Raise NotOneBranch for a deletion, a tag, and for several references."""
    command, *others = head.commands
    if others or command.is_deletion or not command.reference.startswith(BRANCH):
        raise NotOneBranch


async def _receive(repository: Path, request: IO[bytes]) -> None:
    arguments = ("receive-pack", "--stateless-rpc", repository.name)
    async with running_git(repository.parent, *arguments, stdin=request) as run:
        answer = b"".join([chunk async for chunk in run.chunks(max_bytes=MAX_HEAD_BYTES)])
    results = results_of(answer)
    if results != ["unpack ok", f"ok {FROZEN_BRANCH}"]:
        raise limit_reached(run.said) or NotReceived(_readable(run.said) or results)


def _readable(said: str) -> list[str]:
    lines = ["".join(filter(str.isprintable, line))[:MAX_SAID_LENGTH] for line in said.splitlines()]
    return [line for line in lines if line][:MAX_SAID_LINES]
