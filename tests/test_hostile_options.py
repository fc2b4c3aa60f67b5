"""Whatever is typed after any option of any command: a sentence and an exit code, never a fault of the guard itself."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click
import pytest
from conftest import Practice
from practising import SITE, Making, at, hamlet
from test_architecture import commands

import cli

STAY = {"demo", "sandbox serve"}
"""Commands that run on for as long as they are left."""
VALUES = (
    "",
    " ",
    "NaN",
    "inf",
    "-1",
    "0",
    "9" * 25,
    "1e400",
    "a\0b",
    "\udcff\ud83d",
    "x" * 70_000,
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "9999-12-31T23:59",
    "0001-01-01",
    "2569-09-08",
    "1443-02-12",
    "2026-02-30T25:61",
    "99999999d",
    "f99999999999999999999",
    "p99999999999999999999",
    "٣",
    "=cmd()",
    "../../../../../../etc/shadow/x",
    "file:///etc/hostname",
    "http://[::1",
)
EVERY_NTH = int(os.environ.get("FREEZE_TEST_EVERY", "9"))
"""Of the values each parameter gets every so-manieth, beginning elsewhere each time; FREEZE_TEST_EVERY=1 gives all."""
PLAUSIBLE = {"freeze": "f1", "preset": "silence", "posts": "p1", "refs": "t1", "day": "2026-06-01", "n": "3"}


def every() -> Iterator[tuple[str, click.Command]]:
    for name in cli.COMMANDS:
        yield from ((words, c) for words, c in commands(name).items() if words not in STAY)


EVERY = dict(every())


def typed(c: click.Command, words: str, param: click.Parameter, value: str) -> list[str]:
    """A command line in which this parameter has this value, and the others are left out or plausible."""
    line = words.split()
    after: list[str] = []
    for other in c.params:
        given = value if other is param else PLAUSIBLE.get(str(other.name), "1")
        if isinstance(other, click.Option):
            if other is param or other.required:
                line += [f"{other.opts[0]}={given}"]
        elif other is param or other.required:
            after += [given]
    if words in ("watch", "nightly") and "--for" not in " ".join(line):
        line += ["--for=1s"] if words == "watch" else ["--once"]
    return [*line, "--", *after] if after else line


@pytest.fixture
def desk(practice: Making) -> Practice:
    p = hamlet(practice, at("2022-09-08T18:40"), {**SITE, "at": at("2022-09-20T10:00"), "text": "later"})
    assert p.freeze("declare", "menai-bridge", "--yes").code in (0, 3)
    return p


def test_every_command_is_tried() -> None:
    assert len(EVERY) > 50
    assert sum(1 for c in EVERY.values() for q in c.params if takes(q)) > 150


def takes(param: click.Parameter) -> bool:
    return not (isinstance(param, click.Option) and (param.is_flag or param.count))


@pytest.mark.parametrize("words", [w for w, c in EVERY.items() if any(takes(q) for q in c.params)])
def test_no_option_makes_the_guard_itself_fail(desk: Practice, words: str) -> None:
    c = EVERY[words]
    clocked = any(q.name == "as_of" for q in c.params)
    failed = []
    for param_no, param in enumerate(c.params, start=len(words)):
        if not takes(param):
            continue
        for value in VALUES[param_no % EVERY_NTH :: EVERY_NTH]:
            line = typed(c, words, param, value)
            done = desk.freeze(*line, on_clock=clocked and param.name != "as_of")
            if "The guard itself failed" in done.err or "Traceback" in done.err or "Traceback" in done.out:
                failed.append(ascii(([x[:40] for x in line], done.err[:160])))
            elif done.code not in range(6):
                failed.append(ascii(([x[:40] for x in line], done.code)))
    assert not failed, "\n".join(failed)
