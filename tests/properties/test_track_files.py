"""Export, import and export again give the same file."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import from_json

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.tracks.actions import TrackDraft
from learning_platform.tracks.details import LANGUAGE_CODES, Details
from learning_platform.tracks.transfer import export_track, import_track
from learning_platform.web.schemas.track_file import TrackFile, track_file
from tests import make

pytestmark = pytest.mark.anyio
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HOURS = st.floats(0.001, 87_600)
HOUR_PAIRS = st.none() | st.tuples(st.integers(0, 11), st.integers(12, 24))


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    places = draw(st.integers(2, 10_000))
    from_hour, until_hour = draw(HOUR_PAIRS) or (None, None)
    start = {
        "rule": draw(st.sampled_from(["when_full", "on_date"])),
        "min_participants": draw(st.integers(2, places)),
        "time_zone": draw(st.sampled_from(["UTC", "Europe/Moscow"])),
        "from_hour": from_hour,
        "until_hour": until_hour,
    }
    criteria = st.fixed_dictionaries({"name": TEXTS, "description": TEXTS, "max_score": st.integers(1, 100)})
    assignments = st.fixed_dictionaries({"title": TEXTS, "description": TEXTS, "duration_hours": HOURS})
    shares = st.fixed_dictionaries({"submissions": st.integers(1, 100), "reviews": st.integers(0, 100)})
    optional = {
        "description": TEXTS,
        "language": st.none() | st.sampled_from(LANGUAGE_CODES),
        "level": st.sampled_from([None, "beginner", "intermediate", "advanced"]),
        "tags": st.lists(TEXTS, max_size=8),
        "effort": st.none() | st.integers(1, 60),
        "review_hours": HOURS,
        "iteration_hours": st.just(0) | HOURS,
        "appeal_days": st.floats(0, 30),
        "show_repository": st.booleans(),
        "visibility": st.sampled_from(["public", "unlisted", "private"]),
        "certificate": st.none() | shares,
    }
    required = {
        "format": st.just(1),
        "title": TEXTS,
        "required_participants": st.just(places),
        "start": st.just(start),
        "criteria": st.lists(criteria, min_size=1, max_size=3),
        "assignments": st.lists(assignments, min_size=1, max_size=3),
    }
    return draw(st.fixed_dictionaries(required, optional=optional))


def test_a_file_has_everything_that_a_new_track_has() -> None:
    # A file is always a draft; what a track is about stands beside the rest.
    rest = {field.name for field in fields(TrackDraft)} - {"is_draft", "details"}
    assert rest | {field.name for field in fields(Details)} <= set(TrackFile.model_fields)


@settings(max_examples=60)
@given(given_file=files())
async def test_a_file_comes_back_as_it_was(db: Connection, given_file: dict[str, Any]) -> None:
    try:
        file = TrackFile.model_validate(given_file)
    except ValidationError:
        return
    attempt = db.transaction()
    await attempt.start()
    try:
        author = Actor(await make.user(db))
        track_id = await import_track(db, author_id=author.user_id, portable=file.as_portable(), now=make.NOON)
        exported = track_file(await export_track(db, track_id=track_id, actor=author, now=make.NOON))
    finally:
        await attempt.rollback()
    assert exported == file
    assert TrackFile.model_validate(from_json(exported.model_dump_json())) == file
