"""The feed in calendar programs that nobody here wrote: vdirsyncer fetches it over HTTP, khal shows it.

For the lane `clients` only (make test-clients), which puts both into an environment of their own.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import Practice
from practising import PAGE, SITE, Making, at, hamlet

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(os.environ.get("CALENDAR_CLIENTS", ROOT / ".venv-clients")) / "bin"
SHOWN = "{start-long}|{end-long}|{all-day}|{cancelled}|{title}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder over HTTP on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Subscriber:
    """Somebody's own computer, subscribed to one feed."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.events = home / "events"
        self.events.mkdir(parents=True)
        (home / "vdirsyncer").write_text(
            f'[general]\nstatus_path = "{home}/status"\n'
            '[pair calendar]\na = "feed"\nb = "here"\ncollections = null\nconflict_resolution = "a wins"\n'
            f'[storage feed]\ntype = "http"\nurl = "{url}"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.events}"\nfileext = ".ics"\n'
        )
        (home / "khal").write_text(
            f"[calendars]\n[[feed]]\npath = {self.events}\nreadonly = True\n"
            "[locale]\nlocal_timezone = Europe/London\ndefault_timezone = Europe/London\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            f"[sqlite]\npath = {home}/khal.db\n"
        )
        self._run("vdirsyncer", "-c", str(home / "vdirsyncer"), "discover")

    def sync(self) -> None:
        """Look at the feed again, as a calendar program does every hour."""
        self._run("vdirsyncer", "-c", str(self.home / "vdirsyncer"), "sync")

    def shows(self, day: str, days: int = 1) -> list[str]:
        """What stands in these days: start, end, whether it is all day, whether it is cancelled, and the title."""
        said = self._run(
            "khal",
            "-c",
            str(self.home / "khal"),
            "list",
            "--once",
            "--day-format",
            "",
            "--format",
            SHOWN,
            day,
            f"{days}d",
        )
        return sorted({line for line in said.splitlines() if "|" in line})

    def _run(self, program: str, *args: str) -> str:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8", "TZ": "Europe/London"}
        done = subprocess.run(
            [str(PROGRAMS / program), *args],
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "error" not in done.stderr.lower(), done.stderr
        return done.stdout


@pytest.fixture
def subscribed(tmp_path: Path) -> Iterator[Callable[[Practice], Subscriber]]:
    """Publishes a council's feed and subscribes somebody to it."""
    with served(tmp_path) as url:

        def subscribe(p: Practice) -> Subscriber:
            publish(p)
            return Subscriber(tmp_path / "home", f"{url}/{p.folder.name}/feed.ics")

        yield subscribe


def publish(p: Practice) -> None:
    assert p.freeze("calendar", "--ics", "feed.ics").code == 0


def test_other_peoples_programs_read_the_feed_and_follow_a_pause_that_is_extended_and_undone(
    practice: Making, subscribed: Callable[[Practice], Subscriber]
) -> None:
    p = hamlet(
        practice,
        at("2022-09-08T18:40"),
        {**SITE, "at": at("2022-09-12T10:00"), "text": "site; with, commas\nand lines"},
        {**PAGE, "at": at("2022-09-13T10:30"), "text": "page 🎄"},
    )
    assert p.json("declare", "menai-bridge", "--yes", "--until", "2022-09-20T00:00")["exit"] in (0, 3)
    reader = subscribed(p)
    reader.sync()
    [band, page] = reader.shows("2022-09-13")
    assert band == "2022-09-08 18:40|2022-09-20 00:00|False||Publishing pause"
    assert page.startswith("2022-09-13 10:30|2022-09-13 10:45|False||[HELD] ")
    assert page.endswith(": page 🎄")
    assert any("site; with, commas and lines" in line for line in reader.shows("2022-09-12"))
    assert reader.shows("2022-08-29") == ["2022-08-29|2022-08-29|True||Bank holiday: Summer bank holiday"]
    files = len(list(reader.events.iterdir()))

    assert p.freeze("extend", "f1", "--until", "2022-09-22T00:00").code in (0, 3)
    publish(p)
    reader.sync()
    assert reader.shows("2022-09-21") == ["2022-09-08 18:40|2022-09-22 00:00|False||Publishing pause"]
    assert len(list(reader.events.iterdir())) == files, "an update made a second event"

    assert p.freeze("undo", "f1").code in (0, 3)
    publish(p)
    reader.sync()
    assert reader.shows("2022-09-21") == [
        "2022-09-08 18:40|2022-09-22 00:00|False|CANCELLED |CANCELLED: Publishing pause"
    ]
    assert len(list(reader.events.iterdir())) == files


def test_other_peoples_programs_show_the_right_times_across_the_clock_change(
    practice: Making, subscribed: Callable[[Practice], Subscriber]
) -> None:
    times = ("2022-10-29T10:00", "2022-10-30T00:30", "2022-10-30T02:30", "2022-10-31T10:00")
    p = hamlet(practice, at("2022-10-20T09:00"), *({**SITE, "at": at(t), "text": f"at {t[-5:]}"} for t in times))
    args = ("--everything", "--from", "2022-10-29T00:00", "--until", "2022-11-01T00:00")
    assert p.json("declare", "menai-bridge", "--yes", *args)["exit"] in (0, 3)
    reader = subscribed(p)
    reader.sync()
    shown = reader.shows("2022-10-29", 4)
    assert [line.split("|")[0] for line in shown if "|False|" in line] == [t.replace("T", " ") for t in times]
    assert [line for line in shown if "|True|" in line] == ["2022-10-29|2022-10-31|True||Publishing pause"]
    assert reader.shows("2022-11-01") == []
