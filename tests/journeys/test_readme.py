"""The commands of the README, typed into a shell: every command works, and is answered as it says."""

import asyncio
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.journeys.calendars import hasten
from tests.processes import PATIENCE_SECONDS, environment, served
from tests.readmes import Endpoint, as_template, commands, documented_statuses

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the examples of the README are for curl"),
]
# Each call notes its status, beside what it prints.
NOTING_CURL = "curl() { command curl -w '%{stderr}\\nnoted %{http_code} %{method} %{url}\\n' \"$@\"; }\n"
NOTED = re.compile(r"^noted (\d+) (\w+) http://[^/]+([^?\s]*)", re.MULTILINE)
REACHED = "reached the deadline"
WAITING = "until curl"
SHORT, LONG = '"duration_hours": 0.005', '"duration_hours": 1'


async def test_every_command_of_the_readme_is_answered_as_it_says(database_url: str, tmp_path: Path) -> None:
    async with served(cwd=tmp_path, database_url=database_url) as server:
        script = commands("README.md").replace("http://localhost:8000", server.url)
        assert SHORT in script
        before, waiting, after = script.replace(SHORT, LONG).partition(WAITING)
        said = await typed(before, waiting + after, meanwhile=lambda: hasten(database_url, hours=1))

    documented = documented_statuses("README.md")
    assert statuses(said) == {endpoint: codes or {200} for endpoint, codes in documented.items()}


async def typed(before: str, after: str, *, meanwhile: Callable[[], Awaitable[None]]) -> str:
    """Type `before` and, when it is done, `after`; return what the shell said on standard error."""
    shell = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", stdin=PIPE, stdout=DEVNULL, stderr=PIPE, env=environment({})
    )
    assert shell.stdin is not None
    assert shell.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            shell.stdin.write(f"{NOTING_CURL}{before}\necho '{REACHED}' >&2\n".encode())
            said = await shell.stderr.readuntil(REACHED.encode())
            await meanwhile()
            shell.stdin.write(f"{after}\n".encode())
            shell.stdin.close()
            said += await shell.stderr.read()
            assert await shell.wait() == 0, said.decode()
    finally:
        if shell.returncode is None:
            shell.kill()
    return said.decode()


def statuses(said: str) -> dict[Endpoint, set[int]]:
    """Return what was answered, by endpoint."""
    noted: defaultdict[Endpoint, set[int]] = defaultdict(set)
    for status, method, path in NOTED.findall(said):
        noted[method, as_template(path)].add(int(status))
    return dict(noted)
