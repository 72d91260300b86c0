"""What keeps a process from starting, said in one sentence to the person who starts it."""

import os
import sys
from typing import NoReturn

EXIT_CODE = 2


class CannotStart(Exception):
    """A set-up that cannot work: its text names what is wrong, where, and what to do; never a password."""


def leave(problem: CannotStart) -> NoReturn:
    """Say the sentence and end the process, from inside a server that would write a traceback and end with 3.

    Nothing is open any more when an application has not started.
    """
    sys.stderr.write(f"{problem}\n")
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(EXIT_CODE)
