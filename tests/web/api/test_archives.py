"""Hand in an archive: what is answered, what is refused, and what it takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest

from learning_platform.web.http.request_body import MAX_FORM_BYTES
from learning_platform.web.services import MAX_UPLOADS
from tests.domain.snapshots.test_archives import hostile, tar_gz, zipped
from tests.people import Person, School

CODE = {"src/main.py": "print(1)\n", "README.md": "# Mine\n"}
FROZEN = {
    "state": "frozen",
    "origin": "archive",
    "commit": None,
    "files": 2,
    "bytes": 16,
    "error": None,
    "frozen_at": "2030-01-01T12:00:00Z",
}


def form(archive: bytes, name: str = "code.zip") -> dict[str, tuple[str, bytes]]:
    return {"file": (name, archive)}


async def opened(school: School) -> tuple[Person, str]:
    """Return a participant, and the path of an open assignment."""
    alice, bob = await school.people(2)
    first, _ = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    return alice, f"/assignments/{first}"


async def test_an_archive_is_frozen_when_it_arrives_and_the_next_replaces_it(school: School) -> None:
    alice, path = await opened(school)
    created = await alice.ok(
        "POST", f"{path}/submit/archive", 201, files=form(zipped(CODE)), data={"comment": "Careful"}
    )
    assert (created["repo_url"], created["comment"], created["snapshot"]) == (None, "Careful", FROZEN)
    assert await alice.ok("GET", f"{path}/submission") == created
    school.clock.advance(hours=1)
    replaced = await alice.ok("POST", f"{path}/submit/archive", 200, files=form(tar_gz({"a": "1"}), "code.tar.gz"))
    assert (replaced["id"], replaced["comment"]) == (created["id"], None)
    assert (replaced["snapshot"]["files"], replaced["snapshot"]["frozen_at"]) == (1, "2030-01-01T13:00:00Z")


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (b"hello", "bad_archive"),
        (zipped({}), "empty"),
        (zipped({"../a": "1", "b": "2"}), "bad_path"),
        (zipped({f"{n}": "" for n in range(2001)}), "too_many_files"),
        (zipped({f"{n}": bytes(1024 * 1024) for n in range(21)}), "too_large"),
    ],
    ids=["no archive", "empty", "path", "files", "bytes"],
)
async def test_code_that_cannot_be_kept_is_refused_with_what_to_do(campus: School, archive: bytes, code: str) -> None:
    alice, path = await opened(campus)
    for language in ("en", "ru"):
        answer = await alice.post(f"{path}/submit/archive", files=form(archive), headers={"Accept-Language": language})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, code)
        assert problem["errors"] == [{"loc": ["body", "file"], "msg": problem["detail"]}]
        assert any("а" <= character <= "я" for character in problem["detail"]) == (language == "ru")
    await alice.refused("GET", f"{path}/submission", 404, "no_submission")


async def test_a_form_without_a_file_or_with_a_long_comment_is_refused(campus: School) -> None:
    alice, path = await opened(campus)
    without: list[dict[str, Any]] = [{"data": {"comment": "x"}}, {"files": form(b"")}, {"json": {}}, {"content": b"x"}]
    for request in without:
        await alice.refused("POST", f"{path}/submit/archive", 422, "no_file", **request)
    broken = {"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}}
    await alice.refused("POST", f"{path}/submit/archive", 422, "invalid_input", **broken)
    long = {"files": form(zipped(CODE)), "data": {"comment": "x" * 10_001}}
    problem = await alice.refused("POST", f"{path}/submit/archive", 422, "invalid_input", **long)
    assert [error["loc"] for error in problem["errors"]] == [["body", "comment"]]


async def test_who_may_not_hand_in_is_refused_before_the_body_is_read(campus: School) -> None:
    _, path = await opened(campus)
    mallory, author = await campus.people(2)
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"never"

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    await mallory.refused("POST", f"{path}/submit/archive", 403, "not_a_participant", content=body(), headers=kind)
    await author.refused(
        "POST", "/assignments/999999/submit/archive", 404, "assignment_not_found", content=body(), headers=kind
    )
    assert read == 0


async def test_after_the_deadline_nothing_is_taken(school: School) -> None:
    alice, path = await opened(school)
    school.clock.advance(hours=10)
    await alice.refused("POST", f"{path}/submit/archive", 409, "deadline_passed", files=form(zipped(CODE)))


async def test_more_than_the_limit_is_refused_as_soon_as_it_is_known(campus: School) -> None:
    alice, path = await opened(campus)
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
        for _ in range(200):
            read += 1
            yield bytes(1024 * 1024)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    await alice.refused("POST", f"{path}/submit/archive", 413, "body_too_large", content=body(), headers=kind)
    assert read <= MAX_FORM_BYTES // (1024 * 1024) + 1
    announced = kind | {"Content-Length": str(MAX_FORM_BYTES + 1)}
    answer = await alice.post(f"{path}/submit/archive", content=b"", headers=announced)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


async def test_one_upload_of_a_user_is_under_way_at_a_time(campus: School) -> None:
    alice, path = await opened(campus)
    gate, has_begun = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
        has_begun.set()
        await gate.wait()
        yield zipped(CODE) + b"\r\n--x--\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    first = asyncio.create_task(alice.post(f"{path}/submit/archive", content=slow(), headers=kind))
    await has_begun.wait()
    await alice.refused("POST", f"{path}/submit/archive", 409, "upload_under_way", files=form(zipped(CODE)))
    gate.set()
    assert (await first).status_code == 201
    await alice.ok("POST", f"{path}/submit/archive", 200, files=form(zipped(CODE)))


async def test_more_uploads_than_fit_are_put_off(campus: School) -> None:
    alice, path = await opened(campus)
    with ExitStack() as stack:
        for number in range(MAX_UPLOADS):
            stack.enter_context(campus.services.uploads.turn(-number - 1))
        answer = await alice.post(f"{path}/submit/archive", files=form(zipped(CODE)))
        assert (answer.status_code, answer.json()["code"]) == (503, "uploads_busy")
        assert int(answer.headers["retry-after"]) > 0
    await alice.ok("POST", f"{path}/submit/archive", 201, files=form(zipped(CODE)))


async def test_others_are_answered_while_a_hostile_archive_is_read(campus: School) -> None:
    alice, path = await opened(campus)
    bob = await campus.person()
    upload = asyncio.create_task(alice.post(f"{path}/submit/archive", files=form(hostile("gzip of gzip"))))
    answered = 0
    while not upload.done():
        await bob.ok("GET", "/me")
        answered += 1
    assert (await upload).json()["code"] in {"too_large", "bad_archive"}
    assert answered > 5


async def test_the_twenty_first_archive_in_an_hour_is_refused(school: School) -> None:
    alice, path = await opened(school)
    for number in range(20):
        await alice.ok("POST", f"{path}/submit/archive", 200 if number else 201, files=form(zipped(CODE)))
    await alice.refused("POST", f"{path}/submit/archive", 429, "too_many_requests", files=form(zipped(CODE)))
