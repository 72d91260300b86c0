"""Health and metrics, for operators."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from learning_platform.core.errors import NotFound
from learning_platform.core.languages import N_
from learning_platform.core.server_check import MAX_SKEW
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import Now, Running
from learning_platform.web.http.metrics import exposition
from learning_platform.web.http.problems import refuses

router = APIRouter(route_class=ApiRoute, tags=["Operations"])
# An operator should look at events that are handled later than this; deadlines do not depend on it.
LATE_SECONDS = 10.0
# Links wait while the host of many is busy, which needs no operator for a while.
LATE_LINK_SECONDS = 600.0
HealthStatus = Literal["ok", "late", "degraded", "read_only", "down"]


class MetricsClosed(NotFound):
    code = "metrics_closed"
    message = N_("Metrics are turned off.")


class Health(BaseModel):
    """`late`: an event has not been handled, or a link not been fetched, in time; `degraded`: a background task fails
    and is restarted; `read_only`: the database refuses changes; `down`: it does not respond. The last two come with
    status 503.
    """

    status: HealthStatus
    overdue_seconds: Annotated[float, Field(description="Seconds since the earliest unhandled event was due.")]
    overdue_link_seconds: Annotated[
        float, Field(description="Seconds since a link that has not been fetched was due. Late after ten minutes.")
    ] = 0.0
    failing_tasks: Annotated[
        list[str],
        Field(description="Background tasks that wait for a restart or had one within the last minute."),
    ]
    clock_skew_seconds: Annotated[
        float | None,
        Field(description="How far the clock of the database is ahead of this process, if by more than 2 seconds."),
    ] = None


@router.get("/health", response_model=Health, responses={503: {"model": Health, "description": "`down`, `read_only`"}})
async def health(services: Running, now: Now, response: Response) -> Health:
    """Check the database, overdue events and background tasks. The response takes at most two seconds."""
    report = await services.vital_signs.report(now)
    failing = [task.name for task in services.background.states() if task.is_failing]
    overdue_seconds = 0.0 if report is None else report.overdue_seconds(now)
    overdue_link_seconds = 0.0 if report is None else report.overdue_link_seconds(now)
    status: HealthStatus = "ok"
    if report is None or report.is_read_only:
        response.status_code = 503
        status = "down" if report is None else "read_only"
    elif overdue_seconds > LATE_SECONDS or overdue_link_seconds > LATE_LINK_SECONDS:
        status = "late"
    elif failing:
        status = "degraded"
    return Health(
        status=status,
        overdue_seconds=overdue_seconds,
        overdue_link_seconds=overdue_link_seconds,
        failing_tasks=failing,
        clock_skew_seconds=None if report is None else _worth_telling(report.clock_skew),
    )


def _worth_telling(skew: timedelta) -> float | None:
    return skew.total_seconds() if abs(skew) > MAX_SKEW else None


@router.get("/metrics", response_class=PlainTextResponse, responses=refuses(MetricsClosed))
async def metrics(services: Running, now: Now) -> PlainTextResponse:
    """Show the metrics of this process in the Prometheus text format. `METRICS=off` turns them off."""
    if services.settings.metrics == "off":
        raise MetricsClosed
    await services.vital_signs.measure(now)
    return PlainTextResponse(exposition(sockets=len(services.sockets)), media_type="text/plain; version=0.0.4")
