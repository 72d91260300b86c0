"""Links are fetched by the real git from a real host; hosts that misbehave get a code."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from learning_platform.core.start import CannotStart
from learning_platform.snapshots.git import repositories
from learning_platform.snapshots.git.addresses import Address
from learning_platform.snapshots.git.fetching import FetchFailed, failure_code, fetch_link, fetching_of, newest_commit
from learning_platform.snapshots.git.http_trace import Answer as Traced
from learning_platform.snapshots.git.http_trace import answer_in
from learning_platform.snapshots.rules import FailureCode, FreezeFailed
from tests.conftest import test_settings
from tests.domain.snapshots.link_worlds import fetching, to_loopback
from tests.git_hosts import Answer, GitHost, git
from tests.waiting import until

pytestmark = pytest.mark.anyio
FILES = {"README.md": "# Task\n", "src/main.py": "print('hello')\n"}
MIB = 1024 * 1024
PAGE = b"<!doctype html>\n<html>\n<title>Sign in</title>\n</html>\n"


async def paths_of(link: str, host: GitHost) -> list[str]:
    extracted = await fetch_link(link, fetching=fetching(host))
    return [entry.path for entry in extracted.tree.entries]


async def failure_of(link: str, host: GitHost, **limits: Any) -> FreezeFailed:
    with pytest.raises(FreezeFailed) as failed:
        await fetch_link(link, fetching=fetching(host, **limits))
    return failed.value


async def test_the_newest_commit_of_a_repository_is_fetched(git_host: GitHost) -> None:
    link = git_host.repository("task", FILES)
    extracted = await fetch_link(link, fetching=fetching(git_host))
    assert [entry.path for entry in extracted.tree.entries] == ["README.md", "src/main.py"]
    assert set(extracted.tree.blobs.values()) == {content.encode() for content in FILES.values()}
    assert extracted.commit == await newest_commit(link, fetching=fetching(git_host))
    assert "Alice Liddell" in extracted.author_names


async def test_a_large_file_is_left_out_and_named(git_host: GitHost) -> None:
    link = git_host.repository("task", {**FILES, "large.bin": os.urandom(MIB + 1)})
    extracted = await fetch_link(link, fetching=fetching(git_host))
    assert {entry.path: entry.kind for entry in extracted.tree.entries}["large.bin"] == "too_large"


async def test_a_page_of_a_branch_a_tag_or_a_commit_is_fetched_as_it_is_there(git_host: GitHost) -> None:
    link = git_host.repository("group/task", FILES).removesuffix(".git")
    commit = git_host.commit("group/task", {"other.py": ""}, branch="feature/other")
    git(git_host.folder / "group/task.git", "update-ref", "refs/tags/v1", commit)
    bare = git_host.folder / "group/task.git"
    bare.rename(git_host.folder / "group/task")
    for page in ("tree/feature/other", "blob/feature/other/src/main.py", "tree/v1", f"commit/{commit}"):
        assert await paths_of(f"{link}/-/{page}", git_host) == ["other.py"]
        assert await newest_commit(f"{link}/-/{page}", fetching=fetching(git_host)) == commit
    assert await paths_of(f"{link}/-/issues", git_host) == ["README.md", "src/main.py"]
    assert (await failure_of(f"{link}/-/tree/missing", git_host)).code == "private_or_missing"


@pytest.mark.parametrize(
    ("status", "code"), [(401, "private_or_missing"), (403, "private_or_missing"), (500, "host_unreachable")]
)
async def test_a_host_that_refuses_gets_a_code(status: int, code: FailureCode, git_host: GitHost) -> None:
    git_host.answers["/"] = Answer(status, {"WWW-Authenticate": "Basic"})
    assert (await failure_of(git_host.url("task.git"), git_host)).code == code


async def test_what_is_no_repository_gets_a_code(git_host: GitHost) -> None:
    git_host.answers["/page"] = Answer(200, {"Content-Type": "text/html"}, PAGE)
    git_host.answers["/sign-in"] = Answer(200, {"Content-Type": "text/html"}, PAGE)
    git_host.answers["/private"] = Answer(302, {"Location": git_host.url("sign-in")})
    git(git_host.folder, "init", "--quiet", "--bare", "empty.git")
    assert (await failure_of(git_host.url("missing.git"), git_host)).code == "private_or_missing"
    assert (await failure_of(git_host.url("page"), git_host)).code == "private_or_missing"
    assert (await failure_of(git_host.url("private"), git_host)).code == "private_or_missing"
    assert (await failure_of(git_host.url("empty.git"), git_host)).code == "empty"


@pytest.mark.parametrize("status", [429, 503, 403])
async def test_the_time_that_a_busy_host_asks_for_is_kept(status: int, git_host: GitHost) -> None:
    git_host.answers["/"] = Answer(status, {"Retry-After": "120"})
    failed = await failure_of(git_host.url("task.git"), git_host)
    assert isinstance(failed, FetchFailed)
    assert (failed.code, failed.retry_after) == ("host_unreachable", "120")


async def test_a_host_that_drips_is_given_up_after_the_time_of_a_fetch(git_host: GitHost) -> None:
    git_host.answers["/"] = Answer(200, pause_seconds=0.05)
    assert (await failure_of(git_host.url("task.git"), git_host, seconds=1.0)).code == "too_slow"


async def test_a_host_that_never_answers_is_given_up(git_host: GitHost) -> None:
    git_host.answers["/"] = Answer(200, pause_seconds=3600)
    assert (await failure_of(git_host.url("task.git"), git_host, silent_seconds=0.5)).code == "too_slow"


async def test_a_port_without_a_listener_and_an_unknown_name_are_a_host_that_cannot_be_reached(
    git_host: GitHost,
) -> None:
    link = git_host.repository("task", FILES)
    git_host.stop()
    assert (await failure_of(link, git_host)).code == "host_unreachable"
    with pytest.raises(FreezeFailed) as failed:
        await fetch_link("https://unknown.invalid/task.git", fetching=fetching(git_host, resolve=unknown))
    assert failed.value.code == "host_unreachable"


async def unknown(_host: str, _port: int) -> list[Address]:
    raise OSError("Name or service not known")


async def test_a_certificate_that_is_not_trusted_is_refused(git_host: GitHost) -> None:
    link = git_host.repository("task", FILES)
    how = fetching(git_host)
    with pytest.raises(FreezeFailed) as failed:
        await fetch_link(link, fetching=type(how)(how.allowed, resolve=to_loopback))
    assert failed.value.code == "host_unreachable"
    assert not [path for path in git_host.requests if path.startswith("/task")]


async def test_more_bytes_than_allowed_are_not_read(git_host: GitHost) -> None:
    link = git_host.repository("task", {f"noise{n}": os.urandom(MIB // 2) for n in range(8)})
    assert (await failure_of(link, git_host, wire_bytes=MIB)).code == "too_large"


async def test_too_many_files_are_refused(git_host: GitHost) -> None:
    link = git_host.repository("task", {"one": "1"})
    bare = git_host.folder / "task.git"
    blob = git(bare, "hash-object", "-w", "--stdin")
    tree = git(bare, "mktree", stdin="".join(f"100644 blob {blob}\tf{n}\n" for n in range(2001)).encode())
    git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", tree, "-m", "Many"))
    assert (await failure_of(link, git_host)).code == "too_many_files"


async def test_nothing_of_a_fetch_is_left_on_disk_or_running(git_host: GitHost) -> None:
    link = git_host.repository("task", FILES)
    git_host.answers["/slow"] = Answer(200, pause_seconds=3600)
    fetch = asyncio.create_task(fetch_link(git_host.url("slow"), fetching=fetching(git_host)))
    await until(lambda: bool(git_host.requests))
    fetch.cancel()
    await asyncio.gather(fetch, return_exceptions=True)
    await fetch_link(link, fetching=fetching(git_host))
    assert open_folders() == []


def open_folders() -> list[str]:
    """Return the temporary folders that this process holds, not those of tests beside it."""
    opened = [Path(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    return [str(path.readlink()) for path in opened if path.exists() and repositories.PREFIX in str(path.readlink())]


def commands() -> list[bytes]:
    """Return the arguments of all processes."""
    return [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]


async def test_the_password_of_the_proxy_is_not_in_the_list_of_processes(git_host: GitHost) -> None:
    git_host.answers["/"] = Answer(200, pause_seconds=3600)
    fetch = asyncio.create_task(fetch_link(git_host.url("task.git"), fetching=fetching(git_host)))
    await until(lambda: bool(git_host.requests))
    listed = commands()
    fetch.cancel()
    await asyncio.gather(fetch, return_exceptions=True)
    assert any(b"remote-https" in command and b"git.test" in command for command in listed)
    assert not any(b"fetch:" in command for command in listed)


def test_the_last_answer_of_a_trace_is_read() -> None:
    trace = """\
