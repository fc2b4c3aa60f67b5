"""Real processes killed with signal 9, or in the middle of their work; `make torture` does many."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

import cli
from benchmarks.torture import acts, troubles
from benchmarks.torture.rounds import Field, play, ready
from benchmarks.torture.stores import Sqlite


@pytest.fixture(scope="module")
def field() -> Iterator[Field]:
    with ready(Sqlite()) as found:
        yield found


@pytest.mark.parametrize(("stage", "name"), [(acts.CALM, "declare"), (acts.ENDED, "put-back"), (acts.PAUSED, "sync")])
def test_a_killed_command_and_one_rerun_lose_nothing_and_claim_nothing_falsely(
    field: Field, stage: str, name: str
) -> None:
    result = play(field, 20220908, 1, stage=stage, name=name, kinds=("kill",))
    assert result.failures == []
    assert set(result.counts) - {"right"}
    assert result.counts["right"] > 40


def test_colleagues_at_work_during_a_killed_declaration_are_told_apart_from_the_guard(field: Field) -> None:
    result = play(field, 20220908, 3, stage=acts.CALM, name="declare", kinds=("kill", "colleagues"))
    assert result.failures == []


def test_every_command_that_writes_is_tortured() -> None:
    assert {a.name for a in acts.ACTS} | acts.READING == set(cli.COMMANDS)
    assert not {a.name for a in acts.ACTS} & acts.READING


def test_a_round_is_decided_by_its_seed_and_number() -> None:
    def once() -> list[tuple[str, ...]]:
        chance = random.Random("1/7")
        return [troubles.chosen(chance, "postgresql") for _ in range(40)]

    assert once() == once()
    assert {k for kinds in once() for k in kinds} == set(troubles.KINDS)
    chance = random.Random(1)
    assert not {k for _ in range(200) for k in troubles.chosen(chance, "sqlite")} & set(troubles.ONLY_POSTGRES)
