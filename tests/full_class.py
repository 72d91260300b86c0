"""A class in which everything that people can write has been written: by a function, up to the longest it may be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from learning_platform.core.languages import Language
from tests.frozen import hand_in_code
from tests.people import Json, Person, School, track_json

# What to write into a field of this name, of at most so many characters.
Write = Callable[[str, int], str]
# Of a folder and of a file.
LONG_NAME = "Donaudampfschifffahrt" * 5
SETTINGS = [f"/settings{page}" for page in ("", "/profile", "/security", "/mail", "/tokens", "/data")]
TITLE, TEXT, COMMENT, ENTRY, REASON = 200, 50_000, 10_000, 20_000, 1000


@dataclass(frozen=True, slots=True)
class FullClass:
    """A track in its first review stage, and one of the same author that gathers people."""

    author: Person
    alice: Person
    bob: Person
    admin: Person
    track_id: int
    gathering_id: int
    assignment_id: int
    next_assignment_id: int
    alices_submission_id: int
    carols_code_id: int
    bobs_claim: Json
    dave: Person
    question_id: int
    post_id: int
    invitation: str
    draft_id: int
    certificate: str

    def pages(self) -> list[tuple[Person, str]]:
        """Return every kind of page that shows what people wrote, each with a user who may see it."""
        track, assignment = f"/tracks/{self.track_id}", f"/assignments/{self.assignment_id}"
        seen_by_alice = ["/", "/tracks", track, assignment, f"{assignment}/review", f"{assignment}/reviews"]
        seen_by_alice += [f"{track}/results", "/notifications", f"/tracks/{self.gathering_id}"]
        seen_by_author = ["/", f"{track}/board", f"{track}/submissions", f"{track}/appeals", f"{track}/returns"]
        seen_by_alice += [f"/submissions/{self.alices_submission_id}/threads"]
        seen_by_author += [f"/submissions/{self.carols_code_id}/code", f"{assignment}/starter"]
        seen_by_author += [f"{track}/reported-{each}" for each in ("messages", "posts")]
        seen_by_author += [f"{track}/review-quality", track, assignment, "/notifications"]
        seen_by_author += [
            f"{track}/extensions",
            f"/assignments/{self.next_assignment_id}/extend",
            f"/tracks/{self.gathering_id}/edit",
        ]
        seen_by_author += [f"/tracks/new?copy={self.track_id}", f"/submissions/{self.alices_submission_id}/reviews"]
        gathering = f"/tracks/{self.gathering_id}"
        seen_by_alice += ["/progress", *SETTINGS, f"/users/{self.author.username}"]
        seen_by_alice += [
            f"/certificates/{self.certificate}",
            f"{track}/questions",
            f"{assignment}/questions",
            f"/questions/{self.question_id}",
        ]
        seen_by_author += [f"{gathering}/people", f"{gathering}/preview", f"{gathering}/invitations"]
        seen_by_author += ["/tracks/import", f"{track}/cohorts"]
        seen_by_author += [f"{gathering}/hand-over", f"{gathering}/roster", f"/tracks/{self.draft_id}/publish"]
        of_alice = f"{gathering}/participants/{self.alice.username}"
        seen_by_author += [f"{of_alice}/remove", f"{of_alice}/replace", f"{track}/certificates"]
        seen_by_author += [f"{track}/board/selection?all=yes&action={each}" for each in ("remind", "extend", "export")]
        seen_by_author += [f"/certificates/{self.certificate}/revoke", f"/posts/{self.post_id}/edit"]
        seen_by_admin = ["/admin", "/admin/tracks", "/admin/users", f"/admin/users/{self.author.id}"]
        return [
            *((self.alice, path) for path in seen_by_alice),
            (self.bob, f"/submissions/{self.bobs_claim['submission_id']}/review"),
            (self.bob, f"{assignment}/review"),
            (self.bob, f"/submissions/{self.bobs_claim['submission_id']}/threads"),
            (self.bob, f"/invitations/{self.invitation}"),
            (self.dave, f"{gathering}/removal"),
            *((self.author, path) for path in seen_by_author),
            *((self.admin, path) for path in seen_by_admin),
        ]


async def full_class(
    school: School, write: Write, *, repo_url: str = "https://git.example/a/b", language: Language = "en"
) -> FullClass:
    """Let a class of four, with names as long as may be, write everything there is to write."""
    names = [f"{name:_<32}" for name in ("author", "alice", "bob", "carol", "dave")]
    author, *people = [await school.person(name, language=language) for name in names]
    admin = await school.person("admin", role="admin", language=language)
    alice, bob, carol, dave = people
    certificate = await _complete(school, author, people, write)
    gathering = await author.ok("POST", "/tracks", 201, json=_track(write, places=5))
    await alice.ok("POST", f"/tracks/{gathering['id']}/enroll", 201)
    invitation = await _remove_and_invite(author, dave, gathering["id"], write)
    await author.ok("POST", f"/tracks/{gathering['id']}/hand-over", 204, json={"username": admin.username})
    draft = await author.ok("POST", "/tracks", 201, json={**_track(write, places=4), "draft": True})
    track = await author.ok("POST", "/tracks", 201, json=_track(write, places=4))
    for person in people:
        await person.ok("POST", f"/tracks/{track['id']}/enroll", 201)
    first, second = await school.assignment_ids(author, track)
    await _work(author, people, first, write, repo_url, school)
    code = {f"{LONG_NAME}/{LONG_NAME}.py": f"{LONG_NAME * 20} = 1\n", "main.py": "print(1)\n"}
    carols_code_id = await hand_in_code(school, carol, first, code)
    await school.advance(hours=10)
    claim = await _review(people, first, write)
    await _appeal(author, alice, carol, first, write)
    submission = await alice.ok("GET", f"/assignments/{first}/submission")
    [comment, *_] = await alice.ok("GET", f"/submissions/{submission['id']}/threads")
    await alice.ok("POST", f"/messages/{comment['messages'][0]['id']}/report", 204, json={"reason": "Rude"})
    await author.ok("POST", f"/tracks/{track['id']}/next-cohort", 201)
    question = {"title": write("question title", TITLE), "text": write("question", COMMENT)}
    asked = await bob.ok("POST", f"/assignments/{first}/questions", 201, json=question)
    answered = await author.ok(
        "POST", f"/questions/{asked['id']}/answers", 201, json={"text": write("question", COMMENT)}
    )
    return FullClass(
        author,
        alice,
        bob,
        admin,
        track["id"],
        gathering["id"],
        first,
        second,
        submission["id"],
        carols_code_id,
        claim,
        dave,
        asked["id"],
        answered["answers"][-1]["id"],
        invitation,
        draft["id"],
        certificate,
    )


async def _complete(school: School, author: Person, people: list[Person], write: Write) -> str:
    """Let a track run to its end; return the code of Alice's certificate. The author shows themselves to everyone."""
    profile = {"display_name": write("name", 60), "about": write("about", 160), "visibility": "everyone"}
    await author.ok("PUT", "/me/profile", json=profile)
    task = {"title": write("assignment", TITLE), "duration_hours": 10}
    track = await school.running_track(author, people, title=write("track", TITLE), assignments=[task])
    await author.ok("PUT", f"/tracks/{track['id']}/certificate-rule", json={"submissions": 50, "reviews": 0})
    (only,) = await school.assignment_ids(author, track)
    for person in people:
        await person.submit(only)
    await school.advance(hours=30)
    (issued,) = await people[0].ok("GET", "/me/certificates")
    return str(issued["code"])


