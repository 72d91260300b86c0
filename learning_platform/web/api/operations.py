"""What those who run the platform look at: health and metrics; and the address itself."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from learning_platform.core.database import DatabaseUnavailable
from learning_platform.core.errors import NotFound
from learning_platform.core.languages import N_
from learning_platform.web.dependencies import Now, Running
from learning_platform.web.errors import refuses
from learning_platform.web.metrics import exposition

router = APIRouter(tags=["Operations"])
# A moment announced later than this is worth a look; rights do not depend on it.
LATE = timedelta(seconds=10)


class MetricsClosed(NotFound):
    code = "metrics_closed"
    message = N_("Metrics are not published here.")


class Health(BaseModel):
    """`late`: a moment has not been announced in time; `down`: the database does not answer."""

    status: Literal["ok", "late", "down"]
    overdue_seconds: Annotated[float, Field(description="For how long the earliest unhandled moment has been due.")]


@router.get("/health", response_model=Health, responses={503: {"model": Health, "description": "`down`"}})
async def health(services: Running, now: Now, response: Response) -> Health:
    """Say whether the database is there and whether anything is overdue."""
    try:
        overdue_since = await services.scheduler.sweeper.overdue_since(now)
    except DatabaseUnavailable:
        response.status_code = 503
        return Health(status="down", overdue_seconds=0)
    overdue = timedelta() if overdue_since is None else now - overdue_since
    return Health(status="late" if overdue > LATE else "ok", overdue_seconds=overdue.total_seconds())


@router.get("/metrics", response_class=PlainTextResponse, responses=refuses(MetricsClosed))
async def metrics(services: Running) -> PlainTextResponse:
    """Show the metrics of this process, as Prometheus reads them. Closed by METRICS=off."""
    if services.settings.metrics == "off":
        raise MetricsClosed
    return PlainTextResponse(exposition(sockets=len(services.sockets)), media_type="text/plain; version=0.0.4")
