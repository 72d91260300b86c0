"""What may be frozen: limits, and why something could not be."""

from typing import Final, Literal, TypeAlias

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
