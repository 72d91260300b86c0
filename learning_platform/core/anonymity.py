"""How the anonymity of authors and reviewers is kept.

Participants must not find out who reviews them, nor whose work they review. Ids and exact times could reveal it, so:

- Ids shown to anonymous peers are random (`core.tables.random_id_column`).
- Times shown to them are days (here, and `shown_day` in the database).
- Results and progress of others do not change from the end of an assignment's review period until the track is over.
  The database function `shown_before` returns before which time something must have happened to be shown, and
  `leavers_shown_before` does the same for people who leave (migrations/versions/0009). Queries always use them.
- After the end, scores can still be corrected for some days. The results of others stand still until these are over
  (`shown_result`, 0036): reviewers see immediately how an appeal was settled, and would know the author by the row that
  changes. Answers and messages are shown immediately: nothing with a name changes with them.
- Authors and administrators see everything immediately, unless they take part in the track (reviews.author.access).
"""

from datetime import UTC, datetime


def shown_day(at: datetime) -> datetime:
    """Return the beginning of the day, in UTC, as which a time is shown to anonymous peers."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
