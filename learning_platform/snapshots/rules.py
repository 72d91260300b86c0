"""What may be frozen: limits, and why something could not be."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from learning_platform.core.languages import N_, Message

Origin: TypeAlias = Literal["push", "link", "archive"]
SnapshotState: TypeAlias = Literal["waiting", "frozen", "failed"]
FailureCode: TypeAlias = Literal[
    "private_or_missing",
    "host_refused",
    "host_unreachable",
    "too_large",
    "too_many_files",
    "too_slow",
    "empty",
    "bad_path",
    "bad_archive",
    "encrypted_archive",
    "bad_repository",
    "no_git",
]
KIB: Final = 1024
MAX_WIRE_BYTES: Final = 32 * KIB * KIB
MAX_FILE_BYTES: Final = KIB * KIB
MAX_TREE_BYTES: Final = 20 * KIB * KIB
MAX_FILES: Final = 2000
MAX_PATH_BYTES: Final = 400
MAX_PATH_LEVELS: Final = 20


class FreezeFailed(Exception):
    """What was handed in cannot be frozen; `code` says why. `detail` is a path or a number, for the message."""

    def __init__(self, code: FailureCode, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code: FailureCode = code
        self.detail = detail


# What to do about each; `{detail}` is a path, a number, or nothing.
FAILURES: Final[Mapping[FailureCode, Message]] = {
    "private_or_missing": N_(
        "The repository is private or does not exist. Make it public, or push your code here or upload it instead."
    ),
    "host_refused": N_("The server of the repository refused access. Push your code here or upload it instead."),
    "too_large": N_(
        "The code is larger than 20 MB. Leave out data, build results and dependencies, and hand in again."
    ),
    "too_many_files": N_(
        "There are more than 2,000 files. Leave out dependencies and build results, and hand in again."
    ),
    "too_slow": N_("Reading the code took too long. Push it here or upload it as a smaller archive."),
    "empty": N_("There are no files in it. Check that you chose the right folder or branch."),
    "bad_path": N_("A file has a name or path that is not allowed: {detail}. Rename it and hand in again."),
    "bad_archive": N_("The file is not a readable .zip or .tar.gz archive. Create it again and upload it."),
    "encrypted_archive": N_("The archive has a password. Create it without one and upload it again."),
    "bad_repository": N_(
        "The repository is damaged or not a git repository. Check the link, or upload your code instead."
    ),
    "no_git": N_("git is not installed on this server. Upload your code as an archive instead."),
}
