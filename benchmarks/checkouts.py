"""Checkouts of the project to compare: a folder that is there, or a commit, unpacked with an environment of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import FOLDER
from learning_platform.core.settings import PROJECT

CONTESTANT = Path(__file__).with_name("contestant.py")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the project, and the Python that has its packages."""

    folder: Path
    python: Path

    @property
    def commit(self) -> str:
        """Return the commit it stands at; the name of a folder outside version control."""
        if not (self.folder / ".git").exists():
            return self.folder.name
        described = ["git", "-C", str(self.folder), "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"]
        return subprocess.run(described, capture_output=True, text=True, check=True).stdout.strip()

    def start(self, server: str, name: str) -> "subprocess.Popen[str]":
        """Start a contestant with a database of this name."""
        # -P: beside the script lie modules whose names others also have.
        return subprocess.Popen(
            [self.python, "-P", CONTESTANT, server, name],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def checkout(asked: str) -> Checkout:
    """Return the checkout in a folder, or that of a commit of this repository."""
    is_folder = (Path(asked) / "learning_platform").is_dir()
    folder = Path(asked).resolve() if is_folder else _unpacked(asked)
    own = folder / ".venv" / "bin" / "python"
    return Checkout(folder, own if own.exists() else Path(sys.executable))


def _unpacked(commit: str) -> Path:
    """Unpack a commit and install its locked packages, once."""
    found = ["git", "-C", str(PROJECT), "rev-parse", "--short=7", "--verify", f"{commit}^{{commit}}"]
    folder = FOLDER / "commits" / subprocess.run(found, capture_output=True, text=True, check=True).stdout.strip()
    if not (folder / "complete").exists():
        print(f"unpacking {commit} and installing its packages …", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "-C", str(PROJECT), "archive", commit], stdout=subprocess.PIPE, check=True)
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        subprocess.run([sys.executable, "-m", "venv", folder / ".venv"], check=True)
        pip, packages = folder / ".venv" / "bin" / "pip", folder / "requirements.txt"
        subprocess.run([pip, "install", "--quiet", "--require-hashes", "--requirement", packages], check=True)
        (folder / "complete").touch()
    return folder
