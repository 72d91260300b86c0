"""Texts that users wrote are shown with their own direction and language.

Usernames need neither: they are in Latin script.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from learning_platform.web.pages.kit.rendering import TEMPLATES

TOKEN = re.compile(
    r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<!--|-->|</?(?:option|textarea|title)\b|<(?=[a-zA-Z/!])|>", re.DOTALL
)
WRITTEN = re.compile(
    r"(?:\w\.(?:title|name|display_name|about|text|comment|answer|reason|description)"
    r"|\b(?:track_title|assignment_title|revoke_reason)|\btitles\[[^\]]*\])(?:$| or )"
)
FORMATTING = {"written", "note", "markdown", "excerpt"}
OF_THE_PRODUCT = "a name of the program's own"
SENTENCE = "a sentence in the language of the page"
EXCEPTIONS = {
    ("admin_health.html", "task.name"): OF_THE_PRODUCT,
    ("admin_user.html", "each.name"): "the name of a provider, set by the operator",
    ("settings_identities.html", "each.name"): "the name of a provider, set by the operator",
    ("settings_identities.html", "provider.name"): "the name of a provider, set by the operator",
    ("settings.html", "provider.name"): "the name of a provider, set by the operator",
    ("components.html", "provider.name"): "the name of a provider, set by the operator",
    ("code_parts.html", "each.name"): "the name of a folder, shown as code",
    ("home.html", "each.title"): SENTENCE,
    ("home.html", "each.text"): SENTENCE,
    ("inbox.html", "each.title"): SENTENCE,
    ("inbox.html", "each.text"): SENTENCE,
}


@dataclass(frozen=True)
class Shown:
    """An expression whose value stands between tags, where markup is possible."""

    line: int
    value: str
    filters: frozenset[str]


class Template:
    """A template, read up to a place: whether markup is possible there."""

    def __init__(self) -> None:
        self._is_in_tag, self._element = False, ""
        self._blocks: list[str] = []

    @property
    def takes_markup(self) -> bool:
        """Attributes, form values, titles and the head of a page take none."""
        return not (self._is_in_tag or self._element or {"title", "about"} & set(self._blocks))

    def read_tag(self, text: str) -> None:
        self._is_in_tag = text != ">"
        if name := re.fullmatch(r"<(/?)(option|textarea|title)", text):
            self._element = "" if name[1] else name[2]

    def read_statement(self, statement: str, rest: str) -> None:
        if statement == "block":
            self._blocks.append(rest.strip())
        elif statement == "endblock":
            self._blocks.pop()


def shown_between_tags(source: str) -> Iterator[Shown]:
    """Find what a template shows outside of attributes, form values and titles."""
    template = Template()
    for token in TOKEN.finditer(source):
        line = source.count("\n", 0, token.start()) + 1
        if token[0].startswith("{%"):
            statement, _, rest = token[0].strip("{%-+} ").partition(" ")
            template.read_statement(statement, rest)
            if statement == "trans" and template.takes_markup:
                yield from (shown(line, value) for value in re.findall(r"\w+=([^,]+)", rest))
        elif token[0].startswith("{{"):
            if template.takes_markup:
                yield shown(line, token[0].strip("{}-+ "))
        elif not token[0].startswith(("{#", "<!--", "-->")):
            template.read_tag(token[0])


def shown(line: int, expression: str) -> Shown:
    value, *filters = re.split(r"\s*\|\s*", expression.strip())
    return Shown(line, value.strip(), frozenset(re.match(r"\w*", each)[0] for each in filters))  # type: ignore[index]  # It matches always.


def texts_without_direction(name: str, source: str) -> list[str]:
    return [f"{name}:{each.line}: {each.value}" for each in shown_between_tags(source) if lacks_direction(name, each)]


def lacks_direction(name: str, each: Shown) -> bool:
    if each.value.startswith("ui.") or each.filters & FORMATTING or (name, each.value) in EXCEPTIONS:
        return False
    return WRITTEN.search(each.value) is not None


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_texts_that_users_wrote_are_shown_with_their_direction_and_language(template: Path) -> None:
    assert texts_without_direction(template.name, template.read_text()) == []


def test_a_text_without_its_direction_is_found() -> None:
    source = (
        '{% block title %}{{ track.title }}{% endblock %}<a title="{{ track.title }}">{{ track.title }}</a>\n'
        "<option>{{ track.title }}</option>{{ track.title | written }}\n"
        "{% trans title=track.title %}Of {{ title }}{% endtrans %}"
    )
    assert texts_without_direction("any.html", source) == ["any.html:1: track.title", "any.html:3: track.title"]
