"""A school with something of everything, and the numbers of what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from learning_platform.accounts.email_changes import change_token, request_change, undo_token
from learning_platform.accounts.email_links import addressee, confirmation_token, reset_token
from learning_platform.accounts.external.flows import Newcomer
from learning_platform.accounts.external.providers import ExternalUser
from tests.frozen import hand_in_code
from tests.people import Json, Person, School

IDS_OF = {
    "track_id": "select id from tracks",
    "assignment_id": "select id from assignments",
    "submission_id": "select id from submissions",
    "review_id": "select id from reviews",
    "appeal_id": "select id from appeals",
    "entry_id": "select id from diary_entries",
    "user_id": "select id from users",
    "thread_id": "select id from threads",
    "message_id": "select id from thread_messages",
    "question_id": "select id from questions",
    "post_id": "select id from question_posts",
    "code": "select code from certificates",
    "invitation_id": "select id from invitations",
}
LINKING, REGISTERING = "0123456789abcdef", "fedcba9876543210"
KEEP_ACCOUNT = "update users set role = $2, blocked_at = null, password_hash = $3 where id = $1"
# As strong as a test needs it; the password is as bad as the rest.
PASSWORD_HASH = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)]).hash("hostile password")


@dataclass(slots=True)
class World:
    """People who are signed in, and what there is by the names of parameters in paths."""

    school: School
    author: Person
    participant: Person
    reviewer: Person
    outsider: Person
    admin: Person
    ids: dict[str, list[str]] = field(default_factory=dict)
    # What a browser keeps between coming back from a provider and having chosen a username.
    newcomers: dict[str, str] = field(default_factory=dict)

    @property
    def people(self) -> tuple[Person, ...]:
        """Return all users, each with rights of their own."""
        return self.author, self.participant, self.reviewer, self.outsider, self.admin


async def new_world(school: School, *, name: str) -> World:
    """Fill a school: tracks in every state, reviews, an appeal, notes, links from emails."""
    author, outsider = await school.person(f"{name}_author", role="author"), await school.person(f"{name}_outsider")
    admin = await school.person(f"{name}_admin", role="admin")
    people = [await school.person(f"{name}_{number}") for number in range(4)]
    world = World(school, author, people[0], people[1], outsider, admin)
    await _completed(school, author, people)
    gathering = await school.track(author, title=f"{name} gathering")
    await people[0].ok("POST", f"/tracks/{gathering['id']}/enroll", 201)
    cancelled = await school.running_track(author, people[:2])
    await author.ok("POST", f"/tracks/{cancelled['id']}/cancel")
    await _reviewed(school, author, people)
    await _in_review(school, author, people)
    await _under_way(school, author, people)
    await restore_people(world)
    await look_up(world)
    return world


async def look_up(world: World) -> None:
    """Note what there is now, the newest first, and links of emails."""
    services = world.school.services
    async with services.database.connection() as db:
        for name, statement in IDS_OF.items():
            world.ids[name] = [str(row[0]) for row in await db.fetch(statement + " order by id desc limit 14")]
    world.ids["token"] = await _links_of_emails(world)
    world.ids["format"] = ["csv", "xlsx"]
    world.ids["username"] = [person.username for person in world.people]
    world.ids["provider"], world.ids["flow"] = ["github"], [LINKING, REGISTERING]
    world.newcomers = {
        f"newcomer-{LINKING}": _newcomer(world, f"{world.outsider.username}@example.com"),
        f"newcomer-{REGISTERING}": _newcomer(world, "new@example.com"),
    }


async def _links_of_emails(world: World) -> list[str]:
    """Return the tokens of one link of every kind, for the outsider."""
    user_id, links, now = world.outsider.id, world.school.services.links, world.school.clock.now
    async with world.school.services.database.transaction() as db:
        holder = await addressee(db, user_id=user_id)
        assert holder is not None
        other = "second@example.com" if holder.email != "second@example.com" else "third@example.com"
        change = await request_change(db, user_id=user_id, email=other, now=now)
    return [
        reset_token(links, holder, now=now),
        confirmation_token(links, holder, now=now),
        change_token(links, change, now=now),
        undo_token(links, change, now=now),
        links.sign("unsubscription", user_id=user_id, about="review_started", now=now),
    ]


def _newcomer(world: World, email: str) -> str:
    """Return the cookie of a person whom a provider named with this address."""
    user = ExternalUser("github", "583231", email, is_email_verified=True, wanted_name="hostile")
    signed_in = world.school.services.external_sign_in
    assert signed_in is not None
    return signed_in.flows.sign_newcomer(Newcomer(user, "github", "/"), now=world.school.clock.now)


async def restore_people(world: World) -> None:
    """Give every user their account and role back, whatever has been done to them."""
    roles = {world.author.id: "author", world.admin.id: "admin"}
    async with world.school.services.database.transaction() as db:
        for person in world.people:
            await db.execute(KEEP_ACCOUNT, person.id, roles.get(person.id, "user"), PASSWORD_HASH)


async def _started(school: School, author: Person, people: Sequence[Person]) -> tuple[Json, list[int]]:
    track = await school.running_track(author, people)
    return track, await school.assignment_ids(author, track)


async def _reviewed(school: School, author: Person, people: Sequence[Person]) -> None:
    """Let a first assignment be over, with reviews, an answer and an appeal; the second is open."""
    _, (first, _second) = await _started(school, author, people)
    await _handed_in(people, first)
    await school.advance(hours=10)
    await _commented(people[1], first)
    for person in people:
        await person.review_all(first)
    await school.sweep()
    received = await people[0].ok("GET", f"/assignments/{first}/reviews")
    await people[0].ok("POST", f"/reviews/{received['reviews'][0]['id']}/answer", json={"helpful": True})
    await people[0].ok("POST", f"/assignments/{first}/appeal", 201, json={"text": "Look again"})


async def _in_review(school: School, author: Person, people: Sequence[Person]) -> None:
    """Let a first assignment be in review: some have reviewed, some hold what they claimed."""
    _, (first, _second) = await _started(school, author, people)
    await _handed_in(people, first)
    for person in people:
        await hand_in_code(school, person, first, {"README.md": "# Task\n", "main.py": f"print({person.id})\n"})
    await school.advance(hours=10)
    await people[1].review((await people[1].claim(first)).json())
    for person in people[:3]:
        await _commented(person, first)


async def _commented(reviewer: Person, assignment_id: int) -> None:
    """Let a reviewer take a submission and comment on it, in a draft."""
    path = f"/submissions/{(await reviewer.claim(assignment_id)).json()['submission_id']}/threads"
    await reviewer.ok("POST", path, 201, json={"text": "Why?", "kind": "question"})


async def _under_way(school: School, author: Person, people: Sequence[Person]) -> None:
    """Let a first assignment be open, with work handed in and notes."""
    track, (first, _second) = await _started(school, author, people)
    await (await school.person()).ok("POST", f"/tracks/{track['id']}/waiting-list", 201)
    await _handed_in(people[:2], first)
    await hand_in_code(school, people[0], first)
    question = {"title": "How?", "text": f"@{author.username} How are words counted?"}
    asked = await people[0].ok("POST", f"/assignments/{first}/questions", 201, json=question)
    await people[1].ok("POST", f"/questions/{asked['id']}/answers", 201, json={"text": "By blanks."})


async def _completed(school: School, author: Person, people: Sequence[Person]) -> None:
    """Let a track end with a certificate."""
    track = await school.running_track(author, people, assignments=[{"title": "Only one", "duration_hours": 10}])
    await author.ok("PUT", f"/tracks/{track['id']}/certificate-rule", json={"submissions": 50, "reviews": 50})
    (only,) = await school.assignment_ids(author, track)
    await _handed_in(people, only)
    await school.advance(hours=10)
    for person in people:
        await person.review_all(only)
    await school.advance(hours=10)


async def _handed_in(people: Sequence[Person], assignment_id: int) -> None:
    for number, person in enumerate(people):
        link = f"https://git.example/{person.username}/{assignment_id}"
        assert (await person.submit(assignment_id, link)).status_code == 201
        visibility = "track" if number % 2 else "private"
        note = {"text": "A *thought*", "visibility": visibility}
        await person.ok("POST", f"/assignments/{assignment_id}/diary", 201, json=note)
