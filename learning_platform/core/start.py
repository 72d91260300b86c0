"""Problems that keep a process from starting, each explained in one or two sentences."""

import os
import sys
from typing import NoReturn

EXIT_CODE = 2


class CannotStart(Exception):
    """The process cannot start. The text says what is wrong, where, and what to do, and has no password in it."""


def leave(problem: CannotStart) -> NoReturn:
    """Print the problem and end the process.

    An ASGI server would print a traceback and exit with 3. An application that has not started has nothing to close.
    """
    sys.stderr.write(f"{problem}\n")
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(EXIT_CODE)
