"""Hand a track over: its author offers it to a user, who becomes its author by accepting."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actions import lock_account_shared
from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.people.rules import NoOffer, ensure_not_the_author
from learning_platform.people.users import NamedUser, user_named
from learning_platform.tracks.permissions import ensure_may, role_on
from learning_platform.tracks.queries import TrackHead, lock_track, track_head

PUT_OFFER = """
insert into hand_over_offers (track_id, user_id, offered_by, offered_at) values ($1, $2, $3, $4)
on conflict (track_id) do update
    set user_id = excluded.user_id, offered_by = excluded.offered_by, offered_at = excluded.offered_at
"""
OFFERS = """
select o.track_id, o.user_id, u.username, t.title as track_title, a.username as author_name, o.offered_at
from hand_over_offers o join users u on u.id = o.user_id join tracks t on t.id = o.track_id
    join users a on a.id = t.author_id
"""
OFFER = f"{OFFERS}where o.track_id = $1"
OFFERS_TO = f"{OFFERS}where o.user_id = $1 order by o.offered_at limit $2"
DELETE_OFFER = "delete from hand_over_offers where track_id = $1"
SET_AUTHOR = "update tracks set author_id = $2, version = version + 1 where id = $1"
FORGET_ROLE = "delete from track_staff where track_id = $1 and user_id = $2"
# The account of an author who was deleted gets no role.
MAKE_CO_AUTHOR = """
insert into track_staff (track_id, user_id, role, added_at)
select $1, id, 'co_author', $3 from users where id = $2 and blocked_at is null
on conflict (track_id, user_id) do nothing
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A track that its author wants to hand over to a user."""

    track_id: int
    user_id: int
    username: str
    track_title: str
    author_name: str
    offered_at: datetime


async def offer_of(db: Connection, *, track_id: int) -> Offer | None:
    """Return the open offer of a track, or None."""
    return await fetch_value(db, Offer, OFFER, track_id)


async def offers_to(db: Connection, *, user_id: int, limit: int) -> list[Offer]:
    """Return the tracks that are offered to a user, the longest wait first."""
    return await fetch_values(db, Offer, OFFERS_TO, user_id, limit)


async def offer_to(db: Connection, *, track_id: int, user_id: int) -> Offer:
    """Return the offer of a track to this user. Raises NoOffer."""
    offer = await offer_of(db, track_id=track_id)
    if offer is None or offer.user_id != user_id:
        raise NoOffer
    return offer


async def seen_offer(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> Offer:
    """Return the offer of a track for its author or the user it is for. Raises TrackNotFound, NotTheAuthor, NoOffer."""
    offer = await offer_of(db, track_id=track_id)
    if offer is None or offer.user_id != actor.user_id:
        head = await track_head(db, track_id=track_id, now=now)
        await ensure_may(db, "hand_over", track=head, actor=actor)
    if offer is None:
        raise NoOffer
    return offer


async def hand_over(db: Connection, *, track_id: int, username: str, actor: Actor, now: datetime) -> bool:
    """Offer a track to a user; an administrator takes it over directly. Return whether the author has changed.

    A new offer replaces the one before. Raises TrackNotFound, NotTheAuthor, UserNotFound, AuthorOfTrack, and BadToken
    for an account that is being deleted.
    """
    user = await user_named(db, username=username)
    await lock_account_shared(db, user_id=user.id)
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "hand_over", track=track, actor=actor)
    ensure_not_the_author(await role_on(db, track=track, user_id=user.id))
    if user.id == actor.user_id:
        await _change_author(db, track, user_id=user.id, now=now)
        return True
    await db.execute(PUT_OFFER, track_id, user.id, actor.user_id, now)
    await _notify_of_offer(db, track, user, now=now)
    return False


async def accept_track(db: Connection, *, track_id: int, user_id: int, now: datetime) -> None:
    """Become the author of a track that was offered; the author before becomes a co-author.

    Raises NoOffer, TrackNotFound, and BadToken for an account that is being deleted.
    """
    await offer_to(db, track_id=track_id, user_id=user_id)
    await lock_account_shared(db, user_id=user_id)
    track = await lock_track(db, track_id=track_id)
    # It may have been withdrawn while this request waited.
    await offer_to(db, track_id=track_id, user_id=user_id)
    await _change_author(db, track, user_id=user_id, now=now)


async def end_offer(db: Connection, *, track_id: int, actor: Actor) -> None:
    """Withdraw an offer, or decline it. Raises TrackNotFound, NotTheAuthor, NoOffer."""
    track = await lock_track(db, track_id=track_id)
    offer = await offer_of(db, track_id=track_id)
    if offer is None or offer.user_id != actor.user_id:
        await ensure_may(db, "hand_over", track=track, actor=actor)
    if offer is None:
        raise NoOffer
    await db.execute(DELETE_OFFER, track_id)


async def _change_author(db: Connection, track: TrackHead, *, user_id: int, now: datetime) -> None:
    await db.execute(DELETE_OFFER, track.id)
    await db.execute(FORGET_ROLE, track.id, user_id)
    await db.execute(SET_AUTHOR, track.id, user_id)
    await db.execute(MAKE_CO_AUTHOR, track.id, track.author_id, now)
    changed = Announcement(
        event=f"track_handed_over:{track.id}:{user_id}:{now.timestamp()}",
        type="track_handed_over",
        track_id=track.id,
        parameters={"track": track.title},
    )
    await announce(db, changed, to=[user_id, track.author_id], now=now)


async def _notify_of_offer(db: Connection, track: TrackHead, user: NamedUser, *, now: datetime) -> None:
    offered = Announcement(
        event=f"track_offered:{track.id}:{user.id}:{now.timestamp()}",
        type="track_offered",
        track_id=track.id,
        parameters={"track": track.title},
    )
    await announce(db, offered, to=[user.id], now=now)
