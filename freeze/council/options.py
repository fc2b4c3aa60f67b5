"""Describing settings: of each option its default as TOML, what is allowed, its unit, its clause and what it is for.

Read from the pydantic models themselves, so that what is printed cannot differ from what is checked. Pure.
"""

from __future__ import annotations

import enum
import json
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from freeze.posts import Json

WIDE = 88
"""Characters of one line of TOML, beyond which a list gets a line for each thing in it."""
UNSET = "not set unless you give one"
BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting in words; `default` is TOML, empty where one has to be given. `allowed` is empty where all is."""

    key: str
    default: str
    allowed: str
    unit: str
    clause: str
    description: str

    def to_json(self) -> dict[str, Json]:
        """For `--json`."""
        return {
            "key": self.key,
            "default": self.default or None,
            "allowed": self.allowed or None,
            "unit": self.unit or None,
            "clause": self.clause or None,
            "description": self.description or None,
        }


def described(model: type[BaseModel]) -> list[Option]:
    """Every option of a model, in the order in which it has them."""
    return [_option(name, f) for name, f in model.model_fields.items()]


def _option(name: str, f: FieldInfo) -> Option:
    extra: Mapping[str, Any] = f.json_schema_extra if isinstance(f.json_schema_extra, dict) else {}
    given = f.get_default(call_default_factory=True)
    default = "" if given is PydanticUndefined else toml(given)
    unit, clause = (str(extra.get(k, "")) for k in ("unit", "clause"))
    return Option(name, default, allowed(f), unit, clause, f.description or "")


def toml(value: object) -> str:
    """A value as TOML; None, which TOML does not have, is empty.

    >>> toml((1, "a"))
    '[1, "a"]'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, enum.Enum):
        return toml(value.value)
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return toml({k: v for k, v in value.model_dump().items() if v is not None})
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(str(k))} = {toml(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, tuple | list | set | frozenset):
        things = [toml(v) for v in (sorted(value) if isinstance(value, set | frozenset) else value)]
        line = f"[{', '.join(things)}]"
        return line if len(line) <= WIDE else "[\n" + "".join(f"  {part}\n" for part in _packed(things)) + "]"
    return json.dumps(str(value), ensure_ascii=False)


def _packed(things: list[str]) -> Iterator[str]:
    """Things with a comma behind each, as many to a line as there is room for."""
    line = ""
    for thing in things:
        if line and len(line) + len(thing) + 2 > WIDE:
            yield line
            line = ""
        line += f"{' ' if line else ''}{thing},"
    if line:
        yield line


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def allowed(f: FieldInfo) -> str:
    """What may be given, in words: "a whole number from 1 to 60"."""
    said = _type(f.annotation)
    low, high, length = _bounds(f.metadata)
    if low and high:
        said += f" from {low} to {high}"
    elif low or high:
        said += f" of at least {low}" if low else f" of at most {high}"
    return said + length


def _bounds(metadata: list[Any]) -> tuple[str, str, str]:
    low = high = length = ""
    for m in metadata:
        for name, words in (("ge", "{}"), ("gt", "more than {}")):
            if getattr(m, name, None) is not None:
                low = words.format(getattr(m, name))
        for name, words in (("le", "{}"), ("lt", "less than {}")):
            if getattr(m, name, None) is not None:
                high = words.format(getattr(m, name))
        if getattr(m, "min_length", None):
            length = ", not empty"
        if getattr(m, "pattern", None):
            length = f" like {m.pattern}"
    return low, high, length


def _type(kind: Any) -> str:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _type(inside[0])
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(t) for t in inside if t is not type(None)))
    if origin is Literal:
        return _one_of(inside)
    if origin in (tuple, list, set, frozenset):
        return f"a list, each {_type(inside[0])}" if inside else "a list"
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return f"a table, each {_type(inside[1])}" if len(inside) > 1 else "a table"
    if isinstance(kind, type):
        if issubclass(kind, enum.Enum):
            return _one_of([e.value for e in kind])
        if issubclass(kind, BaseModel):
            return f"a table of {', '.join(kind.model_fields)}"
        for known, words in NAMES:
            if issubclass(kind, known):
                return words
    return "a value"


def _one_of(values: Any) -> str:
    *rest, last = (toml(v) for v in values)
    return f"{', '.join(rest)} or {last}" if rest else last


NAMES: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (datetime, "a date and time"),
    (date, "a date like 2026-11-11"),
    (time, 'a time of day in London like "17:00"'),
    (SecretStr, "a secret"),
)


def at(model: type[BaseModel], path: list[str]) -> FieldInfo | None:
    """The field that a path of keys leads to; list indices are passed over. None where it leads to no field."""
    field: FieldInfo | None = None
    here: type[BaseModel] | None = model
    for step in path:
        if here is not None and step in here.model_fields:
            field = here.model_fields[step]
            here = next(_models(field.annotation), None)
        elif field is None:
            return None
    return field


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that a type is made of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inside in get_args(kind):
        yield from _models(inside)


def commented(options: list[Option], clause: str = "") -> Iterator[str]:
    """Options as lines of a settings file that change nothing until somebody takes the first # away.

    `clause` is what stands over all of them already.
    """
    for o in options:
        about = ", ".join(filter(None, (o.unit, f"clause {o.clause}" if o.clause not in ("", clause) else "")))
        says = o.description.rstrip(".")
        if says or about:
            yield f"#   {says}{'' if not about else f' ({about})' if says else about}".rstrip()
        if not o.default:
            yield f"# {o.key} =      # {UNSET}: {o.allowed}"
            continue
        first, *rest = o.default.splitlines()
        yield from (f"# {o.key} = {first}", *(f"# {line}" for line in rest))
