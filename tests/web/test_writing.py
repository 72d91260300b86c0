"""What is written is what the response model says, whatever kind of value it is read from."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from learning_platform.core.database import Json
from learning_platform.web.http.json_writer import writer_of
from learning_platform.web.schemas.common import Output

TIME = datetime(2030, 1, 3, 12, tzinfo=UTC)


class Leaf(Output):
    """A model of plain fields."""

    id: int
    name: str


class Tree(Output):
    """A model of models."""

    root: Leaf
    leaves: list[Leaf]
    crown: Leaf | None
    names: dict[int, str]
    kind: Annotated[Literal["oak", "elm"], Field(description="Which.")]


@dataclass(frozen=True, slots=True)
class JustALeaf:
    """Has what the model has."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class MoreThanALeaf:
    """Has more than the model has, and one thing only as a property."""

    id: int
    secret: str

    @property
    def name(self) -> str:
        """Return the name."""
        return self.secret.upper()


@dataclass(frozen=True, slots=True)
class JustATree:
    """Has what the model has."""

    root: object
    leaves: object
    crown: object
    names: dict[int, str]
    kind: str


def written(annotation: Any, value: object) -> Any:
    """Return what comes out, read again."""
    write = writer_of(annotation)
    assert write is not None
    return json.loads(write(value))


def test_a_value_with_just_the_fields_is_written_whole() -> None:
    assert written(Leaf, JustALeaf(1, "Ü")) == {"id": 1, "name": "Ü"}


def test_what_the_model_does_not_name_is_not_written_and_properties_are_read() -> None:
    assert written(Leaf, MoreThanALeaf(1, "x")) == {"id": 1, "name": "X"}
    assert written(list[Leaf], [MoreThanALeaf(1, "x"), JustALeaf(2, "y")]) == [
        {"id": 1, "name": "X"},
        {"id": 2, "name": "y"},
    ]


def test_a_model_is_written_like_any_other_value() -> None:
    assert written(Leaf, Leaf(id=1, name="x")) == {"id": 1, "name": "x"}


def test_models_within_models_are_found_wherever_they_are() -> None:
    secretive = MoreThanALeaf(1, "x")
    leaf = {"id": 1, "name": "X"}
    tree = JustATree(root=secretive, leaves=(secretive,), crown=None, names={7: "seven"}, kind="oak")
    assert written(Tree, tree) == {
        "root": leaf,
        "leaves": [leaf],
        "crown": None,
        "names": {"7": "seven"},
        "kind": "oak",
    }
    tree = JustATree(root=secretive, leaves=[], crown=secretive, names={}, kind="elm")
    assert written(Tree, tree)["crown"] == leaf


def test_json_of_the_database_is_passed_on_as_it_is() -> None:
    tree = JustATree(JustALeaf(1, "x"), Json('[{"id": 5,\n "name": "y"}]'), None, {}, "oak")
    assert written(Tree, tree)["leaves"] == [{"id": 5, "name": "y"}]
    assert [leaf["id"] for leaf in Json('[{"id": 5}]')] == [5]


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (TIME, "2030-01-03T12:00:00Z"),
        (TIME + timedelta(microseconds=5), "2030-01-03T12:00:00.000005Z"),
        (TIME.astimezone(timezone(timedelta(0))), "2030-01-03T12:00:00Z"),
    ],
)
def test_times_are_rfc_3339_in_utc(time: datetime, text: str) -> None:
    assert written(datetime, time) == text
