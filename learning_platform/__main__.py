"""The command line: `python -m learning_platform --help`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from learning_platform.core.clock import system_clock
from learning_platform.core.logs import configure_logging
from learning_platform.core.settings import PORTS, Settings, load_settings
from learning_platform.core.start import EXIT_CODE, CannotStart

if TYPE_CHECKING:
    from learning_platform.demo.school import Filled


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        settings = load_settings()
        configure_logging(level=settings.log_level, format=settings.log_format)
        result: int = asked.run(settings, asked)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return EXIT_CODE
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m learning_platform", description="Learning Platform")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the website and the API (and the scheduler, unless SCHEDULER=off)")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=8000, help="the port to listen on (default: %(default)s)")
    serve.add_argument("--workers", type=_workers, default=1, help="the number of processes (default: %(default)s)")
    serve.set_defaults(run=_serve)
    scheduler = commands.add_parser("scheduler", help="run only the scheduler; several may run at the same time")
    scheduler.set_defaults(run=_schedule)
    fetcher = commands.add_parser("fetcher", help="only fetch the code behind links; several may run at the same time")
    fetcher.set_defaults(run=_fetch)
    migrate = commands.add_parser("migrate", help="update the tables of the database")
    migrate.set_defaults(run=_migrate)
    admin = commands.add_parser("make-admin", help="give a user the role of an administrator")
    admin.add_argument("username")
    admin.set_defaults(run=_make_admin)
    demo = commands.add_parser("demo", help="add demo tracks and users to the database")
    demo.add_argument("--fast", action="store_true", help="add a track whose deadlines are a minute apart")
    demo.set_defaults(run=_demo)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"{text} is not a port from 1 to {PORTS[-1]}")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of processes")
    return int(text)


def _serve(settings: Settings, asked: argparse.Namespace) -> int:
    from learning_platform.web.server import serve

    if "public_url" not in settings.model_fields_set:
        # Without the setting, links lead to the port of this process.
        settings = settings.model_copy(update={"public_url": f"http://localhost:{asked.port}"})
        # Worker processes read their settings from the environment.
        os.environ["PUBLIC_URL"] = settings.public_url
    serve(settings, host=asked.host, port=asked.port, workers=asked.workers)
    return 0


def _schedule(settings: Settings, _asked: argparse.Namespace) -> int:
    from learning_platform.scheduler_process import run_scheduler

    asyncio.run(run_scheduler(settings, system_clock))
    return 0


def _fetch(settings: Settings, _asked: argparse.Namespace) -> int:
    from learning_platform.scheduler_process import run_fetcher

    asyncio.run(run_fetcher(settings, system_clock))
    return 0


def _migrate(settings: Settings, _asked: argparse.Namespace) -> int:
    from learning_platform.core.database_setup import open_database

    async def run() -> None:
        async with open_database(settings):
            print("The tables are up to date.")

    asyncio.run(run())
    return 0


def _make_admin(settings: Settings, asked: argparse.Namespace) -> int:
    from learning_platform.accounts.actions import set_role
    from learning_platform.core.database_setup import open_database

    async def run() -> bool:
        async with open_database(settings) as database, database.transaction() as db:
            return await set_role(db, username=asked.username, role="admin", now=system_clock())

    if asyncio.run(run()):
        print(f"{asked.username} is now an administrator.")
        return 0
    print(f"User {asked.username} not found.", file=sys.stderr)
    return 1


def _demo(settings: Settings, asked: argparse.Namespace) -> int:
    from learning_platform.accounts.rules import EmailTaken, UsernameTaken
    from learning_platform.core.database_setup import open_database
    from learning_platform.demo.school import Filled, fill

    if settings.environment == "production":
        print("The demo does not run with ENVIRONMENT=production, because its passwords are public.", file=sys.stderr)
        return 2

    async def run() -> Filled:
        async with open_database(settings) as database:
            return await fill(database, fast=asked.fast, now=system_clock())

    try:
        filled = asyncio.run(run())
    except (EmailTaken, UsernameTaken):
        print("The database has a user with the name of a demo user. Use another database.", file=sys.stderr)
        return 1
    _print_demo_accounts(filled)
    return 0


def _print_demo_accounts(filled: "Filled") -> None:
    from learning_platform.demo.people import SIGN_INS
    from learning_platform.demo.school import PASSWORD

    print("The demo is ready." if filled.school else "The demo already exists.")
    if filled.fast_track:
        print("A track with deadlines of a minute needs one more participant. Enroll as alice to start it.")
    print(f"Sign in with the password {PASSWORD} as:")
    for username, story in SIGN_INS.items():
        print(f"  {username:8}{story}")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
