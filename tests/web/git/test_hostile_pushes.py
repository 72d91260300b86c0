"""What strangers may push: refused with its reason, quickly, and nothing is left of it."""

import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from learning_platform.snapshots.rules import MAX_FILE_BYTES, MAX_FILES
from tests.git_clients import Repository, Said
from tests.web.git.conftest import Class

ZEROS = "0" * 40
LEVELS = 10
MANY_FOLDERS = 40


async def tree_of(repository: Repository, *lines: bytes) -> str:
    """Write a tree of these lines; git checks nothing of them."""
    return await repository.git("mktree", "-z", "--missing", stdin=b"".join(line + b"\0" for line in lines))


async def push_tree(klass: Class, tree: str) -> Said:
    commit = await klass.repository.git("commit-tree", tree, "-m", "Tree")
    return await klass.repository.push(klass.address, f"{commit}:refs/heads/main")


async def blob_of(repository: Repository, content: bytes) -> str:
    return await repository.git("hash-object", "-w", "--stdin", stdin=content)


async def is_refused(klass: Class, said: Said, code: str) -> bool:
    assert not said.is_successful, said.text
    assert "remote: Not saved." in said, said.text
    return f"({code})" in said and await klass.has_nothing()


async def test_a_tree_of_ten_billion_files_is_refused(klass: Class) -> None:
    repository = klass.repository
    tree = await tree_of(repository, f"100644 blob {await blob_of(repository, b'x')}\tfile".encode())
    for _ in range(LEVELS):
        tree = await tree_of(repository, *(f"040000 tree {tree}\t{n}".encode() for n in range(10)))
    assert await is_refused(klass, await push_tree(klass, tree), "too_many_files")


async def test_a_tree_of_folders_without_end_is_refused(klass: Class) -> None:
    tree = await tree_of(klass.repository)
    for _ in range(MANY_FOLDERS):
        tree = await tree_of(klass.repository, *(f"040000 tree {tree}\t{name}".encode() for name in "ab"))
    assert await is_refused(klass, await push_tree(klass, tree), "too_many_files")


async def test_one_file_too_many_is_refused(klass: Class) -> None:
    blob = await blob_of(klass.repository, b"x")
    lines = [f"100644 blob {blob}\t{number}".encode() for number in range(MAX_FILES + 1)]
    assert (await push_tree(klass, await tree_of(klass.repository, *lines[:-1]))).is_successful
    said = await push_tree(klass, await tree_of(klass.repository, *lines))
    assert "(too_many_files)" in said


@pytest.mark.parametrize("is_same", [True, False])
async def test_files_that_are_small_only_while_compressed_are_refused(klass: Class, is_same: bool) -> None:
    blobs = [await blob_of(klass.repository, bytes([n * (not is_same)]) * MAX_FILE_BYTES) for n in range(21)]
    lines = [f"100644 blob {blob}\t{number}".encode() for number, blob in enumerate(blobs)]
    assert await is_refused(klass, await push_tree(klass, await tree_of(klass.repository, *lines)), "too_large")


async def test_one_huge_file_is_kept_by_its_name_and_size(klass: Class) -> None:
    size = 60 * MAX_FILE_BYTES
    blob = await blob_of(klass.repository, bytes(size))
    said = await push_tree(klass, await tree_of(klass.repository, f"100644 blob {blob}\thuge".encode()))
    assert said.is_successful, said.text
    assert (await klass.submission())["snapshot"]["bytes"] == 0


async def test_noise_is_refused_at_the_limit_of_the_wire(klass: Class) -> None:
    for setting, value in (("core.compression", "0"), ("core.bigFileThreshold", "1m")):
        await klass.repository.git("config", setting, value)
    await klass.repository.commit({f"noise-{n}": os.urandom(4 * MAX_FILE_BYTES) for n in range(16)})
    assert await is_refused(klass, await klass.repository.push(klass.address), "too_large")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (b"\xff.txt", "bad_path"),
        ("\u202etxt.exe".encode(), "bad_path"),
        (b"git~1", "bad_repository"),
        (b".GIT", "bad_repository"),
        (b"..", "bad_repository"),
        (b"a" * 401, "bad_path"),
        (b"a\nb", "bad_path"),
    ],
)
async def test_a_name_that_no_file_should_have_is_refused(klass: Class, path: bytes, code: str) -> None:
    blob = await blob_of(klass.repository, b"x")
    tree = await tree_of(klass.repository, f"100644 blob {blob}\t".encode() + path)
    assert await is_refused(klass, await push_tree(klass, tree), code)


