"""Where a post is parked: late, apart from the others, outside every pause, and never before it was meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters._tools.parking import APART, NEAR, park
from freeze.windows import Window

NOW = datetime(2022, 9, 8, 17, 40, 31, 500, tzinfo=UTC)
CEILING = timedelta(days=29)
minutes = st.integers(min_value=-5 * 1440, max_value=40 * 1440)
seconds = st.integers(min_value=0, max_value=59)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = NOW + timedelta(minutes=draw(minutes), seconds=draw(seconds))
    return Window(start, start + timedelta(minutes=draw(st.integers(1, 30 * 1440)), seconds=draw(seconds)))


@given(avoid=st.lists(windows(), max_size=6), meant=minutes, slot=st.integers(0, 20_000))
def test_a_parked_post_keeps_every_promise(avoid: list[Window], meant: int, slot: int) -> None:
    after = max(NOW, NOW + timedelta(minutes=meant))
    at, clear = park(NOW, CEILING, after, avoid, slot)
    assert (at.second, at.microsecond) == (0, 0)
    assert at <= NOW + CEILING
    if clear:
        assert not any(at in w for w in avoid)
    if after < NOW + CEILING - timedelta(minutes=1):
        assert at > after - APART
    free = [
        t
        for i in range(0, 29 * 1440, 60)
        if (t := (NOW + CEILING).replace(second=0, microsecond=0) - timedelta(minutes=i)) > max(after, NOW + NEAR)
        and not any(t in w for w in avoid)
    ]
    assert clear or not free, "where there is a free time, it is taken"


@given(avoid=st.lists(windows(), max_size=4))
def test_the_first_slot_is_the_latest_free_minute(avoid: list[Window]) -> None:
    at, clear = park(NOW, CEILING, NOW, avoid, 0)
    last = (NOW + CEILING).replace(second=0, microsecond=0)
    if clear:
        later = at + timedelta(minutes=1)
        while later <= last:
            assert any(later in w for w in avoid)
            later += timedelta(minutes=1)


@given(avoid=st.lists(windows(), max_size=3), slots=st.integers(2, 60))
def test_no_two_of_a_few_share_a_time(avoid: list[Window], slots: int) -> None:
    times = [park(NOW, CEILING, NOW, avoid, i) for i in range(slots)]
    room = len({at for at, _ in (park(NOW, CEILING, NOW, avoid, i) for i in range(200))})
    assert len({at for at, _ in times}) == min(slots, room)
