"""Repositories that are kept between the requests of a clone, so that all of them find the same commit.

What a commit is made of may depend on what could be masked in time. A process that has not kept the repository makes it
again, and notices where another one came of it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from learning_platform.snapshots.git.repositories import repository_in, temporary_folder

KEPT_SECONDS, MAX_KEPT = 60.0, 8

Fill: TypeAlias = Callable[[Path], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Repository:
    path: Path
    folder: ExitStack
    ends: asyncio.TimerHandle


class KeptRepositories:
    """Repositories by key. Requests with the same key have to come one after the other."""

    def __init__(self, seconds: float = KEPT_SECONDS) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[Hashable, _Repository] = OrderedDict()

    def close(self) -> None:
        """Remove all repositories."""
        for key in list(self._kept):
            self._remove(key)

    @asynccontextmanager
    async def repository(self, key: Hashable, fill: Fill, *, branch: str, is_new: bool) -> AsyncIterator[Path]:
        """Give a repository for a block, and keep it after that: a new one, or the one that was kept last.

        `fill` is called for an empty one. Raises what it raises, and what `running_git` raises.
        """
        if is_new:
            self._remove(key)
        with ExitStack() as folder:
            found = self._take(key)
            if found is None:
                path = await repository_in(folder.enter_context(temporary_folder()), branch=branch)
                await fill(path)
            else:
                path = found.path
                folder.push(found.folder)
            yield path
            self._keep(key, path, folder.pop_all())

    def _keep(self, key: Hashable, path: Path, folder: ExitStack) -> None:
        ends = asyncio.get_running_loop().call_later(self._seconds, self._remove, key)
        self._kept[key] = _Repository(path, folder, ends)
        while len(self._kept) > MAX_KEPT:
            self._remove(next(iter(self._kept)))

    def _take(self, key: Hashable) -> _Repository | None:
        found = self._kept.pop(key, None)
        if found is not None:
            found.ends.cancel()
        return found

    def _remove(self, key: Hashable) -> None:
        found = self._take(key)
        if found is not None:
            found.folder.close()
