"""What holds for every answer, whichever route it comes from."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLOSE = (b"connection", b"close")


class EveryAnswer:
    """Answers HEAD like GET, without the content, and ends the connection after an internal error."""

    def __init__(self, stack: ASGIApp) -> None:
        self.stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.stack(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"

        async def send_what_holds(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 500:
                # The server cuts the connection when it logs the defect: a client that is not told would use it again.
                message["headers"] = [*(header for header in message["headers"] if header[0] != CLOSE[0]), CLOSE]
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.stack({**scope, "method": "GET"} if is_head else scope, receive, send_what_holds)
