"""For how long reviews can be answered, discussed and appealed: until some days after the end of their track."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from learning_platform.tracks.rules import TrackOver, TrackStatus


class TrackWithEnd(Protocol):
    """What decides of a track."""

    @property
    def status(self) -> TrackStatus:
        """Return its status."""
        ...

    @property
    def finishes_at(self) -> datetime | None:
        """Return when it ends; None before it starts."""
        ...

    @property
    def appeal_days(self) -> float:
        """Return for how many days it goes on after that."""
        ...


@dataclass(frozen=True, slots=True)
class TrackEnd:
    """The end of a track."""

    status: TrackStatus
    finishes_at: datetime | None
    appeal_days: float


def appeals_due_at(track: TrackWithEnd) -> datetime | None:
    """Return until when results can be appealed; None before the track starts."""
    return None if track.finishes_at is None else track.finishes_at + timedelta(days=track.appeal_days)


def are_appeals_open(track: TrackWithEnd, *, now: datetime) -> bool:
    """Say whether reviews can be answered, discussed and appealed: not on a track that was cancelled."""
    due_at = appeals_due_at(track)
    return track.status in {"running", "finished"} and (due_at is None or now < due_at)


def ensure_appeals_open(track: TrackWithEnd, *, now: datetime) -> None:
    """Raise TrackOver unless reviews can be answered, discussed and appealed."""
    if not are_appeals_open(track, now=now):
        raise TrackOver
