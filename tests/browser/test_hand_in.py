"""Hand in an archive in a browser, and see the state of a link change by itself."""

from pathlib import Path

from playwright.async_api import expect

from learning_platform.core.database import Connection
from tests.browser import worlds
from tests.browser.people import Crowd
from tests.domain.snapshots.test_archives import zipped

FAILED = """
update snapshots set state = 'failed', error = 'private_or_missing', try_at = null where assignment_id = $1
"""


async def test_an_archive_is_chosen_and_what_was_saved_is_shown(crowd: Crowd, db: Connection, tmp_path: Path) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    archive = tmp_path / "code.zip"
    archive.write_bytes(zipped({"main.py": "print(1)\n"}))
    await alice.page.get_by_text("Upload an archive instead").click()
    await alice.page.set_input_files("#archive-file", archive)
    await alice.page.get_by_role("button", name="Upload and submit").click()
    await alice.sees("uploaded archive", "1 file, 9 B", "The code is saved here")


async def test_the_state_of_a_link_follows_without_a_reload(crowd: Crowd, db: Connection) -> None:
    alice = await crowd.member()
    scene = await worlds.under_way(db, [alice])
    await alice.open(scene.assignment)
    await alice.fill({"Link to your repository": "https://git.example/a/b"})
    await alice.page.get_by_role("button", name="Submit").click()
    await alice.sees("The repository is being fetched.")
    await db.execute(FAILED, scene.assignment_id)
    await expect(alice.page.get_by_text("The code could not be saved.")).to_be_visible()
