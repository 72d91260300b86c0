"""Where actions meet: people on a track at a certain moment, and what each of them may do then."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from learning_platform.accounts import actions as accounts
from learning_platform.accounts import administration, sessions
from learning_platform.accounts import email_links as mailbox
from learning_platform.accounts.links import Links
from learning_platform.accounts.rate_limits import RateLimits
from learning_platform.accounts.retention import retentions
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.attempts.actions import submit
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.core.database import Connection
from learning_platform.core.limit import Limit
from learning_platform.core.retention import Retention, remove_part
from learning_platform.diary.actions import edit_entry, write_entry
from learning_platform.enrollment import actions as enrollment
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.mail import queue as mail
from learning_platform.notifications.retention import retentions as mail_retentions
from learning_platform.personal_data.deletion import delete_account_data
from learning_platform.reviews import appeals
from learning_platform.reviews import reviewing as judging
from learning_platform.reviews.author.extensions import grant_extension
from learning_platform.reviews.claims import claim
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.results import Score
from learning_platform.reviews.returns import correct_link, return_claim
from learning_platform.reviews.sweeps import lapse
from learning_platform.tracks import actions as tracks
from learning_platform.tracks.actions import TrackChange
from tests import events, make
from tests.concurrency.interleavings import Action, World
from tests.conftest import test_settings

SECRET = "a secret of the tests, 32 characters"
TOKENS = AccessTokens(SECRET, timedelta(minutes=30))
LINKS = Links(SECRET)
LIMITS = RateLimits({"refreshes": Limit(5, timedelta(minutes=1))}, secret=SECRET)
SETTINGS = test_settings("postgresql:///nobody-connects-here", session_retention_days=0)
RETENTIONS = retentions(SETTINGS)
MAIL_RETENTIONS = mail_retentions(SETTINGS)
A_MOMENT = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
NEVER = timedelta(days=30)
# Whose work is drawn is chance; how much each has had, in all, is not. That an author owes nothing more is only a
# preference of the draw, noted if nobody holds the row; of those who have left it is certain.
STATE_OF_TRACKS = """
select 'track', id, status, title, required_participants, participants_count, finishes_at::text from tracks
union all select 'assignment', track_id, position || title, null, (review_started_at is null)::int, null,
    concat_ws(' ', due_at, reviews_due_at) from assignments
union all select 'event', assignment_id, user_id::text, kind, pending::int, null, due_at::text from scheduled_events
union all select 'criterion', track_id, name, null, null, null, null from criteria
union all select 'participant', track_id, user_id::text, null, null, null, left_at::text from participants
union all select 'attempt', assignment_id, user_id::text, null, reviews_required, reviews_done,
    concat_ws(' ', opened_at, finished_at) from attempts
union all select 'submission', s.assignment_id, s.user_id::text, s.repo_url, null, null,
    (s.author_owes and p.left_at is not null)::text from submissions s join assignments a on a.id = s.assignment_id
    join participants p on p.track_id = a.track_id and p.user_id = s.user_id
union all select 'served', assignment_id, null, null, sum(review_count)::int, null, null
    from submissions group by assignment_id
union all select 'miscounted', id, null, null, null, null, null from submissions s
    where review_count <> (select count(*) from claims c where c.submission_id = s.id and c.counts)
union all select 'version', s.user_id, v.repo_url, null, null, null, null
    from submission_versions v join submissions s on s.id = v.submission_id
union all select 'claim', assignment_id, reviewer_id::text, state, counts::int, null,
    concat_ws(' ', reason, return_reason) from claims
union all select 'review', assignment_id, reviewer_id::text, comment, null, null, concat_ws(' ', helpful, answer)
    from reviews
union all select 'extension', assignment_id, user_id::text, reason, (review_started_at is null)::int,
    null, due_at::text from extensions
union all select 'diary', assignment_id, user_id::text, text, null, null, visibility from diary_entries
union all select 'appeal', assignment_id, text, settlement, null, null, settled_at::text from appeals
union all select 'corrected', criterion_id, null, null, score, null, null from corrected_scores
union all select 'user', id, username, role, null, null, blocked_at::text from users
union all select 'told', n.user_id, c.type, n.submitted::text, null, null, null
    from notifications n join announcements c on c.id = n.announcement_id
