"""Cohorts of a course over HTTP."""

import pytest

from tests.people import School

pytestmark = pytest.mark.anyio


async def test_the_next_cohort_is_open_to_those_who_waited_and_then_to_all(school: School) -> None:
    author, alice, bob, carol, dave = await school.people(5)
    track = await school.running_track(author, [alice, bob])
    path = f"/tracks/{track['id']}"
    await carol.ok("POST", f"{path}/waiting-list", 201)
    await carol.refused("POST", f"{path}/next-cohort", 403, "not_the_author")
    cohort = await author.ok("POST", f"{path}/next-cohort", 201)
    assert (cohort["cohort"], cohort["status"], cohort["enrolled"]) == (2, "enrolling", False)
    await author.refused("POST", f"{path}/next-cohort", 409, "next_cohort_open")
    await author.refused("POST", f"/tracks/{cohort['id']}/next-cohort", 404, "track_not_started")
    await dave.refused("POST", f"/tracks/{cohort['id']}/enroll", 409, "head_start")
    await carol.ok("POST", f"/tracks/{cohort['id']}/enroll", 201)
    school.clock.advance(days=2)
    await dave.ok("POST", f"/tracks/{cohort['id']}/enroll", 201)
    assert [each["cohort"] for each in await dave.ok("GET", f"/tracks/{cohort['id']}/cohorts")] == [1, 2]
    figures = await author.ok("GET", f"/tracks/{cohort['id']}/cohorts/results")
    assert [each["number"] for each in figures] == [1, 2]
    await dave.refused("GET", f"{path}/cohorts/results", 403, "not_the_author")
