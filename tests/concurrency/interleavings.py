"""Play two actions against each other, statement by statement, with real commits.

The first is stopped before one of its statements; the second then runs until it is done or waits for a lock; then the
first goes on. What comes of it must be what comes of doing them one after the other, in one of the two orders.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import asyncpg

from learning_platform.attempts.rules import Overdue
from learning_platform.core.database import Connection, prepare_connection
from learning_platform.core.errors import Refusal

IS_LOCKING = re.compile(r"\bfor (no key )?update\b|\bfor (key )?share\b|\bpg_(try_)?advisory", re.IGNORECASE)
IS_WRITING = re.compile(r"\b(insert into|delete from)\b|\bupdate \w+ .*\bset\b", re.IGNORECASE | re.DOTALL)
IS_WAITING = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1"
TABLES = """
select c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and a.attgenerated = '' and not attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'alembic_version'
group by c.relname
"""
SEQUENCES = "select schemaname || '.' || sequencename as name, last_value from pg_sequences where schemaname = 'public'"
PATIENCE_SECONDS = 20
Before = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happens at `at`, in a transaction of its own.

    A sweep that finds its row taken is run again in the end, as the scheduler would. `still_holds` is asked in the end
    whether what the action returned is true.
    """

    name: str
    act: Callable[[Connection, datetime], Awaitable[object]]
    at: datetime
    is_sweep: bool = False
    still_holds: Callable[[Connection, Any], Awaitable[bool]] | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Actions that can meet, and the statement that shows what is stored in the end."""

    actions: Sequence[Action]
    state: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    code: str
    returned: object = None


class Watched:
    """A connection that reports each statement before it is run."""

    def __init__(self, connection: Connection, before: Before) -> None:
        self._connection = connection
        self._before = before

    def __getattr__(self, name: str) -> Any:
        """Pass on everything; what runs a statement reports it first."""
        attribute = getattr(self._connection, name)
        if name not in {"execute", "fetch", "fetchrow", "fetchval"}:
            return attribute

        async def run(statement: str, *arguments: object) -> Any:
            await self._before(statement)
            return await attribute(statement, *arguments)

        return run


class _Stop:
    """Stops an action before one of the statements that lock, before the first that writes, or before its commit.

    What an action writes after that stands behind the locks of what it wrote before.
    """

    def __init__(self, number: int) -> None:
        self._left = number
        self._has_written = False
        self.is_reached = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def before(self, statement: str) -> None:
        """Wait here if this is the statement."""
        if statement != "commit" and not IS_LOCKING.search(statement):
            if self._has_written or not IS_WRITING.search(statement):
                return
            self._has_written = True
        self._left -= 1
        if self._left == -1:
            self.is_reached.set()
            await self.may_go_on.wait()


class Stage:
    """A database on which a world is set up again and again, and the connections of two actors."""

    def __init__(self, keeper: Connection, actors: Sequence[Connection]) -> None:
        self._keeper = keeper
        self._actors = actors
        self._restore = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Stage"]:
        """Connect three times, and keep what is stored now, to begin from there each time."""
        connections = [await asyncpg.connect(url, server_settings={"timezone": "UTC"}) for _ in range(3)]
        try:
            for connection in connections:
                await prepare_connection(connection)
            stage = cls(connections[0], connections[1:])
            await stage._keep()
            yield stage
        finally:
            await connections[0].execute("drop schema if exists kept cascade")
            for connection in connections:
                connection.terminate()

    async def statements_of(self, action: Action) -> list[str]:
        """Return what an action runs when it is alone."""
        await self._keeper.execute(self._restore)
        seen: list[str] = []

        async def note(statement: str) -> None:
            seen.append(statement)

        await _run(self._actors[0], action, before=note)
        return seen

    async def in_turn(self, world: World, first: Action, second: Action) -> str:
        """Return what comes of actions that do not overlap."""
        await self._keeper.execute(self._restore)
        outcomes = {0: await _run(self._actors[0], first), 1: await _run(self._actors[1], second)}
        return await self._result(world, [(first, outcomes[0]), (second, outcomes[1])])

    async def interleaved(self, world: World, first: Action, second: Action, *, stop_at: int) -> str | None:
        """Return what comes of it if the second acts while the first stands still, or None if it has ended by then."""
        await self._keeper.execute(self._restore)
        stop = _Stop(stop_at)
        one = asyncio.create_task(_run(self._actors[0], first, before=stop.before))
        reached = asyncio.create_task(stop.is_reached.wait())
        await asyncio.wait({one, reached}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if not stop.is_reached.is_set():
            await one
            return None
        other = asyncio.create_task(_run(self._actors[1], second))
        await self._until_it_waits(other)
        stop.may_go_on.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            outcomes = await asyncio.gather(one, other)
        return await self._result(world, [(first, outcomes[0]), (second, outcomes[1])])

    async def _keep(self) -> None:
        await self._keeper.execute("set session_replication_role = replica; create schema kept")
        statements = []
        for name, columns in await self._keeper.fetch(TABLES):
            await self._keeper.execute(f"create table kept.{name} as select {columns} from public.{name}")
            statements.append(f"delete from public.{name}")
            kept = f"select {columns} from kept.{name}"
            statements.append(f"insert into public.{name} ({columns}) overriding system value {kept}")
        for name, value in await self._keeper.fetch(SEQUENCES):
            statements.append(f"select setval('{name}', {value or 1}, {str(value is not None).lower()})")
        self._restore = "; ".join(statements)

    async def _until_it_waits(self, task: "asyncio.Task[_Outcome]") -> None:
        """Return once an action of the second actor is done or waits for a lock."""
        pid = self._actors[1].get_server_pid()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not task.done() and not await self._keeper.fetchval(IS_WAITING, pid):
                await asyncio.wait({task}, timeout=0.001)

    async def _result(self, world: World, done: Sequence[tuple[Action, _Outcome]]) -> str:
        """Let sweeps have their next turn; then return what every action returned, and what is stored."""
        for action, outcome in done:
            if action.is_sweep and outcome.returned is False:
                await _run(self._actors[0], action)
        results = sorted([f"{action.name}: {await self._returned(action, outcome)}" for action, outcome in done])
        rows = [" ".join(map(str, row)) for row in await self._keeper.fetch(world.state)]
        return "\n".join([*results, *sorted(rows)])

    async def _returned(self, action: Action, outcome: _Outcome) -> str:
        if action.still_holds is None or outcome.code != "done":
            return outcome.code
        return f"done, and it {'holds' if await action.still_holds(self._keeper, outcome.returned) else 'is lost'}"


async def _run(connection: Connection, action: Action, before: Before | None = None) -> _Outcome:
    """Act as a request or a sweep does (web.dependencies.open_transaction).

    What is overdue would be done in transactions of its own, which are actions like others.
    """
    db = cast("Connection", Watched(connection, before)) if before else connection
    transaction = connection.transaction()
    await transaction.start()
    try:
        outcome = _Outcome("done", await action.act(db, action.at))
    except Refusal as refusal:
        outcome = _Outcome(refusal.code)
        if not refusal.keeps_changes:
            await transaction.rollback()
            return outcome
    except (asyncpg.PostgresError, Overdue) as error:
        await transaction.rollback()
        return _Outcome(type(error).__name__)
    except BaseException:
        await transaction.rollback()
        raise
    if before:
        await before("commit")
    await transaction.commit()
    return outcome
