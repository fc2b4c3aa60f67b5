"""What a platform allows of calls is kept to before it has to say no: by its headers, by the day, by the minute."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import responses

from adapters._web import budget as _budget
from adapters._web import budget_file, budget_headers
from adapters._web.budget import Budgets, DailyBudget, HeaderBudget, UsageBudget, WindowBudget
from adapters._web.http import Client
from freeze.errors import Limited

DAY = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
URL = "https://platform.example/api"


class Present:
    """A monotonic clock that tests move, and the platform's time beside it."""

    def __init__(self) -> None:
        self.at = 5000.0
        self.platform = DAY

    def on(self, seconds: float) -> None:
        self.at += seconds
        self.platform += timedelta(seconds=seconds)

    @property
    def clock(self) -> tuple[datetime, float]:
        return self.platform, self.at


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> Present:
    now = Present()
    for module in (_budget, budget_headers):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now.at))
    monkeypatch.setattr(_budget, "uptime", lambda: now.at)
    monkeypatch.setattr(_budget, "boot", lambda: "this start")
    return now


def told(budget: HeaderBudget, present: Present, path: str = "", **headers: str) -> None:
    budget.heard(200, {k.replace("_", "-"): v for k, v in headers.items()}, present.clock, path)


def x_limits(**more: bool) -> HeaderBudget:
    return HeaderBudget("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset", style="unix", **more)


def x_said(left: int, present: Present, of: int = 900, in_seconds: int = 900) -> dict[str, str]:
    reset = int(present.platform.timestamp()) + in_seconds
    return {"x_rate_limit_limit": str(of), "x_rate_limit_remaining": str(left), "x_rate_limit_reset": str(reset)}


# What headers tell


def test_calls_go_freely_until_a_tenth_is_left_and_are_then_spread_over_the_time_that_is_left(present: Present) -> None:
    b = x_limits()
    assert [b.spend(1, most=30) for _ in range(5)] == [0.0] * 5, "before the first answer nothing is known"
    told(b, present, **x_said(100, present))
    assert [b.spend(1, most=30) for _ in range(10)] == [0.0] * 10
    first, second, third = (b.spend(1, most=9000) for _ in range(3))
    assert (first, third) == (0.0, pytest.approx(2 * second, rel=0.1))
    assert 900 / 50 < second < 900 / 40, "forty-five of the last ninety in fifteen minutes"


def test_what_is_kept_back_is_for_urgent_calls_and_even_they_stop_at_nothing(present: Present) -> None:
    b = x_limits()
    told(b, present, **x_said(3, present))
    assert b.spend(1, most=30) == pytest.approx(900)
    assert [b.spend(1, most=30, urgent=True) for _ in range(3)] == [0.0] * 3
    assert b.spend(1, most=30, urgent=True) == pytest.approx(900)
    b.refund(1)
    assert b.spend(1, most=30, urgent=True) == 0
    present.on(901)
    assert b.spend(1, most=30) == 0, "a window that is over binds nobody"


