"""Nothing that a reviewer gets names the author of a submission, and nothing that an author gets names a reviewer.

Every route that can be read is asked, as a page and as JSON, and every answer is searched: a route that is added is
searched, too.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from PIL import Image

from learning_platform.attempts.actions import hand_in
from learning_platform.core.settings import Settings
from learning_platform.notifications.mail.preferences import choose_mail
from learning_platform.notifications.messages import WORDINGS
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.masking.transliteration import folded
from tests.domain.reviews.scene import Scene, come
from tests.frozen import tree
from tests.git_clients import Repository, listening, token_of
from tests.mail_servers import Mailbox, mail_settings, mail_worker
from tests.people import Json, Person, School
from tests.routes import PAGE, addresses_of
from tests.web.api.live import serving
from tests.web.pages.browsing import signed_in

LOGIN, REVIEWER = "zorkin_vlad77", "quentin_reviewer"
ADDRESSES = {LOGIN: "zz.private@example.com", REVIEWER: f"{REVIEWER}@example.com"}
# Their own repository, at a host of their own.
LINK = "https://git.zorkin-labs.example/vlad-zorkin/lab1"
TERMS = (
    *("zorkin", "зоркин", "владислав", "vladislav", "vlad77", "zz.private", "сова-77", "sova-77"),
    *("second.address", "zorkin-labs", "lonely_folder"),
)
NOTEBOOK = {
    "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["x = '/home/lonely_folder/a'"]}],
    "metadata": {"path": "/home/lonely_folder/lab.ipynb", "authors": [{"name": "Владислав Зоркин"}]},
    "nbformat": 4,
    "nbformat_minor": 5,
}
# With it the author signs what they write to their reviewers.
SIGNED = f"Владислав Зоркин ({LOGIN}, zz.private@example.com, SOVA-77, {LINK})"
# These show who takes part in a track, or what was shared with a name: nothing there leads to a submission.
NAMES_SHOWN = ("/results", "/diary", "/assignments/{assignment_id}")
NOT_ASKED = {"/docs", "/openapi.json", "/metrics", "/health", "/static", "/docs/assets"}
# What a browser loads by itself; a link is followed only by choice.
LOADED = re.compile(
    r"""(?i)(?:\s(?:src|srcset|poster|data|action)|<link(?! rel="canonical")[^>]*\shref)\s*=\s*["']?\s*(?:https?:)?//"""
)


def photograph() -> bytes:
    picture = Image.new("RGB", (8, 8), "red")
    exif = Image.Exif()
    exif[0x013B], exif[0x9286] = "Vladislav Zorkin", "second.address@mail.example"
    saved = io.BytesIO()
    picture.save(saved, "JPEG", exif=exif, comment=b"by zorkin")
    return saved.getvalue()


FILES: dict[str, str | bytes] = {
    "LICENSE": "MIT License\n\nCopyright (c) 2026 Vladislav Zorkin\n",
    "package.json": '{"name": "lab", "author": "V. Zorkin <second.address@mail.example>"}\n',
    "pyproject.toml": '[project]\nauthors = [{name = "Владислав Зоркин", email = "second.address@mail.example"}]\n',
    "README.md": "# Lab\n[![b](https://img.shields.io/github/stars/zorkin_vlad77/lab)](https://github.com/zorkin_vlad77/lab)\n"
    f"![me](https://git.zorkin-labs.example/me.png)\nClone {LINK}, ask Зоркина or sova-77.\n",
    "notes/Зоркин.txt": "Сделал Владислав".encode("utf-16"),
    "zorkin_vlad77/main.py": "import tester  # Zorkin's\r\nzorkin_vlad77 = 'zz.private@example.com'\r\n",
    "lab.ipynb": json.dumps(NOTEBOOK, indent=1, ensure_ascii=False) + "\n",
    "photo.jpg": photograph(),
    "data.bin": b"\0\1\2 /home/lonely_folder/ by zorkin",
}


@pytest.fixture
def settings(database_url: str, smtp_server: tuple[Mailbox, int]) -> Settings:
    return mail_settings(database_url, smtp_server[1])


