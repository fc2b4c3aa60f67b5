"""The register without a terminal: added to, changed, taken in, looked at, reviewed, and left."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from office import Office

from freeze.accounts import Account
from freeze.acts import accounts, leaver, register, review
from freeze.acts.leaver import Todo
from freeze.errors import RefusedByRule, UsageError
from freeze.files.register import Row, changed
from freeze.holds import Kind

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
TODAY = date(2022, 9, 8)
FILE = """id,name,platform,service,owner,seen_at
libs,Anyshire Libraries,facebook,libraries,Jo Smith,facebook=1
books,Anyshire Books,x,libraries,,
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "council", {"quiet": Kind.DRAFT}, NOW)
    (tmp_path / "accounts.csv").write_text(FILE)
    done = accounts.take_in(made.app(), tmp_path / "accounts.csv")
    assert (done.new, done.updated, done.rejects) == (("libs", "books"), 0, ())
    return made


def kim(office: Office) -> None:
    """Somebody who can log in, and whose device the code comes to."""
    given = {"administrators": (changed(None, "Kim Fox; gets the code", TODAY),)}
    accounts.edit(office.app(), Row("libs", given))


def test_it_puts_an_account_on_the_register_once(office: Office) -> None:
    made = accounts.to_add(office.app(), "Anyshire Museums", "X", None)
    assert made == Account("anyshire-museums-x", "Anyshire Museums", "x")
    kept = accounts.add(office.app(), Row(made.id, {"name": made.name, "platform": "x", "service": "museums"}))
    assert (kept.account, kept.fields, kept.new_service) == (made.id, ["service"], "museums")
    assert {e.account.id for e in register.entries(office.app(), "museums")} == {made.id}
    assert accounts.edit(office.app(), Row(made.id, {"service": "libraries"})).new_service == ""
    with pytest.raises(UsageError, match="is on the register already"):
        accounts.to_add(office.app(), "Anyshire Museums", "x", None)
    with pytest.raises(UsageError, match="On which platform"):
        accounts.to_add(office.app(), "Anyshire Parks", None, None)


def test_it_says_who_was_taken_off_and_stays(office: Office) -> None:
    kim(office)
    leaver.leave(office.app(), "Kim Fox", TODAY, moved=False, dry_run=False)
    kept = accounts.edit(office.app(), Row("libs", {"administrators": ()}))
    assert (kept.stays, kept.new_service) == (["Kim Fox"], "")
    with pytest.raises(UsageError, match="There is no account") as e:
        accounts.to_edit(office.app(), "lib")
    assert "libs" in e.value.advice


def test_it_looks_at_one_account_and_at_the_gaps_of_a_service(office: Office) -> None:
    found = register.look(office.app(), "books")
    assert (found.entry.account.name, found.bio, found.today) == ("Anyshire Books", None, TODAY)
    assert found.gaps
    assert all(f.account == "books" for f in found.gaps)
    assert set(found.gaps) <= set(register.gaps(office.app(), "libraries").found)
    accounts.add(office.app(), Row("roads", {"name": "Roads", "platform": "x", "service": "highways"}))
    assert {f.account for f in register.gaps(office.app(), "highways").found} == {"roads"}
    assert {f.account for f in register.gaps(office.app()).found} >= {"roads", "books", "libs"}
    for ask in (register.gaps, register.entries):
        with pytest.raises(UsageError, match='There is no service "librarys"'):
            ask(office.app(), "librarys")


def test_what_was_reviewed_is_not_to_be_reviewed_again_for_so_many_months(office: Office) -> None:
    assert [e.account.id for e in review.to_review(office.app()).entries] == ["books", "libs"]
    review.reviewed(office.app(), ["libs"], date(2022, 3, 1))
    assert [e.account.id for e in review.to_review(office.app()).entries] == ["books"]
    assert [e.account.id for e in review.to_review(office.app(), "libraries", 3).entries] == ["books", "libs"]
    with pytest.raises(UsageError, match="There is no account"):
        review.reviewed(office.app(), ["books", "bocks"], TODAY)
    assert [e.account.id for e in review.to_review(office.app()).entries] == ["books"], "nothing was recorded"


def test_a_leaver_is_recorded_with_what_is_to_be_done_unless_it_is_only_looked_at(office: Office) -> None:
    kim(office)
    shown = leaver.leave(office.app(), "kim fox", TODAY, moved=False, dry_run=True)
    assert shown.name == "Kim Fox"
    assert [(e.account.id, todo) for e, todo in shown.accounts] == [("libs", [Todo.PASSWORD, Todo.CODE])]
    assert register.look(office.app(), "libs").entry.record.administrators[0].left_on is None
    done = leaver.leave(office.app(), "Kim Fox", TODAY, moved=False, dry_run=False)
    assert (done, done.waits, done.through) == (shown, True, ["facebook"])
    assert register.look(office.app(), "libs").entry.record.administrators[0].left_on == TODAY
    (_, todo) = leaver.leave(office.app(), "Jo Smith", TODAY, moved=True, dry_run=False).accounts[0]
    assert Todo.OWNER in todo
    with pytest.raises(UsageError, match='names nobody called "Kit Fox"') as e:
        leaver.leave(office.app(), "Kit Fox", TODAY, moved=False, dry_run=True)
    assert "Kim Fox" in e.value.advice


def test_whoever_may_not_changes_nothing(office: Office) -> None:
    with (office.folder / "freeze.toml").open("a") as f:
        f.write('[people.sam]\nname = "Sam Patel"\nrole = "auditor"\n')
    app = office.app()
    app.who = lambda: "sam"
    for refused in (
        lambda: accounts.add(app, Row("parks", {"name": "Anyshire Parks", "platform": "x"})),
        lambda: accounts.edit(app, Row("libs", {"owner": "Sam"})),
        lambda: review.reviewed(app, ["libs"], TODAY),
        lambda: leaver.leave(app, "Jo Smith", TODAY, moved=False, dry_run=False),
    ):
        with pytest.raises(RefusedByRule):
            refused()
    assert [(e.account.id, e.account.owner) for e in register.entries(office.app())] == [
        ("books", ""),
        ("libs", "Jo Smith"),
    ]
