"""What becomes of Markdown: what people expect of it, and nothing that could do harm."""

import re

import pytest

from learning_platform.core.cpu_limit import CpuBudget
from learning_platform.web.texts.highlighting import highlighted
from learning_platform.web.texts.markdown import HtmlTooLong, Kind, is_short, rendered

REL = 'rel="noopener noreferrer"'
EVERY_KIND: tuple[Kind, ...] = ("description", "note", "excerpt")


def note(text: str) -> str:
    return rendered("note", text, "x")


def description(text: str) -> str:
    return rendered("description", text, "x")


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_what_stands_for_a_hidden_word_is_not_emphasised(kind: Kind) -> None:
    text = "By _hidden_, not _this_: `_hidden_` [_hidden_](https://example.com)"
    html = rendered(kind, text, "x")
    assert html.count("_hidden_") == 3
    assert "_this_" not in html


@pytest.mark.parametrize(
    ("written", "address", "words"),
    [
        ("https://example.com/a_b?c=1#d", "https://example.com/a_b?c=1#d", "https://example.com/a_b?c=1#d"),
        ("(see https://example.com/a).", "https://example.com/a", "https://example.com/a"),
        ("www.python.org/dev", "http://www.python.org/dev", "www.python.org/dev"),
        ("Почта: ann@example.com.", "mailto:ann@example.com", "ann@example.com"),
        (
            "- https://пример.рф/путь",
            "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C",
            "https://пример.рф/путь",
        ),
        ("[x](https://example.com/q)", "https://example.com/q", "x"),
        ("<https://example.com/q>", "https://example.com/q", "https://example.com/q"),
    ],
)
def test_links_can_be_clicked_however_they_are_written(written: str, address: str, words: str) -> None:
    assert f'<a href="{address}" {REL}>{words}</a>' in note(written)


@pytest.mark.parametrize(
    "written",
    [
        "main.py",
        "README.md",
        "see node.js and asp.net",
        "1.2.3.4",
        "//example.com",
        "www.",
        "www.x",
        "a://b",
        "`https://a.example`",
    ],
)
def test_what_is_no_address_is_no_link(written: str) -> None:
    assert "<a " not in note(written)


def test_a_list_of_tasks_has_boxes() -> None:
    html = note("- [ ] write **tests**\n- [x] read\n- [link](https://a.example)\n- []\n\n[ ] no item")
    boxes = re.findall(r'<li class="task"><label><input ([^>]*)> (.*)</label></li>', html)
    assert [words for _, words in boxes] == ["write <strong>tests</strong>", "read"]
    assert [set(attributes.split()) for attributes, _ in boxes] == [
        {'type="checkbox"', 'disabled=""'},
        {'type="checkbox"', 'disabled=""', 'checked=""'},
    ]
    assert html.count("<input") == 2


def test_footnotes_lead_there_and_back() -> None:
    html = note("Text[^why] and more[^2].\n\n[^why]: Because.\n[^2]: See https://a.example")
    for target in ("fn-x-1", "fnref-x-1", "fn-x-2", "fnref-x-2"):
        assert f'id="{target}"' in html
        assert f'href="#{target}"' in html
    assert "Because." in html


def test_a_note_links_to_a_picture_and_does_not_load_it() -> None:
    html = note("Look: ![my screen](https://a.example/p.png) ![](https://a.example/q.png)")
    assert "<img" not in html
    assert f'<a href="https://a.example/p.png" {REL}>my screen</a>' in html
    assert f'<a href="https://a.example/q.png" {REL}>https://a.example/q.png</a>' in html


def test_a_picture_in_a_link_leaves_its_words() -> None:
    assert note("[![build](https://a.example/b.svg)](https://ci.example)") == (
        f'<p><a href="https://ci.example" {REL}>build</a></p>\n'
    )


def test_a_description_shows_pictures() -> None:
    assert '<img src="https://a.example/p.png" alt="plan">' in description("![plan](https://a.example/p.png)")


def test_headings_begin_below_those_of_the_page() -> None:
    assert description("# A\n\n##### B") == "<h3>A</h3>\n<h6>B</h6>\n"


def test_code_is_marked_and_its_text_is_kept() -> None:
    html = note("```python\ndef f(a): return a < 1\n```")
    assert '<span class="k">def</span>' in html
    assert re.sub("<[^>]+>", "", html) == "def f(a): return a &lt; 1\n"


@pytest.mark.parametrize("info", ["", "no-such-language", "\u00a0", "`", "x" * 5000])
def test_code_in_an_unknown_language_is_code(info: str) -> None:
    assert '<pre class="code">a &lt; b\n</pre>' in note(f"~~~{info}\na < b\n~~~")


def test_without_time_code_stays_as_it_is() -> None:
    assert highlighted("def f(): pass", "python", CpuBudget(0)) is None
    assert '<pre class="code">def f(): pass\n</pre>' in rendered(
        "note", "```python\ndef f(): pass\n```", "x", highlights=False
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "![a](javascript:alert(1))",
        "![a](data:text/html,x)",
        "<javascript:alert(1)>",
        "[a](https://a.example 'x\" onclick=\"alert(1)')",
        "- [ ] <input type=text name=password>",
        "[^1]\n\n[^1]: <form action=/logout method=post><button>",
        "```<script>\nx\n```",
        'a[^"><script>]\n\n[^"><script>]: x',
    ],
)
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_nothing_a_person_writes_becomes_more_than_text(kind: Kind, hostile: str) -> None:
    html = rendered(kind, hostile, "x")
    tags = re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)([^>]*)>", html)
    assert not {name for name, _ in tags} & {"script", "form", "button", "iframe", "style", "svg"}
    assert [rest for name, rest in tags if name == "input" and 'type="checkbox"' not in rest] == []
    assert [
        rest for _, rest in tags if re.search(r"\son\w+=|javascript:|data:", re.sub(r'title="[^"]*"', "", rest))
    ] == []


def test_an_excerpt_is_words() -> None:
    text = "# Title\n\nSome **bold** text[^1] with a [link](https://a.example) & `code`.\n\n[^1]: x"
    assert rendered("excerpt", text, "x").startswith("Title Some bold text with a link &amp; code.")
    long = rendered("excerpt", "word " * 100, "x")
    assert long.endswith(" word…")
    assert len(long) <= 161
    assert len(rendered("excerpt", "w" * 500, "x")) == 161


def test_html_far_longer_than_its_text_is_refused() -> None:
    with pytest.raises(HtmlTooLong):
        note("[a]: https://a.example/" + "b" * 5000 + "\n\n" + "[a]" * 1000)


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx\n```",
        "> ~~~ c\n> x",
        "- ```\u00a0python\n  x",
        "`````rst\n",
        "a|b\n-|-\n",
        "w" * 1001,
        "```\rpython",
    ],
)
def test_what_may_take_long_is_left_to_workers(text: str) -> None:
    assert not is_short(text)


@pytest.mark.parametrize("text", ["", "**a** [b](https://c.example)", "```\ncode\n```", "~~gone~~", "- [ ] a\n\n1. b"])
def test_ordinary_texts_are_rendered_on_the_spot(text: str) -> None:
    assert is_short(text)