@pytest.fixture
async def scene(school: School) -> Scene:
    """Bring a track to its first reviews: its first participant has handed in by a link, and then the code itself."""
    author, first = await school.person("teacher"), await school.person(LOGIN)
    people = [first, await school.person(REVIEWER), *await school.people(3)]
    await _send_mail(school)
    async with school.services.database.transaction() as db:
        await db.execute("update users set email_confirmed_at = now()")
        for person in people:
            await choose_mail(db, user_id=person.id, types=list(WORDINGS), now=school.clock.now)
    track = await school.running_track(author, people)
    scene = Scene(school, author, people, track["id"], await school.assignment_ids(author, track))
    async with school.services.database.transaction() as db:
        await db.execute("update users set email = 'zz.private@example.com' where id = $1", first.id)
    await first.ok("PUT", f"/tracks/{scene.track_id}/hidden-terms", json={"terms": ["Сова-77"]})
    for person in people:
        await person.submit(scene.assignment_id, LINK if person is first else "https://git.example/a/b")
    async with school.services.database.transaction() as db:
        received = Received("archive", tree=tree(FILES), mask_terms=("Владислав Зоркин",))
        handed_in: dict[str, Any] = {"assignment_id": scene.assignment_id, "user_id": first.id, "received": received}
        await hand_in(db, **handed_in, comment=None, now=school.clock.now)
        # As if it had been frozen from the link.
        await db.execute("update snapshots set origin = 'link', repo_url = $1 where tree_id is not null", LINK)
        await db.execute("update submissions set repo_url = $1 where user_id = $2", LINK, first.id)
    asked = {"title": f"Wondered-by {LOGIN}", "text": f"@teacher, I am {SIGNED}"}
    await first.ok("POST", f"/assignments/{scene.assignment_id}/questions", 201, json=asked)
    await come(scene, "due_at")
    await _send_mail(school)
    await scene.claim_work_of(first, people[1])
    return scene


async def test_nothing_that_a_reviewer_gets_names_the_author(scene: Scene, mailbox: Mailbox) -> None:
    reviewer = scene.people[1]
    submission_id = (await scene.overseen(scene.people[0]))["id"]
    code = f"/submissions/{submission_id}/code"
    files = (await reviewer.ok("GET", code))["files"]
    assert len(files) == len(FILES)
    answers = [(f"{code}/file", await reviewer.get(f"{code}/file", params={"path": file["path"]})) for file in files]
    answers += [(path, answer) async for path, answer in _everything(scene, reviewer, submission_id)]
    answers += await _written(scene, reviewer, submission_id)
    answers += await _delivered(scene, reviewer, submission_id, mailbox)
    # Names are shown under questions when reviews are done.
    late = [(path, answer) async for path, answer in _everything(scene, reviewer, submission_id)]
    answers += [(path, answer) for path, answer in late if "questions" not in path]

    assert sum(answer.status_code == 200 for _, answer in answers) > 25
    # What the author and staff wrote was among it.
    said = ("Fixed-by", "Marked-by", "Thanks-from", "Asked-by", "Wondered-by")
    assert all(any(word in answer.text for _, answer in answers) for word in said)
    found = {f"{path}: {term}" for path, answer in answers for term in TERMS for _ in [0] if _names(path, answer, term)}
    assert found == set()
    assert {path for path, answer in answers if LOADED.search(answer.text)} == set()


async def test_nothing_in_a_clone_names_the_author(scene: Scene, tmp_path: Path) -> None:
    reviewer = scene.people[1]
    code = f"/submissions/{(await scene.overseen(scene.people[0]))['id']}/code"
    async with listening(scene.school) as server:
        login = f"{reviewer.username}:{await token_of(reviewer)}"
        await Repository(tmp_path).git("clone", f"http://{login}@127.0.0.1:{server.port}{code}.git", "clone")
    clone = Repository(tmp_path / "clone")
    names = (await clone.git("ls-files", "-z")).strip("\0").split("\0")
    contents = [(clone.folder / name).read_bytes() for name in names]
    said = await clone.git("log", "--format=raw", "--all")

    with zipfile.ZipFile(io.BytesIO((await reviewer.get(f"{code}.zip")).content)) as archive:
        assert sorted(archive.namelist()) == sorted(names)
        assert "photo.jpg" in names
    read = [text for content in (said.encode(), *map(str.encode, names), *contents) for text in _readings(content)]
    assert {term for term in TERMS if any(folded(term) in text for text in read)} == set()


