"""What is hidden from the reviewers of a submission: what the platform knows of its author, and what they added."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from functools import lru_cache
from urllib.parse import urlsplit

from asyncpg import Record

from learning_platform.accounts.rules import FORMER_PARTICIPANT
from learning_platform.core.database import Connection
from learning_platform.core.workers import Workers
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.snapshots.masking.mask import Mask, mask_of
from learning_platform.snapshots.masking.tasks import masked_texts
from learning_platform.snapshots.masking.terms import Terms

# In larger groups the names of all others would be half of the words of a language.
MAX_GROUP = 100
# Hosts that are no trace: so many people have their repositories there.
COMMON_HOSTS = frozenset(
    {"bitbucket.org", "codeberg.org", "gitee.com", "gitflic.ru", "github.com", "gitlab.com", "gitverse.ru", "sr.ht"}
)
TASK_SECONDS = 6.0
TERMS = """
select u.id, u.username, array(
        select u.email union select c.old_email from email_changes c where c.user_id = u.id
    ) as emails,
    coalesce((select h.terms from hidden_terms h where h.track_id = $1 and h.user_id = u.id), '{}') as added,
    array(
        select distinct unnest(n.mask_terms) from snapshots n where n.track_id = $1 and n.user_id = u.id
        union select u.display_name where u.display_name is not null
    ) as names,
    array(
        select n.repo_url from snapshots n where n.track_id = $1 and n.user_id = u.id and n.repo_url is not null
        union select s.repo_url from submissions s join assignments a on a.id = s.assignment_id
        where a.track_id = $1 and s.user_id = u.id and s.repo_url is not null
    ) as links,
    case when (select count(*) from participants p where p.track_id = $1) <= $3 then array(
        select o.username from participants p join users o on o.id = p.user_id where p.track_id = $1 and o.id <> u.id
    ) else '{}' end as others
from users u where u.id = any($2::bigint[])
"""
AUTHORS = """
select s.id, s.user_id, a.track_id from submissions s join assignments a on a.id = s.assignment_id
where s.id = any($1::bigint[])
"""
# Comments are prose.
COMMENT = "comment.md"


async def terms_of(db: Connection, *, track_id: int, author_id: int) -> Terms:
    """Return what is hidden in the files of an author on a track."""
    return (await terms_of_each(db, track_id=track_id, author_ids=[author_id])).get(author_id, Terms())


async def terms_of_each(db: Connection, *, track_id: int, author_ids: Iterable[int]) -> dict[int, Terms]:
    """Return what is hidden in the files of authors on a track, by their ids."""
    rows = await db.fetch(TERMS, track_id, list(author_ids), MAX_GROUP)
    return {row["id"]: _terms(row) for row in rows}


async def shown_comments(db: Connection, comments: Mapping[int, str | None]) -> dict[int, str | None]:
    """Return what authors wrote to reviewers as reviewers see it, by submission; all are of one track."""
    if not any(comments.values()):
        return dict(comments)
    authors = {row["id"]: row for row in await db.fetch(AUTHORS, list(comments))}
    (track_id,) = {row["track_id"] for row in authors.values()}
    terms = await terms_of_each(db, track_id=track_id, author_ids={row["user_id"] for row in authors.values()})
    written = {id: comment for id, comment in comments.items() if comment}
    shown = await _shown([(terms[authors[id]["user_id"]], comment) for id, comment in written.items()])
    return {**comments, **dict(zip(written, shown, strict=True))}


async def shown_to_reviewers(
    db: Connection, *, track_id: int, author_id: int, texts: Mapping[int, str]
) -> dict[int, str]:
    """Return what the author of a submission or staff wrote about it as its reviewers see it, by any key."""
    if not texts:
        return {}
    terms = await terms_of(db, track_id=track_id, author_id=author_id)
    return dict(zip(texts, await _shown([(terms, text) for text in texts.values()]), strict=True))


def owners_of(links: Iterable[str]) -> Iterator[str]:
    """Yield the owners in links to repositories: all of the path but the repository itself."""
    for link in links:
        yield from (part.lstrip("~@") for part in urlsplit(link).path.split("/")[1:-1] if part.strip("~@"))


def hosts_of(links: Iterable[str]) -> Iterator[str]:
    """Yield hosts that may belong to the author or their school."""
    for link in links:
        host = urlsplit(link).hostname
        if host is not None and host.removeprefix("www.").removeprefix("git.") not in COMMON_HOSTS:
            yield host


class SubmissionMask:
    """What is hidden in the trees of a submission. `key` distinguishes it from every other mask."""

    def __init__(self, terms: Terms, paths: Sequence[str]) -> None:
        self.key = terms.digest.hex()
        self._mask = _mask(terms, tuple(paths))
        self._terms = [list(part) for part in astuple(terms)]

    def path(self, path: str) -> str:
        """Return what is shown of a path; two paths are never shown as one."""
        return self._mask.path(path)

    async def texts(self, workers: Workers, texts: Sequence[tuple[str, str]]) -> list[str]:
        """Return texts, given as (path, text), as they are shown, each with as many lines. Raises TaskFailed."""
        return [text for text, _ in await self.texts_and_places(workers, texts)]

    async def texts_and_places(self, workers: Workers, texts: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
        """Return texts as they are shown, each with the number of hidden places. Raises TaskFailed."""
        found = await workers.run(masked_texts, self._terms, list(texts), seconds=TASK_SECONDS)
        return [(text, places) for text, places in found]


async def mask_for(db: Connection, access: CodeAccess, paths: Sequence[str]) -> SubmissionMask:
    """Return what is hidden from the reviewers of a submission, in trees with these paths."""
    return SubmissionMask(await terms_of(db, track_id=access.track_id, author_id=access.author_id), paths)


def _terms(row: Record) -> Terms:
    return Terms(
        logins=tuple(sorted({*_names([row["username"]]), *owners_of(row["links"])})),
        emails=tuple(sorted(row["emails"])),
        names=tuple(sorted(row["names"])),
        added=tuple(sorted(row["added"])),
        whole=tuple(sorted({*_names(row["others"]), *hosts_of(row["links"])})),
    )


async def _shown(texts: Sequence[tuple[Terms, str]]) -> list[str]:
    """Return prose with what is hidden in it. Ten thousand characters take 20 ms, so a thread does it."""
    return await asyncio.to_thread(lambda: [_shown_comment(terms, text) for terms, text in texts])


@lru_cache(maxsize=256)
def _shown_comment(terms: Terms, text: str) -> str:
    return _mask(terms, ()).text(text, COMMENT)


@lru_cache(maxsize=64)
def _mask(terms: Terms, paths: tuple[str, ...]) -> Mask:
    return mask_of(terms, paths)


def _names(usernames: Iterable[str]) -> Iterator[str]:
    """Yield usernames but those of deleted accounts, which name no person."""
    return (username for username in usernames if not username.startswith(FORMER_PARTICIPANT))
