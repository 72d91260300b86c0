"""Markdown as safe HTML: rendered, and then cleaned of everything not on a list.

It takes time in proportion to a text, but up to 20 µs for a character, and highlighting takes what it is given: only
short texts without code or tables (`is_short`) may be rendered where others wait (web/texts/formatted_text.py).
"""

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Any, Literal, get_args

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from nh3 import Cleaner, clean

from learning_platform.core.cpu_limit import CpuBudget
from learning_platform.web.texts.links_in_text import BareLinks, is_cheap_to_search
from learning_platform.web.texts.markdown_rules import hidden_words, pictures_as_links, task_lists

Kind = Literal["description", "note", "excerpt"]
SCHEMES = {"http", "https", "mailto"}
TEXT_TAGS = {"a", "blockquote", "br", "code", "del", "em", "hr", "p", "pre", "s", "span", "strong", "sup"}
BLOCK_TAGS = {"h3", "h4", "h5", "h6", "ol", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "section"}
TASK_TAGS = {"label", "input"}
TAGS = TEXT_TAGS | BLOCK_TAGS | TASK_TAGS
ATTRIBUTES = {"a": {"href", "title", "id"}, "ol": {"start"}, "li": {"id"}, "span": {"class"}, "input": {"checked"}}
CLASSES = {"pre": {"code"}, "section": {"footnotes"}, "li": {"task"}, "sup": {"footnote-ref"}}
BOXES = {"input": {"type": "checkbox", "disabled": ""}}
PICTURE = {"img": {"src", "alt", "title"}}
CLEANERS = {
    "description": Cleaner(
        tags=TAGS | {"img"},
        attributes=ATTRIBUTES | PICTURE,
        allowed_classes=CLASSES,
        set_tag_attribute_values=BOXES,
        url_schemes=SCHEMES,
    ),
    "note": Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        set_tag_attribute_values=BOXES,
        url_schemes=SCHEMES,
    ),
}
HEADING = re.compile(r"(</?h)([1-6])")
FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]{1,50}\]")
MAX_SHORT_TEXT_LENGTH = 1000
# Tables may have many more cells than characters; code that names its language is highlighted.
COSTLY = re.compile(r"\||(?:`{3}|~{3})[^\S\n]*[^\s`~]")
READ_FOR_EXCERPT, MAX_EXCERPT_LENGTH = 600, 160
# References and footnotes can be repeated: HTML may be a thousand times as long as its text.
MAX_HTML_LENGTH = 1_000_000
HIGHLIGHT_SECONDS = 0.4


class HtmlTooLong(Exception):
    """What became of a text is too much for a page."""


def is_short(text: str) -> bool:
    """Say whether a text is rendered in a few milliseconds, whatever it says."""
    return len(text) <= MAX_SHORT_TEXT_LENGTH and not COSTLY.search(text)


def cut(kind: Kind, text: str) -> str:
    """Return the part of a text that is rendered."""
    return text[:READ_FOR_EXCERPT] if kind == "excerpt" else text


def rendered(kind: Kind, text: str, anchor: str, *, highlights: bool = True) -> str:
    """Return the HTML of a text; its footnotes are at `#fn-{anchor}-1` and so on. Raises HtmlTooLong.

    `highlights`: whether code is given to a lexer, which must not happen where others wait.
    A description shows pictures. A note, which any participant writes, links to them: a picture that is loaded shows
    its owner who looks. An excerpt is the beginning as words without marks, for a card or a list.
    """
    if kind == "excerpt":
        return escape(_shortened(_words(text)))
    parser = PARSERS[kind, is_cheap_to_search(text)]
    budget = CpuBudget(HIGHLIGHT_SECONDS) if highlights else None
    html = parser.render(text, {"docId": anchor, "budget": budget})
    if len(html) > MAX_HTML_LENGTH:
        raise HtmlTooLong
    return CLEANERS[kind].clean(HEADING.sub(_lowered, html))


def _words(text: str) -> str:
    html = EXCERPTS.render(FOOTNOTE_MARK.sub("", text))
    return " ".join(unescape(clean(html, tags=set())).split())


def _shortened(words: str) -> str:
    """Cut words off at the end of one of them."""
    if len(words) <= MAX_EXCERPT_LENGTH:
        return words
    beginning = words[:MAX_EXCERPT_LENGTH]
    return f"{beginning.rpartition(' ')[0] or beginning}…"


def _lowered(match: re.Match[str]) -> str:
    """Begin headings below those of the page around them."""
    return f"{match[1]}{min(int(match[2]) + 2, 6)}"


def _fence(_renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: Any, env: Any) -> str:
    token = tokens[index]
    code = _highlighted(token.content, token.info.split(), env["budget"]) or escape(token.content, quote=False)
    return f'<pre class="code">{code}</pre>'


def _highlighted(code: str, info: Sequence[str], budget: CpuBudget | None) -> str | None:
    if budget is None or not info:
        return None
    # Not even loaded in a web process: only workers highlight.
    from learning_platform.web.texts.highlighting import highlighted

    return highlighted(code, info[0], budget)


def _parser(kind: Kind, *, finds_links: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": finds_links})
    parser.linkify = BareLinks()
    parser.enable(["table", "strikethrough", "linkify"]).use(footnote_plugin, inline=False).use(task_lists).use(
        hidden_words
    )
    parser.use(hidden_words).add_render_rule("fence", _fence)
    return parser.use(pictures_as_links) if kind == "note" else parser


PARSERS = {
    (kind, finds_links): _parser(kind, finds_links=finds_links)
    for kind in get_args(Kind)
    for finds_links in (True, False)
}
EXCERPTS = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(hidden_words)
