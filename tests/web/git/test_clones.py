"""A submission is cloned as one commit without an author, by those who may see its code, as they may see it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from learning_platform.core.workers import TaskTimedOut
from learning_platform.snapshots.git.kept import MAX_KEPT, KeptRepositories
from learning_platform.snapshots.git.turns import PushUnderWay
from learning_platform.snapshots.trees import File, tree_of
from tests.domain.reviews.scene import Scene, come, running
from tests.frozen import hand_in_code, hand_in_tree
from tests.git_clients import GitServer, Repository, Said, listening, token_of
from tests.people import Person, School
from tests.waiting import until

pytestmark = pytest.mark.anyio
LOG = "--format=%an <%ae> %aI|%cn <%ce> %cI|%s"
FILES: dict[str, str | bytes] = {
    "README.md": "# Work\n",
    "Отчёт/a \"b\" 'c'.txt": "Привет\r\n".encode("utf-16"),
    "data.bin": bytes(range(256)),
    "empty": b"",
    ".gitattributes": "* text=auto eol=crlf filter=lfs\n",
}


async def clone(here: GitServer, person: Person, submission_id: int, folder: Path, *options: str) -> Said:
    """Clone a submission into a folder."""
    address = address_of(here, person.username, await token_of(person), submission_id)
    folder.parent.mkdir(exist_ok=True)
    return await Repository(folder.parent).try_git("clone", *options, address, folder.name)


def address_of(here: GitServer, username: str, token: str, submission_id: int) -> str:
    return f"http://{username}:{token}@127.0.0.1:{here.port}/submissions/{submission_id}/code.git"


async def handed_in(school: School) -> tuple[Scene, int]:
    scene = await running(school)
    return scene, await hand_in_code(school, scene.people[0], scene.assignment_id, FILES)


async def test_a_clone_is_one_commit_without_an_author(school: School, tmp_path: Path) -> None:
    scene, submission_id = await handed_in(school)
    commits = []
    async with listening(school) as server:
        for name in ("first", "second"):
            said = await clone(server, scene.people[0], submission_id, tmp_path / name, "--no-checkout")
            assert said.is_successful, said.text
            commits.append(await Repository(tmp_path / name).git("rev-parse", "HEAD"))
            school.clock.advance(hours=1)
    repository = Repository(tmp_path / "first")
    names = (await repository.git("ls-tree", "-r", "-z", "--name-only", "HEAD")).strip("\0").split("\0")
    assert set(names) == set(FILES)
    for path, content in FILES.items():
        wanted = content.encode() if isinstance(content, str) else content
        hash = await repository.git("hash-object", "--stdin", stdin=wanted)
        assert await repository.git("rev-parse", f"HEAD:{path}") == hash
    neutral = "participant <participant@example.invalid> 2000-01-01T00:00:00+00:00"
    assert await repository.git("log", LOG) == f"{neutral}|{neutral}|Submission {submission_id}"
    assert await repository.git("branch", "--show-current") == "main"
    assert len(set(commits)) == 1


async def test_programs_can_be_run_and_links_lead_nowhere(school: School, tmp_path: Path) -> None:
    scene = await running(school)
    program, target = b"#!/bin/sh\n", b"/etc/passwd"
    link = File("passwords", "120000", target, len(target))
    tree = tree_of([File("run.sh", "100755", program, len(program)), link])
    submission_id = await hand_in_tree(school, scene.people[0], scene.assignment_id, tree)
    async with listening(school) as server:
        said = await clone(server, scene.author, submission_id, tmp_path / "code", "--depth=1")
    assert said.is_successful, said.text
    assert (tmp_path / "code" / "run.sh").stat().st_mode & 0o100
    assert not (tmp_path / "code" / "passwords").is_symlink()
    assert (tmp_path / "code" / "passwords").read_bytes() == b"/etc/passwd"


async def test_a_submission_does_not_exist_for_others(school: School, tmp_path: Path) -> None:
    scene, submission_id = await handed_in(school)
    author, reviewer, stranger, *_ = scene.people
    async with listening(school) as server:
        for person in (stranger, reviewer):
            said = await clone(server, person, submission_id, tmp_path / "none")
            assert not said.is_successful
            assert "remote: Submission not found." in said, said.text
        await come(scene, "due_at")
        await scene.claim_work_of(author, reviewer)
        assert (await clone(server, reviewer, submission_id, tmp_path / "code")).is_successful
        assert not (await clone(server, stranger, submission_id, tmp_path / "none")).is_successful


async def test_code_that_is_not_there_yet_is_refused_with_the_reason(school: School, tmp_path: Path) -> None:
    scene = await running(school)
    submission_id = (await scene.people[0].submit(scene.assignment_id)).json()["id"]
    async with listening(school) as server:
        said = await clone(server, scene.people[0], submission_id, tmp_path / "none")
    refusal = await scene.people[0].get(f"/submissions/{submission_id}/code")
    assert f"remote: {refusal.json()['detail']}" in said, said.text


async def test_only_a_token_clones(school: School, tmp_path: Path) -> None:
    scene, submission_id = await handed_in(school)
    username = scene.people[0].username
    async with listening(school) as server:
        address = address_of(server, username, "wrong", submission_id)
        assert "Authentication failed" in await Repository(tmp_path).try_git("clone", address)
        address = address.replace(f"{username}:wrong@", "")
        assert "could not read Username" in await Repository(tmp_path).try_git("clone", address)


async def test_a_push_is_refused_in_words(school: School, tmp_path: Path) -> None:
    scene, submission_id = await handed_in(school)
    async with listening(school) as server:
        assert (await clone(server, scene.people[0], submission_id, tmp_path / "code")).is_successful
        repository = Repository(tmp_path / "code")
        await repository.commit({"more.txt": "more\n"})
        said = await repository.try_git("push")
    assert not said.is_successful
    assert "remote: This address can only be cloned." in said, said.text


async def test_what_git_never_sends_is_refused(school: School) -> None:
    scene, submission_id = await handed_in(school)
    path = f"/submissions/{submission_id}/code.git/git-upload-pack"
    auth = (scene.people[0].username, await token_of(scene.people[0]))
    other = f"0032want {'1' * 40}\n00000009done\n".encode()
    for content in (b"no git", b"0" * 100_000, other, b"\x1f\x8b"):
        answer = await scene.people[0].post(path, content=content, auth=auth)
        assert answer.status_code < 500
        assert b"PACK" not in answer.content
    bad = await scene.people[0].post(path, content=b"\0", auth=auth, headers={"Content-Encoding": "gzip"})
    assert bad.status_code == 400


async def test_clones_of_a_person_wait_for_each_other(school: School, tmp_path: Path) -> None:
    scene, submission_id = await handed_in(school)
    turns, user_id = school.services.pushes, scene.people[0].id
    async with listening(school) as server:
        async with turns.of_person(user_id):
            first = asyncio.create_task(clone(server, scene.people[0], submission_id, tmp_path / "first"))
            await until(lambda: turns.is_waiting(user_id))
            second = await clone(server, scene.people[0], submission_id, tmp_path / "second")
            assert f"remote: {PushUnderWay.message.partition('.')[0]}" in second, second.text
        assert (await first).is_successful


@dataclass
class FirstTimeOut:
    """Worker processes whose first tasks take too long."""

    run: Callable[..., Awaitable[Any]]
    left: int

    async def __call__(self, *arguments: Any, seconds: float) -> Any:
        self.left -= 1
        if self.left >= 0:
            raise TaskTimedOut
        return await self.run(*arguments, seconds=seconds)


async def test_a_file_that_is_masked_too_late_is_in_no_request_of_a_clone(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, submission_id, reviewer = await _to_review(school)
    workers = school.services.workers
    monkeypatch.setattr(workers, "run", FirstTimeOut(workers.run, left=1))
    async with listening(school) as server:
        said = await clone(server, reviewer, submission_id, tmp_path / "first", "--depth=1")
        assert said.is_successful, said.text
        assert not (tmp_path / "first" / "README.md").exists()
        assert (await clone(server, reviewer, submission_id, tmp_path / "second")).is_successful
    assert (tmp_path / "second" / "README.md").read_text() == "# Work\n"
    assert scene.people


async def test_another_process_makes_the_same_commit_or_says_so(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, submission_id, reviewer = await _to_review(school)
    path, auth = f"/submissions/{submission_id}/code.git", (reviewer.username, await token_of(reviewer))
    workers = school.services.workers

    async def answer() -> str:
        """Ask for a commit, and then another process for its files."""
        refs = await reviewer.get(f"{path}/info/refs?service=git-upload-pack", auth=auth)
        commit = refs.text.split("HEAD")[0][-41:-1]
        school.services.clones.close()
        asked = f"0032want {commit}\n00000009done\n".encode()
        return (await reviewer.post(f"{path}/git-upload-pack", content=asked, auth=auth)).text

    monkeypatch.setattr(workers, "run", FirstTimeOut(workers.run, left=1))
    assert "ERR The files were not ready yet. Run the command again." in await answer()
    assert "PACK" in await answer()


async def test_repositories_are_kept_for_a_while_and_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, paths = KeptRepositories(seconds=3600), []

    async def fill(path: Path) -> None:
        paths.append(path)

    for key, is_new in ((1, True), (1, False), (1, True), *((number, False) for number in range(2, MAX_KEPT + 2))):
        async with kept.repository(key, fill, branch="main", is_new=is_new) as path:
            assert path.exists()
    assert [path.exists() for path in paths] == [False, False, *[True] * MAX_KEPT]
    with pytest.raises(ZeroDivisionError):
        async with kept.repository(2, fill, branch="main", is_new=False):
            raise ZeroDivisionError
    assert not paths[2].exists()
    kept.close()
    shortly = KeptRepositories(seconds=0)
    async with shortly.repository(1, fill, branch="main", is_new=True):
        pass
    await until(lambda: not any(path.exists() for path in paths))


async def _to_review(school: School) -> tuple[Scene, int, Person]:
    """Return a submission with one text, in the hands of a reviewer."""
    scene = await running(school)
    submission_id = await hand_in_code(school, scene.people[0], scene.assignment_id, {"README.md": "# Work\n"})
    await come(scene, "due_at")
    await scene.claim_work_of(scene.people[0], scene.people[1])
    return scene, submission_id, scene.people[1]
