"""Read questions and the posts in them, as a user may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.questions.readers import Reader, reader_of_track
from learning_platform.questions.rules import QuestionNotFound, Role
from learning_platform.tracks.rules import NotAParticipant, TrackNotFound

# $1 to $6 are those of Reader.for_sql: user, track, whether staff, open assignments, named ones, when they left.
# `is_named`: the reader sees the writer, the time and the text as written.
POSTS = """
visible as (
    select p.*, q.assignment_id, q.track_id, q.writer_id as asker_id, p.writer_id = $1 as is_own,
        p.writer_id = $1 or $3::bool or q.assignment_id = any($5::bigint[]) as is_named
    from questions q join question_posts p on p.question_id = q.id
    where q.track_id = $2 and q.assignment_id = any($4::bigint[])
        and ($6::timestamptz is null or p.created_at < $6 or p.writer_id = $1)
), posts as (
    select v.id, v.question_id, v.position, v.role, v.is_own, v.writer_id = v.asker_id as is_asker, v.version,
        v.hidden_at is not null as is_hidden, v.created_at as written_at,
        case when v.is_named or v.role = 'staff' then u.username end as writer,
        case when v.hidden_at is null or v.is_own or $3 then
            case when v.is_named then v.title else v.masked_title end end as title,
        case when v.hidden_at is null or v.is_own or $3 then
            case when v.is_named then v.text else v.masked_text end end as text,
        case when v.is_named or v.role = 'staff' then v.created_at else shown_day(v.created_at) end as created_at,
        v.updated_at is not null as is_edited, $3 and v.reported_at is not null as awaits_decision, v.search
    from visible v join users u on u.id = v.writer_id
)
"""


def _over_posts(*parts: str) -> str:
    """Return a statement that reads the posts as a user sees them, or the questions listed from them."""
    return " ".join(("with", POSTS, *parts))


POSTS_OF = _over_posts("""
select id, question_id, position, role, is_own, is_asker, version, is_hidden, writer, title, text, created_at,
    is_edited, awaits_decision,
    exists (select from question_reports r where r.post_id = posts.id and r.user_id = $1) as is_reported
from posts where question_id = any($7::bigint[]) and position between $8 and $9 order by question_id, position
""")
LISTED_QUESTIONS = """, listed as (
    select q.id, q.track_id, q.assignment_id, a.title as assignment_title, q.answered_at is not null as is_answered,
        q.pinned_at is not null as is_pinned, q.writer_id = $1 as is_own,
        exists (select from question_mutes m where m.question_id = q.id and m.user_id = $1) as is_muted,
        (select count(*) from posts p where p.question_id = q.id and p.position > 1) as answers_count,
        exists (select from posts p where p.question_id = q.id and not p.is_own
            and p.written_at > coalesce((select r.read_up_to from question_readers r
                where r.track_id = $2 and r.user_id = $1), '-infinity')) as is_new,
        case when q.pinned_at is null then q.created_at else 'infinity' end as place
    from questions q join assignments a on a.id = q.assignment_id
    where exists (select from posts p where p.question_id = q.id and p.position = 1)
)
select id, track_id, assignment_id, assignment_title, is_answered, is_pinned, is_own, is_muted, answers_count, is_new
from listed l
"""
LISTED = _over_posts(
    LISTED_QUESTIONS,
    """
where ($7::bigint is null or assignment_id = $7)
    and ($8 = '' or exists (select from posts p where p.question_id = l.id and not p.is_hidden
        and p.search @@ (select search_query($8))))
    and (not $9::bool or not is_answered) and (not $10::bool or is_own) and (not $11::bool or is_pinned)
    and (not $12::bool or ($3 and exists (select from question_reports r join question_posts p on p.id = r.post_id
        where p.question_id = l.id)))
    and ($13::bigint = 0 or (place, id) < (select c.place, c.id from listed c where c.id = $13))
order by place desc, id desc limit $14
""",
)
QUESTION = _over_posts(LISTED_QUESTIONS, "where id = $7")
COUNT_NEW = _over_posts("""
select count(*) from posts where not is_own and not is_hidden and written_at > coalesce((
    select r.read_up_to from question_readers r where r.track_id = $2 and r.user_id = $1), '-infinity')
