"""Refusals: the ways in which the platform says no.

A refusal is named for what is refused, carries a stable `code` for programs and a `message` for people. The message is
an English template; `core.languages` translates it. The four kinds are mapped to HTTP in one table, in `web.errors`.
"""

from typing import ClassVar

from learning_platform.core.languages import Message


class Refusal(Exception):
    """Something was asked for that may not be; `values` fill the message's placeholders.

    `keeps_changes`: what the action wrote before refusing is to be committed all the same (a stolen token revokes its
    session *and* is refused).
    """

    code: ClassVar[str]
    message: ClassVar[Message]
    keeps_changes: ClassVar[bool] = False

    def __init__(self, **values: object) -> None:
        super().__init__(self.code)
        self.values = values


class Unauthorized(Refusal):
    """Nobody knows who is asking."""


class Forbidden(Refusal):
    """It is known who is asking, and they may not."""


class NotFound(Refusal):
    """It does not exist, or is private to someone else."""


class Conflict(Refusal):
    """The state of things does not allow it."""


class PreconditionFailed(Conflict):
    """It has been changed since the version that the request is based on."""


class Invalid(Refusal):
    """The input cannot be accepted; `loc` points at the part that is wrong."""

    def __init__(self, *, loc: tuple[str | int, ...], **values: object) -> None:
        super().__init__(**values)
        self.loc = loc


class TryLater(Refusal):
    """Ask again after `retry_after` seconds."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class TooManyRequests(TryLater):
    """The client has sent too many requests."""


class Unavailable(TryLater):
    """The service is overloaded at present, for every client."""
