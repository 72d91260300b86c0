"""A line of code as HTML: with its tokens, the words that changed, and characters that cannot be seen."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from learning_platform.snapshots.comparison.words import Span
from learning_platform.snapshots.kinds import HIDDEN, hidden_characters, name_of_character

# Parts of a line of HTML: a tag, a character by its name, or characters as they are.
PART = re.compile(r"<[^>]*>|&[^;]+;|[^<&]+")
# In attributes, which cleaned HTML has, a tag's end may be a part of a text.
TAG_OR_TEXT = re.compile(r'<(?:[^">]|"[^"]*")*>|[^<]+')
MAX_SHOWN_LINE = 5000


def line_html(text: str, html: str | None, changed: Sequence[Span] = ()) -> str:
    """Return a line; `html` is the same with tokens marked, if there is one. `changed`: the parts of it that changed.

    Of a very long line the beginning is shown, without tokens.
    """
    if len(text) > MAX_SHOWN_LINE:
        text, html = f"{text[:MAX_SHOWN_LINE]}…", None
    line = escape(text, quote=False) if html is None else html
    if changed:
        line = _with_changes(line, changed)
    if HIDDEN.search(text):
        line = _with_hidden(line)
    return line


def with_hidden_characters(html: str) -> str:
    """Show characters that cannot be seen in HTML by their names; tags stay as they are."""
    if not HIDDEN.search(html):
        return html
    return TAG_OR_TEXT.sub(lambda part: part[0] if part[0].startswith("<") else _with_hidden(part[0]), html)


def _with_changes(html: str, changed: Sequence[Span]) -> str:
    """Put `<b>` around parts of a line. Tags stay nested: a part ends before a tag and goes on after it."""
    edges = [edge for span in changed for edge in span]
    parts: list[str] = []
    at = 0
    for part in PART.findall(html):
        if part.startswith("<"):
            parts.append(part)
            continue
        end = at + (1 if part.startswith("&") else len(part))
        cuts = [at, *edges[bisect_right(edges, at) : bisect_left(edges, end)], end]
        for start, stop in pairwise(cuts):
            text = part if part.startswith("&") else part[start - at : stop - at]
            parts.append(f"<b>{text}</b>" if bisect_right(edges, start) % 2 else text)
        at = end
    return "".join(parts).replace("</b><b>", "")


def _with_hidden(html: str) -> str:
    """Show characters that cannot be seen, or that change the order of others, by their names."""
    parts: list[str] = []
    last = 0
    for found in hidden_characters(html):
        name = escape(name_of_character(found[0]))
        parts += [html[last : found.start()], f'<span class="hid" title="{name}">U+{ord(found[0]):04X}</span>']
        last = found.end()
    return "".join([*parts, html[last:]])