""")
PLACE_OF_QUESTION = "select track_id from questions where id = $1"
PLACE_OF_POST = """
select q.track_id, p.question_id from question_posts p join questions q on q.id = p.question_id where p.id = $1
"""
IS_MUTED = "select is_muted from question_readers where track_id = $1 and user_id = $2"
REPORTS = """
select r.post_id, u.username as reporter, r.reason, r.created_at as reported_at
from question_reports r join users u on u.id = r.user_id where r.post_id = any($1::bigint[])
order by r.created_at, u.id
"""
ALL_POSTS = (1, 1000)
FIRST_POST = (1, 1)


@dataclass(frozen=True, slots=True)
class Report:
    """Why a user reported a post."""

    post_id: int
    reporter: str
    reason: str | None
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A question or an answer as a user sees it. `writer` is None where the name is not shown yet.

    `is_reported`: by this user.
    """

    id: int
    question_id: int
    position: int
    role: Role
    is_own: bool
    is_asker: bool
    version: int
    is_hidden: bool
    writer: str | None
    title: str | None
    text: str | None
    created_at: datetime
    is_edited: bool
    awaits_decision: bool
    is_reported: bool
    reports: Sequence[Report] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its first post, and in `answers` the others where they were asked for."""

    id: int
    track_id: int
    assignment_id: int
    assignment_title: str
    is_answered: bool
    is_pinned: bool
    is_own: bool
    is_muted: bool
    answers_count: int
    is_new: bool
    posts: Sequence[Post] = ()

    @property
    def first(self) -> Post:
        """Return the post that asks."""
        return self.posts[0]

    @property
    def title(self) -> str | None:
        """Return the title; None where staff have hidden the question."""
        return self.first.title

    @property
    def version(self) -> int:
        """Return the version of the title and the text."""
        return self.first.version

    @property
    def question(self) -> Post:
        """Return the post that asks."""
        return self.first

    @property
    def answers(self) -> Sequence[Post]:
        """Return the answers."""
        return self.posts[1:]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which questions are listed."""

    search: str = ""
    unanswered: bool = False
    mine: bool = False
    pinned: bool = False
    reported: bool = False


async def questions(
    db: Connection, reader: Reader, *, assignment_id: int | None, chosen: Filter, after: int, limit: int
) -> list[Question]:
    """Return the questions of a track or an assignment: those that are pinned, then the newest."""
    found = await fetch_values(
        db,
        Question,
        LISTED,
        *reader.for_sql,
        assignment_id,
        chosen.search.strip(),
        chosen.unanswered,
        chosen.mine,
        chosen.pinned,
        chosen.reported,
        after,
        limit,
    )
    posts = await _posts(db, reader, [each.id for each in found], FIRST_POST)
    first = {post.question_id: post for post in posts}
    return [replace(each, posts=[first[each.id]]) for each in found]


async def question(db: Connection, *, question_id: int, actor: Actor, now: datetime) -> tuple[Reader, Question]:
    """Return a question with its answers, and as whom a user reads it. Raises QuestionNotFound."""
    track_id = await db.fetchval(PLACE_OF_QUESTION, question_id)
    if track_id is None:
        raise QuestionNotFound
    try:
        reader = await reader_of_track(db, track_id=track_id, actor=actor, now=now)
    except (TrackNotFound, NotAParticipant) as refusal:
        raise QuestionNotFound from refusal
    found = await fetch_value(db, Question, QUESTION, *reader.for_sql, question_id)
    if found is None:
        raise QuestionNotFound
    return reader, replace(found, posts=await _posts(db, reader, [question_id], ALL_POSTS))


async def question_of_post(
    db: Connection, *, post_id: int, actor: Actor, now: datetime
) -> tuple[Reader, Question, Post]:
    """Return a post that a user sees, with its question. Raises QuestionNotFound."""
    place = await db.fetchrow(PLACE_OF_POST, post_id)
    if place is None:
        raise QuestionNotFound
    reader, found = await question(db, question_id=place["question_id"], actor=actor, now=now)
    post = next((each for each in found.posts if each.id == post_id), None)
    if post is None:
        raise QuestionNotFound
    return reader, found, post


async def count_new(db: Connection, reader: Reader) -> int:
    """Return how many questions and answers of others are newer than what the user has read."""
    found: int = await db.fetchval(COUNT_NEW, *reader.for_sql)
    return found


async def is_track_muted(db: Connection, reader: Reader) -> bool:
    """Say whether the user wants no notifications about the questions of the track."""
    return bool(await db.fetchval(IS_MUTED, reader.track.id, reader.user_id))


async def _posts(
    db: Connection, reader: Reader, question_ids: Sequence[int], positions: tuple[int, int]
) -> Sequence[Post]:
    posts = await fetch_values(db, Post, POSTS_OF, *reader.for_sql, question_ids, *positions)
    if not reader.is_staff:
        return posts
    reports = await fetch_values(db, Report, REPORTS, [post.id for post in posts])
    return [replace(post, reports=[each for each in reports if each.post_id == post.id]) for post in posts]
