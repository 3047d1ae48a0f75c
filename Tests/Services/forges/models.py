"""Makes values of pydantic models: what they want, with what a test is about put over it."""
import datetime
import enum
import types
import typing

import pydantic


def unwrapped(kind):
    while typing.get_origin(kind) is typing.Annotated or hasattr(kind, "__value__"):
        kind = kind.__value__ if hasattr(kind, "__value__") else typing.get_args(kind)[0]
    return kind


def example(kind, depth=0):
    """The least that is valid."""
    kind = unwrapped(kind)
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        kinds = [unwrapped(each) for each in typing.get_args(kind)]
        if type(None) in kinds:
            return None
        return example(kinds[0], depth)
    if origin is typing.Literal:
        return typing.get_args(kind)[0]
    if origin in (list, set):
        return []
    if origin is dict or kind is dict:
        return {}
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        return {
            field.alias or name: example(field.annotation, depth + 1)
            for name, field in kind.model_fields.items() if field.is_required()
        }
    if kind is type(None):
        return None
    if kind is bool:
        return False
    if kind is int:
        return 1
    if kind is float:
        return 1.0
    if kind is str:
        return "x"
    if kind in (datetime.datetime, datetime.date):
        return "2026-11-21T10:00:00Z"
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind)).value
    if kind is typing.Any or kind is object:
        return {}
    raise TypeError(f"no example of {kind}")


def merged(base, over):
    """Objects field by field; anything else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}
    return over


def made(model, **over):
    return merged(example(model), over)


def problem(kind, value, is_strict=False):
    """What is wrong with a value; None if all is well. Strict: nothing else may stand there."""
    try:
        adapter(kind).validate_python(value)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        return f"{'/'.join(str(part) for part in first['loc'])}: {first['msg']}"
    if is_strict and isinstance(value, dict):
        known = set()
        for each in models_of(kind):
            for name, field in each.model_fields.items():
                known |= {name, field.alias or name}
        unknown = set(value) - known
        if unknown:
            return f"nobody knows {sorted(unknown)}"
    return None


adapters = {}


def adapter(kind):
    """Making one of a large model takes a second."""
    if repr(kind) not in adapters:
        adapters[repr(kind)] = pydantic.TypeAdapter(kind)
    return adapters[repr(kind)]


def models_of(kind):
    kind = unwrapped(kind)
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        return [kind]
    return [model for each in typing.get_args(kind) for model in models_of(each)]
