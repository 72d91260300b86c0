"""The track's author gives an assignment its starter code by a push."""

from learning_platform.snapshots.starters import starter_of
from tests.git_clients import token_of
from tests.web.git.conftest import Class


def starter(klass: Class, username: str, token: str) -> str:
    address = klass.server.address(klass.assignment_id, username, token)
    return f"{address.removesuffix('.git')}/starter.git"


async def test_the_author_pushes_the_starter_and_may_replace_it(klass: Class) -> None:
    address = starter(klass, "alice", klass.token)
    said = await klass.repository.push(address)
    assert "remote: Starter code saved: 2 files, 0.1 KB, commit" in said
    await klass.repository.commit({"more.txt": "more"})
    assert (await klass.repository.push(address)).is_successful
    async with klass.server.school.services.database.connection() as db:
        found = await starter_of(db, assignment_id=klass.assignment_id)
    assert found is not None
    assert (found.snapshot.state, found.snapshot.origin, found.snapshot.files) == ("frozen", "push", 3)
    assert await klass.has_nothing()


async def test_a_push_of_the_starter_alone_is_accepted_with_a_warning(klass: Class) -> None:
    assert (await klass.repository.push(starter(klass, "alice", klass.token))).is_successful
    said = await klass.repository.push(klass.address)
    assert "remote: Warning: These are the files of the starter code and nothing else." in said
    assert (await klass.row("select warnings from submissions s join snapshots n on n.id = snapshot_id"))[0]


async def test_a_secret_key_in_a_push_is_named(klass: Class) -> None:
    await klass.repository.commit({"id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"})
    said = await klass.repository.push(klass.address)
    assert "remote: Warning: id_rsa looks like a secret key or password." in said


async def test_no_other_person_pushes_a_starter(klass: Class) -> None:
    said = await klass.repository.push(starter(klass, "bob", await token_of(klass.bob)))
    assert not said.is_successful
    assert "remote: Only the author of this track, or staff whose role allows it, can do this." in said
