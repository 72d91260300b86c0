"""Our own rules for Markdown: lists of tasks, pictures that are only linked to, and what stands for hidden words."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from learning_platform.snapshots.masking.mask import MARK

TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")


def task_lists(parser: MarkdownIt) -> None:
    """Show `- [ ] …` and `- [x] …` as boxes with their text as the label."""
    parser.core.ruler.after("inline", "task_lists", _task_lists)


def pictures_as_links(parser: MarkdownIt) -> None:
    """Show a link to a picture instead of the picture."""
    parser.core.ruler.after("inline", "pictures_as_links", _pictures_as_links)


def hidden_words(parser: MarkdownIt) -> None:
    """Leave what stands for hidden words as it is; its underscores would make it an emphasised word."""
    parser.inline.ruler.before("emphasis", "hidden_words", _hidden_word)


def _hidden_word(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith(MARK, state.pos):
        return False
    if not silent:
        state.pending += MARK
    state.pos += len(MARK)
    return True


def _task_lists(state: StateCore) -> None:
    tokens = state.tokens
    for item, paragraph, text in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type == "list_item_open" and paragraph.type == "paragraph_open":
            _mark_task(item, text)


def _mark_task(item: Token, text: Token) -> None:
    """Put the box at the beginning of an item, where one is written."""
    children = text.children or []
    found = TASK.match(children[0].content) if children and children[0].type == "text" else None
    if found is None:
        return
    children[0].content = children[0].content[found.end() :]
    box = '<input type="checkbox" disabled checked> ' if found[1] != " " else '<input type="checkbox" disabled> '
    text.children = [_html(f"<label>{box}"), *children, _html("</label>")]
    item.attrSet("class", "task")


def _html(content: str) -> Token:
    """Return a token of trusted HTML. What people write never becomes one: the parser takes no HTML from them."""
    return Token("html_inline", "", 0, content=content)


def _pictures_as_links(state: StateCore) -> None:
    for text in state.tokens:
        if text.children and any(each.type == "image" for each in text.children):
            text.children = _without_pictures(text.children)


def _without_pictures(children: list[Token]) -> list[Token]:
    replaced: list[Token] = []
    open_links = 0
    for token in children:
        if token.type in {"link_open", "link_close"}:
            open_links += token.nesting
        # A link cannot stand in a link: there its words are enough.
        replaced += [token] if token.type != "image" else _link(token) if not open_links else [_words(token)]
    return replaced


def _link(picture: Token) -> list[Token]:
    return [
        Token("link_open", "a", 1, attrs={"href": str(picture.attrGet("src"))}),
        _words(picture),
        Token("link_close", "a", -1),
    ]


def _words(picture: Token) -> Token:
    return Token("text", "", 0, content=picture.content or str(picture.attrGet("src")))