"""
STATE_OF_ACCOUNTS = """
select 'user', id, username, role, null::int, null::int, concat_ws(' ', password_hash, feed_key is not null, blocked_at)
    from users
union all select 'session', user_id, expires_at::text, null, null, null, revoked_at::text from sessions
union all select 'token', s.user_id, null, null, null, null, t.used_at::text
    from refresh_tokens t join sessions s on s.id = t.session_id
union all select 'network', user_id, network::text, null, null, null, last_used_at::text from known_networks
union all select 'limit', uses, rule, null, null, null, free_at::text from rate_limits
union all select 'mail', user_id, array(select unnest(types) order by 1)::text, null, null, null, null
    from mail_preferences
union all select 'letter', user_id, kind, state, tries::int, null, null from emails
"""
RETURNED = """
insert into claims (assignment_id, submission_id, reviewer_id, state, counts, reason, claimed_at, claimed_until,
    ended_at, return_reason)
select $1, s.id, reviewer_id, 'returned', false, 'planned', $4, $4, $4, 'broken'
from submissions s, unnest($2::bigint[]) as reviewer_id where s.assignment_id = $1 and s.user_id = $3
"""
USED_LONG_AGO = """
insert into refresh_tokens (token_hash, session_id, created_at, used_at) values ('used', $1, $2, $2)
"""


async def _delete_account(db: Connection, now: datetime, *, user_id: int) -> None:
    """Do what the page does on which an account is deleted (web.pages.settings)."""
    await accounts.lock_account(db, user_id=user_id, checked_hash="not a hash")
    await delete_account_data(db, user_id=user_id, password_hash="nobody's", now=now)


def _at(moment: datetime) -> Callable[..., Action]:
    """Return a maker of actions that happen at a moment; what they take is given by name."""

    def action(name: str, act: Callable[..., Awaitable[object]], **arguments: Any) -> Action:
        takes_now = "now" in act.__code__.co_varnames[: act.__code__.co_argcount + act.__code__.co_kwonlyargcount]

        async def run(db: Connection, now: datetime) -> object:
            return await act(db, **arguments, **({"now": now} if takes_now else {}))

        return Action(name, run, moment)

    return action


def _sweep(name: str, handle: Callable[[Connection, int, datetime], Awaitable[bool]], id: int, at: datetime) -> Action:
    async def run(db: Connection, now: datetime) -> object:
        return await handle(db, id, now)

    return Action(name, run, at, is_sweep=True)


def _cleaning(retention: Retention, *, at: datetime = make.NOON) -> Action:
    async def clean(db: Connection, _id: int, now: datetime) -> bool:
        return await remove_part(db, retention, now=now) > 0

    return _sweep(f"{retention.name} are removed", clean, 0, at)


async def gathering(db: Connection) -> World:
    """Two of three places are taken."""
    author, second, third, fourth = await make.users(db, 4)
    track_id = await make.track(db, author_id=author, places=3)
    for user_id in (author, second):
        await enrollment.enroll(db, track_id=track_id, user_id=user_id, now=make.NOON)
    at, two_places = _at(make.NOON), TrackChange(required_participants=2)
    own = {"track_id": track_id, "user_id": author, "is_admin": False}
    return World(
        [
            at("the third enrolls", enrollment.enroll, track_id=track_id, user_id=third),
            at("the fourth enrolls", enrollment.enroll, track_id=track_id, user_id=fourth),
            at("the second leaves", enrollment.leave, track_id=track_id, user_id=second),
            at("the author takes a place away", enrollment.edit_track, **own, change=two_places),
            at("the author edits", enrollment.edit_track, **own, change=_everything("Edited")),
            at("the track is cancelled", tracks.cancel_track, **own),
            at("the track is deleted", tracks.delete_track, **own),
            at("the track is copied", tracks.copy_track, **own),
            at("the second deletes the account", _delete_account, user_id=second),
            at("the third deletes the account", _delete_account, user_id=third),
        ],
        STATE_OF_TRACKS,
    )


def _everything(title: str) -> TrackChange:
    return TrackChange(title=title, assignments=[tracks.AssignmentDraft(f"{title} {n}", "", n) for n in (1, 2, 3)])


async def open_for_work(db: Connection) -> World:
    """Two have handed in, and the deadline is near: later for one of them."""
    author, second, third, fourth = people = await make.users(db, 4)
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in (author, second):
        await make.hand_in(db, first, user_id)
    due_at = make.NOON + 10 * HOUR
    await _give_time(db, first, await _name(db, third), teacher, until=due_at + 2 * HOUR, now=make.NOON)
    before, after = _at(due_at - A_MOMENT), _at(due_at)
    shared = await write_entry(db, assignment_id=first, user_id=fourth, text="Ours", visibility="track", now=make.NOON)
    more = {"assignment_id": first, "to": await _name(db, fourth), "by": teacher, "until": due_at + HOUR}
    mine = {"assignment_id": first, "repo_url": "https://git.example/new", "comment": None}
    own = {"user_id": teacher, "is_admin": False}
    return World(
        [
            before("the fourth hands in", submit, user_id=fourth, **mine),
            before("the second hands in again", submit, user_id=second, **mine),
            before("the third hands in", submit, user_id=third, **mine),
            _sweep("the warning", events.warn, first, due_at),
            _sweep("the deadline", events.close_hand_in, first, due_at),
            _sweep("the third's warning", partial(events.warn, user_id=third), first, due_at),
            before("the deadline is moved", extend_deadline, assignment_id=first, due_at=due_at + HOUR, **own),
            before("the fourth is given time", _give_time, **more),
            after("the fourth claims", claim, assignment_id=first, user_id=fourth, volunteers=False),
            before("the fourth writes", _write, assignment_id=first, user_id=fourth),
            before("the fourth makes an entry private", _make_private, entry_id=shared.id, user_id=fourth),
            before("the fourth leaves", leave_for_good, track_id=track_id, user_id=fourth),
            before("the fourth deletes the account", _delete_account, user_id=fourth),
            before("the track is cancelled", tracks.cancel_track, track_id=track_id, **own),
        ],
        STATE_OF_TRACKS,
    )


async def own_deadline(db: Connection) -> World:
    """Reviewing has begun, except for one whose own deadline is near."""
    author, second, third, fourth = people = await make.users(db, 4)
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in (author, second, fourth):
        await make.hand_in(db, first, user_id)
    due_at = make.NOON + 10 * HOUR
    own_due_at = due_at + 2 * HOUR
    await _give_time(db, first, await _name(db, third), teacher, until=own_due_at, now=make.NOON)
    assert await events.close_hand_in(db, first, due_at)
    await _review_next(db, first, second, now=due_at)
    before, after = _at(own_due_at - A_MOMENT), _at(own_due_at)
    own = {"user_id": teacher, "is_admin": False}
    mine = {"assignment_id": first, "user_id": third}
    more = {"assignment_id": first, "by": teacher, "until": own_due_at + HOUR}
    return World(
        [
            before("the third hands in", submit, repo_url="https://git.example/new", comment=None, **mine),
            _sweep("the third's deadline", partial(events.close_hand_in, user_id=third), first, own_due_at),
            after("the third claims", claim, volunteers=False, **mine),
            _sweep("the third's reminder", partial(events.remind, user_id=third), first, own_due_at + HOUR),
            before("the third leaves", leave_for_good, track_id=track_id, user_id=third),
            before("the third is given more", _give_time, to=await _name(db, third), **more),
            before("the fourth is given time", _give_time, to=await _name(db, fourth), **more),
            before("the fourth claims", claim, assignment_id=first, user_id=fourth, volunteers=False),
            before("the second claims the last", claim, assignment_id=first, user_id=second, volunteers=False),
            before("the fourth leaves", leave_for_good, track_id=track_id, user_id=fourth),
            before("the third deletes the account", _delete_account, user_id=third),
            before("the track is cancelled", tracks.cancel_track, track_id=track_id, **own),
        ],
        STATE_OF_TRACKS,
    )


async def under_review(db: Connection) -> World:
    """One has a review in hand whose lease ends, one has none, one has done all, and one has a broken link."""
    author, holder, idle, done, broken, _ = people = await make.users(db, 6)
    admin = await make.user(db, role="admin")
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in people[1:]:
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    await db.execute(RETURNED, first, [author, idle], broken, now)
    reviewed = [await _review_next(db, first, done, now=now) for _ in range(3)]
    held = await claim(db, assignment_id=first, user_id=holder, volunteers=False, now=now)
    claim_id = await db.fetchval("select id from claims where reviewer_id = $1 and state = 'open'", holder)
    at, ends_at = _at(held.claimed_until - A_MOMENT), held.claimed_until
    own = {"user_id": teacher, "is_admin": False}
    its = {"submission_id": held.submission_id}
    said = await _verdict(db, first, points=0)
    mended = {"assignment_id": first, "user_id": broken, "repo_url": "https://git.example/mended"}
    more = {"assignment_id": first, "to": await _name(db, idle), "by": teacher, "until": ends_at + HOUR}
    return World(
        [
            at("the holder reviews", judging.review, reviewer_id=holder, is_admin=False, **its, **said),
            at("the holder returns it", return_claim, reviewer_id=holder, reason="other", comment=None, **its),
            at("the holder asks again", claim, assignment_id=first, user_id=holder, volunteers=False),
            _sweep("the lease ends", lapse, claim_id, ends_at),
            at("the holder leaves", leave_for_good, track_id=track_id, user_id=holder),
            at("the idle one claims", claim, assignment_id=first, user_id=idle, volunteers=False),
            at("the idle one leaves", leave_for_good, track_id=track_id, user_id=idle),
            at("the idle one is given time", _give_time, **more),
            at("who has done all volunteers", claim, assignment_id=first, user_id=done, volunteers=True),
            at("who has done all leaves", leave_for_good, track_id=track_id, user_id=done),
            at("who has done all revises", judging.revise, submission_id=reviewed[-1], reviewer_id=done, **said),
            at("the author reviews what is held", judging.review, reviewer_id=teacher, is_admin=False, **its, **said),
            at("an administrator reviews it", judging.review, reviewer_id=admin, is_admin=True, **its, **said),
            at("the broken link is corrected", correct_link, **mended),
            at("the track is cancelled", tracks.cancel_track, track_id=track_id, **own),
            _sweep("the reminder", events.remind, first, now + 9 * HOUR),
            _sweep("the end", events.finish_track, track_id, now + 40 * HOUR),
        ],
        STATE_OF_TRACKS,
    )


async def late_with_reviews(db: Connection) -> World:
    """One has a last review to do for the first assignment while the second's deadline comes."""
    late, second, third, fourth = people = await make.users(db, 4)
    track_id = await make.running_track(db, people)
    first, next_one = await make.assignment_ids(db, track_id)
    for user_id in people:
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    for user_id in (second, third, fourth):
        for _ in range(3):
            await _review_next(db, first, user_id, now=now)
        await make.hand_in(db, next_one, user_id, now=now)
    for _ in range(2):
        await _review_next(db, first, late, now=now)
    last = await claim(db, assignment_id=first, user_id=late, volunteers=False, now=now)
    due_at = make.NOON + 30 * HOUR
    before = _at(due_at - A_MOMENT)
    said = await _verdict(db, first, points=1)
    its = {"submission_id": last.submission_id, "reviewer_id": late}
    link = {"assignment_id": next_one, "repo_url": "https://git.example/next", "comment": None}
    moved = {"assignment_id": next_one, "due_at": due_at + HOUR, "user_id": late, "is_admin": False}
    return World(
        [
            before("the last review", judging.review, is_admin=False, **its, **said),
            before("the last claim is returned", return_claim, reason="other", comment=None, **its),
            before("they ask again", claim, assignment_id=first, user_id=late, volunteers=False),
            before("they leave", leave_for_good, track_id=track_id, user_id=late),
            before("they hand in for the next", submit, user_id=late, **link),
            _sweep("the next deadline", events.close_hand_in, next_one, due_at),
            before("the next deadline is moved", extend_deadline, **moved),
            before("another leaves", leave_for_good, track_id=track_id, user_id=second),
        ],
        STATE_OF_TRACKS,
    )


