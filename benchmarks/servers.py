"""The servers measured: ours as users run it, and others, each in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import psutil

from benchmarks.data import FOLDER
from learning_platform.accounts.rate_limits import RULE_NAMES
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.core.clock import system_clock
from learning_platform.core.settings import PROJECT

KEY = "the key of the benchmarks, 0123456789 abcdef"
tokens = AccessTokens(KEY, timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    process: psutil.Process

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time it has used, its workers included."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)

    @property
    def memory(self) -> int:
        """Return the bytes that are its own (its workers included), without pages shared with others."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.memory_full_info().uss for one in family)


def token(user_id: int) -> str:
    """Return an access token of a user of the filled databases."""
    return tokens.issue(user_id=user_id, session_id=user_id, role="user", now=system_clock())


@contextmanager
def ours(url: str, *arguments: str, **settings: str) -> Iterator[Server]:
    """Run the product as `make run` does."""
    environment = {"DATABASE_URL": url, "SECRET_KEY": KEY, "DATA_DIR": str(FOLDER / "process"), **settings}
    environment.setdefault("LOG_LEVEL", "warning")
    environment.setdefault("FETCHER", "off")
    # Counted as for anybody, and never reached: a few people send all requests here.
    environment |= {f"LIMIT_{rule.upper()}": "9999999/second" for rule in RULE_NAMES}
    with process("-m", "learning_platform", "serve", *arguments, environment=environment) as server:
        yield server


@contextmanager
def reference(url: str) -> Iterator[Server]:
    """Run the reference server."""
    with process("-m", "benchmarks.reference", url, KEY) as server:
        yield server


@contextmanager
def plain_fastapi(url: str) -> Iterator[Server]:
    """Run the same routes by plain FastAPI."""
    with process("-m", "benchmarks.plain_fastapi", url, KEY) as server:
        yield server


def scheduler(url: str) -> AbstractContextManager[psutil.Process]:
    """Run a scheduler alone; links of the filled databases lead nowhere."""
    return _background(url, "scheduler", FETCHER="off")


def fetcher(url: str, **settings: str) -> AbstractContextManager[psutil.Process]:
    """Run a fetcher alone."""
    return _background(url, "fetcher", **settings)


@contextmanager
def _background(url: str, command: str, **settings: str) -> Iterator[psutil.Process]:
    ours = {"DATABASE_URL": url, "SECRET_KEY": KEY, "DATA_DIR": str(FOLDER / "process"), **settings}
    started = subprocess.Popen(
        [sys.executable, "-m", "learning_platform", command],
        cwd=PROJECT,
        env={**os.environ, **ours},
        stdout=subprocess.PIPE,
    )
    try:
        assert started.stdout is not None
        if not started.stdout.readline():
            raise RuntimeError(f"the {command} did not start")
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(30)


@contextmanager
def process(*command: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """Run `python command… port` (or `--port port` for ours) until it answers; stop it at the end."""
    port = free_port()
    address = ["--port", str(port)] if "learning_platform" in command else [str(port)]
    started = subprocess.Popen(
        [sys.executable, *command, *address],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, started)
        yield Server(port, psutil.Process(started.pid))
    finally:
        started.terminate()
        started.wait(30)


def free_port() -> int:
    """Return a port that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, started: "subprocess.Popen[bytes]") -> None:
    for _ in range(3000):
        if started.poll() is not None:
            raise RuntimeError(f"the server ended with code {started.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError
