"""What participants add to what is hidden from reviewers in their files: nicknames, groups, names of friends."""

from collections.abc import Iterable

from learning_platform.core.database import Connection

MAX_TERMS = 50
MIN_TERM_LENGTH, MAX_TERM_LENGTH = 2, 100
HIDDEN_TERMS = "select terms from hidden_terms where track_id = $1 and user_id = $2"
SET_HIDDEN_TERMS = """
insert into hidden_terms (track_id, user_id, terms) values ($1, $2, $3)
on conflict (track_id, user_id) do update set terms = excluded.terms
"""


async def hidden_terms(db: Connection, *, track_id: int, user_id: int) -> list[str]:
    """Return what a participant added, in the order in which they wrote it."""
    return list(await db.fetchval(HIDDEN_TERMS, track_id, user_id) or ())


async def set_hidden_terms(db: Connection, *, track_id: int, user_id: int, terms: Iterable[str]) -> list[str]:
    """Replace what a participant added; return it without repetitions. The caller has checked number and length."""
    different: dict[str, str] = {}
    for term in terms:
        different.setdefault(term.casefold(), term)
    await db.execute(SET_HIDDEN_TERMS, track_id, user_id, list(different.values()))
    return list(different.values())
