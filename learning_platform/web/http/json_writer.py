"""Values as JSON, in the shape that a response model describes, without building the model.

A writer is made only for models that are understood completely: plain fields under their own names. Everything that
changes what Pydantic writes (aliases, validators, serializers, computed fields, settings of a model) is FastAPI's.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin
from uuid import UUID

import orjson
from annotated_types import BaseMetadata
from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from learning_platform.core.database import Json

# Turns a value into what orjson writes as the model says; None where orjson writes the value as it is.
Shape: TypeAlias = Callable[[Any], Any] | None
OPTIONS = orjson.OPT_UTC_Z
SCALARS = (int, str, bool, float, NoneType, datetime, date, UUID)
# What a model may be set to without any effect on what is written.
NEUTRAL_SETTINGS = frozenset({"from_attributes", "title", "frozen", "json_schema_extra", "use_attribute_docstrings"})
OWN_SCHEMA = "__get_pydantic_core_schema__"
CHANGES_OF_A_FIELD = ("alias", "serialization_alias", "exclude", "exclude_if", "discriminator", "init")


class NotUnderstood(Exception):
    """The response model, or a value, is to be written by FastAPI."""


def writer_of(annotation: Any) -> Callable[[Any], bytes] | None:
    """Return what writes values of a response model, or None if not all of it is understood.

    The writer raises NotUnderstood for a value that is not read by attributes, such as a dictionary.
    """
    try:
        shape = _shape_of(annotation)
    except NotUnderstood:
        return None

    def write(value: Any) -> bytes:
        try:
            return orjson.dumps(value if shape is None else shape(value), option=OPTIONS)
        except (AttributeError, TypeError) as error:
            raise NotUnderstood from error

    return write


def _shape_of(annotation: Any) -> Shape:
    if any(annotation is scalar for scalar in SCALARS):
        return None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return None
    if origin is Annotated:
        _ensure(all(map(_is_neutral, arguments[1:])))
        return _shape_of(arguments[0])
    if origin in (Union, UnionType):
        return _optional([one for one in arguments if one is not NoneType])
    if origin is dict:
        _ensure(arguments[0] in (int, str))
        return _named(_shape_of(arguments[1]))
    if origin in (list, Sequence):
        return _listed(_shape_of(arguments[0]))
    _ensure(isinstance(annotation, type) and issubclass(annotation, BaseModel) and _is_plain(annotation))
    return _model_shape(annotation)


def _ensure(is_understood: bool) -> None:
    if not is_understood:
        raise NotUnderstood


def _optional(choices: list[Any]) -> Shape:
    shapes = [shape for shape in map(_shape_of, choices) if shape is not None]
    if not shapes:
        return None
    # Which of several models a value is meant to be is Pydantic's to find out.
    _ensure(len(choices) == 1)
    (shape,) = shapes
    return lambda value: None if value is None else shape(value)


def _named(shape: Shape) -> Shape:
    if shape is None:
        return lambda value: {str(name): each for name, each in value.items()}
    return lambda value: {str(name): shape(each) for name, each in value.items()}


def _listed(shape: Shape) -> Shape:
    if shape is None:
        return None

    def listed(value: Any) -> Any:
        return orjson.Fragment(value.text) if type(value) is Json else [shape(each) for each in value]

    return listed


def _model_shape(model: type[BaseModel]) -> Shape:
    names = tuple(model.model_fields)
    read = _reader(names)
    found = ((name, _shape_of(field.annotation)) for name, field in model.model_fields.items())
    inner = [(name, shape) for name, shape in found if shape is not None]

    def shaped(value: Any) -> Any:
        kind: type = type(value)
        if not inner and _has_just(kind, names):
            return value
        written = dict(zip(names, read(value), strict=True))
        for name, shape in inner:
            written[name] = shape(written[name])
        return written

    return shaped


def _reader(names: tuple[str, ...]) -> Callable[[Any], Sequence[Any]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


@cache
def _has_just(kind: type, names: tuple[str, ...]) -> bool:
    """Say whether values of this kind are written as they are: a dataclass with just these fields."""
    return is_dataclass(kind) and tuple(field.name for field in fields(kind)) == names


def _is_plain(model: type[BaseModel]) -> bool:
    """Say whether Pydantic writes a model as its fields stand there."""
    if issubclass(model, RootModel) or not NEUTRAL_SETTINGS.issuperset(model.model_config):
        return False
    has_own_schema = any(
        "__get_pydantic_core_schema__" in vars(kind) for kind in model.__mro__ if kind is not BaseModel
    )
    decorators = model.__pydantic_decorators__
    has_decorators = any(getattr(decorators, field.name) for field in fields(decorators))
    return not has_own_schema and not has_decorators and all(map(_is_plain_field, model.model_fields.values()))


def _is_plain_field(field: FieldInfo) -> bool:
    is_changed = any(getattr(field, name, None) is not None for name in CHANGES_OF_A_FIELD)
    return not is_changed and all(map(_is_neutral, field.metadata))


def _is_neutral(metadata: object) -> bool:
    """Say whether metadata of a type says nothing of how it is written: descriptions and limits."""
    if isinstance(metadata, FieldInfo):
        return _is_plain_field(metadata)
    return isinstance(metadata, BaseMetadata)