async def many_to_review(db: Connection) -> World:
    """There is so much to review that it is drawn by chance."""
    people = await make.crowd(db, 104)
    track_id = await make.running_track(db, people)
    first, _ = await make.assignment_ids(db, track_id)
    await make.everybody_hands_in(db, first, people)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    at = _at(now)
    return World(
        [
            at("one claims", claim, assignment_id=first, user_id=people[1], volunteers=False),
            at("another claims", claim, assignment_id=first, user_id=people[2], volunteers=False),
            at("another leaves", leave_for_good, track_id=track_id, user_id=people[2]),
        ],
        STATE_OF_TRACKS,
    )


async def under_appeal(db: Connection) -> World:
    """One has appealed, one may still."""
    _, second, third = people = await make.users(db, 3)
    admin = await make.user(db, role="admin")
    teacher = await make.user(db)
    track_id = await make.running_track(db, people, author_id=teacher)
    first, _ = await make.assignment_ids(db, track_id)
    for user_id in (second, third):
        await make.hand_in(db, first, user_id)
    now = make.NOON + 10 * HOUR
    assert await events.close_hand_in(db, first, now)
    for user_id in (second, third):
        await _review_next(db, first, user_id, now=now)
    made = await appeals.appeal(db, assignment_id=first, user_id=second, text="Why?", now=now)
    one_criterion = (await criteria(db, assignment_id=first))[0].id
    review_id = await db.fetchval("select id from reviews where reviewer_id = $1", second)
    at = _at(now + HOUR)
    settled = {"appeal_id": made.id, "scores": [Score(one_criterion, 3, None)]}
    return World(
        [
            at("the author settles", appeals.settle, user_id=teacher, is_admin=False, text="So", **settled),
            at("an administrator settles", appeals.settle, user_id=admin, is_admin=True, text="Not so", **settled),
            at("the third appeals", appeals.appeal, assignment_id=first, user_id=third, text="And I?"),
            at("the third answers", judging.answer, review_id=review_id, user_id=third, helpful=True, comment="Thanks"),
            at("the third deletes the account", _delete_account, user_id=third),
        ],
        STATE_OF_TRACKS,
    )


