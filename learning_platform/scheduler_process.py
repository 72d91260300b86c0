"""Processes without a web server: the scheduler, which also sends mail and freezes links, and the fetcher alone."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from prometheus_client import start_http_server

from learning_platform.core.clock import Clock
from learning_platform.core.database_setup import open_database
from learning_platform.core.notifier import Notifier
from learning_platform.core.settings import Settings, signing_key
from learning_platform.core.start import CannotStart
from learning_platform.core.supervisor import Supervisor
from learning_platform.health import HealthMonitor
from learning_platform.scheduler import Scheduler, cleaner, fetcher

if TYPE_CHECKING:
    from learning_platform.core.database import Database
    from learning_platform.notifications.mail.worker import MailWorker

MEASURE_SECONDS = 5.0


async def run_scheduler(settings: Settings, clock: Clock) -> None:
    """Run the scheduler until SIGTERM or SIGINT."""
    await _run(settings, clock, start_scheduler, says="The scheduler is running.")


async def run_fetcher(settings: Settings, clock: Clock) -> None:
    """Freeze links until SIGTERM or SIGINT."""
    await _run(settings, clock, start_fetcher, says="The fetcher is running.")


async def _run(settings: Settings, clock: Clock, start: "Start", *, says: str) -> None:
    stop_requested = asyncio.Event()
    background = Supervisor(clock)
    async with open_database(settings, background) as database:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop_requested.set)
        with ExitStack() as stack:
            try:
                start(background, settings, database, clock, stack)
                sys.stdout.write(f"{says}\n")
                sys.stdout.flush()
                await stop_requested.wait()
            finally:
                await background.stop()


def start_scheduler(
    background: Supervisor, settings: Settings, database: "Database", clock: Clock, stack: ExitStack
) -> None:
    """Start the tasks of the scheduler; `stack` closes their resources."""
    scheduler, listener = Scheduler(database, clock), Notifier(database.url)
    listener.on("scheduled", scheduler.wake)
    listener.on_reconnect(scheduler.wake)
    if settings.fetcher == "on":
        links = fetcher(database, settings, clock)
        links.listen_to(listener)
        background.start("fetcher", links.run)
    background.start("listener", listener.listen)
    background.start("scheduler", scheduler.run)
    background.start("cleaning", cleaner(database, settings, clock).run)
    if settings.smtp_url is not None:
        worker = _mail_worker(settings, database, clock)
        worker.listen_to(listener)
        background.start("mail", worker.run)
    if settings.scheduler_metrics is not None:
        report = HealthMonitor(database, scheduler, listener)
        stack.callback(report.close)
        stack.enter_context(_published_metrics(settings.scheduler_metrics))
        background.start("metrics", lambda: _measure(report, clock))


def start_fetcher(
    background: Supervisor, settings: Settings, database: "Database", clock: Clock, _stack: ExitStack
) -> None:
    """Start the tasks of the fetcher."""
    listener, links = Notifier(database.url), fetcher(database, settings, clock)
    links.listen_to(listener)
    background.start("listener", listener.listen)
    background.start("fetcher", links.run)


Start = Callable[[Supervisor, Settings, "Database", Clock, ExitStack], None]


def _mail_worker(settings: Settings, database: "Database", clock: Clock) -> "MailWorker":
    from learning_platform.accounts.links import Links
    from learning_platform.attempts.email_facts import current_facts
    from learning_platform.notifications.mail.worker import MailWorker
    from learning_platform.people.invitation_mail import find_invitation

    links = Links(signing_key(settings))
    return MailWorker(database, settings, links, clock, current_facts=current_facts, find_invitation=find_invitation)


@contextmanager
def _published_metrics(address: str) -> Iterator[None]:
    """Serve the metrics at `host:port` from a thread. Raises CannotStart if nothing can listen there."""
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host)
    except OSError as error:
        raise CannotStart(f"Cannot publish metrics on SCHEDULER_METRICS ({address}): {error.strerror}.") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def _measure(report: HealthMonitor, clock: Clock) -> None:
    """Keep the gauges up to date until cancelled."""
    while True:
        await report.measure(clock())
        await asyncio.sleep(MEASURE_SECONDS)
