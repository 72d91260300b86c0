"""A large page, compressed.

A page that is compressed, repeats what its address says and holds a secret can be made to betray the secret by its
length (BREACH). These pages repeat nothing of the address that they do not have themselves: choices are taken from
short lists, a path or a place that the code does not have is refused or left out. They hold no token, and the cookie
of the session does not come along when another site loads them (SameSite). Other pages are left to the proxy.
"""

from fastapi import Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

LEVEL = 5


class Compressed(Response):
    """Another response, compressed if the client accepts it; its headers are those of the other."""

    def __init__(self, response: Response) -> None:
        super().__init__(status_code=response.status_code)
        self._response = response
        self.raw_headers = response.raw_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the other response."""
        await GZipMiddleware(self._response, compresslevel=LEVEL)(scope, receive, send)
