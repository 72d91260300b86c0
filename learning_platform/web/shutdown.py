"""A stop that takes seconds, also under plain `uvicorn app:app`, whose own default is to wait for every request."""

import signal

import uvicorn

# After SIGTERM: how long requests under way may take before they are cancelled.
GRACE_SECONDS = 2


def limit_graceful_shutdown() -> None:
    """Give requests a limited time to finish after SIGTERM, where uvicorn was started without a limit.

    Called when the application starts: by then the server has installed its signal handlers.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server) and server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = GRACE_SECONDS