12:00:00.000000 http.c:715 <= Recv header: HTTP/1.1 200 Connection established
12:00:00.000000 http.c:715 <= Recv header: HTTP/1.1 429 Too Many Requests
12:00:00.000000 http.c:715 <= Recv header: Retry-After: 7
12:00:01.000000 http.c:715 <= Recv header: HTTP/1.1 200 Connection established
12:00:01.000000 http.c:715 <= Recv header: HTTP/2 503
12:00:01.000000 http.c:715 <= Recv header: retry-after: Tue, 01 Jan 2030 12:05:00 GMT
"""
    assert answer_in(trace) == Traced(503, "Tue, 01 Jan 2030 12:05:00 GMT")
    assert answer_in("") == Traced()


def test_what_git_says_of_damage_is_a_damaged_repository() -> None:
    assert failure_code("fatal: fsck error in packed object", Traced(200)) == "bad_repository"


@pytest.mark.parametrize("settings", [{"fetch_allow": "10.0.0.0/8"}, {"fetch_ca_file": Path("/missing.pem")}])
def test_settings_that_cannot_be_meant_are_reported_at_the_start(settings: dict[str, object]) -> None:
    with pytest.raises(CannotStart, match="FETCH_"):
        fetching_of(test_settings("postgresql:///none", **settings))
