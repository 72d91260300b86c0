"""What one side of the veil is told of the other, and how exactly.

Participants do not learn who reviews them, nor whose work they review. Numbers and times would tell them, so:

- Ids that cross the veil are random (`core.tables.random_id_column`).
- Times that cross it are given as a day (here, and `shown_day` in the database).
- What others see of results and of who has done what stands still from the end of an assignment's review window until
  the track is over. The database function `shown_before` says before which time something must have happened to be
  shown, and `leavers_shown_before` does so for people who leave (migrations/versions/0009); queries never decide it
  themselves.
- People who oversee a track see everything at once, unless they take part in it (reviews.author.access).
"""

from datetime import UTC, datetime


def shown_day(moment: datetime) -> datetime:
    """Return the beginning of the day, in UTC, as which a time is shown across the veil."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
