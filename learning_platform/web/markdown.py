"""Markdown as safe HTML: rendered, its code highlighted, and then cleaned of everything not on a list."""

import re
from functools import lru_cache
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

TEXT_TAGS = {"a", "blockquote", "br", "code", "del", "em", "hr", "img", "p", "pre", "s", "span", "strong"}
BLOCK_TAGS = {"h3", "h4", "h5", "h6", "ol", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
ALLOWED_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "span": {"class"},
    "pre": {"class"},
}
# Short names of token types, as Pygments gives them; style.css colours them.
HIGHLIGHTER = HtmlFormatter(nowrap=True)
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


@lru_cache(maxsize=512)
def markdown(text: str) -> Markup:
    """Return the HTML of a text; its headings begin below those of the page around it."""
    html = re.sub(r"(</?h)([1-6])", lambda match: f"{match[1]}{min(int(match[2]) + 2, 6)}", PARSER.render(text))
    return Markup(  # noqa: S704 - cleaned in this very line
        nh3.clean(
            html, tags=TEXT_TAGS | BLOCK_TAGS, attributes=ALLOWED_ATTRIBUTES, url_schemes={"http", "https", "mailto"}
        )
    )


@lru_cache(maxsize=512)
def plain(text: str) -> str:
    """Return the beginning of a text without its marks, for a card or a list."""
    html = PARSER.render(text[: 4 * LONGEST_PLAIN])
    words = nh3.clean(html, tags=set()).split()
    return unescape(" ".join(words))[:LONGEST_PLAIN]
