"""The demo school, with what it has not yet: people write, invite, remove and hand over by actions of the packages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.profiles import change_profile
from learning_platform.certificates.actions import revoke
from learning_platform.core.database import Connection
from learning_platform.core.languages import Language
from learning_platform.demo.courses_en import HTTP_APIS
from learning_platform.demo.courses_ru import ALGORITHMS, DOCKER, SQL
from learning_platform.demo.school import PASSWORD
from learning_platform.people.hand_over import hand_over
from learning_platform.people.invitations import create_link, withdraw
from learning_platform.people.removal import remove_participant
from learning_platform.people.staff import set_staff_role
from learning_platform.questions.actions import answer
from learning_platform.questions.moderation import report_post, set_hidden, set_pinned
from learning_platform.tracks.actions import AssignmentDraft, CriterionDraft, TrackDraft, create_track
from tests.browser.people import PAGES, Crowd, Person

# It runs, and has everything an author may find: appeals, returns, work short of reviews.
FULL_TRACK = HTTP_APIS.title
USER = "select id from users where username = $1"
TRACK = "select id from tracks where title = $1 order by id limit 1"
QUESTION = "select id from questions where track_id = $1 order by id limit 1"
CERTIFICATES = "select code from certificates where track_id = $1 order by id limit 2"
REMOVED, OFFERED_TO = "kirill.s", "grace.lee"


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of what only some users of the school have."""

    full: str
    gathering: str
    waited_for: str
    finished: str
    draft: str
    empty_draft: str
    question: str
    certificate: str
    revoked: str
    invitation: str
    withdrawn: str


async def add_what_is_missing(db: Connection, *, now: datetime) -> Places:
    """Let the author and others do what no user does in the demo; return where it is seen."""
    titles = (FULL_TRACK, DOCKER.title, SQL.title, ALGORITHMS.title)
    full, gathering, waited_for, finished = [await db.fetchval(TRACK, title) for title in titles]
    author = await _user(db, "author")
    about = "Пишу на Python с 2009 года; люблю короткие программы."
    await change_profile(db, user_id=author.user_id, display_name="Автор Школы", about=about, visibility="everyone")
    certificate, revoked = [f"/certificates/{row['code']}" for row in await db.fetch(CERTIFICATES, finished)]
    await revoke(db, code=UUID(revoked.rpartition("/")[2]), actor=author, reason="Чужой код.", now=now)
    await remove_participant(
        db, track_id=gathering, username=REMOVED, reason="Не отвечает на письма.", actor=author, now=now
    )
    await set_staff_role(db, track_id=gathering, username=OFFERED_TO, role="mentor", actor=author, now=now)
    draft, empty_draft = [await create_track(db, author_id=author.user_id, draft=each, now=now) for each in DRAFTS]
    await hand_over(db, track_id=draft, username=OFFERED_TO, actor=author, now=now)
    invitation, withdrawn = [await _invite(db, gathering, author, now=now) for _ in range(2)]
    await withdraw(db, invitation_id=withdrawn[0], actor=author, now=now)
    return Places(
        full=f"/tracks/{full}",
        gathering=f"/tracks/{gathering}",
        waited_for=f"/tracks/{waited_for}",
        finished=f"/tracks/{finished}",
        draft=f"/tracks/{draft}",
        empty_draft=f"/tracks/{empty_draft}",
        question=await _discuss(db, full, author, now=now),
        certificate=certificate,
        revoked=revoked,
        invitation=invitation[1],
        withdrawn=withdrawn[1],
    )


async def _user(db: Connection, username: str) -> Actor:
    return Actor(await db.fetchval(USER, username))


async def _invite(db: Connection, track_id: int, author: Actor, *, now: datetime) -> tuple[int, str]:
    created = await create_link(
        db, track_id=track_id, role="participant", max_uses=None, expires_at=None, actor=author, now=now
    )
    return created.id, f"/invitations/{created.token}"


async def _discuss(db: Connection, track_id: int, author: Actor, *, now: datetime) -> str:
    """Let participants answer a question; one answer is reported, the other one hidden."""
    question_id = await db.fetchval(QUESTION, track_id)
    alice, sophie = await _user(db, "alice"), await _user(db, "sophie.martin")
    answered = await answer(db, question_id=question_id, actor=alice, text="See `README`, line 3.", now=now)
    await report_post(db, post_id=answered.posts[-1].id, actor=sophie, reason="Not an answer", now=now)
    answered = await answer(db, question_id=question_id, actor=sophie, text="Buy followers!", now=now)
    await set_hidden(db, post_id=answered.posts[-1].id, actor=author, hidden=True, now=now)
    await set_pinned(db, question_id=question_id, actor=author, pinned=True, now=now)
    return f"/questions/{question_id}"


def _draft(description: str, task: str) -> TrackDraft:
    return TrackDraft(
        title="Черновик курса",
        description=description,
        required_participants=5,
        review_hours=24,
        criteria=[CriterionDraft("Работает", description, 10)],
        assignments=[AssignmentDraft("Первая программа", task, 48)],
        is_draft=True,
    )


DRAFTS = (_draft("Для тех, кто **начинает**.", "Напишите `main.py`."), _draft("", ""))


async def signed_in(school: Crowd, username: str, language: Language) -> Person:
    """Return one of the demo's people, signed in, reading this language."""
    person = await school.visitor(language=language)
    forms: tuple[tuple[str, dict[str, str | float | bool]], ...] = (
        ("/sign-in", {"username": username, "password": PASSWORD}),
        ("/language", {"language": language, "next": "/"}),
    )
    for path, form in forms:
        answered = await person.context.request.post(school.site + path, form=form, headers=PAGES, max_redirects=0)
        assert answered.status == 303, await answered.text()
    await person.context.clear_cookies(name="notice")
    return person
