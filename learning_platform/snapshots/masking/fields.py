"""Fields of package files that name people, and what modules say of their author."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from learning_platform.snapshots.masking.prose import Span

PACKAGE_FILES = """
app.json bower.json citation.cff codemeta.json composer.json description extension.json galaxy.yml manifest.json mix.exs
package.json package.yaml pom.xml project.clj pubspec.yaml pyproject.toml cargo.toml setup.cfg setup.py build.gradle
build.sbt dockerfile containerfile
"""
NAMES = frozenset(PACKAGE_FILES.split())
SUFFIXES = frozenset({".gemspec", ".podspec", ".cabal", ".csproj", ".fsproj", ".nuspec", ".rockspec"})
FIELD = r"authors?(?:[-_]?(?:name|email|url))?|contributors?|maintainers?(?:[-_]?email)?|creator|developers?|copyright"
MODULE_FIELD = re.compile(
    r"__(?:author|authors|email|maintainer|credits|copyright|contact)__\s{0,5}=\s{0,5}"
    r"(?P<quote>[\"'])(?P<hidden>[^\"'\r\n]{1,300})(?P=quote)"
)
# A value without quotes stands in the line of its field.
VALUE = re.compile(
    rf"(?i)(?<![\w-])[\"']?(?:{FIELD})[\"']?\s{{0,5}}[:=]"
    r"(?=(?:\s{0,20}[\"'\[{]|[ \t]{0,20}[^\s\"'\[{]))\s*(?P<value>\S)"
)
PEOPLE = r"authors?|owners|company|copyright|developer|contributor|creator"
ELEMENT = re.compile(rf"(?i)<(?P<name>{PEOPLE})>(?P<hidden>[^<\r\n]{{1,300}})</(?P=name)>")
PERSON = re.compile(r"(?is)<(?:developer|contributor)>.{0,2000}?</(?:developer|contributor)>")
TEXT = re.compile(r">(?P<hidden>[^<>\s][^<>\r\n]{0,300})<")
CITATION = re.compile(
    r"(?im)^[- \t]*(?:family-names|given-names|alias|orcid|affiliation|name)[ \t]*:[ \t]*(?P<hidden>[^\r\n]+)"
)
DOCKER = re.compile(r"(?im)^[ \t]*MAINTAINER[ \t]+(?P<hidden>[^\r\n]+)")
STRING = re.compile(r"\"(?P<double>(?:[^\"\\\r\n]|\\.){1,500})\"|'(?P<single>(?:[^'\\\r\n]|\\.){1,500})'")
# In a list of people, these are names of fields and no values.
KEY = re.compile(r"[\"']?\s*:")
UNQUOTED = re.compile(r"[^\r\n,;(){}\"']{1,300}")
CLOSES = {"[": "]", "{": "}"}
MAX_VALUE_LENGTH = 5000


def spans_of_fields(text: str, path: str) -> Iterator[Span]:
    """Yield the values of fields that name people."""
    for match in MODULE_FIELD.finditer(text):
        yield match.span("hidden")
    name = PurePosixPath(path).name.casefold()
    if name in NAMES or PurePosixPath(name).suffix in SUFFIXES:
        yield from _of_package(text, name)


def _of_package(text: str, name: str) -> Iterator[Span]:
    start = 0
    while (match := VALUE.search(text, start)) is not None:
        start = _end_of_value(text, match.start("value"))
        yield from _values(text, match.start("value"), start)
    for pattern in (ELEMENT, DOCKER, *((CITATION,) if name == "citation.cff" else ())):
        yield from (match.span("hidden") for match in pattern.finditer(text))
    for person in PERSON.finditer(text):
        yield from (match.span("hidden") for match in TEXT.finditer(text, person.start(), person.end()))


def _end_of_value(text: str, start: int) -> int:
    """Return where a value ends: a list, an object, a text, or what stands without quotes before the line ends."""
    if text[start] in CLOSES:
        return _end_of_list(text, start)
    match = (STRING if text[start] in "\"'" else UNQUOTED).match(text, start)
    return start + 1 if match is None else match.end()


def _values(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the texts in a value: one, or those of a list or an object."""
    if text[start] in CLOSES or text[start] in "\"'":
        yield from _texts(text, start, end)
    else:
        yield start, start + len(text[start:end].rstrip())


def _texts(text: str, start: int, end: int) -> Iterator[Span]:
    for match in STRING.finditer(text, start, end):
        if not KEY.match(text, match.end()):
            yield _inside(match)


def _end_of_list(text: str, start: int) -> int:
    """Return where a list or an object ends; brackets in texts are rare, and hide more rather than less."""
    depth = 0
    for index in range(start, min(len(text), start + MAX_VALUE_LENGTH)):
        depth += (text[index] in "[{") - (text[index] in "]}")
        if depth == 0:
            return index
    return min(len(text), start + MAX_VALUE_LENGTH)


def _inside(match: re.Match[str]) -> Span:
    return match.span("double" if match["double"] is not None else "single")
