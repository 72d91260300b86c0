"""What an author may state about a track: its language, level and tags, and how much time it takes each week.

Each of them is optional, and tracks are found by them.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from learning_platform.core.database import Connection

Level = Literal["beginner", "intermediate", "advanced"]
DETAILS = ("language", "level", "tags", "effort")
MAX_TAGS, MAX_TAG_LENGTH = 8, 30
MAX_EFFORT = 60
ISO_639_1 = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et
eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk
kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny
oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk
tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
LANGUAGE_CODES = tuple(ISO_639_1.split())
SET_DETAILS = """
update tracks set
    language = case when 'language' = any($2::text[]) then $3 else language end,
    level = case when 'level' = any($2) then $4 else level end,
    tags = case when 'tags' = any($2) then $5 else tags end,
    effort = case when 'effort' = any($2) then $6 else effort end
where id = $1
"""
# Each step finds the next language that a listed track has.
LISTED_LANGUAGES = """
with recursive languages (code) as (
    (select language from tracks where is_listed and language is not null order by language limit 1)
    union all
    select (select language from tracks where is_listed and language > l.code order by language limit 1)
    from languages l where l.code is not null
)
select code from languages where code is not null
"""


@dataclass(frozen=True, slots=True)
class Details:
    """What is stated about a track; `effort` in hours a week."""

    language: str | None = None
    level: Level | None = None
    tags: Sequence[str] = ()
    effort: int | None = None


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class DetailsChange:
    """The details that are `named` get the values of `to`, the others stay."""

    named: Sequence[str]
    to: Details


@dataclass(frozen=True, slots=True)
class DetailFilter:
    """The details that tracks must have to be found. Tracks that state no effort do not fit `max_effort`."""

    language: str | None = None
    level: Level | None = None
    tag: str | None = None
    max_effort: int | None = None

    @property
    def lexemes(self) -> list[str]:
        """Return the details as the function `track_query`, which a migration creates, takes them."""
        stated = (("language", self.language), ("level", self.level), ("tag", self.tag))
        return [f"{name} {value}" for name, value in stated if value]

    @property
    def is_empty(self) -> bool:
        """Say whether every track fits."""
        return not self.lexemes and self.max_effort is None


ANY_DETAILS = DetailFilter()


def cleaned_tag(tag: str) -> str:
    """Return a tag in lower case, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", tag).lower().split())


async def set_details(db: Connection, *, track_id: int, change: DetailsChange) -> None:
    """Write the details that a change names."""
    to = change.to
    await db.execute(SET_DETAILS, track_id, list(change.named), to.language, to.level, list(to.tags), to.effort)


async def listed_languages(db: Connection) -> list[str]:
    """Return the codes of the languages that listed tracks have."""
    return [row[0] for row in await db.fetch(LISTED_LANGUAGES)]
