"""Run the service under uvicorn, set up for many quiet WebSockets and a quick, clean stop."""

import asyncio
import os
import resource
import sys
from socket import AF_INET, AF_INET6, create_server, socket

import uvicorn

from learning_platform.core.database_setup import open_database
from learning_platform.core.settings import Settings
from learning_platform.core.start import CannotStart
from learning_platform.web.app import create_app
from learning_platform.web.connections import HttpConnection, close_unread_connections
from learning_platform.web.shutdown import GRACE_SECONDS

MAX_WEBSOCKET_MESSAGE_BYTES = 64 * 1024
# Sockets and other files; the usual limit of a process, 1024, is in the way of the thousandth socket.
MAX_OPEN_FILES = 65_536
# Clients that may wait to be accepted, as uvicorn has it.
BACKLOG = 2048


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until asked to stop. Each of several workers is a process with its own connections. Raises CannotStart."""
    _allow_many_connections()
    listening = _listen(host, port)
    config = uvicorn.Config(
        "app:app" if workers > 1 else create_app(settings, on_start=lambda: _announce(host, port), ends_process=True),
        host=host,
        port=port,
        workers=workers,
        http=HttpConnection,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=MAX_WEBSOCKET_MESSAGE_BYTES,
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_config=None,
        access_log=settings.log_level == "debug",
        server_header=False,
    )
    if workers > 1:
        from uvicorn.supervisors import Multiprocess

        # A worker that cannot start would be started again without end.
        asyncio.run(_open_once(settings))
        _announce(host, port)
        Multiprocess(config, sockets=[listening]).run()
    else:
        uvicorn.Server(config).run(sockets=[listening])


async def _open_once(settings: Settings) -> None:
    async with open_database(settings):
        pass


def _listen(host: str, port: int) -> socket:
    """Return a socket that clients can connect to. Raises CannotStart if nothing can listen there."""
    try:
        listening = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET, backlog=BACKLOG)
    except OSError as error:
        raise CannotStart(
            f"Cannot listen on port {port} of {host}: {os.strerror(error.errno).lower() if error.errno else error}."
            " Stop the program that uses it, or choose another address with --port and --host."
        ) from error
    # Workers are processes of their own.
    listening.set_inheritable(True)
    close_unread_connections(listening)
    return listening


def _allow_many_connections() -> None:
    """Raise the limit of open files, as far as the system lets us."""
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if most == resource.RLIM_INFINITY else min(most, MAX_OPEN_FILES)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _announce(host: str, port: int) -> None:
    name = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1"} else host  # noqa: S104 - compared, not bound
    sys.stdout.write(f"Learning Platform is ready: http://{name}:{port} (the API: http://{name}:{port}/docs)\n")
    sys.stdout.flush()
