"""Load by wrk: a list of requests, sent by turns over many connections."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import NamedTemporaryFile

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a signed-in user."""

    method: str
    path: str
    token: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """A turn: latencies in milliseconds, answers other than 2xx, processor time of server and database in seconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    refused: int
    broken: int
    cpu: float = 0.0
    database_cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Return the answers per second that did what was asked."""
        return (self.requests - self.refused) / self.seconds


def send(port: int, requests: Sequence[Request], *, seconds: float, connections: int) -> Measured:
    """Send the requests over and over for a time."""
    wrk = which("wrk")
    if wrk is None:
        sys.exit("wrk is missing: apt-get install wrk")
    with NamedTemporaryFile("w", suffix=".requests") as lines:
        lines.writelines(f"{one.method}\t{one.path}\t{one.token}\t{one.body}\n" for one in requests)
        lines.flush()
        finished = subprocess.run(
            [wrk, "-t1", f"-c{connections}", f"-d{round(seconds)}s", "-s", SCRIPT, f"http://127.0.0.1:{port}"],
            env={**os.environ, "REQUESTS": lines.name},
            capture_output=True,
            text=True,
            check=True,
        )
    result = next(line for line in finished.stdout.splitlines() if line.startswith("RESULT "))
    return Measured(**json.loads(result.removeprefix("RESULT ")))
