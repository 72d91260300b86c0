"""Values as JSON, in the shape a response model describes.

What a model names is read from the value's attributes and written by orjson in one go. The model is not built: mypy,
and the tests, which hold every answer to its schema (tests/people.py), see to it that values fit.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

import orjson
from pydantic import BaseModel

from learning_platform.core.database import Json

# Turns a value into what orjson writes as the model says.
Shape: TypeAlias = Callable[[Any], Any]
OPTIONS = orjson.OPT_UTC_Z


def writer_of(annotation: Any) -> Callable[[Any], bytes]:
    """Return what writes values of a response model, or of a list of them."""
    shape = _shape_of(annotation)
    if shape is None:
        return lambda value: orjson.dumps(value, option=OPTIONS)
    return lambda value: orjson.dumps(shape(value), option=OPTIONS)


def _shape_of(annotation: Any) -> Shape | None:
    """Return the shape of an annotation, or None where orjson writes the value as it is."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape_of(arguments[0])
    if origin in (Union, UnionType):
        return _optional(*(one for one in arguments if one is not NoneType))
    if isinstance(origin, type) and issubclass(origin, dict):
        return _named(_shape_of(arguments[1]))
    if isinstance(origin, type) and issubclass(origin, Collection):
        return _listed(_shape_of(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model_shape(annotation)
    return None


def _optional(*choices: Any) -> Shape | None:
    shapes = [shape for shape in map(_shape_of, choices) if shape is not None]
    if not shapes:
        return None
    (shape,) = shapes
    return lambda value: None if value is None else shape(value)


def _named(shape: Shape | None) -> Shape:
    if shape is None:
        return lambda value: {str(name): each for name, each in value.items()}
    return lambda value: {str(name): shape(each) for name, each in value.items()}


def _listed(shape: Shape | None) -> Shape | None:
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
    read = attrgetter(*names)
    return lambda value: (read(value),)


@cache
def _has_just(kind: type, names: tuple[str, ...]) -> bool:
    """Say whether values of this kind are written as they are: a dataclass with just these fields."""
    return is_dataclass(kind) and tuple(field.name for field in fields(kind)) == names
