"""The program of a worker process (`python -m learning_platform.core.worker`): one task after another, over pipes.

A message is its length in four bytes, then JSON. Nothing of the web process comes here but the texts of its tasks: no
socket, no connection to the database, no key.
"""

import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, BinaryIO

import orjson

LENGTH_BYTES = 4
# A worker that nobody needs, or whose web process was killed while it was at work, ends by itself.
IDLE_SECONDS = 300
# Whatever the web process is doing for people goes first.
NICENESS = 5


def main(arguments: Sequence[str]) -> None:
    """Answer tasks until the web process closes the pipe. Arguments: bytes of memory, modules to import beforehand."""
    memory, *modules = arguments
    answers = _private_output()
    os.nice(NICENESS)
    for module in modules:
        import_module(module)
    _limit(int(memory))
    _send(answers, {"ready": True})
    while (message := _receive(sys.stdin.buffer)) is not None:
        answer = _answer(message)
        _send(answers, answer)
        if answer.get("error") == MemoryError.__name__:
            # What has grown once is not worth keeping.
            return


def _answer(message: bytes) -> dict[str, Any]:
    name, arguments = orjson.loads(message)
    try:
        return {"result": _task(name)(*arguments)}
    except (Exception, MemoryError) as error:
        return {"error": type(error).__name__}


@cache
def _task(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _private_output() -> BinaryIO:
    """Keep the pipe for answers to ourselves: what a library prints goes to the log."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Some systems (macOS) do not know this limit for every process.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _receive(source: BinaryIO) -> bytes | None:
    signal.alarm(IDLE_SECONDS)
    head = source.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    return source.read(int.from_bytes(head))


def _send(target: BinaryIO, answer: dict[str, Any]) -> None:
    message = orjson.dumps(answer)
    target.write(len(message).to_bytes(LENGTH_BYTES) + message)
    target.flush()


if __name__ == "__main__":
    # The web process is gone.
    with suppress(BrokenPipeError):
        main(sys.argv[1:])
