"""Programs of PostgreSQL that another user of the system can run, also where the project is in a private folder."""

import shutil
from pathlib import Path

from learning_platform.core.postgres_account import INSTALLATION, Account, installation


def programs_for(account: Account | None, folder: Path, *, name: str = INSTALLATION) -> Path:
    """Return an installation in the package that the account can run: the original, or a copy in an open folder."""
    original = installation().with_name(name)
    if account is None or account.may_enter(original / "bin" / "postgres"):
        return original
    package = original.parent
    for each in (package, package.with_name(f"{package.name}.libs")):
        if each.exists():
            shutil.copytree(each, folder / each.name)
    return folder / package.name / name
