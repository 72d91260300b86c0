"""What people paste and type: what came along with it is left out, and nothing but invisible characters is nothing."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, get_args, get_origin

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from pydantic import BaseModel, TypeAdapter, ValidationError

from learning_platform.attempts.repository_links import CredentialsInLink, SchemeMissing, SshAddress, repository_link
from learning_platform.attempts.rules import NotARepositoryLink
from learning_platform.web.schemas.accounts import Email, Login, Password, Username
from learning_platform.web.schemas.attempts import RepositoryLink
from learning_platform.web.schemas.common import Comment, Input, Statement, Text, Title
from learning_platform.web.schemas.diary import EntryText
from learning_platform.web.schemas.texts import KINDS
from tests.people import School
from tests.routes import routes_of
from tests.web.pages.browsing import Browser, signed_in

AROUND = [
    " {} ",
    "{}\n",
    "\r\n{}",
    "\ufeff{}",
    "{}\u200b",
    "\u00a0{}\u00a0",
    "\u2060\t{}\u00ad",
    "\u202a{}\u202c",
    "\u3000{}",
]
WRAPPED = [*AROUND, "<{}>", " <{}>\n", "<\u200b{}>"]
INVISIBLE = [
    "",
    " ",
    "\u200b",
    "\ufeff\u00a0\n",
    "\u00ad\u2060",
    "\u3164",
    "\u2800",
    "\u202e\u202c",
    "\ufe0f",
    "\u115f\u1160",
]
LINK = "https://github.com/alice/hello"
SAID_ELSEWHERE = {"TrackEdit.criteria"}


def all_inputs(kind: type[BaseModel] = Input) -> Iterator[type[BaseModel]]:
    """Yield every schema of what people and programs send."""
    for below in kind.__subclasses__():
        yield below
        yield from all_inputs(below)


def texts(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield what is said of every text in a type, however deep in lists and choices."""
    if annotation is str:
        yield metadata
    elif get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        yield from texts(inner, (*metadata, *said))
    elif get_origin(annotation) is not None:
        for part in get_args(annotation):
            # What is said of an optional text is said of the text.
            yield from texts(part, () if get_origin(annotation) is list else metadata)


def test_every_text_that_is_sent_says_of_which_kind_it_is(app: FastAPI) -> None:
    silent = set()
    for schema in all_inputs():
        for name, field in schema.model_fields.items():
            if not all(any(each in KINDS for each in said) for said in texts(field.annotation, tuple(field.metadata))):
                silent.add(f"{schema.__name__}.{name}")
    for route in routes_of(app):
        for place in ("path", "query", "header", "cookie", "body"):
            for parameter in route.parameters(place):
                info = parameter.field_info
                if not all(
                    any(each in KINDS for each in said) for said in texts(info.annotation, tuple(info.metadata))
                ):
                    silent.add(f"{route} {parameter.alias}")
    assert silent - SAID_ELSEWHERE == set(), "add IDENTIFIER, ONE_LINE, PROSE, … (web/schemas/texts.py) to its type"


def test_no_text_in_an_address_has_a_character_that_the_database_does_not_store(app: FastAPI) -> None:
    taken = set()
    for route in routes_of(app):
        for parameter in route.parameters("path"):
            info = parameter.field_info
            if info.annotation is str:
                with suppress(ValidationError):
                    TypeAdapter(Annotated[str, *info.metadata]).validate_python("a\x00b")
                    taken.add(f"{route} {parameter.alias}")
    assert taken == set(), "add pattern=NO_NUL (web/schemas/common.py) to its type"


def test_every_body_of_a_route_is_an_input(app: FastAPI) -> None:
    known = set(all_inputs())
    for route in routes_of(app):
        for body in route.parameters("body"):
            kind = body.field_info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                assert kind in known, f"{route}: {kind.__name__}"


@pytest.mark.parametrize("around", WRAPPED, ids=ascii)
@pytest.mark.parametrize(
    ("kind", "text"),
    [(Email, "alice@example.com"), (Username, "alice"), (Login, "alice"), (RepositoryLink, LINK)],
    ids=["email", "username", "login", "link"],
)
def test_what_came_along_with_a_name_or_an_address_is_left_out(kind: Any, text: str, around: str) -> None:
    assert TypeAdapter(kind).validate_python(around.format(text)) == text


