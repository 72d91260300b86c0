"""Why something could not be frozen, in words: what is wrong, and what to do."""

from collections.abc import Mapping
from typing import Final

from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.snapshots.rules import (
    KIB,
    MAX_FILES,
    MAX_PATH_BYTES,
    MAX_TREE_BYTES,
    MAX_WIRE_BYTES,
    FailureCode,
    FreezeFailed,
)

MIB: Final = KIB * KIB
FAILURES: Mapping[FailureCode, Message] = {
    "private_or_missing": N_("There is no repository at this address, or it is private. Push your code here instead."),
    "host_refused": N_("Repositories are not fetched from this host. Push your code here instead."),
    "host_unreachable": N_("The host of the repository cannot be reached. Push your code here instead."),
    "too_large": N_(
        "This is too large: all files together may have {tree} MiB, and what is sent {wire} MiB. Leave out what can be"
        " generated or downloaded."
    ),
    "too_many_files": N_("There are more than {files} files. Leave out what can be generated or downloaded."),
    "too_slow": N_(
        "Reading the code took too long. Leave out history (git clone --depth 1) and what can be generated."
    ),
    "empty": N_("There are no files in it. Check that you chose the right folder or branch."),
    "bad_path": N_(
        "The file name “{detail}” cannot be kept. Names are UTF-8 without hidden characters, at most {path} bytes long"
        " with their folders, and differ in more than upper and lower case."
    ),
    "bad_archive": N_("The archive cannot be read. Make a .zip or .tar.gz file again."),
    "encrypted_archive": N_("The archive has a password. Make it without one and hand it in again."),
    "bad_repository": N_("The repository is damaged. Check it with git fsck."),
    "no_git": N_("This server has no git at present. Upload an archive instead."),
}


def failure_text(failed: FreezeFailed, language: Language) -> str:
    """Return why something could not be frozen."""
    return failure_message(failed.code, failed.detail, language)


def failure_message(code: FailureCode, detail: str, language: Language) -> str:
    """Return what a stored code and its detail say."""
    sizes = {"tree": MAX_TREE_BYTES // MIB, "wire": MAX_WIRE_BYTES // MIB, "files": MAX_FILES, "path": MAX_PATH_BYTES}
    return translate(FAILURES[code], language, detail=detail, **sizes)
