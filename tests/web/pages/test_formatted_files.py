"""Markdown opens formatted and a notebook as cells, as far as what they contain can be trusted; else as lines."""

import io
import json
import re
from base64 import b64encode
from html import unescape

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.domain.reviews.code_scene import Claimed, give_starter, hand_in_code
from tests.domain.reviews.scene import Scene, come, running
from tests.people import Json, School
from tests.web.pages.browsing import TAG, Browser, signed_in, words

pytestmark = pytest.mark.anyio
IMAGES = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}
README = """# Work by ME

See [the program](src/main.py), [more](docs/more.md#top), [nothing](gone.md), [/main](/src/main.py),
[a site](https://elsewhere.example/x) and <b>bold</b>.

![A chart](https://pictures.example/chart.png) ![Own](docs/own.png) \u202e

[trap](x.md 'a>ME<img src=https://pictures.example/> \u202e')
"""


def picture() -> str:
    saved, said = io.BytesIO(), PngInfo()
    said.add_text("Author", "Ada")
    Image.new("RGB", (3, 2), "red").save(saved, "PNG", pnginfo=said)
    return b64encode(saved.getvalue()).decode()


def notebook(name: str) -> bytes:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": [f"said by {name}\n", "</pre><b>\n"]},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture(), "text/plain": ["<Figure>"]}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": ["<script>alert(1)</script>"]}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg/>", "text/plain": "a drawing"}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "no picture"}},
    ]
    prose = {"cell_type": "markdown", "metadata": {}, "source": [f"## Notes of {name}\n", "[main](src/main.py)"]}
    code = {"cell_type": "code", "execution_count": 3, "metadata": {}, "source": ["import os\n", "a < 2"]}
    cells = [prose, code | {"outputs": outputs}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode() + b"\n"


async def work(school: School) -> Claimed:
    """Return work with Markdown and a notebook that name their author, in the hands of a reviewer."""
    scene = await running(school, 5)
    for person in scene.people:
        await hand_in_code(
            scene,
            person,
            {
                "README.md": README.replace("ME", person.username).encode(),
                "docs/more.md": b"[up](../README.md) [out](../../etc/passwd)\n",
                "src/main.py": b"main()\n",
                "lab.ipynb": notebook(person.username),
            },
        )
    await come(scene, "due_at")
    author, reviewer, *_ = scene.people
    return Claimed(scene, author, reviewer, await scene.claim_work_of(author, reviewer))


def section(page: str, name: str) -> str:
    """Return the part of a page that shows a file."""
    parts = (part.partition("</section>")[0] for part in page.split("<section ")[1:])
    return next(part for part in parts if f'-name">{name}</h2>' in part)


def row(page: str, path: str) -> str:
    """Return the id of a file's part of the page."""
    found = re.search(r'id="(f\w{10})"', section(page, path))
    assert found is not None
    return found[1]


async def test_markdown_is_formatted_with_links_to_files_and_no_pictures(school: School) -> None:
    here = await work(school)
    page = (await signed_in(school, here.author).get(f"/submissions/{here.submission_id}/code")).text

    shown = section(page, "README.md")
    assert f"<h3>Work by {here.author.username}</h3>" in shown
    assert re.search(r'<a href="\?view=all&amp;file=src%2Fmain\.py#f\w{10}"[^>]*>the program</a>', shown)
    assert re.search(r'<a href="\?view=all&amp;file=docs%2Fmore\.md#f\w{10}"[^>]*>more</a>', shown)
    assert re.search(r'<a href="\?view=all&amp;file=src%2Fmain\.py#f\w{10}"[^>]*>/main</a>', shown)
    assert re.search(r"<a [^>]*>nothing</a>", shown)
    assert "gone.md" not in shown
    assert 'href="https://elsewhere.example/x"' in shown
    assert "&lt;b&gt;bold" in shown
    assert "U+202E" in shown
    sources = re.findall(r'<img [^>]*src="([^"]*)"', page)
    assert sources
    assert all(source.startswith(f"/submissions/{here.submission_id}/code/picture?") for source in sources)
    assert re.search(
        r'<a href="\?view=all&amp;file=README\.md#f\w{10}"[^>]*>up</a> <a [^>]*>out</a>', section(page, "docs/more.md")
    )
    assert "passwd" not in page


async def test_markdown_is_shown_as_lines_where_they_are_asked_for_or_compared(school: School) -> None:
    scene = await running(school)
    await give_starter(scene)
    await hand_in_code(scene, scene.people[0], {"README.md": b"# *One*\n", "main.py": b"import sys\n"})
    submission_id = (await scene.people[0].ok("GET", f"/assignments/{scene.assignment_id}/submission"))["id"]
    browser, path = signed_in(school, scene.people[0]), f"/submissions/{submission_id}/code"

    assert "<h3><em>One</em></h3>" in (await browser.get(path)).text
    lines = (await browser.get(f"{path}?file=README.md&show=lines")).text
    assert "<h3><em>" not in lines
    assert "?file=README.md&amp;show=formatted#" in lines
    await browser.see(f"{path}?show=other", 422)


async def test_a_notebook_is_shown_as_cells(school: School) -> None:
    here = await work(school)
    browser, path = signed_in(school, here.author), f"/submissions/{here.submission_id}/code"
    response = await browser.get(f"{path}?file=lab.ipynb")
    shown = section(response.text, "lab.ipynb")

    seen = words(response)
    for text in ("Notes of", "[3]", "a < 2", "Output, 2 lines", "</pre><b>", "a drawing"):
        assert text in seen
    assert "An output of the type text/html is not shown." in seen
    assert "alert" not in response.text
    assert "<svg/>" not in shown
    assert 'class="kn">import' in shown
    addresses = re.findall(r'<img src="([^"]*)"', shown)
    assert [address.partition("&amp;cell")[2] for address in addresses] == ["=1&amp;output=1", "=1&amp;output=4"]
    lines = (await browser.get(f"{path}?file=lab.ipynb&show=lines")).text
    assert '"nbformat": 4' in unescape(TAG.sub("", lines))


async def test_pictures_of_notebooks_have_no_metadata(school: School) -> None:
    here = await work(school)
    picture_of = f"/submissions/{here.submission_id}/code/picture"
    for person in (here.author, here.reviewer):
        browser = signed_in(school, person)
        found = await browser.get(picture_of, params={"path": "lab.ipynb", "cell": 1, "output": 1}, headers=IMAGES)
        assert (found.status_code, found.headers["content-type"]) == (200, "image/png")
        assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert Image.open(io.BytesIO(found.content)).size == (3, 2)
        assert b"Ada" not in found.content
        others: list[Json] = [{"cell": 0}, {"cell": 1, "output": 2}, {"cell": 1, "output": 4}, {"path": "README.md"}]
        for other in others:
            found = await browser.get(picture_of, params={"path": "lab.ipynb", "output": 0} | other, headers=IMAGES)
            assert found.status_code == 404
        found = await browser.get(picture_of, params={"path": "lab.ipynb", "output": -1}, headers=IMAGES)
        assert found.status_code == 422
    stranger = signed_in(school, await school.person())
    params: Json = {"path": "lab.ipynb", "cell": 1, "output": 1}
    assert (await stranger.get(picture_of, params=params, headers=IMAGES)).status_code == 404


async def test_reviewers_see_neither_names_nor_what_would_hide_there(school: School) -> None:
    here = await work(school)
    path = f"/submissions/{here.submission_id}/code"
    for browser, query in (
        (signed_in(school, here.reviewer), "?"),
        (signed_in(school, here.author), "?as=reviewer&"),
    ):
        for file in ("README.md", "lab.ipynb"):
            text = section((await browser.get(f"{path}{query}file={file}")).text, file)
            assert here.author.username not in text
            assert "_hidden_" in text
            assert file != "README.md" or 'title="a&gt;_hidden_&lt;img' in text


async def test_comments_stand_below_the_cell_whose_lines_they_are_on(school: School) -> None:
    here = await work(school)
    browser, path = signed_in(school, here.reviewer), f"/submissions/{here.submission_id}/code"
    page = (await browser.get(f"{path}?file=lab.ipynb")).text
    key = row(page, "lab.ipynb")
    first, second = re.findall(rf"comment={key}-R(\d+)-(\d+)#", page)
    assert (first[0], int(first[1]) + 1) == ("3", int(second[0]))

    form = await browser.see(f"{path}?file=lab.ipynb&comment={key}-R{second[0]}-{second[1]}")
    assert f"lab.ipynb , lines {second[0]} to {second[1]} Kind of comment" in form
    await here.comment(kind="note", path="lab.ipynb", first_line=5, text="On the first cell")
    await here.comment(kind="note", path="lab.ipynb", first_line=1, text="On the beginning")
    await here.comment(kind="note", path="README.md", first_line=3, text="On the README")

    page = (await browser.get(f"{path}?file=lab.ipynb")).text
    cells = page.split('<div class="cell"')
    assert "On the first cell" in cells[1]
    assert "On the beginning" not in page.partition('class="cells')[2].partition("<aside")[0]
    assert "1 comment is on lines that are not shown here." in page
    lines = await browser.see(f"{path}?file=lab.ipynb&show=lines")
    assert lines.index("On the beginning") < lines.index("On the first cell")
    assert '"cells"' in await browser.see(f"{path}?file=lab.ipynb&comment={key}-R1")
    readme = await browser.see(f"{path}?file=README.md")
    assert readme.index("a site") < readme.index("On the README")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"cells": [{"cell_type": "code", "source": {}, "outputs": 7}], "nbformat": 4}',
        b'{"cells": [' + b'{"cell_type": "raw", "source": ""},' * 9_999 + b'{"cell_type": "raw", "source": ""}]}',
        b'{"cells": [{"cell_type": "raw", "source": "' + b"x" * 900_000 + b'"}]}',
        b'{"cells": [{"cell_type": "code", "source": "\\ud800", "outputs": [{"output_type": "\\udfff"}]}]}',
        b'{"cells": [{"cell_type": "code", "execution_count": ' + b"9" * 5000 + b', "source": "", "outputs": []}]}',
        b'{"cells": [{"cell_type": "markdown", "source": "' + b"[" * 200_000 + b'"}]}',
        b'{"cells": [{"cell_type": "markdown", "source": "' + b"|a" * 90_000 + b'"}]}',
        '{"cells": [{"cell_type": "markdown", "source": "x"}]}'.encode("utf-16"),
    ],
)
async def test_no_notebook_makes_a_page_fail(school: School, content: bytes) -> None:
    scene, browser, path = await _with(school, content)
    for query in ("file=lab.ipynb", "view=all", "file=lab.ipynb&as=reviewer", "file=lab.ipynb&show=formatted&start=3"):
        assert "lab.ipynb" in await browser.see(f"{path}?{query}")
    picture_of = await browser.get(f"{path}/picture?path=lab.ipynb&output=0", headers=IMAGES)
    assert picture_of.status_code == 404
    assert scene.people


async def _with(school: School, content: bytes) -> tuple[Scene, Browser, str]:
    scene = await running(school)
    await hand_in_code(scene, scene.people[0], {"lab.ipynb": content})
    submission_id = (await scene.people[0].ok("GET", f"/assignments/{scene.assignment_id}/submission"))["id"]
    return scene, signed_in(school, scene.people[0]), f"/submissions/{submission_id}/code"
