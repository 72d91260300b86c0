"""A push hands in the files of one branch, and the person who pushes reads what became of it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from learning_platform.snapshots.git.receiving import NotOneBranch
from learning_platform.snapshots.git.turns import PushUnderWay
from learning_platform.snapshots.store import entries_of
from tests.git_clients import Repository, token_of
from tests.waiting import until
from tests.web.git.conftest import Class

ZEROS = "0" * 40
TWO_MIB = 2 * 1024 * 1024


async def test_a_push_hands_in_the_files_of_its_commit(klass: Class) -> None:
    said = await klass.repository.push(klass.address)
    assert said.is_successful, said.text
    commit = await klass.repository.git("rev-parse", "HEAD")
    assert f"remote: Submitted: 2 files, 0.1 KB, commit {commit[:10]}." in said
    assert "remote: You can push again until Tue, 1 Jan, 22:00 (10 h left)." in said
    assert f"remote: http://localhost:8000/assignments/{klass.assignment_id}" in said
    submission = await klass.submission()
    assert submission["repo_url"] is None
    snapshot = submission["snapshot"]
    assert (snapshot["state"], snapshot["origin"], snapshot["commit"]) == ("frozen", "push", commit)
    assert (snapshot["files"], snapshot["bytes"]) == (2, 16)
    assert await klass.contents() == {"README.md": b"# Work\n", "src/main.py": b"print(1)\n"}


async def test_the_answer_is_in_the_language_of_the_person(klass: Class) -> None:
    await klass.alice.ok("PATCH", "/me", json={"locale": "ru", "time_zone": "Europe/Moscow"})
    said = await klass.repository.push(klass.address)
    assert "remote: Сдано: 2 файла, 0,1 КБ, коммит" in said
    assert "remote: Отправить заново можно до ср, 2 янв., 01:00 (осталось 10 ч)." in said


async def test_names_of_the_history_are_kept_to_be_masked_and_nothing_else_of_it(klass: Class) -> None:
    await klass.repository.commit({"secret.txt": "once there"}, "--author=Grace Hopper <grace@example.com>")
    await klass.repository.git("rm", "--quiet", "secret.txt")
    await klass.repository.commit({})
    assert (await klass.repository.push(klass.address)).is_successful
    row = await klass.row("select mask_terms, warnings from snapshots")
    names = {"Ada Lovelace", "ada@example.com", "Ada Byron", "byron@example.com", "Grace Hopper", "grace@example.com"}
    assert set(row["mask_terms"]) == names
    assert b"once there" not in (await klass.contents()).values()
    assert (await klass.row("select count(*) as n from blobs"))["n"] == 2


async def test_twenty_hand_ins_an_hour_are_taken_by_whichever_way(klass: Class) -> None:
    for number in range(19):
        link = {"repo_url": f"https://git.example/alice/{number}"}
        assert (await klass.alice.post(f"/assignments/{klass.assignment_id}/submit", json=link)).status_code < 300
    assert (await klass.repository.push(klass.address)).is_successful
    await klass.repository.commit({"src/main.py": "print(2)\n"})
    refused = await klass.repository.push(klass.address)
    assert not refused.is_successful
    assert "You have reached the limit for this action." in refused.text
    assert (await klass.contents())["src/main.py"] == b"print(1)\n"
    klass.server.school.clock.advance(hours=1)
    assert (await klass.repository.push(klass.address)).is_successful


async def test_the_last_push_counts_amended_or_not(klass: Class) -> None:
    assert (await klass.repository.push(klass.address)).is_successful
    await klass.repository.commit({"src/main.py": "print(2)\n"}, "--amend")
    assert (await klass.repository.push(klass.address)).is_successful
    assert (await klass.contents())["src/main.py"] == b"print(2)\n"
    await klass.repository.git("checkout", "--quiet", "--orphan", "other")
    await klass.repository.commit({"src/main.py": "print(3)\n"})
    assert (await klass.repository.push(klass.address, "other")).is_successful
    assert (await klass.contents())["src/main.py"] == b"print(3)\n"
    assert (await klass.row("select count(*) as n from submission_versions"))["n"] == 3


async def test_a_push_keeps_the_note_for_reviewers(klass: Class) -> None:
    path = f"/assignments/{klass.assignment_id}/submit"
    link = {"repo_url": "https://git.example/alice/work", "comment": "Start with main.py."}
    assert (await klass.alice.post(path, json=link)).status_code < 300
    assert (await klass.repository.push(klass.address)).is_successful
    assert (await klass.submission())["comment"] == "Start with main.py."
    await klass.alice.post(path, json={**link, "comment": None})
    assert (await klass.submission())["comment"] is None


async def test_a_push_of_the_same_files_is_the_same_tree(klass: Class) -> None:
    for _ in range(2):
        assert (await klass.repository.push(klass.address)).is_successful
    counts = await klass.row("select (select count(*) from trees) as trees, (select count(*) from snapshots) as pushes")
    assert (counts["trees"], counts["pushes"]) == (1, 2)


async def test_a_shallow_clone_can_be_pushed(klass: Class, tmp_path: Path) -> None:
    for number in range(3):
        await klass.repository.commit({"n.txt": str(number)})
    await klass.repository.git(
        "clone", "--quiet", "--depth=1", f"file://{klass.repository.folder}", str(tmp_path / "c")
    )
    said = await Repository(tmp_path / "c").push(klass.address)
    assert said.is_successful, said.text
    assert (await klass.contents())["n.txt"] == b"2"


async def test_a_large_push_asks_first_whether_it_is_welcome(klass: Class) -> None:
    # git sends what is larger than its buffer in pieces, after an empty request.
    await klass.repository.commit({f"noise-{n}": os.urandom(500_000) for n in range(6)})
    said = await klass.repository.push(klass.address)
    assert said.is_successful, said.text
    assert (await klass.submission())["snapshot"]["files"] == 8
    # The limit counts pushes, and not the request before one.
    assert (await klass.row("select sum(uses) as n from rate_limits where rule = 'submissions'"))["n"] == 1


@pytest.mark.parametrize(
    ("refs", "command"),
    [
        (("main:refs/heads/main", "main:refs/heads/other"), "two branches"),
        (("v1:refs/tags/v1",), "a tag"),
        (("main:refs/heads/main", "v1:refs/tags/v1"), "a branch and a tag"),
        (("main:refs/for/review",), "something else"),
    ],
)
async def test_anything_but_one_branch_is_refused(klass: Class, refs: tuple[str, ...], command: str) -> None:
    await klass.repository.git("tag", "v1")
    said = await klass.repository.push(klass.address, *refs)
    assert not said.is_successful, command
    assert f"remote: Not saved. {NotOneBranch.message}" in said
    assert "[remote rejected]" in said
    assert "(not_one_branch)" in said
    assert await klass.has_nothing()


async def test_a_deletion_is_refused(klass: Class) -> None:
    assert not (await klass.repository.push(klass.address, ":refs/heads/main")).is_successful
    # git does not even ask; other programs do.
    command = f"{'1' * 40} {ZEROS} refs/heads/main\0report-status".encode()
    answer = await klass.client.post(
        klass.path("git-receive-pack"),
        content=f"{len(command) + 4:04x}".encode() + command + b"0000",
        headers=klass.basic,
    )
    assert b"ng refs/heads/main not_one_branch" in answer.content
    assert await klass.has_nothing()


async def test_a_repository_without_commits_has_nothing_to_push(klass: Class, tmp_path: Path) -> None:
    empty = await Repository.create(tmp_path / "empty")
    assert "src refspec" in await empty.push(klass.address)


async def test_a_commit_without_files_is_refused(klass: Class, tmp_path: Path) -> None:
    empty = await Repository.create(tmp_path / "empty", {})
    said = await empty.push(klass.address)
    assert "remote: Not saved. There are no files in it." in said
    assert "(empty)" in said
    assert await klass.has_nothing()


async def test_after_the_deadline_a_push_is_refused_before_anything_is_sent(klass: Class) -> None:
    klass.server.school.clock.advance(hours=10)
    said = await klass.repository.push(klass.address)
    assert not said.is_successful
    assert "remote: The deadline has passed." in said
    assert "409" in said


async def test_a_deadline_that_passes_during_a_push_refuses_it(klass: Class) -> None:
    """The request before it was in time, and the one with the files is not."""
    klass.server.school.clock.advance(hours=10)
    head = f"{ZEROS} {'1' * 40} refs/heads/main\0report-status side-band-64k".encode()
    answer = await klass.client.post(
        klass.path("git-receive-pack"),
        content=f"{len(head) + 4:04x}".encode() + head + b"0000" + b"PACK" * 100,
        headers=klass.basic,
    )
    assert answer.status_code == 200
    assert b"Not saved. The deadline has passed." in answer.content
    assert b"ng refs/heads/main deadline_passed" in answer.content


async def test_a_locked_assignment_and_a_track_of_others_take_no_push(klass: Class) -> None:
    locked = klass.server.address(klass.next_assignment_id, "alice", klass.token)
    assert "remote: This assignment is not open for you yet." in await klass.repository.push(locked)
    carol = await klass.server.school.person("carol")
    address = klass.server.address(klass.assignment_id, "carol", await token_of(carol))
    assert "remote: Only participants of this track can do this." in await klass.repository.push(address)
    nowhere = klass.server.address(10**9, "alice", klass.token)
    assert "not found" in (await klass.repository.push(nowhere)).text.lower()


async def test_two_pushes_of_one_person_follow_each_other(klass: Class, tmp_path: Path) -> None:
    other = await Repository.create(tmp_path / "other", {"a.txt": "a"})
    first, second = await asyncio.gather(klass.repository.push(klass.address), other.push(klass.address))
    assert first.is_successful, first.text
    assert second.is_successful, second.text
    assert (await klass.row("select count(*) as n from submission_versions"))["n"] == 2


async def test_a_third_push_of_one_person_is_refused(klass: Class) -> None:
    head = f"{ZEROS} {'1' * 40} refs/heads/main\0report-status side-band-64k".encode()
    head = f"{len(head) + 4:04x}".encode() + head + b"0000"
    is_over = asyncio.Event()

    async def stalled() -> AsyncIterator[bytes]:
        yield head
        await is_over.wait()

    async def push(content: AsyncIterator[bytes] | bytes) -> bytes:
        path, headers = klass.path("git-receive-pack"), klass.basic
        return (await klass.client.post(path, content=content, headers=headers)).content

    first, second = (asyncio.create_task(push(stalled())) for _ in range(2))
    turns = klass.server.school.services.pushes
    await until(lambda: turns.is_waiting(klass.alice.id))
    assert f"ng refs/heads/main {PushUnderWay.code}".encode() in await push(head)
    is_over.set()
    assert b"ng refs/heads/main bad_repository" in await first
    assert b"ng refs/heads/main bad_repository" in await second


async def test_people_push_at_the_same_time(klass: Class) -> None:
    bob = klass.server.address(klass.assignment_id, "bob", await token_of(klass.bob))
    both = await asyncio.gather(klass.repository.push(klass.address), klass.repository.push(bob))
    assert [said.is_successful for said in both] == [True, True]
    assert (await klass.row("select count(*) as n from submissions"))["n"] == 2


async def test_what_may_not_be_cloned_says_so(klass: Class, tmp_path: Path) -> None:
    said = await klass.repository.try_git("clone", klass.address, str(tmp_path / "clone"))
    assert "remote: This address only receives pushes. Use git push." in said


async def test_a_link_can_follow_a_push_and_a_push_a_link(klass: Class) -> None:
    await klass.alice.submit(klass.assignment_id)
    assert (await klass.repository.push(klass.address)).is_successful
    assert (await klass.submission())["repo_url"] is None
    await klass.alice.submit(klass.assignment_id)
    assert (await klass.submission())["snapshot"]["origin"] == "link"


async def test_the_kinds_of_files_are_recognised(klass: Class, tmp_path: Path) -> None:
    repository = klass.repository
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    await repository.commit({"large.bin": b"x" * TWO_MIB, "picture.png": b"\x89PNG\0\1", "weights.lfs": pointer})
    (repository.folder / "run.sh").write_text("#!/bin/sh\n")
    (repository.folder / "run.sh").chmod(0o755)
    (repository.folder / "link").symlink_to("/etc/passwd")
    commit = await repository.git("rev-parse", "HEAD")
    await repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},library")
    await repository.git("add", "run.sh", "link")
    await repository.git("commit", "--quiet", "--message=Kinds")
    said = await repository.push(klass.address)
    assert said.is_successful, said.text
    tree_id = (await klass.row("select id from trees"))["id"]
    async with klass.server.school.services.database.connection() as db:
        found = {entry.path: entry for entry in await entries_of(db, tree_id=tree_id)}
    kinds = {path: (entry.mode, entry.kind, entry.size) for path, entry in found.items()}
    assert kinds == {
        "README.md": ("100644", "text", 7),
        "large.bin": ("100644", "too_large", TWO_MIB),
        "library": ("160000", "submodule", 0),
        "link": ("120000", "symlink", 11),
        "picture.png": ("100644", "binary", 6),
        "run.sh": ("100755", "text", 10),
        "src/main.py": ("100644", "text", 9),
        "weights.lfs": ("100644", "lfs", len(pointer)),
    }
    assert (await klass.contents())["link"] == b"/etc/passwd"