async def test_nothing_that_an_author_gets_names_a_reviewer(scene: Scene, mailbox: Mailbox) -> None:
    author, reviewer = scene.people[0], scene.people[1]
    submission_id = (await scene.overseen(author))["id"]
    await _written(scene, reviewer, submission_id)
    await author.review_all(scene.assignment_id)
    own = await author.ok("GET", f"/assignments/{scene.assignment_id}/reviews")
    assert len(own["reviews"]) == 1

    answers = [(path, answer) async for path, answer in _everything(scene, author, submission_id)]
    answers += await _delivered(scene, author, submission_id, mailbox)

    assert {path for path, answer in answers if _names(path, answer, REVIEWER.partition("_")[0])} == set()


async def test_a_search_finds_what_the_owner_of_a_track_gets(scene: Scene) -> None:
    """The search itself has to be able to find something."""
    submission_id = (await scene.overseen(scene.people[0]))["id"]
    answers = [
        *[answer async for answer in _everything(scene, scene.author, submission_id)],
        ("zip", await scene.author.get(f"/submissions/{submission_id}/code.zip")),
    ]
    assert {term for _, answer in answers for term in TERMS if _names("", answer, term)} >= {"zorkin", "владислав"}


async def _everything(scene: Scene, person: Person, submission_id: int) -> Any:
    """Yield the answers of every route that can be read, as JSON and as a page, with the path of the route."""
    browser = signed_in(scene.school, person)
    (asked,) = await scene.author.ok("GET", f"/tracks/{scene.track_id}/questions")
    async with browser:
        for path, address in _addresses(scene, person, submission_id, asked["id"]):
            yield path, await person.get(address)
            yield path, await browser.get(address, headers={"Accept": PAGE}, follow_redirects=False)


async def _delivered(scene: Scene, person: Person, submission_id: int, mailbox: Mailbox) -> list[tuple[str, Response]]:
    """Let the author of the submission answer, and the track end; return what a person got by WebSocket and by mail."""
    author = scene.people[0]
    await author.review_all(scene.assignment_id)
    await come(scene, "reviews_due_at")
    (thread,) = [each for each in await author.ok("GET", f"/submissions/{submission_id}/threads") if each["path"]]
    for writer, text in ((author, f"Fixed-by {SIGNED}"), (scene.author, f"Marked-by {SIGNED}")):
        await writer.ok("POST", f"/threads/{thread['id']}/messages", 201, json={"text": text})
    (review,) = (await author.ok("GET", f"/assignments/{scene.assignment_id}/reviews"))["reviews"]
    said = {"helpful": True, "comment": f"Thanks-from {SIGNED}"}
    await author.ok("POST", f"/reviews/{review['id']}/answer", json=said)
    await author.ok("POST", f"/reviews/{review['id']}/messages", 201, json={"text": f"Asked-by {SIGNED}"})
    await _send_mail(scene.school)
    await scene.school.advance(hours=100)
    notifications = await person.ok("GET", "/notifications", params={"limit": 100})
    async with serving(scene.school.app) as server, server.listening(person.token, after=0) as listener:
        messages = [json.dumps(await listener.receive(), ensure_ascii=False) for _ in notifications]
    await _send_mail(scene.school)
    emails = [
        email.as_bytes() + _bodies(email) for email in mailbox.emails if email["To"] == ADDRESSES[person.username]
    ]
    assert len(messages) > 4
    assert len(emails) > 3
    return [
        *(("/ws", Response(200, content=message)) for message in messages),
        *(("email", Response(200, content=email)) for email in emails),
    ]