async def test_twins_and_deep_folders_are_refused(klass: Class) -> None:
    blob = await blob_of(klass.repository, b"x")
    lines = [f"100644 blob {blob}\t{name}".encode() for name in ("README", "Readme")]
    assert await is_refused(klass, await push_tree(klass, await tree_of(klass.repository, *lines)), "bad_path")
    tree = await tree_of(klass.repository, lines[0])
    for _ in range(20):
        tree = await tree_of(klass.repository, f"040000 tree {tree}\ta".encode())
    assert await is_refused(klass, await push_tree(klass, tree), "bad_path")


async def test_what_honest_old_repositories_have_is_accepted(klass: Class) -> None:
    blob = bytes.fromhex(await blob_of(klass.repository, b"old\n"))
    # Early versions of other programs wrote modes with a zero in front.
    tree = await klass.repository.git(
        *("hash-object", "-t", "tree", "-w", "--stdin", "--literally"), stdin=b"0100644 old.txt\0" + blob
    )
    commit = f"tree {tree}\nauthor A <a@b.c> 1 +051800\ncommitter A <a@b.c>1 +0000\n\nOld\n".encode()
    old = await klass.repository.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=commit)
    said = await klass.repository.push(klass.address, f"{old}:refs/heads/main")
    assert said.is_successful, said.text
    assert await klass.contents() == {"old.txt": b"old\n"}


async def test_a_commit_of_the_far_future_is_received(klass: Class) -> None:
    tree = await klass.repository.git("rev-parse", "HEAD^{tree}")
    dated = f"tree {tree}\nauthor A <a@b.c> 1 +0000\ncommitter A <a@b.c> 99999999999999 +0000\n\nLate\n".encode()
    commit = await klass.repository.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=dated)
    said = await klass.repository.push(klass.address, f"{commit}:refs/heads/main")
    assert said.is_successful or "(bad_repository)" in said, said.text


async def test_hooks_and_filters_of_a_repository_are_not_run(klass: Class, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    attributes, modules = "* filter=run diff=run\n", f'[submodule "x"]\npath = x\nurl = "!touch {mark}"\n'
    await klass.repository.commit({".gitattributes": attributes, ".gitmodules": modules, "hooks/post-receive": "x"})
    await klass.repository.push(klass.address)
    assert not mark.exists()


async def test_gzip_is_inflated_within_limits(klass: Class) -> None:
    head = f"{ZEROS} {'1' * 40} refs/heads/main\0report-status side-band-64k".encode()
    content = f"{len(head) + 4:04x}".encode() + head + b"0000" + b"no pack"
    path, headers = klass.path("git-receive-pack"), {**klass.basic, "Content-Encoding": "gzip"}
    answer = await klass.client.post(path, content=gzip.compress(content), headers=headers)
    assert b"ng refs/heads/main bad_repository" in answer.content
    bomb = gzip.compress(content + bytes(100 * MAX_FILE_BYTES))
    assert (await klass.client.post(path, content=bomb, headers=headers)).status_code == 400
    assert (await klass.client.post(path, content=bomb[:1000], headers=headers)).status_code == 400
    assert (await klass.client.post(path, content=b"no gzip", headers=headers)).status_code == 400


@pytest.mark.parametrize(
    "content",
    [b"", b"0000", b"0004", b"zzzz", b"0008abcd", b"ffff", b"0009a b c0000", b"\0" * 70_000, b"0035shallow x"],
)
async def test_what_git_never_sends_is_refused(klass: Class, content: bytes) -> None:
    headers = {**klass.basic, "Transfer-Encoding": "chunked"}

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    answer = await klass.client.post(klass.path("git-receive-pack"), content=pieces(), headers=headers)
    assert answer.status_code == 400
