"""One server of `benchmarks.compare`, run by the interpreter and from the folder of the checkout it belongs to.

Fills a database with the checkout's own statements, serves a copy of it, and prints where: a line of JSON. It stops
when its input is closed.
"""

import asyncio
import json
import sys
from dataclasses import asdict

import asyncpg

from benchmarks import data, requests, servers


async def copy_database(server: str, name: str) -> str:
    """Return the address of a fresh copy of the filled database, so that no other server works on the same rows."""
    filled = (await data.database(server, data.STANDARD)).partition("?")[0].rpartition("/")[2]
    db = await asyncpg.connect(server)
    try:
        await db.execute(f"drop database if exists {name} with (force)")
        await db.execute(f"create database {name} template {filled} strategy file_copy")
    finally:
        await db.close()
    return data.address(server, name)


def main(server: str, name: str) -> None:
    """Serve until the input ends: the product, or plain FastAPI if that is the name."""
    # What filling prints is no part of the answer.
    output, sys.stdout = sys.stdout, sys.stderr
    url = asyncio.run(copy_database(server, name))
    start = servers.plain_fastapi if name == "plain" else servers.ours
    with start(url) as running:
        endpoints = [asdict(endpoint) for endpoint in requests.endpoints()]
        answer = {"url": url, "port": running.port, "process": running.process.pid, "endpoints": endpoints}
        print(json.dumps(answer), file=output, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
