"""Times as platforms write them: read, or set aside with a reason; never a crash that takes a whole list along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters._meta import graph
from adapters._tools.instants import utc, zoned

SEVEN = datetime(2026, 12, 24, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("read", [zoned, utc, graph.instant])
@pytest.mark.parametrize("given", ["2026-12-24T07:00:00Z", "2026-12-24 08:00:00+01:00", "2026-12-24T07:00:00.000+0000"])
def test_a_time_with_its_zone_is_read_into_utc(read: Callable[[Any], datetime], given: str) -> None:
    assert read(given) == SEVEN
    assert read(given).tzinfo is UTC


def test_a_time_without_a_zone_is_utc_only_where_the_platform_writes_utc() -> None:
    assert utc("2026-12-24 07:00:00") == SEVEN
    with pytest.raises(ValueError, match="has no zone"):
        zoned("2026-12-24 07:00:00")


@pytest.mark.parametrize("read", [zoned, utc, graph.instant])
@pytest.mark.parametrize(
    "given",
    ["Friday", "07:00", {}, [], True, 1.5, "2026-13-45T99:99Z", "0001-01-01T00:00+05:00", "9999-12-31T23:59-05:00"],
)
def test_anything_else_is_set_aside_with_a_reason(read: Callable[[Any], datetime], given: Any) -> None:
    with pytest.raises(ValueError, match=r"its time .* cannot be read"):
        read(given)
