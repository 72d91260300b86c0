"""From which address a request comes: what limits are counted by.

uvicorn puts the address that a proxy names in `X-Forwarded-For` in place of the proxy's own, if FORWARDED_ALLOW_IPS
names that proxy. If it does not, all clients behind it have one address: the log says so once.
"""

import logging

from fastapi import Request

log = logging.getLogger(__name__)
# One line a process: a log full of them would hide the others.
reported_proxies: set[str] = set()


def client_address(request: Request) -> str:
    """Return the address of the client; that of a socket file is empty."""
    address = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for")
    if forwarded is not None and not reported_proxies and address not in forwarded:
        reported_proxies.add(address)
        log.warning(
            "X-Forwarded-For from the proxy at %s is ignored, because FORWARDED_ALLOW_IPS does not include it: "
            "all its clients count as one address",
            address or "a socket file",
        )
    return address
