"""Prometheus metrics of a web process: requests by route, open WebSockets."""

from functools import cache

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("http_requests_total", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Seconds from the start of a request to the end of its response.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
SOCKETS = Gauge("websockets_open", "Open WebSockets.")


def count_request(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    _requests(method, route, status).inc()
    SECONDS.observe(seconds)


def exposition(*, sockets: int) -> bytes:
    """Return all metrics in the text format; the gauges of core/metrics.py are set before."""
    SOCKETS.set(sockets)
    return generate_latest(REGISTRY)


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    """Return the counter of a method, route and status; their number is limited, so it can be cached."""
    return REQUESTS.labels(method, route, str(status))
