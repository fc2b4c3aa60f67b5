"""Every night once: through the nights the clocks change, after days asleep, and with several processes at it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest
import time_machine
from practising import PAGE, SITE, Making, at, hamlet

from freeze.errors import SettingsError
from freeze.keeping.nightly import at_night, latest, missed, missed_words, scheduled, scheduler, trigger
from freeze.store import jobs
from freeze.store.database import connect, migrate
from freeze.windows import LONDON, london

ROOT = Path(__file__).resolve().parents[1]
NIGHTS = [clock_time(5, 45), clock_time(0, 30), clock_time(2, 0), clock_time(2, 30), clock_time(23, 59)]
NOW = datetime(2022, 9, 9, 4, 45, tzinfo=UTC)


def fires(at_time: clock_time, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every run APScheduler's own trigger gives, one after the other."""
    found = trigger(at_time)
    last, now = None, start
    while (due := found.get_next_fire_time(last, now)) is not None and due < end:
        yield due
        last, now = due, due + timedelta(milliseconds=1)


@pytest.mark.parametrize("night", [date(2027, 3, 28), date(2026, 10, 25)])
@pytest.mark.parametrize("at_time", NIGHTS)
def test_the_nights_the_clocks_change_have_one_run_each(night: date, at_time: clock_time) -> None:
    start = datetime.combine(night - timedelta(days=2), clock_time(), LONDON)
    runs = list(fires(at_time, start, start + timedelta(days=5)))
    days = [london(r).date() for r in runs]
    assert len(days) == len(set(days)) == 5
    assert days.count(night) == 1
    assert [scheduled(d, at_time) for d in days] == [r.astimezone(UTC) for r in runs]
    assert [latest(r, at_time) for r in runs] == days, "what is due is claimed under its own London date"


@pytest.mark.parametrize("given", ["01:00", "01:30", "01:59"])
def test_the_hour_that_is_left_out_and_comes_twice_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="between 01:00 and 02:00"):
        at_night(given)


