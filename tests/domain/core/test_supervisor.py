"""A background task that ends is noticed, and started again."""

import ast
import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from learning_platform.core import supervisor as supervision
from learning_platform.core.database_setup import EMBEDDED_DATABASE, database_address, open_database
from learning_platform.core.settings import PROJECT, Settings
from learning_platform.core.supervisor import Supervisor, Work
from learning_platform.scheduler_process import start_scheduler
from learning_platform.web.services import open_services
from tests.conftest import test_settings
from tests.people import HandClock
from tests.processes import free_port
from tests.waiting import until

# Code that may start a task without a supervisor: it lives as long as a request, a socket or a check, and is awaited.
SHORT_LIVED = {
    *("supervisor.py", "delivery.py", "sockets.py", "probe.py", "worker.py"),
    # Texts and code that are formatted for a page, and kept if it does not wait for them.
    *("formatted_text.py", "highlighted_code.py", "parsed_notebooks.py"),
    # The lanes of a fetcher end together; the connections of a fetch end with it.
    *("fetcher.py", "fence.py"),
    # What prepares a process ends after half a second.
    "app.py",
}
STARTING = {"create_task", "ensure_future", "TaskGroup", "start_soon", "run_coroutine_threadsafe"}


class Broken(Exception):
    """Raised by a task of the tests."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervision, "MAX_PAUSE_SECONDS", 0.02)


@pytest.fixture
async def supervisor(clock: HandClock) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(clock)
    yield supervisor
    await supervisor.stop()


def failures_counted(task: str) -> float:
    return REGISTRY.get_sample_value("background_task_failures_total", {"task": task}) or 0


async def raise_broken() -> None:
    raise Broken


async def cancel_itself() -> None:
    inner = asyncio.ensure_future(asyncio.sleep(60))
    inner.cancel()
    await inner


async def end() -> None:
    return None


@pytest.mark.parametrize("work", [raise_broken, cancel_itself, end])
async def test_a_task_that_ends_is_logged_counted_shown_and_started_again(
    work: Work, supervisor: Supervisor, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    counted, runs = failures_counted("one"), 0

    async def work_twice() -> None:
        nonlocal runs
        runs += 1
        await (work() if runs == 1 else asyncio.sleep(60))

    supervisor.start("one", work_twice)
    await until(lambda: runs == 2)
    (state,) = supervisor.states()
    assert (state.name, state.is_failing, state.failures, state.failed_at) == ("one", True, 1, clock.now)
    assert failures_counted("one") == counted + 1
    assert "the background task one" in caplog.text


async def test_a_task_that_runs_is_not_failing_and_stops_on_request(supervisor: Supervisor) -> None:
    has_ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            has_ended.set()

    supervisor.start("one", work)
    await asyncio.sleep(0)
    assert [(state.is_failing, state.failures) for state in supervisor.states()] == [(False, 0)]
    await supervisor.stop()
    assert has_ended.is_set()


async def test_a_task_whose_library_swallows_a_cancellation_stops_all_the_same(supervisor: Supervisor) -> None:
    swallowed = asyncio.Event()

    async def work() -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if swallowed.is_set():
                    raise
                swallowed.set()

    supervisor.start("deaf", work)
    await asyncio.sleep(0)

    async with asyncio.timeout(10):
        await supervisor.stop()

    assert swallowed.is_set()


async def test_pauses_grow_and_a_task_that_ran_for_long_has_recovered(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note_pause(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(supervision, "MAX_PAUSE_SECONDS", 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "sleep", note_pause)
        supervisor.start("one", raise_broken)
        await until_no_sleep(lambda: len(pauses) >= 5)
        patch.setattr(supervision, "RECOVERED_AFTER_SECONDS", 0)
        pauses.clear()
        await until_no_sleep(lambda: len(pauses) >= 2)
    assert pauses[-1] == 0.01


async def until_no_sleep(is_so: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    while not is_so():
        turn = loop.create_future()
        loop.call_later(0.001, turn.set_result, None)
        await turn


def everything_on(database_url: str) -> Settings:
    """Return settings under which every background task there can be is started."""
    return test_settings(
        database_url, scheduler="on", smtp_url="smtp://127.0.0.1:1", scheduler_metrics=f"127.0.0.1:{free_port()}"
    )


def failing_once(work: Work, failed: list[str], name: str) -> Work:
    async def fail_first() -> None:
        if name not in failed:
            failed.append(name)
            raise Broken(name)
        await work()

    return fail_first


@asynccontextmanager
async def web_process(settings: Settings, clock: HandClock) -> AsyncIterator[Supervisor]:
    async with open_services(settings, clock) as services:
        yield services.background


@asynccontextmanager
async def scheduler_process(settings: Settings, clock: HandClock) -> AsyncIterator[Supervisor]:
    background = Supervisor(clock)
    async with open_database(settings, background) as database:
        with ExitStack() as stack:
            start_scheduler(background, settings, database, clock, stack)
            yield background
            await background.stop()


@pytest.mark.parametrize("process", [web_process, scheduler_process])
async def test_every_task_a_process_starts_survives_an_unexpected_exception(
    process: Callable[[Settings, HandClock], Awaitable[Supervisor]],
    database_url: str,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    start, failed = Supervisor.start, list[str]()
    monkeypatch.setattr(
        Supervisor, "start", lambda self, name, work: start(self, name, failing_once(work, failed, name))
    )
    caplog.set_level(logging.ERROR)
    async with process(everything_on(database_url), clock) as supervisor:  # type: ignore[attr-defined]
        names = [state.name for state in supervisor.states()]
        assert names
        await until(lambda: all(state.failures == 1 for state in supervisor.states()))
        await until(lambda: set(names) <= set(failed))
        for name in names:
            assert f"the background task {name} failed" in caplog.text
            await until(lambda name=name: REGISTRY.get_sample_value("background_task_running", {"task": name}) == 1)  # type: ignore[misc]


async def test_the_embedded_database_is_watched_over_also_after_an_unexpected_exception(
    clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start, failed = Supervisor.start, list[str]()
    monkeypatch.setattr(
        Supervisor, "start", lambda self, name, work: start(self, name, failing_once(work, failed, name))
    )
    settings = test_settings("postgresql:///none").model_copy(update={"database_url": None, "data_dir": tmp_path})
    background = Supervisor(clock)
    async with database_address(settings, background):
        await until(lambda: [state.failures for state in background.states()] == [1])
        assert failed == [state.name for state in background.states()] == [EMBEDDED_DATABASE]


def test_nothing_that_lasts_is_started_without_a_supervisor() -> None:
    starters = {
        path.name
        for path in Path(PROJECT / "learning_platform").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id) in STARTING
    }
    assert starters <= SHORT_LIVED
