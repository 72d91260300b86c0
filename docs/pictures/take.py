"""Take the screenshots of the READMEs, from the demo school: `make pictures`."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
PROGRAM = (sys.executable, "-m", "learning_platform")
CHROMIUMS = (os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PASSWORD = "learn-together"
WINDOW: ViewportSize = {"width": 1440, "height": 900}
# A page of code has three columns: files, code, the form of the review.
WIDE: ViewportSize = {"width": 1680, "height": 1050}
LANGUAGES = {"alice": "en-GB", "bob": "ru-RU"}
# Points by criterion: what a reviewer has given so far.
GIVEN = (8, 5)


def main() -> None:
    """Take every picture."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        sys.exit("There is no Chromium: make programs")
    with demo_school() as school, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        alice = signed_in(chromium, school, "alice")
        take_home(alice)
        take_track(alice)
        take_review(alice)
        take_feedback(alice)
        take_hand_in(alice)
        take_code(signed_in(chromium, school, "alice"), "HTTP APIs people like to use", "code")
        take_code(signed_in(chromium, school, "bob"), "Алгоритмы: разминка", "code.ru")
        chromium.close()


def take_home(page: Page) -> None:
    """Show what a participant sees first."""
    page.goto("/")
    keep(page, "home")


def take_track(page: Page) -> None:
    """Show a track that runs, with its calendar."""
    page.goto("/")
    page.locator(".step.review .over a").first.click()
    keep(page, "track")


def take_review(page: Page) -> None:
    """Show a review that is half written, beside the code."""
    page.goto("/")
    page.locator(".step.review h2 a").first.click()
    if not page.locator(".rubric").count():
        page.get_by_role("button", name="Get a submission to review").click()
    page.get_by_role("link", name="Read the code").click()
    page.locator(".review-beside").wait_for()
    for criterion, points in enumerate(GIVEN):
        page.locator(".scores").nth(criterion).locator("label").nth(points).click()
    page.locator("#scores-0-comment").fill("`limit=0` is not refused, see my comment in the code.")
    page.locator("h1").click()
    keep(page, "review")


def take_feedback(page: Page) -> None:
    """Show what others said of a work."""
    page.goto("/")
    page.locator("[aria-labelledby=feedback] li a").last.click()
    keep(page, "feedback")


def take_hand_in(page: Page) -> None:
    """Show the three ways to hand in."""
    page.goto("/")
    page.locator(".step.hand_in h2 a").first.click()
    page.locator("details.way").last.locator("summary").click()
    page.evaluate("scrollTo(0, 0)")
    keep(page, "hand-in")


def take_code(page: Page, track: str, name: str) -> None:
    """Show the code that a participant handed in first on a track, with the comments of its reviewers."""
    page.set_viewport_size(WIDE)
    page.goto("/")
    page.get_by_role("link", name=track).first.click()
    page.locator("h3 a[href^='/assignments/']").first.click()
    page.locator("a[href*='/code']").first.click()
    page.goto(f"{page.url.partition('?')[0]}?iteration=1&view=all")
    answered = page.locator(".talk .thread:has(.message ~ .message)").first
    answered.evaluate("thread => thread.scrollIntoView({ block: 'center' })")
    keep(page, name)


def keep(page: Page, name: str) -> None:
    """Write what is seen to a file."""
    page.mouse.move(0, 0)
    page.screenshot(path=HERE / f"{name}.png", scale="css", animations="disabled")


def signed_in(chromium: Browser, school: str, username: str) -> Page:
    """Return a page of a signed-in user."""
    context = chromium.new_context(
        base_url=school, viewport=WINDOW, color_scheme="light", locale=LANGUAGES[username], reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button:not([type=button])").first.click()
    page.locator(".step").first.wait_for()
    return page


@contextmanager
def demo_school() -> Iterator[str]:
    """Serve the demo school from a folder that is gone afterwards; yield its address."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # Neither the environment nor an .env may lead to a database in use.
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "DATA_DIR": folder}
        subprocess.run([*PROGRAM, "demo"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        serving = subprocess.Popen(
            [*PROGRAM, "serve", "--port", str(port)],
            cwd=folder,
            env={**environment, "LOG_LEVEL": "warning"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert serving.stdout is not None
            next(line for line in serving.stdout if "is ready" in line)
            yield f"http://127.0.0.1:{port}"
        finally:
            serving.terminate()
            serving.wait()


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
