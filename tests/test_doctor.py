"""`freeze doctor` says how every credential stands and when it ends; all are asked at once, and nothing is changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from memory import MemoryPlatform
from office import Office
from practising import hamlet

from freeze.accounts import Gap, SeenAccount
from freeze.acts import doctor
from freeze.acts.doctor import stands
from freeze.errors import AuthFailed, Unreachable
from freeze.holds import Kind
from freeze.ports import Credential

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
SAID = "The token is a system user's."


class Patient(MemoryPlatform):
    """A platform whose answers to the doctor are given here."""

    def __init__(
        self, name: str, credential: Callable[[], Iterator[Credential]], platforms_now: datetime = NOW
    ) -> None:
        super().__init__(name)
        self._credential, self._platforms_now, self.closed = credential, platforms_now, False

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        yield SeenAccount(self.id, "1", "Anyshire", "memory")

    def credential(self) -> Iterator[Credential]:
        return self._credential()

    def clock(self) -> tuple[datetime, float] | None:
        return self._platforms_now, time.monotonic()

    def probe(self) -> Iterator[str]:
        yield "Its list of scheduled posts answers."

    def close(self) -> None:
        self.closed = True


def checks(office: Office) -> tuple[int, dict[str, list[tuple[bool, str]]]]:
    """The exit code, and what was found by what was looked at."""
    result = office.freeze("doctor")
    found: dict[str, list[tuple[bool, str]]] = {}
    for c in result.json["checks"]:
        found.setdefault(c["what"], []).append((c["well"], c["found"]))
    return result.code, found


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "council", {"quiet": Kind.DRAFT}, NOW)


def asks(office: Office, **credentials: Callable[[], Iterator[Credential]]) -> None:
    office.platforms = {name: Patient(name, c) for name, c in credentials.items()}  # type: ignore[assignment]


def says(*given: Credential) -> Callable[[], Iterator[Credential]]:
    return lambda: iter(given)


# How a credential stands


@pytest.mark.parametrize(
    ("left", "warn", "well", "says"),
    [
        (timedelta(days=60), 14, True, "It ends on Monday 7 November 2022, 17:40 GMT: 60 days left."),
        (timedelta(days=14), 14, True, "It ends on Thursday 22 September 2022, 18:40 BST: 14 days left."),
        (timedelta(days=13, hours=23), 14, False, "17:40 BST: 13 days left. Renew it before then."),
        (timedelta(days=3), 2, True, "3 days left."),
        (timedelta(hours=47), 2, False, "1 day left. Renew it before then."),
        (timedelta(hours=5), 2, False, "5 hours left. Renew it before then."),
        (timedelta(0), 14, False, "It ended on Thursday 8 September 2022, 18:40 BST: renew it now."),
        (timedelta(days=-30), 2, False, "It ended on Tuesday 9 August 2022, 18:40 BST: renew it now."),
    ],
)
def test_an_end_is_said_as_a_day_and_as_what_is_left_and_warned_of_in_time(
    left: timedelta, warn: int, well: bool, says: str
) -> None:
    found = stands(Credential(SAID, True, NOW + left, timedelta(days=warn)), NOW)
    assert found[0] is well
    assert found[1].startswith(f"{SAID} It end")
    assert found[1].endswith(says)


def test_an_end_that_the_platform_already_put_in_words_is_not_said_twice() -> None:
    sentence = "Somebody must sign in again by Monday 7 November 2022, 17:40 GMT."
    assert stands(Credential(sentence, True, NOW + timedelta(days=60)), NOW) == (
        True,
        f"{sentence} It ends then: 60 days left.",
    )


def test_what_its_platform_calls_unwell_is_so_whatever_its_end() -> None:
    for ends in (None, NOW + timedelta(days=300)):
        assert stands(Credential("A permission is missing.", False, ends), NOW)[0] is False
    assert stands(Credential(SAID), NOW) == (True, SAID)


# The command


def test_every_credential_is_shown_with_its_end_and_one_that_is_refused_is_loud(office: Office) -> None:
    def refused() -> Iterator[Credential]:
        raise AuthFailed('The connection "linkedin" does not accept the credential (HTTP 401).', "Renew it.")

    asks(
        office,
        facebook=says(Credential(SAID)),
        hootsuite=says(Credential("One.", True, NOW + timedelta(days=90, minutes=1)), Credential("Two.", False)),
        linkedin=refused,
    )
    code, found = checks(office)
    assert code == 5
    assert found["facebook credential"] == [(True, SAID)]
    assert found["hootsuite credential"][0][0] is True
    assert "Wednesday 7 December 2022, 17:41 GMT: 90 days left" in found["hootsuite credential"][0][1]
    assert found["hootsuite credential"][1] == (False, "Two.")
    assert (False, 'The connection "linkedin" does not accept the credential (HTTP 401). Renew it.') in found[
        "linkedin"
    ]
    assert (True, "1 account reached") in found["linkedin"], "what else is known is shown too"
    assert found["linkedin probe"] == [(True, "Its list of scheduled posts answers.")]


def test_days_left_are_counted_by_the_platforms_own_clock(office: Office) -> None:
    late = NOW + timedelta(days=50)
    ends = says(Credential(SAID, True, NOW + timedelta(days=60)))
    office.platforms = {"x": Patient("x", ends, late)}  # type: ignore[dict-item]
    _, found = checks(office)
    assert found["x credential"][0][0] is False
    assert "9 days left" in found["x credential"][0][1]


def test_a_fault_in_one_connection_hides_no_other(office: Office) -> None:
    def broken() -> Iterator[Credential]:
        raise KeyError("token")

    def down() -> Iterator[Credential]:
        yield Credential("One.")
        raise Unreachable('The connection "b" could not be reached.')

    asks(office, a=broken, b=down, c=says(Credential(SAID)))
    code, found = checks(office)
    assert code == 5
    assert any("could not be understood (KeyError" in f for well, f in found["a"] if not well)
    assert found["b credential"] == [(True, "One.")]
    assert any("could not be reached" in f for well, f in found["b"] if not well)
    assert found["c credential"] == [(True, SAID)]


def test_connections_are_asked_side_by_side_and_one_that_hangs_is_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 1.0)
    together = threading.Barrier(3, timeout=5)
    forever = threading.Event()

    def waits() -> Iterator[Credential]:
        together.wait()
        yield Credential(SAID)

    def hangs() -> Iterator[Credential]:
        forever.wait(20)
        yield Credential(SAID)

    asks(office, hung=hangs, a=waits, b=waits, c=waits)
    started = time.monotonic()
    code, found = checks(office)
    took = time.monotonic() - started
    forever.set()
    assert code == 5
    assert 1.0 <= took < 4
    assert found["hung"] == [(True, "1 account reached"), (False, "it did not answer everything in 1 seconds")]
    assert [found[f"{n} credential"] for n in "abc"] == [[(True, SAID)]] * 3


def test_nothing_is_changed(office: Office) -> None:
    asks(office, a=says(Credential(SAID)))
    checks(office)
    assert office.platforms["a"].done == []  # type: ignore[comparison-overlap]
    assert office.platforms["a"].tried == []


def test_a_connection_that_is_set_up_badly_hides_no_other_and_is_named(practice: Any) -> None:
    p = hamlet(practice, NOW)
    path = p.folder / "freeze.toml"
    path.write_text(
        path.read_text() + '\n[connections.linkedin]\nplatform = "wordpress"\npassword_env = "FREEZE_NOT"\n'
    )
    (p.folder / ".env").write_text("OTHER=1\n")
    (p.folder / ".env").chmod(0o644)
    result = p.freeze("doctor")
    assert result.code == 5
    assert "the environment variable FREEZE_NOT, named by password_env, is not set" in result.out
    assert "account reached" in result.out or "accounts reached" in result.out
    assert f"Run: chmod 600 {p.folder / '.env'}" in result.out


def test_it_is_examined_without_a_terminal_and_what_fails_hides_nothing_else(office: Office) -> None:
    asks(office, good=says(Credential(SAID)), bad=says(Credential("A permission is missing.", False)))
    app = office.app()
    app.settings_path = str(office.folder / "nowhere.toml")
    found = doctor.examine(app)
    assert [c.well for c in found if c.what == "settings"] == [False]
    assert doctor.Check(False, "bad credential", "A permission is missing.") in found
    assert doctor.Check(True, "good credential", SAID) in found
