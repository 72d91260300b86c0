"""git under limits: what takes too long or writes too much is ended with everything that it has started."""

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from learning_platform.snapshots.git.process import GitFailed, output_of_git, running_git, version_in
from learning_platform.snapshots.git.repositories import remove_leftovers, temporary_folder, throwaway_repository
from learning_platform.snapshots.rules import FreezeFailed

# An alias is the one way to let git start something that does not end.
SLEEP = {"alias.wait": "!echo $$; sleep 60 & echo $!; wait"}
CHATTER = {"alias.wait": "!yes"}


async def test_a_run_has_no_configuration_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\nname = From home\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.email=from@environment'")
    said = await output_of_git(tmp_path, "config", "--list")
    assert b"user." not in said
    assert b"core.hookspath=/dev/null\n" in said
    assert b"transfer.fsckobjects=true\n" in said


async def test_what_takes_too_long_is_killed_with_what_it_started(tmp_path: Path) -> None:
    said: list[bytes] = []
    with pytest.raises(FreezeFailed) as refused:
        await run_into_the_limit(tmp_path, said)
    assert refused.value.code == "too_slow"
    pids = b"".join(said).split()
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            is_running(int(pid))


async def test_what_writes_too_much_is_ended(tmp_path: Path) -> None:
    with pytest.raises(FreezeFailed) as refused:
        await output_of_git(tmp_path, "wait", settings=CHATTER, max_bytes=100_000)
    assert refused.value.code == "too_large"


async def test_an_error_in_the_block_ends_it_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with running_git(tmp_path, "wait", settings=SLEEP):
            raise ZeroDivisionError


async def test_a_refusal_of_git_says_why(tmp_path: Path) -> None:
    with pytest.raises(GitFailed) as failed:
        await output_of_git(tmp_path, "rev-parse", "HEAD")
    assert "not a git repository" in failed.value.said


async def test_processor_time_is_limited(tmp_path: Path) -> None:
    said = await output_of_git(tmp_path, "wait", settings={"alias.wait": "!ulimit -t; ulimit -v; ulimit -c; nice"})
    assert said.split()[:3] == [b"30", b"1048576", b"0"]


async def test_a_repository_is_bare_empty_and_gone_after_its_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with throwaway_repository() as repository:
        assert not (repository / "hooks").exists()
        assert (repository.parent.stat().st_mode & 0o777) == 0o700
    assert os.listdir(tmp_path) == []


def test_only_what_a_killed_process_left_behind_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "learning-platform-git-left" / "repository.git").mkdir(parents=True)
    (tmp_path / "of-another-program").mkdir()
    with temporary_folder() as folder:
        assert remove_leftovers() == 1
        assert folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["of-another-program"]


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("git version 2.39.5", (2, 39, 5)),
        ("git version 2.39.5 (Apple Git-154)", (2, 39, 5)),
        ("git version 2.47", (2, 47, 0)),
        ("git version 2.50.1.windows.1", (2, 50, 1)),
        ("something else", (0,)),
    ],
)
def test_the_version_of_git_is_read(said: str, version: tuple[int, ...]) -> None:
    assert version_in(said) == version


async def run_into_the_limit(folder: Path, said: list[bytes]) -> None:
    async with running_git(folder, "wait", settings=SLEEP, seconds=0.5) as run:
        async for chunk in run.chunks(max_bytes=100):
            said.append(chunk)  # noqa: PERF401 - what came before the end counts


def is_running(pid: int) -> None:
    """Raise ProcessLookupError once a process is gone; one that was killed may take a little to be collected."""
    for _ in range(1000):
        os.kill(pid, signal.SIG_DFL)
        if (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
            raise ProcessLookupError
        time.sleep(0.01)