async def signed_in(db: Connection) -> World:
    """One is signed in, with sessions that are over or ended and one that goes on."""
    user_id, admin = await make.user(db), await make.user(db, role="admin")
    at = _at(make.NOON)
    pair = await sessions.open_session(
        db, user_id=user_id, tokens=TOKENS, refresh_lifetime=timedelta(days=30), now=make.NOON
    )
    for now in (make.NOON - HOUR, make.NOON - 2 * HOUR):
        await sessions.start_session(db, user_id=user_id, lifetime=HOUR, now=now)
    ended = await sessions.start_session(db, user_id=user_id, lifetime=2 * NEVER, now=make.NOON - HOUR)
    await sessions.revoke_session(db, session_id=ended.id, now=make.NOON - HOUR)
    await accounts.remember_network(db, user_id=user_id, network=b"school", now=make.NOON - 200 * timedelta(days=1))
    await LIMITS.use(db, "refreshes", "long ago", now=make.NOON - HOUR)
    await db.execute(USED_LONG_AGO, ended.id, make.NOON - 2 * NEVER)
    to = await mailbox.addressee(db, user_id=user_id)
    assert to is not None
    link = mailbox.reset_token(LINKS, to, now=make.NOON)
    changed = {"password_hash": "changed", "checked_hash": "not a hash", "except_session_id": 0}
    admins = {"user_id": user_id, "admin_id": admin}
    key = Action(
        "the calendar key", partial(_feed_key, user_id=user_id), make.NOON, still_holds=partial(_is_key, user_id)
    )
    sign_in = {"user_id": user_id, "checked_hash": "not a hash", "lifetime": timedelta(days=1)}
    return World(
        [
            at(
                "refresh",
                sessions.refresh_session,
                refresh_token=pair.refresh_token,
                tokens=TOKENS,
                refresh_lifetime=timedelta(days=30),
                limits=LIMITS,
            ),
            at("sign in", sessions.start_session, **sign_in),
            at("sign in as one too many", sessions.start_session, **sign_in, most=1),
            at("remember the network", accounts.remember_network, user_id=user_id, network=b"home"),
            at("change the password", accounts.change_password, user_id=user_id, **changed),
            at("reset the password", mailbox.reset_password, token=link, password_hash="reset", links=LINKS),
            at("block", administration.block, **admins),
            at("unblock", administration.unblock, **admins),
            at("give a role", administration.change_role, role="author", **admins),
            at("delete the account", _delete_account, user_id=user_id),
            *(_cleaning(retention) for retention in RETENTIONS),
            at("stop warnings by mail", mail.stop_mail_type, user_id=user_id, type="deadline_warning"),
            at("stop reminders by mail", mail.stop_mail_type, user_id=user_id, type="reviews_overdue"),
            key,
        ],
        STATE_OF_ACCOUNTS,
    )


