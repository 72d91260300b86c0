"""The editable fields of a track, for users whose change is based on another version."""

from learning_platform.core.database import Connection

EDITED_TRACK = """
select t.title, t.description, t.required_participants, t.review_hours, t.iteration_hours, t.appeal_days,
    t.show_repository,
    jsonb_build_object('rule', t.start_rule, 'min_participants', t.min_participants, 'time_zone', t.time_zone,
        'from_hour', t.start_from_hour, 'until_hour', t.start_until_hour) as start, t.starts_at,
    t.language, t.level, array_to_string(t.tags, ', ') as tags, t.effort,
    t.visibility as track_visibility, (
    select coalesce(jsonb_agg(jsonb_build_object(
        'name', c.name, 'description', c.description, 'max_score', c.max_score) order by c.position), '[]')
    from criteria c where c.track_id = t.id and t.criteria_changeable and t.participants_count = 0) as criteria, (
    select coalesce(jsonb_agg(jsonb_build_object(
        'title', a.title, 'description', a.description, 'duration_hours', a.duration_hours) order by a.position), '[]')
    from assignments a where a.track_id = t.id) as assignments
from tracks t where t.id = $1
"""


async def edited_track(db: Connection, *, track_id: int) -> dict[str, object]:
    """Return the editable fields of a track, by name."""
    row = await db.fetchrow(EDITED_TRACK, track_id)
    if row is None:
        return {}
    edited = dict(row)
    return edited | {"start": edited["start"] | {"at": edited.pop("starts_at")}}
