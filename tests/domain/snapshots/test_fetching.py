"""Links are fetched by the real git from a real host; hosts that misbehave get a code."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from learning_platform.snapshots.git.addresses import Address
from learning_platform.snapshots.git.fence import Limits
from learning_platform.snapshots.git.fetching import Fetching, fetch_link, newest_commit
from tests.git_hosts import GitHost

pytestmark = pytest.mark.anyio
FILES = {"README.md": "# Task\n", "src/main.py": "print('hello')\n"}


async def to_loopback(_host: str, _port: int) -> list[Address]:
    return [ip_address("127.0.0.1")]


def fetching(host: GitHost, certificate: Path, **others: float) -> Fetching:
    limits = Limits(**others)  # type: ignore[arg-type]  # Seconds and bytes are numbers.
    return Fetching(host.allowed, ca_file=certificate, resolve=to_loopback, limits=limits)


async def test_the_newest_commit_of_a_repository_is_fetched(git_host: GitHost, certificate: Path) -> None:
    link = git_host.repository("task", FILES)
    extracted = await fetch_link(link, fetching=fetching(git_host, certificate))
    assert [entry.path for entry in extracted.tree.entries] == ["README.md", "src/main.py"]
    assert set(extracted.tree.blobs.values()) == {content.encode() for content in FILES.values()}
    assert extracted.commit == await newest_commit(link, fetching=fetching(git_host, certificate))