async def _send_mail(school: School) -> None:
    """Send all emails there are; the first time it only marks where mail begins."""
    worker = mail_worker(school.services.database, school.services.settings, school.clock)
    while await worker.send_due():
        pass


def _bodies(email: EmailMessage) -> bytes:
    """Return the texts of an email as they are read, not as they are sent."""
    texts = [body.get_content() for kind in ("plain", "html") if (body := email.get_body((kind,))) is not None]
    return f"{email['Subject']}".encode() + "".join(texts).encode()


def _addresses(scene: Scene, person: Person, submission_id: int, question_id: int) -> Iterator[tuple[str, str]]:
    values: dict[str, list[Any]] = {
        "track_id": [scene.track_id],
        "assignment_id": list(scene.assignment_ids),
        "submission_id": [submission_id, submission_id + 1],
        "user_id": [scene.people[0].id],
        "format": ["csv", "xlsx"],
        "token": ["none"],
        "thread_id": [1],
        "message_id": [1],
        "appeal_id": [1],
        "review_id": [1],
        "question_id": [question_id],
        "post_id": [1],
        "code": ["00000000-0000-4000-8000-000000000000"],
        "username": ["teacher"],
        **{
            name: ["none"]
            for name in ("provider", "flow", "number", "participant_id", "invitation_id", "notification_id")
        },
    }
    for path in sorted({route.path for route in addresses_of(scene.school.app) if route.method == "GET"} - NOT_ASKED):
        names = re.findall(r"\{(\w+)", path)
        assert set(names) <= set(values), f"say which values to try for {path}"
        for chosen in product(*(values[name] for name in names)):
            address = re.sub(r"\{(\w+)[^}]*\}", "{\\1}", path).format(**dict(zip(names, chosen, strict=True)))
            yield path, address
            if path.endswith("/code"):
                yield path, f"{address}?as=reviewer"


async def _written(scene: Scene, reviewer: Person, submission_id: int) -> list[tuple[str, Response]]:
    """Let a reviewer comment and review; return the answers, those of refusals too."""
    code = await reviewer.ok("GET", f"/submissions/{submission_id}/code")
    path = next(file["path"] for file in code["files"] if file["path"].endswith("main.py"))
    thread = {"path": path, "first_line": 1, "last_line": 1, "kind": "problem", "text": "Why?"}
    criteria: Json = (await reviewer.ok("GET", f"/tracks/{scene.track_id}"))["criteria"]
    scores = [{"criterion_id": each["id"], "score": 1} for each in criteria]
    threads, review = f"/submissions/{submission_id}/threads", f"/submissions/{submission_id}/review"
    return [
        (threads, await reviewer.post(threads, json=thread)),
        (threads, await reviewer.post(threads, json={**thread, "path": "none"})),
        (review, await reviewer.post(review, json={"scores": [], "comment": ""})),
        (review, await reviewer.post(review, json={"scores": scores, "comment": "so"})),
        (review, await reviewer.put(review, json={"scores": scores, "comment": "so then"})),
        (threads, await reviewer.get(threads)),
    ]


def _names(path: str, answer: Response, term: str) -> bool:
    """Say whether an answer has a term; participants are listed by their login in some places."""
    texts = list(_texts(answer))
    if path.endswith(NAMES_SHOWN) or "/results." in path:
        texts = [text.replace(LOGIN, "").replace(REVIEWER, "") for text in texts]
    return any(folded(term) in text for text in texts)


def _texts(answer: Response) -> Iterator[str]:
    """Yield what can be read in an answer, also in an archive and in files of other encodings."""
    yield from _readings(answer.content)
    for value in answer.headers.values():
        yield folded(value)
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            for name in archive.namelist():
                yield folded(name)
                yield from _readings(archive.read(name))


def _readings(content: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "utf-16", "utf-16-be", "latin-1"):
        yield folded(content.decode(encoding, errors="ignore"))
    if b"\\u" in content:
        yield folded(re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), content.decode(errors="ignore")))