@pytest.mark.parametrize("around", AROUND, ids=ascii)
def test_nothing_is_left_out_of_a_password(around: str) -> None:
    typed = around.format("correct horse")
    assert TypeAdapter(Password).validate_python(typed) == typed


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("kind", [Title, Statement, EntryText], ids=["title", "statement", "entry"])
def test_nothing_but_invisible_characters_is_nothing(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(text)
    assert caught.value.errors()[0]["type"] in {"string_too_short", "text_direction"}


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("kind", [Comment, Text], ids=["comment", "description"])
def test_an_optional_text_with_nothing_to_read_is_none(kind: Any, text: str) -> None:
    assert TypeAdapter(kind).validate_python(text) == ""


@pytest.mark.parametrize("mark", "\u202a\u202b\u202d\u202e\u2066\u2067\u2068", ids=ascii)
def test_a_title_cannot_turn_the_text_after_it_around(mark: str) -> None:
    with pytest.raises(ValidationError, match="direction"):
        TypeAdapter(Title).validate_python(f"Python {mark}basics")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Python\nbasics ", "Python basics"),
        ("\u200bВведение\u00a0", "Введение"),
        ("С♥\ufe0f", "С♥\ufe0f"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("نص", "نص"),
        ("مرحبا \u200fC++", "مرحبا \u200fC++"),
    ],
)
def test_a_title_is_one_line_and_otherwise_as_it_was_typed(typed: str, kept: str) -> None:
    assert TypeAdapter(Title).validate_python(typed) == kept


def test_the_user_that_bitbucket_puts_into_its_links_is_left_out() -> None:
    assert repository_link("https://alice@bitbucket.org/team/hello.git") == "https://bitbucket.org/team/hello.git"
    assert repository_link("https://ghp_x1@github.com/a/b") == "https://github.com/a/b"


@pytest.mark.parametrize(
    ("url", "kind", "proposed"),
    [
        ("git@github.com:alice/hello.git", SshAddress, "https://github.com/alice/hello.git"),
        ("ssh://git@gitlab.example:2222/a/b.git", SshAddress, "https://gitlab.example/a/b.git"),
        ("git+ssh://git@host.example/a/b", SshAddress, "https://host.example/a/b"),
        ("github.com/alice/hello", SchemeMissing, LINK),
        ("git.example:3000/a/b", SchemeMissing, "https://git.example:3000/a/b"),
        ("https://alice:secret@git.example/a/b", CredentialsInLink, None),
        ("https://:secret@git.example/a/b", CredentialsInLink, None),
        ("ftp://git.example/a", NotARepositoryLink, None),
    ],
)
def test_a_link_that_cannot_be_used_is_refused_with_what_to_give(
    url: str, kind: type[NotARepositoryLink], proposed: str | None
) -> None:
    with pytest.raises(NotARepositoryLink) as caught:
        repository_link(url)
    assert type(caught.value) is kind
    assert caught.value.code == "not_a_repository_link"
    assert caught.value.values.get("url") == proposed


@pytest.mark.parametrize("around", WRAPPED, ids=ascii)
async def test_a_pasted_link_is_handed_in_by_both_ways(school: School, around: str) -> None:
    alice, bob = await school.people(2)
    await school.running_track(alice, [alice, bob])
    assert (await alice.submit(1, around.format(LINK))).json()["repo_url"] == LINK
    async with signed_in(school, bob) as browser:
        await browser.fill_in("/assignments/1/submit", repo_url=around.format("github.com/alice/hello"))
    assert (await bob.ok("GET", "/assignments/1/submission"))["repo_url"] == LINK


async def test_a_user_who_pastes_their_name_signs_in_by_both_ways(school: School, client: AsyncClient) -> None:
    account = {"email": " <alice@example.com>\n", "username": "\ufeffalice ", "password": " correct horse "}
    created = await client.post("/register", json=account)
    assert (created.status_code, created.json()["username"], created.json()["email"]) == (
        201,
        "alice",
        "alice@example.com",
    )
    for number, login in enumerate(("alice\u200b", " <alice@example.com>")):
        form = {"username": login, "password": " correct horse "}
        assert (await client.post("/token", data=form)).status_code == 200
        async with Browser(school) as browser:
            await browser.fill_in("/sign-in", **form)
            assert "session" in browser.cookies, number
    form = {"username": "alice", "password": "correct horse"}
    assert (await client.post("/token", data=form)).status_code == 401


async def test_the_page_says_what_to_give_instead_of_an_ssh_address(school: School) -> None:
    alice, bob = await school.people(2)
    await school.running_track(alice, [alice, bob])
    async with signed_in(school, alice) as browser:
        page = await browser.fill_in("/assignments/1/submit", 422, repo_url="git@github.com:alice/hello.git")
    assert "https://github.com/alice/hello.git" in page
