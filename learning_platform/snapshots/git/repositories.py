"""Throwaway repositories: bare, empty, in a temporary folder, removed in any case.

A folder is locked as long as its process lives, so a process that starts recognises what a killed one has left behind.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from learning_platform.snapshots.git.process import output_of_git

PREFIX = "learning-platform-git-"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a private folder for a block; it is removed with everything in it."""
    folder, lock = _locked_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@asynccontextmanager
async def throwaway_repository() -> AsyncIterator[Path]:
    """Make an empty bare repository for a block. Raises what `running_git` raises."""
    with temporary_folder() as folder:
        yield await repository_in(folder)


async def repository_in(folder: Path, *, branch: str = "frozen") -> Path:
    """Make an empty bare repository in a folder. Raises what `running_git` raises."""
    repository = folder / "repository.git"
    await output_of_git(
        folder, "init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", repository.name
    )
    return repository


def remove_leftovers() -> int:
    """Remove the folders of processes that were killed; return how many there were."""
    return sum(_remove_unless_locked(folder) for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def _locked_folder() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        # A process that starts just now may take the folder for one that was left behind.
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            if _lock(lock) and folder.exists():
                return folder, lock
            os.close(lock)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_unless_locked(folder: Path) -> bool:
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False  # Removed meanwhile, or of another user.
    try:
        if os.fstat(lock).st_uid != os.geteuid() or not _lock(lock):
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(lock)