def test_such_a_setting_is_refused_with_a_sentence(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    (p.folder / "freeze.toml").write_text((p.folder / "freeze.toml").read_text() + '\n[nightly]\nat = "01:30"\n')
    refused = p.freeze("nightly", "--once")
    assert refused.code == 2
    assert refused.err.startswith("nightly.at: 01:30 lies between 01:00 and 02:00")
    assert 'Choose another time, for example "05:45".' in refused.err
    assert not (p.folder / "digests").exists()


class Nights:
    """APScheduler's scheduler on a clock that the test sets; what it ran, and what it said."""

    def __init__(self, clock: time_machine.Coordinates, *, works: bool = True) -> None:
        self.clock, self.works = clock, works
        self.ran: list[datetime] = []
        self.said: list[str] = []
        self.plan = scheduler(
            clock_time(5, 45), timedelta(hours=12), self._night, lambda: None, self.said.append, self._now
        )
        self.plan._main_loop = lambda: None  # the test is the loop
        self.plan.start()

    def _now(self) -> datetime:
        return datetime.now(UTC)

    def _night(self) -> bool:
        self.ran.append(self._now())
        return self.works

    def wake(self, to: datetime) -> None:
        """It is this time now, whatever was in between."""
        self.clock.move_to(to)
        self.plan._process_jobs()
        pool = self.plan._lookup_executor("default")._pool
        pool.submit(lambda: None).result(5)
        deadline = time.monotonic() + 5
        while self.plan._lookup_executor("default")._instances and any(
            self.plan._lookup_executor("default")._instances.values()
        ):
            assert time.monotonic() < deadline
            time.sleep(0.005)


@contextmanager
def nights(start: str, *, works: bool = True) -> Iterator[Nights]:
    with time_machine.travel(at(start), tick=False) as clock:
        found = Nights(clock, works=works)
        try:
            yield found
        finally:
            found.plan.shutdown(wait=True)


def test_a_host_asleep_for_two_days_catches_up_once() -> None:
    with nights("2026-11-20T12:00") as n:
        n.wake(at("2026-11-21T05:45"))
        assert len(n.ran) == 1
        n.wake(at("2026-11-23T14:00"))  # 22 and 23 November were missed; the last is eight hours ago
        assert len(n.ran) == 2
        n.wake(at("2026-11-23T15:00"))
        assert len(n.ran) == 2
        n.wake(at("2026-11-24T05:45"))
        assert len(n.ran) == 3
        assert n.said == []


def test_what_is_too_long_past_is_said_and_left_to_the_next_night() -> None:
    with nights("2026-11-20T12:00") as n:
        n.wake(at("2026-11-22T20:00"))  # more than twelve hours after 05:45
        assert n.ran == []
        assert n.said == ["The night's work due on Sunday 22 November 2026, 05:45 GMT is too long past to catch up on."]
        n.wake(at("2026-11-23T05:45"))
        assert len(n.ran) == 1


def test_a_night_that_fails_is_tried_again_ten_minutes_later_until_it_is_done() -> None:
    with nights("2026-11-20T12:00", works=False) as n:
        n.wake(at("2026-11-21T05:45"))
        n.wake(at("2026-11-21T05:54"))
        assert len(n.ran) == 1
        n.wake(at("2026-11-21T05:56"))
        assert len(n.ran) == 2
        n.works = True
        n.wake(at("2026-11-21T06:07"))
        assert len(n.ran) == 3
        n.wake(at("2026-11-21T09:00"))
        assert len(n.ran) == 3
        assert n.said[0] == "It is tried again on Saturday 21 November 2026, 05:55 GMT."


def test_missed_nights_are_named() -> None:
    day = date(2026, 11, 20)
    assert missed(None, day) == missed(day, day) == missed(day - timedelta(days=1), day) == ()
    assert missed_words(missed(day, day + timedelta(days=2))) == (
        "The guard did not run on the night of Saturday 21 November 2026; this covers it too."
    )
    assert "2 nights, from Saturday 21 November 2026 to Sunday 22 November 2026" in missed_words(
        missed(day, day + timedelta(days=3))
    )


def test_once_does_a_night_once_and_after_days_asleep_says_what_it_missed(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"), {**SITE, "at": at("2022-09-20T10:00"), "text": "later"})
    first = p.freeze("nightly", "--once")
    assert first.code == 0
    again = p.freeze("nightly", "--once")
    assert again.code == 0
    assert again.out.startswith("The night of Thursday 8 September 2022 is already done: at Thursday 8 September 2022")
    assert f"by process {os.getpid()} on" in again.out
    p.clock(at("2022-09-11T08:00"))
    late = p.json("nightly", "--once")
    assert late["missed"] == (
        "The guard did not run on 2 nights, from Friday 9 September 2022 to Saturday 10 September 2022; "
        "this covers them too."
    )
    folder = p.folder / "digests" / "communications"
    endings, names = ("txt", "html", "csv", "json"), ("2022-09-08", "2022-09-11", "latest")
    assert {f.name for f in folder.iterdir()} == {f"{name}.{ending}" for name in names for ending in endings}
    assert late["missed"] in (folder / "latest.txt").read_text()
    assert p.freeze("doctor").out.count("last done on Sunday 11 September 2022, 08:00 BST") == 1


def test_a_claim_is_taken_over_only_while_it_is_unfinished(tmp_path: Path, store_url: str) -> None:
    with closing(connect(store_url, tmp_path)) as db:
        migrate(db, NOW)
        with db.write() as c:
            assert jobs.claim(c, "nightly", "2022-09-09", "process 7 on a dead computer, Ali Khan", NOW) is None
        with db.write() as c:
            assert jobs.claim(c, "nightly", "2022-09-09", "here", NOW) is None
            jobs.done(c, "nightly", "2022-09-09", NOW)
            jobs.release(c, "nightly", "2022-09-09", "here")
            assert jobs.claim(c, "nightly", "2022-09-09", "somebody", NOW).who == "here"
            assert jobs.last_done(c, "nightly").slot == "2022-09-09", "what is done stays done"


def test_a_night_whose_process_was_killed_is_done_by_the_next_start_at_once(
    practice: Making, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = practice("empty", datetime.now(UTC))
    p.drop("youtube", "orlo", "facebook")
    settings = p.folder / "freeze.toml"
    settings.write_text(settings.read_text().replace('url = "freeze.db"', f'url = "{store_url}"'))
    for command in (("init",), ("accounts", "import", "accounts.csv")):
        assert p.freeze(*command, on_clock=False).code == 0
    p.fault("wordpress", "slow", latency_ms=4_000)
    killed = process(p.folder, "nightly", "--once")
    slot = london(datetime.now(UTC)).date().isoformat()
    with closing(connect(store_url, p.folder)) as db:
        deadline = time.monotonic() + 30
        while True:
            with db.read() as c:
                if (there := jobs.claimed(c, "nightly", slot)) is not None:
                    break
            assert time.monotonic() < deadline, ended(killed)
            time.sleep(0.05)
        busy = p.freeze("nightly", "--once", on_clock=False)
        assert "is being done since" in busy.out
        assert there.who in busy.out
        ended(killed, signal.SIGKILL)
    p.mend()
    again = p.json("nightly", "--once", on_clock=False)
    assert again["done"] is True, again


def test_what_a_killed_night_left_half_written_is_swept_by_the_next(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"))
    folders = [p.folder / "digests" / "communications", p.folder / "digests" / "services" / "libraries"]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / ".2022-09-07.html.0123456789ab.part").write_text("half a digest")
    assert p.json("nightly", "--once")["done"] is True
    assert not [f for folder in folders for f in folder.iterdir() if f.name.startswith(".")]


def test_a_digest_that_cannot_be_written_is_tried_again_and_is_never_half_there(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"))
    blocked = p.folder / "digests"
    blocked.write_text("a file where the folder should be")
    failed = p.freeze("nightly", "--once")
    assert failed.code == 5
    assert "The digest for Communications cannot be written" in failed.err
    assert "nightly.folder" in failed.err
    blocked.unlink()
    assert p.json("nightly", "--once")["done"] is True
    assert not [f for f in (blocked / "communications").iterdir() if f.name.startswith(".")]


def process(folder: Path, *args: str) -> subprocess.Popen[str]:
    """A real process of the guard."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "cli", *args]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True)


def ended(running: subprocess.Popen[str], stop: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    running.send_signal(stop)
    out, _ = running.communicate(timeout=30)
    return running.returncode, out


def test_two_nightly_processes_on_one_store_make_one_digest(practice: Making, store_url: str) -> None:
    p = practice("empty", datetime.now(UTC))
    p.drop("youtube", "orlo", "facebook")
    settings = (p.folder / "freeze.toml").read_text().replace('url = "freeze.db"', f'url = "{store_url}"')
    (p.folder / "freeze.toml").write_text(settings + "\n[nightly]\ngrace_hours = 25\n")
    for command in (("init",), ("accounts", "import", "accounts.csv")):
        assert p.freeze(*command, on_clock=False).code == 0
    both = [process(p.folder, "nightly") for _ in range(2)]
    latest_text = p.folder / "digests" / "communications" / "latest.txt"
    deadline = time.monotonic() + 30
    while not latest_text.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)  # the other one is long past its start
    outs = [ended(r) for r in both]
    assert [code for code, _ in outs] == [0, 0], outs
    said = "\n".join(out for _, out in outs)
    assert said.count("Wrote the digests of") == 1
    assert said.count("already done") + said.count("is being done since") == 1
    lines = p.freeze("log", "export", on_clock=False).out
    assert lines.count("digests.written") == 1
    assert lines.count("nightly.started") == lines.count("nightly.stopped") == 2


def test_staying_needs_this_computers_own_clock(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"), {**PAGE, "at": at("2022-09-20T10:00"), "text": "later"})
    refused = p.freeze("nightly")
    assert refused.code == 2
    assert "freeze nightly --once" in refused.err
