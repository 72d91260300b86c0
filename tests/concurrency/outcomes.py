"""What came of requests sent at the same time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable

from httpx import Response


async def concurrently(requests: Iterable[Awaitable[Response]]) -> list[Response]:
    """Send everything together; return the responses in the order of the requests."""
    return await asyncio.gather(*requests)


def outcomes(responses: Iterable[Response]) -> Counter[str]:
    """Count responses by their status, and by the code of the problem where there is one: `409 track_started`."""
    return Counter(outcome(response) for response in responses)


def outcome(response: Response) -> str:
    """Return the status and, of a refusal, the code."""
    code = response.json()["code"] if response.is_error else ""
    return f"{response.status_code} {code}".strip()
