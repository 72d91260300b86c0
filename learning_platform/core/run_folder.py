"""A private folder with a short path in the system's temporary folder, for files that cannot be in the data folder.

The path of a socket is limited to about a hundred characters, and is part of addresses, where commas and quotes have a
meaning. If the path of the data folder is too long, has such characters or is not accessible to the server's user, the
socket is here. The path is stored in the data folder, so that a restarted server has the same address.
"""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from learning_platform.core.postgres_account import Account
from learning_platform.core.postmaster import SOCKET_FILE
from learning_platform.core.start import CannotStart

NOTE = "run_folder"
PREFIX = "learning-platform-"
# macOS allows 103 bytes, Linux 107.
MAX_SOCKET_PATH_LENGTH = 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


class RunFolder:
    """The run folder of a data folder, created on first use."""

    def __init__(self, data_dir: Path) -> None:
        self._note = data_dir / NOTE

    def path(self, account: Account | None) -> Path:
        """Return the folder, which only the server's user and root can enter; create it unless it exists."""
        noted = self._noted()
        if noted is not None and _is_private(noted, account):
            return noted
        made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_temporary_folder(account)))
        if account is not None:
            os.chown(made, account.uid, account.gid)
        self._note.write_text(str(made))
        return made

    def remove(self) -> None:
        """Remove the folder if there is one: nothing in it is needed without a running server."""
        noted = self._noted()
        if noted is not None and noted.name.startswith(PREFIX):
            shutil.rmtree(noted, ignore_errors=True)
            self._note.unlink(missing_ok=True)

    def _noted(self) -> Path | None:
        try:
            return Path(self._note.read_text())
        except FileNotFoundError:
            return None


def can_hold_socket(folder: Path, account: Account | None) -> bool:
    """Say whether a server of this account can listen on a socket in `folder`, and clients can name it."""
    is_short = len(os.fsencode(folder / SOCKET_FILE)) <= MAX_SOCKET_PATH_LENGTH
    is_plain = PLAIN_PATH.fullmatch(str(folder)) is not None
    return is_short and is_plain and (account is None or account.may_enter(folder))


def _is_private(folder: Path, account: Account | None) -> bool:
    """Say whether the folder is still the one that was made: its name may have been taken by another user since."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    owner = os.geteuid() if account is None else account.uid
    return stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700 and found.st_uid == owner


def _temporary_folder(account: Account | None) -> Path:
    for folder in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - mkdtemp is safe there
        is_open = folder.is_dir() and (account is None or account.may_enter(folder))
        if is_open and can_hold_socket(folder / f"{PREFIX}12345678", None):
            return folder
    raise CannotStart(
        "There is no folder for the socket of the embedded PostgreSQL. Set TMPDIR to a folder with a short path."
    )
