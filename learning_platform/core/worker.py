"""The program of a worker process (`python -m learning_platform.core.worker`), which runs tasks received over a pipe.

A message is its length in four bytes, then JSON. A worker has nothing of the web process but its tasks: no socket, no
database connection, no key.
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
# A worker ends by itself if it is idle for long or its web process was killed.
IDLE_SECONDS = 300
# The web process has priority over its workers.
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
            # A worker that has grown large is replaced.
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
    """Reserve the pipe for answers, so that output of libraries goes to the log."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Some systems (macOS) do not support this limit for every process.
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
    # The web process has ended.
    with suppress(BrokenPipeError):
        main(sys.argv[1:])
