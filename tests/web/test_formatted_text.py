"""The texts of a page: formatted once, by workers where they could take long, and never at the cost of others."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import get_args

import pytest

from learning_platform.core.byte_cache import ByteCache
from learning_platform.core.workers import Workers
from learning_platform.web.texts import formatted_text
from learning_platform.web.texts.formatted_text import MODULES, FormattedTexts, Text
from learning_platform.web.texts.markdown import Kind

CODE = "```python\ndef f(): pass\n```"
# A paragraph of hostile links: the search for addresses in it takes time by the square of its length.
APOLOGY = "Not formatted"


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(size=1, modules=MODULES)
    yield pool
    await pool.close()


@pytest.fixture
async def texts(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FormattedTexts]:
    # A busy machine takes its time; what these tests are about is not how much.
    monkeypatch.setattr(formatted_text, "PAGE_SECONDS", 60.0)
    monkeypatch.setattr(formatted_text, "TEXT_SECONDS", 60.0)
    opened = FormattedTexts(workers)
    yield opened
    await opened.close()


async def one(texts: FormattedTexts, source: str, kind: Kind = "note") -> str:
    (html,) = await texts.html([Text(kind, source)], apology=APOLOGY)
    return html


async def test_a_short_text_needs_no_worker(texts: FormattedTexts, workers: Workers) -> None:
    assert await one(texts, "**a**") == "<p><strong>a</strong></p>\n"
    assert workers.process_ids == []


async def test_code_is_highlighted_by_a_worker_and_kept(texts: FormattedTexts, workers: Workers) -> None:
    html = await one(texts, CODE)
    assert '<span class="k">def</span>' in html
    await workers.close()
    assert await one(texts, CODE) == html
    assert workers.process_ids == []


async def test_a_long_text_before_short_ones_is_rendered_on_the_first_page(texts: FormattedTexts) -> None:
    first, *_ = await texts.html([Text("note", each) for each in (CODE, "**a**", "**b**")], apology=APOLOGY)
    assert '<span class="k">def</span>' in first


async def test_texts_asked_for_together_are_rendered_once(texts: FormattedTexts) -> None:
    pages = await asyncio.gather(*(texts.html([Text("note", CODE)] * 2, apology=APOLOGY) for _ in range(5)))
    assert len({html for page in pages for html in page}) == 1


async def test_footnotes_of_a_text_that_stands_twice_are_kept_apart(texts: FormattedTexts) -> None:
    noted = "a[^1]\n\n[^1]: b"
    page = "".join(
        await texts.html([Text("note", noted), Text("note", noted), Text("note", noted + "c")], apology=APOLOGY)
    )
    ids = [part.partition('"')[0] for part in page.split('id="')[1:]]
    assert len(ids) == len(set(ids)) == 6
    assert {f'href="#{each}"' in page for each in ids} == {True}


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_a_text_that_takes_too_long_is_shown_as_typed(
    texts: FormattedTexts, workers: Workers, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    await one(texts, CODE)
    monkeypatch.setattr(formatted_text, "TEXT_SECONDS", 0.0)
    html = await one(texts, f"a|<b>\n-|-\n{'*a ' * 10_000}", kind)
    assert "a|&lt;b&gt;\n-|-\n" in html
    assert (APOLOGY in html) == (kind != "excerpt")
    # It costs no worker again.
    assert await one(texts, f"a|<b>\n-|-\n{'*a ' * 10_000}", kind) == html
    monkeypatch.setattr(formatted_text, "TEXT_SECONDS", 60.0)
    assert "<table>" in await one(texts, "a|b\n-|-\n1|2\n")


async def test_a_text_whose_workers_die_is_shown_as_typed() -> None:
    workers = Workers(size=1, modules=["learning_platform.no_such_module"])
    texts = FormattedTexts(workers)
    assert "a|b" in await one(texts, "a|b\n-|-\n")
    await texts.close()
    await workers.close()


async def test_html_without_end_is_shown_as_typed(texts: FormattedTexts) -> None:
    assert APOLOGY in await one(texts, "[a]: https://a.example/" + "b" * 5000 + "\n\n" + "[a]" * 1000)


async def test_a_text_without_words_is_nothing(texts: FormattedTexts) -> None:
    assert await one(texts, "[a]: https://a.example") == ""


async def test_a_page_may_ask_for_so_much_and_no_more(texts: FormattedTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatted_text, "MAX_PAGE_CHARACTERS", 5000)
    tables = [Text("note", f"a|b\n-|-\n{number}|2\n\n" + "w" * 1500) for number in range(5)]
    html = await texts.html(tables, apology=APOLOGY)
    assert [("<table>" in each, APOLOGY in each) for each in html] == [(True, False)] * 3 + [(False, True)] * 2
    # The others' turn comes when the page is loaded again.
    assert APOLOGY not in "".join(await texts.html(tables, apology=APOLOGY))


async def test_all_pages_together_may_ask_for_so_much(texts: FormattedTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatted_text, "MAX_WAITING_CHARACTERS", 2000)
    pages = await asyncio.gather(*(one(texts, f"a|b\n-|-\n{number}|" + "w" * 1500) for number in range(5)))
    assert 0 < sum(APOLOGY in page for page in pages) < 5


async def test_a_page_has_an_end(texts: FormattedTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatted_text, "MAX_PAGE_HTML", 100)
    first, second = await texts.html([Text("note", "*a*"), Text("note", "*b* " * 30)], apology=APOLOGY)
    assert first == "<p><em>a</em></p>\n"
    assert APOLOGY in second


async def test_nothing_is_highlighted_in_a_web_process() -> None:
    from learning_platform.web.texts.markdown import rendered

    assert "span" not in rendered("note", CODE, "x", highlights=False)


def test_a_cache_keeps_to_its_bytes() -> None:
    size = sys.getsizeof("0" * 100)
    cache: ByteCache[int] = ByteCache(3 * size)
    for number in range(3):
        cache.put(number, str(number) * 100)
    assert cache.get(0, now=0) == "0" * 100
    cache.put(3, "3" * 100)
    assert [cache.get(number, now=0) is not None for number in range(4)] == [True, False, True, True]
    assert cache.size == 3 * size
    cache.put(4, "4" * 10_000)
    assert cache.size == 0
    assert cache.get(4, now=0) is None


def test_a_cache_forgets_in_time() -> None:
    cache: ByteCache[int] = ByteCache(1000)
    cache.put(1, "a", ends_at=10)
    assert (cache.get(1, now=9), cache.get(1, now=10)) == ("a", None)
