"""One act, one reading: what a screen says was true at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from office import Office

import adapters
import policies
from freeze.accounts import Account
from freeze.acts import keep, night
from freeze.acts.app import App
from freeze.errors import UsageError
from freeze.holds import Kind
from freeze.permissions import NO_KINDS
from freeze.ports import Capabilities
from freeze.report.named import Named
from freeze.run import sweep
from freeze.run.tally import Tally
from freeze.store.database import Database
from freeze.views.known import Known

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "office", {"memory": Kind.DRAFT}, NOW)
    for n in (1, 2):
        made.platforms["memory"].add("1", f"n{n}", NOW + timedelta(hours=n), f"Post {n}")
    made.freeze("sync")
    return made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Every read transaction so far, and "sweep" where a run began; asking empties it."""
    seen: list[str] = []
    read, begun = Database.read, sweep.begun

    @contextmanager
    def counted(self: Database) -> Iterator[Any]:
        seen.append("read")
        with read(self) as c:
            yield c

    def begins(*args: Any, **kwargs: Any) -> Any:
        seen.append("sweep")
        return begun(*args, **kwargs)

    monkeypatch.setattr(Database, "read", counted)
    monkeypatch.setattr(sweep, "begun", begins)

    def asked() -> list[str]:
        found = list(seen)
        seen.clear()
        return found

    return asked


DECLARE = ("declare", "menai-bridge", "--yes")
LOOKS = [
    ("status",),
    ("check",),
    ("declare", "menai-bridge", "--dry-run"),
    ("brief",),
    ("list",),
    ("accounts", "list"),
    ("accounts", "check"),
    ("accounts", "review"),
    ("bios", "check"),
    ("calendar",),
    ("events", "list"),
    ("foi", "list"),
    ("log", "export"),
]


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_it_reads_the_store_once(office: Office, reads: Callable[[], list[str]], command: tuple[str, ...]) -> None:
    reads()
    assert office.freeze(*command).code in (0, 1, 3, 5)
    assert reads() == ["read"]
    office.freeze(*DECLARE)
    reads()
    assert office.freeze(*command).code in (0, 1, 3, 5)
    assert reads() == ["read"], "with a pause in force as well"


def test_a_declaration_reads_four_times_at_most_before_it_stops_posts(
    office: Office, reads: Callable[[], list[str]]
) -> None:
    reads()
    assert office.freeze(*DECLARE).code in (0, 3)
    seen = reads()
    assert seen.index("sweep") <= 4


def test_a_digest_is_made_from_one_reading(office: Office, reads: Callable[[], list[str]]) -> None:
    app = App(adapters, policies, lambda: NOW, str(office.folder / "freeze.toml"))
    capabilities = Capabilities("all", Kind.DRAFT, "", "", "none", "", "assumed")
    app.__dict__["kinds"] = {"memory": SimpleNamespace(TITLE="Memory", CAPABILITIES=capabilities)}
    app.__dict__["store"] = office._store
    look = keep.Look(Tally(), [], Named([], [], {}), KNOWN)
    reads()
    shown, _ = night.picture(app, look, "")
    assert reads() == ["read"]
    assert len(shown.posts) == 2


KNOWN = Known(
    now=NOW,
    lead=timedelta(days=10),
    register={"lib": Account("lib", "Anyshire Libraries", "facebook", service="libraries")},
    names={},
    freezes=(),
    permissions=(),
    kinds=lambda: NO_KINDS,
    tasks={},
    reads=(),
    connections=("orlo",),
    beats=(),
    head="0-0",
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"services": ["librarys"]}, 'There is no service "librarys".'),
        ({"accounts": ["lab"]}, 'There is no account "lab".'),
        ({"platforms": ["facebok"]}, 'There is no platform "facebok".'),
    ],
)
def test_a_name_that_is_not_on_the_register_is_refused_with_the_nearest(given: dict[str, Any], said: str) -> None:
    asked = {"services": (), "accounts": (), "platforms": ()} | given
    with pytest.raises(UsageError, match=said) as e:
        KNOWN.check_names(["x"], **asked)
    assert "libraries" in e.value.advice or "lib" in e.value.advice or "facebook" in e.value.advice
    KNOWN.check_names(["x"], services=["libraries"], accounts=["lib"], platforms=["x", "facebook"])


def test_a_connection_that_was_never_read_says_so() -> None:
    (age,) = KNOWN.ages()
    assert (age.connection, age.read_at, age.said(NOW)) == ("orlo", None, "never read")
