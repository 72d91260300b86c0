"""A process with a mail worker that is killed: `python -m tests.hostile.mail_victim DATABASE_URL SMTP_URL`.

For each line of input, the number of a wait and a time, it forks; the child sends mail and kills itself when it waits
for that many times. It answers `killed`, or `done` when there was no such wait.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime

from pydantic import SecretStr

from learning_platform.core.connecting import POOLED_SESSION
from learning_platform.core.database import Database
from tests.conftest import test_settings
from tests.mail_servers import mail_worker
from tests.suspensions import Suspensions

# By this name the server lists its sessions.
APPLICATION_NAME = "mail victim"


async def send_until_killed(database_url: str, smtp_url: str, *, stop_at: int, now: datetime) -> None:
    settings = test_settings(database_url, smtp_url=SecretStr(smtp_url), public_url="https://learn.example")
    POOLED_SESSION["application_name"] = APPLICATION_NAME
    database = await Database.open(database_url, size=2)
    worker = mail_worker(database, settings, lambda: now)
    Suspensions(stop_at, lambda: os.kill(os.getpid(), signal.SIGKILL)).install(asyncio.get_running_loop())
    await asyncio.create_task(worker.send_due())


def main() -> None:
    database_url, smtp_url = sys.argv[1:]
    _answer("ready")
    for line in sys.stdin:
        stop_at, now = line.split()
        child = os.fork()
        if child == 0:
            work = send_until_killed(database_url, smtp_url, stop_at=int(stop_at), now=datetime.fromisoformat(now))
            asyncio.run(work)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        _answer("killed" if os.WIFSIGNALED(status) else f"done {os.waitstatus_to_exitcode(status)}")


def _answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
