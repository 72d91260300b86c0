"""What the warnings about a hand-in say, and what to do about each."""

from collections.abc import Mapping
from typing import cast

from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.snapshots.warnings import WarningCode

WARNINGS: Mapping[WarningCode, Message] = {
    "starter_only": N_("These are the files of the starter code and nothing else."),
    "empty": N_("All files are empty."),
    "committed_after_deadline": N_(
        "The code was fetched after the deadline, and its commit has a date after the deadline."
    ),
    "private_key": N_("{path} looks like a secret key or password. Replace the secret, and submit without it."),
}


def warning_text(warning: str, language: Language) -> str:
    """Return what a stored warning says: a code, with a path after a colon where a file is meant."""
    code, _, path = warning.partition(":")
    return translate(WARNINGS[cast("WarningCode", code)], language, path=path)
