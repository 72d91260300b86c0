"""Markdown as safe HTML: rendered, its code highlighted, and then cleaned of everything not on a list."""

import re
from functools import lru_cache
from html import unescape

from markdown_it import MarkdownIt
from markupsafe import Markup
from nh3 import Cleaner, clean
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

TEXT_TAGS = {"a", "blockquote", "br", "code", "del", "em", "hr", "p", "pre", "s", "span", "strong"}
BLOCK_TAGS = {"h3", "h4", "h5", "h6", "ol", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"class"}, "pre": {"class"}}
SCHEMES = {"http", "https", "mailto"}
WITH_PICTURES = Cleaner(
    tags=TEXT_TAGS | BLOCK_TAGS | {"img"}, attributes=ATTRIBUTES | {"img": {"src", "alt", "title"}}, url_schemes=SCHEMES
)
WITHOUT_PICTURES = Cleaner(tags=TEXT_TAGS | BLOCK_TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES)
# Short names of token types, as Pygments gives them; style.css colours them.
HIGHLIGHTER = HtmlFormatter(nowrap=True)
HEADING = re.compile(r"(</?h)([1-6])")
LONGEST_PLAIN = 400


def _highlighted(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False)
    return f'<pre class="code">{highlight(code, lexer, HIGHLIGHTER)}</pre>'


PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False, "highlight": _highlighted}).enable(
    ["table", "strikethrough"]
)


@lru_cache(maxsize=256)
def markdown(text: str) -> Markup:
    """Return the HTML of what an author wrote; its headings begin below those of the page around it."""
    return Markup(WITH_PICTURES.clean(_rendered(text)))  # noqa: S704 - cleaned in this very line


@lru_cache(maxsize=256)
def note(text: str) -> Markup:
    """Return the HTML of what a participant wrote: no pictures, which would tell their owner who looks at them."""
    return Markup(WITHOUT_PICTURES.clean(_rendered(text)))  # noqa: S704 - cleaned in this very line


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """Return the beginning of a text without its marks, for a card or a list."""
    words = clean(PARSER.render(text[: 4 * LONGEST_PLAIN]), tags=set()).split()
    return unescape(" ".join(words))[:LONGEST_PLAIN]


def _rendered(text: str) -> str:
    return HEADING.sub(lambda match: f"{match[1]}{min(int(match[2]) + 2, 6)}", PARSER.render(text))