def test_a_reset_is_measured_against_the_platforms_own_time_never_this_machines(present: Present) -> None:
    present.platform = datetime(2039, 1, 1, tzinfo=UTC)
    b = x_limits()
    told(b, present, **x_said(0, present, in_seconds=120))
    assert b.spend(1, most=30) == pytest.approx(120)
    iso = HeaderBudget(style="iso")
    reset = (present.platform + timedelta(minutes=5)).isoformat().replace("+00:00", ".000Z")
    told(iso, present, X_RateLimit_Limit="300", X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
    assert iso.spend(1, most=30) == pytest.approx(300)


def test_of_two_answers_about_one_window_the_lower_counts_and_a_new_window_starts_anew(present: Present) -> None:
    b = x_limits()
    told(b, present, **x_said(0, present))
    told(b, present, **x_said(40, present))
    assert b.spend(1, most=30) > 800, "an answer that was overtaken gives nothing back"
    told(b, present, **x_said(890, present, in_seconds=1800))
    assert b.spend(1, most=30) == 0


def test_each_path_has_its_own_window_where_the_platform_counts_so(present: Present) -> None:
    for per_path, wait in ((True, 0.0), (False, 900.0)):
        b = x_limits(per_path=per_path)
        told(b, present, "/users/me", **x_said(0, present, of=75))
        assert b.spend(1, most=30, path="/users/me") == pytest.approx(900)
        assert b.spend(1, most=30, path="/users/7/tweets") == pytest.approx(wait)


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit": '"default";r=0;t=30', "RateLimit-Policy": '"default";q=100;w=900'},
        {"RateLimit": '"default";r=0;t=30', "RateLimit-Policy": "100;w=900"},
        {"RateLimit": "limit=100, remaining=0, reset=30", "RateLimit-Policy": "100;w=900, 250;w=86400"},
        {"RateLimit": '"min";r=90;t=20, "day";r=0;t=30', "RateLimit-Policy": '"min";q=100;w=900,"day";q=250;w=86400'},
        {"RateLimit": '"a,b;c";r=50;t=10;w=900, "d";r=0;t=30;w=86400', "RateLimit-Policy": "100;w=900, 250;w=86400"},
        {"RateLimit": '"default"; r=0; t=30'},
    ],
)  # fmt: skip
def test_the_ietf_headers_are_understood_in_every_form(present: Present, headers: dict[str, str]) -> None:
    b = HeaderBudget(style="ietf")
    b.heard(200, headers, None)
    assert b.spend(1, most=5) == pytest.approx(30)


def test_two_ietf_windows_are_matched_with_their_own_lengths(present: Present) -> None:
    b = HeaderBudget(style="ietf")
    policy = "100;w=900, 250;w=86400"
    b.heard(200, {"RateLimit": "limit=100, remaining=60, reset=500", "RateLimit-Policy": policy}, None)
    b.heard(200, {"RateLimit": "limit=250, remaining=20, reset=5000", "RateLimit-Policy": policy}, None)
    assert [b.spend(1, most=5) > 0 for _ in range(2)] == [False, True], "the day's window is nearly used up"


LIMITS = ("900", "many", "-1", "", "9" * 400)
LEFTS = ("0", "none", "-1", "", "0.5", "9" * 400)
RESETS = ("soon", "-5", "nan", "1e999", "99999999999999999999", "9" * 400, "2022-13-45T99:99")


@pytest.mark.parametrize("style", ["unix", "iso", "seconds", "ietf"])
def test_headers_that_make_no_sense_teach_nothing(present: Present, style: budget_headers.Style) -> None:
    for limit, left, reset in itertools.product(LIMITS, LEFTS, RESETS):
        b = HeaderBudget(style=style)
        headers = {
            "X-RateLimit-Limit": limit,
            "X-RateLimit-Remaining": left,
            "X-RateLimit-Reset": reset,
            "RateLimit": f'"x";r={left or 0};t={reset}, {reset}, ;;, r=;"',
            "RateLimit-Policy": f"{limit};w={reset}, =;q",
        }
        b.heard(200, headers, present.clock)
        assert b.spend(1, most=30) in (0.0, 900.0), "at most a window of the usual length"


# Meta's percentages


def test_meta_is_asked_more_slowly_from_eighty_percent_and_hardly_from_ninety_five(present: Present) -> None:
    def waits(percent: int, urgent: bool = False, path: str = "/1012/scheduled_posts") -> list[float]:
        b = UsageBudget()
        use = {
            "1012": [{"type": "pages", "call_count": percent, "total_time": 3, "estimated_time_to_regain_access": 0}]
        }
        b.heard(200, {"X-Business-Use-Case-Usage": json.dumps(use), "X-App-Usage": '{"call_count":5}'}, None)
        return [b.spend(1, most=10, urgent=urgent, path=path) for _ in range(3)]

    assert waits(79) == [0, 0, 0]
    assert waits(90) == pytest.approx([0, 1, 2])
    assert waits(96) == pytest.approx([60] * 3)
    assert waits(96, urgent=True) == [0, 0, 0], "a hold is not held up"
    assert waits(100, urgent=True) == pytest.approx([60] * 3)
    assert waits(100, path="/1013/scheduled_posts") == [0, 0, 0], "one page's hour is not another's"


