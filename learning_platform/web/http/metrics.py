"""Metrics of this process for Prometheus: requests by route, open sockets."""

from functools import cache

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Seconds from the first byte of a request to the last of its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
SOCKETS = Gauge("websockets_open", "Open WebSockets.")


def count_request(*, method: str, route: str, status: int, seconds: float) -> None:
    """Note one answered request."""
    _requests(method, route, status).inc()
    SECONDS.observe(seconds)


def exposition(*, sockets: int) -> bytes:
    """Return everything in the text format; what is in core/metrics.py has been measured before."""
    SOCKETS.set(sockets)
    return generate_latest(REGISTRY)


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    """Return one of the counters: there are as many as methods, routes and statuses."""
    return REQUESTS.labels(method, route, str(status))
