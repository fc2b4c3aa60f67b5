"""While no announcement is recorded, nothing that leaves Communications names the event, a code name or a reason."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Practice
from practising import at

import cli

TELLING = (
    "menai",
    "london-bridge",
    "london bridge",
    "royal",
    "mourning",
    "death",
    "palace",
    "silver birch",
    "funeral",
    "d-day",
)
"""The preset's names and aliases, its title, its standing reason, and the reason given below, in part."""


@pytest.fixture
def quiet(council: Practice) -> Practice:
    """A quiet pause, with a reason that gives it away."""
    council.json(
        "declare", "menai-bridge", "--precautionary", "--reason", "SILVER BIRCH: a call from the Palace", "--yes"
    )
    return council


def for_others(p: Practice) -> dict[str, str]:
    """Every file and text that is meant for people outside Communications, by its name."""
    folder = p.folder / "for-others"
    p.freeze("tasks", "--messages", str(folder / "on-call"))
    p.freeze("tasks", "--messages", str(folder / "owners"), "--owners", "--hand-over", str(folder / "sheet.html"))
    p.freeze("tasks", "--hand-over", str(folder / "sheet.txt"))
    out = {"brief": p.freeze("brief").out}
    if "calendar" in cli.COMMANDS:
        for service in ("libraries", "highways"):
            page, feed = folder / f"{service}.html", folder / f"{service}.ics"
            p.freeze("calendar", "--service", service, "--html", str(page), "--ics", str(feed))
    if "nightly" in cli.COMMANDS:
        p.freeze("nightly", "--once")
        digests = p.folder / "digests"
        out |= {f"digest {f.name}": f.read_text("utf-8") for f in services(digests)}
    for file in folder.rglob("*"):
        if file.is_file():
            out[str(file.relative_to(folder))] = words(file)
    return out


def services(folder: Path) -> list[Path]:
    """The digests and calendars of services; Communications' own may say everything."""
    files = [f for f in folder.rglob("*") if f.is_file() and f.suffix in (".txt", ".html", ".csv", ".json", ".ics")]
    return [f for f in files if "communications" not in str(f.relative_to(folder)).lower()]


def words(file: Path) -> str:
    """What a file says, decoded as its reader's program does."""
    if file.suffix == ".eml":
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        return f"{mail.items()} {mail.get_content()}"
    return file.read_text("utf-8")


def test_nothing_meant_for_others_gives_a_quiet_pause_away(quiet: Practice) -> None:
    found = for_others(quiet)
    assert len(found) > 30
    assert {Path(n).suffix for n in found} >= {".txt", ".eml", ".html"}
    for name, text in found.items():
        assert [w for w in TELLING if w in text.lower()] == [], name
    assert sum("Publishing pause" in t for t in found.values()) > 30


def test_announcing_ends_the_quiet_and_is_logged(quiet: Practice) -> None:
    done = quiet.freeze("announce", "f1", "--source", "https://www.royal.uk/announcement")
    assert done.code == 0
    assert "freeze.announced" in quiet.freeze("log", "export", on_clock=False).out
    found = for_others(quiet)
    assert "Royal death" in found["brief"]
    assert "https://www.royal.uk/announcement" in found["owners/libraries-digital-lead.txt"]
    assert all("silver birch" not in t.lower() for t in found.values()), "the reason is never told"
    again = quiet.freeze("announce", "f1", "--source", "https://other.example/")
    assert (again.code, "recorded before" in again.out) == (0, True)
    assert "https://www.royal.uk/announcement" in again.out


def test_what_is_not_an_address_is_no_announcement(quiet: Practice) -> None:
    for url in ("", "the Palace", "ftp://x", "https://", "https://a b", "javascript:alert(1)", "http://[1"):
        refused = quiet.freeze("announce", "f1", "--source", url)
        assert refused.code == 2, url
        assert "is not the address of an announcement" in refused.err


def test_a_pause_that_ended_cannot_be_announced(quiet: Practice) -> None:
    quiet.freeze("undo", "f1")
    assert quiet.freeze("announce", "f1", "--source", "https://x.example").code == 4


def test_an_announced_repeat_of_a_quiet_pause_upgrades_it_and_a_quiet_repeat_takes_nothing_back(
    quiet: Practice,
) -> None:
    assert quiet.json("show", "f1")["quiet"]
    done = quiet.json("declare", "menai-bridge", "--announced", "https://www.royal.uk/x", "--yes")
    assert (done["id"], done["new"], done["quiet"]) == ("f1", False, False)
    again = quiet.json("declare", "menai-bridge", "--precautionary", "--yes")
    assert (again["id"], again["quiet"]) == ("f1", False)


def test_a_rehearsal_never_swallows_a_real_pause_and_asks_nobody_to_do_anything(council: Practice) -> None:
    council.freeze("declare", "menai-bridge", "--rehearsal", "--yes")
    assert council.json("tasks")["tasks"] == []
    assert council.json("declare", "menai-bridge", "--yes")["id"] == "f2"


def test_precautionary_and_announced_contradict_each_other(council: Practice) -> None:
    refused = council.freeze("declare", "menai-bridge", "--precautionary", "--announced", "https://x.example")
    assert refused.code == 2


def test_a_pause_declared_with_its_announcement_is_not_quiet(council: Practice) -> None:
    done = council.json("declare", "menai-bridge", "--announced", "https://www.royal.uk/x", "--yes")
    assert not done["quiet"]
    assert "Royal death since" in council.freeze("brief", clock=at("2022-09-08T19:00") + timedelta(0)).out