def test_meta_is_left_alone_for_as_long_as_it_says_and_nonsense_is_ignored(present: Present) -> None:
    b = UsageBudget()
    use = '{"7": [{"call_count": 100, "estimated_time_to_regain_access": 12}]}'
    b.heard(200, {"X-Business-Use-Case-Usage": use}, None)
    assert b.spend(1, most=10, path="/7/feed") == pytest.approx(720)
    present.on(721)
    assert b.spend(1, most=10, path="/7/feed") == 0
    for bad in ("", "[]", "{", '{"7": 1}', '{"7": [1]}', '{"7": [{"call_count": "x"}]}', "[" * 100_000, "NaN",
                '{"7": [{"call_count": NaN}]}', '{"7": [{"total_time": -1e999}]}'):  # fmt: skip
        b.heard(200, {"X-Business-Use-Case-Usage": bad, "X-App-Usage": bad}, None)
        assert b.spend(1, most=10, path="/7/feed") == 0


# So many in a while


def test_no_window_ever_holds_more_calls_than_there_may_be_and_some_are_left_for_urgent_ones(present: Present) -> None:
    b = WindowBudget(60, 60)
    made: list[float] = []
    for i in range(200):
        urgent = i % 3 == 0
        wait = b.spend(1, most=1000, urgent=urgent)
        made.append(present.at + wait)
        present.on(0.3)
    made.sort()
    assert all(sum(a <= t < a + 60 for t in made) <= 60 for a in made)
    fresh = WindowBudget(60, 60)
    assert [fresh.spend(1, most=0) for _ in range(55)].count(0.0) == 54
    assert [fresh.spend(1, most=0, urgent=True) for _ in range(7)].count(0.0) == 6
    fresh.refund(1)
    assert fresh.spend(1, most=0, urgent=True) == 0


def test_several_budgets_wait_for_the_strictest_and_take_nothing_where_one_refuses(present: Present) -> None:
    day, minute = DailyBudget(10, reserve=0), WindowBudget(2, 60)
    both = Budgets(day, minute)
    assert [both.spend(1, most=5) for _ in range(3)] == [0, 0, pytest.approx(60)]
    assert both.said == minute.said
    assert [day.spend(1, most=5) for _ in range(8)] == [0] * 8, "what was refused took nothing from the day"
    assert both.spend(1, most=500) > 500
    assert both.said == day.said != ""


# So many a day


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "buffer.json"


def spent(b: DailyBudget, times: int, *, urgent: bool = False, cost: int = 1) -> int:
    """How many of so many calls were let through."""
    return [b.spend(cost, most=30, urgent=urgent) == 0 for _ in range(times)].count(True)


def test_a_day_has_so_many_units_and_the_last_fifth_is_for_stopping_posts(present: Present, file: Path) -> None:
    b = DailyBudget(250, state=file)
    b.heard(200, {}, present.clock)
    assert spent(b, 300) == 200
    assert "50 of its 250 a day for stopping posts" in b.said
    assert spent(b, 300, urgent=True) == 50
    wait = b.spend(1, most=30, urgent=True)
    assert wait == pytest.approx(6 * 3600 + 20 * 60)
    assert b.said == "has used its 250 of today"


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_the_day_begins_in_the_platforms_zone_by_the_platforms_clock(present: Present, file: Path, zone: str) -> None:
    b = DailyBudget(10, zone, state=file, reserve=0)
    b.heard(200, {}, present.clock)
    assert spent(b, 20) == 10
    wait = b.spend(1, most=30)
    assert wait == pytest.approx(22_800 if zone == "UTC" else 48_000)
    present.on(wait - 60)
    assert spent(b, 1) == 0
    present.on(61)
    assert spent(b, 20) == 10


