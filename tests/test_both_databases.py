"""Every command does the same on SQLite and on PostgreSQL: the commands and their options come from click itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click
import pytest
from both_stories import STORIES, Placeholders, Use, town
from conftest import POSTGRESQL, SQLITE, STORES, Practice, Result, on_both_databases

import cli

UNTRIED = {
    "demo": "runs on a store of its own, SQLite in a folder that it throws away",
    "sandbox serve": "opens no store: it is the platforms",
}
"""Commands that no story uses, and why they need none."""

UNGIVEN = {
    "adapters --markdown": "prints a table about the adapters; opens no store",
    "policies --markdown": "prints a table about the rules; opens no store",
    "policies --table": "prints a table about the rules; opens no store",
}
"""Options that no use gives, and why they need none."""


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by what is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        typed = f"{before} {name}".strip()
        if isinstance(found, click.Group):
            yield from leaves(found, typed)
        else:
            yield typed, found


COMMANDS = dict(leaves(cli.freeze))
USES = [step for story in STORIES.values() for step in story if isinstance(step, Use)]


def command_of(use: Use) -> str:
    two = " ".join(use.args[:2])
    return two if two in COMMANDS else use.args[0]


def options_given(use: Use) -> set[str]:
    """The options of a use as click itself reads them; every use is run with the two that each command has."""
    typed = command_of(use)
    command = COMMANDS[typed]
    parser = command.make_parser(click.Context(command))
    _, _, given = parser.parse_args(list(use.args[typed.count(" ") + 1 :]))
    return {named(typed, o) for o in given if isinstance(o, click.Option)}


def named(typed: str, option: click.Option) -> str:
    return f"{typed} {max(option.opts, key=len)}"


def test_every_command_has_a_use_that_is_tried_on_both_databases() -> None:
    used = {command_of(u) for u in USES}
    unused = sorted(COMMANDS.keys() - used - UNTRIED.keys())
    missing = [f"no use of `freeze {typed}` is tried on both databases" for typed in unused]
    assert not missing
    assert used <= COMMANDS.keys(), "a use of a command that there is not"
    assert not used & set(UNTRIED), "said to need no use, and used"
    assert set(UNTRIED) <= COMMANDS.keys()


def test_every_option_of_every_command_is_given_in_a_use() -> None:
    given = {o for u in USES for o in options_given(u)}
    there = {
        named(typed, o)
        for typed, command in COMMANDS.items()
        for o in command.params
        if isinstance(o, click.Option) and typed not in UNTRIED and o.name not in ("as_json", "as_of")
    }
    missing = [f"no use gives `freeze {o}`" for o in sorted(there - given - UNGIVEN.keys())]
    assert not missing
    assert not given & UNGIVEN.keys(), "said to need no use, and given"
    assert UNGIVEN.keys() <= there


@dataclass(frozen=True)
class Answered:
    """What one use came to: as it was typed, its exit code, what it said, and of that what must be the same."""

    use: Use
    typed: str
    result: Result
    levelled: Any

    @property
    def data(self) -> Any:
        return said(self.result)


def said(result: Result) -> Any:
    """What `--json` printed; nothing where the guard itself failed."""
    lines = result.out.strip().splitlines()
    return json.loads(lines[-1]) if lines else {}


class Telling:
    """A story as it was told once on each kind of store; told again only when it was not yet."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], list[Answered]] = {}

    def told(self, name: str, store: str, practice: Callable[..., Practice]) -> list[Answered]:
        if (name, store) not in self._told:
            self._told[name, store] = list(tell(name, town(practice, store)))
        return self._told[name, store]


@pytest.fixture(scope="module")
def telling() -> Telling:
    return Telling()


def tell(name: str, p: Practice) -> Iterator[Answered]:
    known = Placeholders(p)
    for step in STORIES[name]:
        if not isinstance(step, Use):
            step(p)
            continue
        args = [known.filled(a) for a in step.args]
        result = p.freeze(*args, "--json")
        known.learn(said(result))
        where = {p.stored_in: "<store>", p.url: "<sandbox>", str(p.folder): "<folder>"}
        yield Answered(step, f"freeze {' '.join(args)}", result, levelled(said(result), where))


LEVELS = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(\+\d\d:\d\d|Z)?", "<instant>"),
    (r"\b\d\d:\d\d(:\d\d)?\b", "<time>"),
    (r"\b\d+ (seconds?|minutes?)\b", "<span>"),
    (r"\bc[0-9a-f]{7}\b", "c#"),
    (r"\b(?=[0-9a-f]*\d)[0-9a-f]{6,64}\b", "<seal>"),
    (r"\bp\d+\b", "p#"),
    (r"\bprocess \d+\b", "process #"),
]
"""What differs between two tellings of a story on one database too: clocks, seals, numbers given by many hands."""


NUMBERS = {"post", "hold", "intent"}
"""What the log calls by its number in the store."""


def levelled(value: Any, where: Mapping[str, str]) -> Any:
    """Data of which two databases must say the same."""
    if isinstance(value, dict):
        return {levelled(k, where): "#" if k in NUMBERS else levelled(v, where) for k, v in value.items()}
    if isinstance(value, list):
        return sorted((levelled(v, where) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    if isinstance(value, float):
        return "<float>"
    if isinstance(value, str):
        for this, that in where.items():
            value = value.replace(this, that)
        for pattern, that in LEVELS:
            value = re.sub(pattern, that, value)
    return value


def differences(a: Any, b: Any, where: str = "") -> Iterator[str]:
    """Where two answers differ, one sentence each."""
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted({*a, *b}):
            yield from differences(a.get(k), b.get(k), f"{where}.{k}")
    elif isinstance(a, list) and isinstance(b, list):
        mine, theirs = ([json.dumps(x, sort_keys=True) for x in these] for these in (a, b))
        yield from (f"{where}: only on SQLite: {x[:300]}" for x in (Counter(mine) - Counter(theirs)))
        yield from (f"{where}: only on PostgreSQL: {x[:300]}" for x in (Counter(theirs) - Counter(mine)))
    elif a != b:
        yield f"{where}: {a} on SQLite, {b} on PostgreSQL"


@pytest.mark.parametrize("store", [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
@pytest.mark.parametrize("name", STORIES)
def test_every_use_ends_as_it_should(
    name: str, store: str, practice: Callable[..., Practice], telling: Telling
) -> None:
    wrong = [
        f"{a.typed}: {a.result.code} instead of {a.use.code}: {a.data.get('error', '')} {a.result.err[-300:]}"
        for a in telling.told(name, store, practice)
        if a.result.code != a.use.code
    ]
    assert not wrong


@pytest.mark.postgres
@pytest.mark.parametrize("name", STORIES)
def test_both_databases_give_the_same_answers(name: str, practice: Callable[..., Practice], telling: Telling) -> None:
    differ = []
    for mine, theirs in zip(*(telling.told(name, s, practice) for s in STORES), strict=True):
        a, b = mine.levelled, theirs.levelled
        differ += [f"{mine.typed}: {d}" for d in differences(a, b)]
    assert not differ, "\n".join(differ)


@on_both_databases
def test_a_council_of_the_tests_that_begins_like_another_reads_no_platform_again(
    practice: Callable[..., Practice],
) -> None:
    first = practice().ready()
    second = practice().ready()
    assert second.calls()["sequence"] == [], "what the seed makes differs from one council to the next"
    assert second.json("list")["freezes"] == first.json("list")["freezes"] == []
    assert second.json("held")["exit"] == 0