async def letters_to_write(db: Connection) -> World:
    """Something was announced, and a letter is asked for."""
    user_id = await make.user(db)
    await db.execute("update users set email_confirmed_at = $1", make.NOON)
    at = _at(make.NOON)
    assert not await mail.queue_announced_emails(db, now=make.NOON)
    told = Announcement(event="track_cancelled:0", type="track_cancelled", parameters={"track": "Python"})
    await announce(db, told, to=[user_id], now=make.NOON)
    await mail.queue_requested_email(db, user_id=user_id, kind="confirmation", now=make.NOON)
    return World(
        [
            at("letters are written", mail.queue_announced_emails),
            at("letters are taken", mail.take_emails, limit=1),
            at("a letter is asked for", mail.queue_requested_email, user_id=user_id, kind="reset"),
            *(_cleaning(retention, at=make.NOON + timedelta(days=400)) for retention in MAIL_RETENTIONS),
        ],
        STATE_OF_ACCOUNTS,
    )


WORLDS = (
    gathering,
    open_for_work,
    own_deadline,
    under_review,
    late_with_reviews,
    many_to_review,
    under_appeal,
    signed_in,
    letters_to_write,
)


async def _name(db: Connection, user_id: int) -> str:
    username: str = await db.fetchval("select username from users where id = $1", user_id)
    return username


