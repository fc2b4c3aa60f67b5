"""Real processes killed with signal 9 in the middle of their work; `make torture` does two hundred of these."""

from __future__ import annotations

import random

import pytest

from benchmarks.torture import declaration, way_back


@pytest.mark.parametrize("seed", [100, 101, 106])
def test_a_killed_declaration_and_one_rerun_name_and_hold_everything(seed: int) -> None:
    declaration(random.Random(seed))


def test_a_killed_declaration_over_all_of_anyshire_loses_nothing() -> None:
    declaration(random.Random(110), orlo=True)


@pytest.mark.parametrize("seed", [101, 105, 111])
def test_a_killed_put_back_and_one_rerun_send_nothing_twice_or_early(seed: int) -> None:
    way_back(random.Random(seed))