def test_the_count_outlives_the_process_and_a_restart_of_the_machine(
    present: Present, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = DailyBudget(10, state=file)
    first.heard(200, {}, present.clock)
    assert spent(first, 6) == 6
    again = DailyBudget(10, state=file)
    assert spent(again, 9) == 2, "the platform's time is known from the file, so the reserve is kept"
    monkeypatch.setattr(_budget, "boot", lambda: "another start")
    present.at = 12.0
    after = DailyBudget(10, state=file)
    assert after.spend(1, most=30) == 0, "one may ask the platform for its time"
    after.heard(200, {}, present.clock)
    assert spent(after, 9) == 0
    assert spent(after, 9, urgent=True) == 1
    present.on(86_400)
    tomorrow = DailyBudget(10, state=file)
    assert spent(tomorrow, 20) == 8


def test_a_restart_of_the_machine_counts_a_hundredth_more_once(
    present: Present, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = DailyBudget(1000, state=file, reserve=0)
    first.heard(200, {}, present.clock)
    assert spent(first, 100) == 100
    monkeypatch.setattr(_budget, "boot", lambda: "another start")
    for _ in range(3):
        after = DailyBudget(1000, state=file, reserve=0)
        assert spent(after, 10) == 10
    assert json.loads(file.read_text())["spent"] == 100 + 10 + 30


def test_calls_under_way_at_midnight_are_counted_in_both_days(present: Present, file: Path) -> None:
    present.platform = datetime(2022, 9, 8, 23, 59, 50, tzinfo=UTC)
    one, two = DailyBudget(100, state=file, reserve=0), DailyBudget(100, state=file, reserve=0)
    for b in (one, two):
        b.heard(200, {}, present.clock)
    assert (spent(one, 7), spent(two, 5)) == (7, 5)
    present.on(20)
    one.heard(200, {}, present.clock)
    two.heard(200, {}, present.clock)
    assert json.loads(file.read_text())["spent"] == 12
    assert spent(one, 100) + spent(two, 100) == 88


def test_what_cost_less_is_given_back_and_a_process_that_ends_keeps_next_to_nothing(
    present: Present, file: Path
) -> None:
    for _ in range(20):
        b = DailyBudget(5_000, state=file)
        b.heard(200, {}, present.clock)
        assert spent(b, 2, cost=100) == 2
        b.refund(99)
        b.refund(98)
    assert json.loads(file.read_text())["spent"] == 20 * 3
    many = DailyBudget(100_000, state=file)
    many.heard(200, {}, present.clock)
    assert spent(many, 15) == 15
    assert json.loads(file.read_text())["spent"] == 20 * 3 + 20, "ten at a time"


def test_a_date_that_was_wrong_does_not_stop_the_count_for_good(present: Present, file: Path) -> None:
    b = DailyBudget(10, state=file, reserve=0)
    b.heard(200, {}, (datetime(2099, 1, 1, tzinfo=UTC), present.at))
    assert spent(b, 4) == 4
    b.heard(200, {}, present.clock)
    assert spent(b, 10) == 6, "what was spent stays spent"
    present.on(86_400)
    b.heard(200, {}, present.clock)
    assert spent(b, 20) == 10


@pytest.mark.parametrize(
    "kept",
    ["", "[]", "{", "null", '{"day": "2022-09-08"}', '{"day": "x", "spent": 1, "clock": null, "boot": ""}',
     '{"day": null, "spent": -1, "clock": null, "boot": ""}', '{"day": 7, "spent": 1, "clock": null, "boot": ""}',
     '{"day": null, "spent": 1, "clock": [1], "boot": ""}', '{"day": null, "spent": 1, "clock": 5, "boot": ""}',
     '{"day": null, "spent": 1, "clock": ["2022-09-08T10:00:00", 1], "boot": ""}'],
)  # fmt: skip
def test_a_count_that_cannot_be_read_counts_as_used_up_except_for_stopping_posts(
    present: Present, file: Path, kept: str
) -> None:
    file.parent.mkdir()
    file.write_text(kept)
    b = DailyBudget(10, state=file)
    b.heard(200, {}, present.clock)
    assert (spent(b, 9), spent(b, 9, urgent=True)) == (0, 2)


def test_where_no_count_can_be_kept_nothing_is_listed_and_posts_are_still_stopped(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    b = DailyBudget(10, state=tmp_path / "state" / "buffer.json")
    assert b.spend(1, most=30) > 30
    assert "cannot keep count" in b.said
    assert spent(b, 3, urgent=True) == 3


COUNTING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import time
from adapters._web.budget import DailyBudget
b = DailyBudget(400, state=Path(sys.argv[1]))
b.heard(200, {}, (datetime(2022, 9, 8, 12, tzinfo=UTC), time.monotonic()))
print("ready", flush=True)
sys.stdin.readline()
print(sum(b.spend(1, most=1, urgent=True) == 0 for _ in range(200)))
"""


def test_three_processes_together_never_spend_more_than_the_day_has(file: Path) -> None:
    run = [sys.executable, "-c", COUNTING, str(file)]
    processes = [
        subprocess.Popen(
            run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent
        )
        for _ in range(3)
    ]
    for p in processes:
        assert p.stdout is not None
        assert p.stdout.readline() == "ready\n"
    for p in processes:
        assert p.stdin is not None
        p.stdin.write("\n")
        p.stdin.flush()
    total = sum(int(p.communicate(timeout=20)[0]) for p in processes)
    assert total == 400
    assert json.loads(file.read_text())["spent"] == 400


def test_sixteen_threads_together_never_spend_more_than_the_day_has(file: Path) -> None:
    b = DailyBudget(1000, state=file, reserve=0)
    b.heard(200, {}, (DAY, time.monotonic()))
    through: list[int] = []
    threads = [threading.Thread(target=lambda: through.append(spent(b, 100))) for _ in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sum(through) == 1000


def test_the_machine_tells_its_starts_apart() -> None:
    assert budget_file.boot() == budget_file.boot()
    first = budget_file.uptime()
    assert budget_file.uptime() >= first > 0


# In the client


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_listing_never_leaves_too_little_for_stopping_posts(web: responses.RequestsMock, file: Path) -> None:
    web.get(f"{URL}/posts", json=[], headers={"Date": "Thu, 08 Sep 2022 17:40:00 GMT"})
    web.post(f"{URL}/posts", json={})
    c = Client("buffer", URL, setting="token_env", budget=DailyBudget(10, state=file))
    for _ in range(8):
        c.get_json("/posts")
    with pytest.raises(Limited, match='The connection "buffer" keeps the last 2 of its 10 a day') as caught:
        c.get_json("/posts")
    assert caught.value.seconds > 3600
    c.send_once("POST", "/posts")
    c.read_json("GET", "/posts", urgent=True)
    with pytest.raises(Limited, match="has used its 10 of today"):
        c.send_once("POST", "/posts")
    assert len(web.calls) == 10


def test_a_call_that_reached_nobody_is_given_back(file: Path) -> None:
    c = Client("buffer", "http://127.0.0.1:9", setting="token_env", budget=DailyBudget(10, state=file))
    for _ in range(12):
        with pytest.raises(Limited, match="nothing was sent"):
            c.send_once("POST", "/posts")


def test_it_slows_down_before_the_platform_says_no(web: responses.RequestsMock) -> None:
    headers = {"Date": "Thu, 08 Sep 2022 17:40:00 GMT", "X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "2",
               "X-RateLimit-Reset": "2022-09-08T17:44:00.000000Z"}  # fmt: skip
    web.get(f"{URL}/posts", json=[], headers=headers)
    c = Client("mastodon", URL, setting="token_env", budget=HeaderBudget(style="iso"))
    c.get_json("/posts")
    with pytest.raises(Limited, match="come near the number of calls") as caught:
        c.get_json("/posts")
    assert 230 < caught.value.seconds <= 240
    assert len(web.calls) == 1