async def _remove_and_invite(author: Person, dave: Person, track_id: int, write: Write) -> str:
    """Let the author remove Dave, and return the token of an invitation."""
    await dave.ok("POST", f"/tracks/{track_id}/enroll", 201)
    reason = {"reason": write("removal", REASON)}
    await author.ok("DELETE", f"/tracks/{track_id}/participants/{dave.username}", 204, json=reason)
    created = await author.ok("POST", f"/tracks/{track_id}/invitations", 201, json={})
    return str(created["token"])


def _track(write: Write, *, places: int) -> Json:
    criteria = [{"name": write("criterion", TITLE), "description": write("criterion text", 10_000), "max_score": 10}]
    described = [write(f"assignment text {number}", TEXT) for number in (1, 2)]
    assignments = [
        {"title": write("assignment", TITLE), "description": text, "duration_hours": 10} for text in described
    ]
    return track_json(
        title=write("track", TITLE),
        description=write("track text", TEXT),
        required_participants=places,
        criteria=criteria,
        assignments=assignments,
    )


async def _work(
    author: Person, people: list[Person], assignment_id: int, write: Write, repo_url: str, school: School
) -> None:
    alice, bob, _, dave = people
    for person in people:
        handed_in = {"repo_url": repo_url, "comment": write("submission", COMMENT)}
        await person.ok("POST", f"/assignments/{assignment_id}/submit", 201, json=handed_in)
    for person in (alice, bob):
        entry = {"text": write("diary", ENTRY), "visibility": "track"}
        await person.ok("POST", f"/assignments/{assignment_id}/diary", 201, json=entry)
    due_at = (school.clock.now + timedelta(hours=15)).isoformat()
    extension = {"username": dave.username, "due_at": due_at, "reason": write("extension", REASON)}
    await author.ok("POST", f"/assignments/{assignment_id}/extensions", 201, json=extension)


async def _review(people: list[Person], assignment_id: int, write: Write) -> Json:
    """Let all but Bob review, and Bob return one and take another; return what he holds."""
    alice, bob, carol, _ = people
    for person in (alice, carol):
        while (claimed := await person.claim(assignment_id)).status_code == 200:
            work = claimed.json()
            threads = f"/submissions/{work['submission_id']}/threads"
            await person.ok("POST", threads, 201, json={"text": write("comment", COMMENT)})
            scores = [
                {"criterion_id": each["id"], "score": 3, "comment": write("score", COMMENT)}
                for each in work["criteria"]
            ]
            review = {"scores": scores, "comment": write("review", COMMENT)}
            await person.ok("POST", f"/submissions/{work['submission_id']}/review", 201, json=review)
    returned = await bob.ok("GET", f"/assignments/{assignment_id}/review/submission")
    reason = {"reason": "other", "comment": write("return", COMMENT)}
    await bob.ok("POST", f"/submissions/{returned['submission_id']}/review/return", 204, json=reason)
    claim = await bob.ok("GET", f"/assignments/{assignment_id}/review/submission")
    await bob.ok("POST", f"/submissions/{claim['submission_id']}/threads", 201, json={"text": write("draft", COMMENT)})
    return claim


async def _appeal(author: Person, alice: Person, carol: Person, assignment_id: int, write: Write) -> None:
    """Let Alice answer a review and appeal, and Carol appeal; the author answers Alice."""
    received = await alice.ok("GET", f"/assignments/{assignment_id}/reviews")
    answer = {"helpful": True, "comment": write("answer", COMMENT)}
    await alice.ok("POST", f"/reviews/{received['reviews'][0]['id']}/answer", json=answer)
    for person in (alice, carol):
        appeal = await person.ok(
            "POST", f"/assignments/{assignment_id}/appeal", 201, json={"text": write("appeal", COMMENT)}
        )
        if person is alice:
            settlement = {"text": write("settlement", COMMENT)}
            await author.ok("POST", f"/appeals/{appeal['id']}/settle", json=settlement)