async def _give_time(db: Connection, assignment_id: int, to: str, by: int, *, until: datetime, now: datetime) -> None:
    await grant_extension(
        db,
        assignment_id=assignment_id,
        username=to,
        due_at=until,
        reason="Moving house",
        granted_by=by,
        is_admin=False,
        now=now,
    )


async def _write(db: Connection, assignment_id: int, user_id: int, *, now: datetime) -> None:
    await write_entry(db, assignment_id=assignment_id, user_id=user_id, text="Mine", visibility="private", now=now)


async def _make_private(db: Connection, entry_id: int, user_id: int, *, now: datetime) -> None:
    await edit_entry(db, entry_id=entry_id, user_id=user_id, text=None, visibility="private", now=now)


async def _verdict(db: Connection, assignment_id: int, *, points: int) -> dict[str, Any]:
    rubric = await criteria(db, assignment_id=assignment_id)
    return {"scores": [Score(one.id, points, None) for one in rubric], "comment": "Because"}


async def _review_next(db: Connection, assignment_id: int, user_id: int, *, now: datetime) -> int:
    """Review what is drawn; return the submission."""
    drawn = await claim(db, assignment_id=assignment_id, user_id=user_id, volunteers=False, now=now)
    said = await _verdict(db, assignment_id, points=5)
    await judging.review(db, submission_id=drawn.submission_id, reviewer_id=user_id, is_admin=False, now=now, **said)
    return drawn.submission_id


async def _feed_key(db: Connection, _now: datetime, *, user_id: int) -> str:
    return await mailbox.feed_key(db, user_id=user_id)


async def _is_key(user_id: int, db: Connection, key: str) -> bool:
    return await mailbox.known_feed_key(db, user_id=user_id) in {key, None}
