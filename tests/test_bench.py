"""The benchmark's table says what was measured and judges it rightly. Nothing here measures time."""

from __future__ import annotations

import pytest

from benchmarks.table import Measure, rows


@pytest.mark.parametrize(
    ("value", "baseline", "limit", "kept"),
    [
        (9.0, 6.0, 1.5, True),
        (9.1, 6.0, 1.5, False),
        (1.0, 0.0, 1.5, False),
        (300.0, None, 300.0, True),
        (300.5, None, 300.0, False),
        (0.0, None, 0.0, True),
    ],
)
def test_a_promise_is_kept_up_to_its_limit(value: float, baseline: float | None, limit: float, kept: bool) -> None:
    assert Measure("m", value, "s", limit, baseline).ok is kept


def test_a_quick_result_that_is_wrong_breaks_the_promise() -> None:
    assert not Measure("m", 1.0, "s", 1.5, 1.0, right=False).ok


def test_the_table_shows_value_baseline_ratio_limit_and_verdict() -> None:
    head, first, note, second = rows(
        [
            Measure("the sweep", 8.25, "s", 1.5, 6.25, note="2,000 confirmed"),
            Measure("memory", 312.0, "MB", 300),
        ]
    )
    assert head.split() == ["measured", "baseline", "ratio", "limit"]
    assert first.split() == ["the", "sweep", "8.25", "s", "6.25", "s", "1.32", "1.5", "x", "ok"]
    assert note.strip() == "2,000 confirmed"
    assert second.split() == ["memory", "312", "MB", "300", "MB", "NOT", "OK"]
