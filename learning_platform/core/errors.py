"""Refusals: the errors of the domain.

A refusal is named for what is refused, carries a stable `code` for programs and a `message` for people. The message is
an English template; `core.languages` translates it. The four kinds are mapped to HTTP in one table, in `web.errors`.
"""

from typing import ClassVar

from learning_platform.core.languages import Message


class Refusal(Exception):
    """A request that is refused; `values` fill the placeholders of the message.

    `former_code`: the code of the previous release, where it was another one.
    `keeps_changes`: what the action wrote before refusing is to be committed all the same (a stolen token revokes its
    session *and* is refused).
    """

    code: ClassVar[str]
    former_code: ClassVar[str | None] = None
    message: ClassVar[Message]
    keeps_changes: ClassVar[bool] = False

    def __init__(self, **values: object) -> None:
        super().__init__(self.code)
        self.values = values


class Unauthorized(Refusal):
    """The user is not known."""


class Forbidden(Refusal):
    """The user is known and lacks the permission."""


class NotFound(Refusal):
    """What was requested does not exist, or is private to another user."""


class Conflict(Refusal):
    """The present state does not allow the request."""


class PreconditionFailed(Conflict):
    """The row has changed since the version that the request is based on."""


class Invalid(Refusal):
    """The input is invalid; `loc` is the path of the invalid part."""

    def __init__(self, *, loc: tuple[str | int, ...], **values: object) -> None:
        super().__init__(**values)
        self.loc = loc


class TryLater(Refusal):
    """The request may succeed after `retry_after` seconds."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class TooManyRequests(TryLater):
    """The client has sent too many requests."""


class Unavailable(TryLater):
    """The service is overloaded at present, for every client."""
