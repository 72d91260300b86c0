"""Ids that are shown anonymously reveal neither order nor number."""

from itertools import pairwise

from learning_platform.core.database import Connection

# What a user learns of others without learning who they are: what they review, and what is said of their own work.
SHOWN_ANONYMOUSLY = {"submissions", "claims", "reviews", "appeals", "diary_entries", "threads", "thread_messages"} | {
    "questions",
    "question_posts",
    "corrections",
}
DEFAULTS = """
select table_name, column_default from information_schema.columns
where table_schema = 'public' and column_name = 'id' and column_default is not null
"""
DRAWN = "select random_id() from generate_series(1, 1000)"


async def test_ids_that_are_shown_anonymously_are_drawn_by_one_function(db: Connection) -> None:
    drawn = {table for table, default in await db.fetch(DEFAULTS) if default == "random_id()"}
    assert drawn == SHOWN_ANONYMOUSLY


async def test_drawn_ids_are_kept_by_javascript_and_in_no_order(db: Connection) -> None:
    ids = [row[0] for row in await db.fetch(DRAWN)]
    assert all(0 < id < 2**53 for id in ids)
    assert len(set(ids)) == len(ids)
    assert sum(earlier < later for earlier, later in pairwise(ids)) in range(350, 650)
    # Every bit is drawn.
    assert all(any((id - 1) >> bit & 1 for id in ids) for bit in range(52))
