"""The register as values and as a file: nothing is lost on the way out and back, and nobody who left is forgotten."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freeze.accounts import Account, Alias
from freeze.errors import UsageError
from freeze.files.register import COLUMNS, cells, clean, parsed, read, table, value
from freeze.files.sheet import guarded, unguarded
from freeze.register import Administrator, Record, left, mentions, months_after, overdue, with_leavers
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.store.database import connect, migrate
from freeze.store.journal import once
from freeze.windows import midnight

TODAY = date(2026, 11, 20)
days = st.one_of(st.none(), st.dates(date(2000, 1, 1), TODAY))
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=20).map(clean)
names = words.map(lambda s: clean(s.replace(";", " ").replace("|", " "))).filter(bool)
people = st.builds(
    Administrator,
    name=names,
    authorised_by=names | st.just(""),
    trained_on=days,
    policy_read_on=days,
    logs_in=st.booleans(),
    gets_code=st.booleans(),
    left_on=days,
)
records = st.builds(
    Record,
    kind=st.sampled_from(["", "corporate", "fire", "=1+1"]),
    administered_by=st.sampled_from(["", "council", "partner", "school"]),
    approved_by=words,
    hours=words,
    around_the_clock=st.booleans(),
    two_factor_on=days,
    code_goes_to=words,
    credentials_at=st.sampled_from(["", "the safe", "@vault", "'quoted'", "-"]),
    access=st.lists(names, max_size=3, unique=True).map(tuple),
    password_changed_on=days,
    reviewed_on=days,
    administrators=st.lists(people, max_size=3, unique_by=lambda a: " ".join(a.name.casefold().split())).map(tuple),
)
accounts = st.builds(
    Account,
    id=st.sampled_from(["one", "two"]),
    name=words.filter(bool),
    platform=st.sampled_from(["x", "facebook"]),
    handle=words,
    service=words,
    owner=words,
    contact=st.sampled_from(["", "+44 1632 960001", "=cmd|' /C calc'!A0", "'@x"]),
)


def opened(url: str, folder: Path) -> Any:
    db = connect(url, folder)
    migrate(db, midnight(TODAY))
    return db


@pytest.fixture
def store(tmp_path: Path) -> Any:
    db = opened("freeze.db", tmp_path)
    yield db
    db.close()


@pytest.fixture
def any_store(store_url: str, tmp_path: Path) -> Any:
    """A store of each kind."""
    db = opened(store_url, tmp_path)
    yield db
    db.close()


def imported(db: Any, file: Path) -> list[str]:
    """Import a file; gives the lines that were not used."""
    found = read(file, TODAY)
    once(db, "a test", lambda tx: register_store.save(tx.c, found.rows))
    return [r.reason for r in found.rejects]


def exported(db: Any) -> str:
    with db.read() as c:
        known, seen = register_store.records(c), register_store.seen(c)
        register = post_store.accounts(c)
    return table(cells(a, known.get(i, Record()), seen.get(i, ())) for i, a in register.items())


def written(folder: Path, text: str) -> Path:
    path = folder / "register.csv"
    path.write_text(text, encoding="utf-8-sig", newline="")
    return path


@settings(max_examples=60)
@given(account=accounts, record=records)
def test_a_line_read_back_is_the_line_that_was_written(account: Account, record: Record) -> None:
    told = cells(account, record, [Alias(account.id, "orlo", "x:One")])
    if record.administered_by in ("partner", "school"):
        told["in_scope"] = "no"
    row = parsed({c: unguarded(guarded(v)) for c, v in told.items()}, TODAY)
    again = Record(**{k: v for k, v in row.given.items() if k in Record.__dataclass_fields__})
    same = replace(account, **{k: v for k, v in row.given.items() if k in ("name", "handle", "service", "owner")})
    assert again == record
    assert cells(same, again, row.seen_at) | {"in_scope": ""} == told | {"in_scope": ""}


@settings(max_examples=100)
@given(st.text(max_size=12))
def test_no_cell_is_a_formula_and_every_cell_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@"))


FULL = (
    "id,name,platform,handle,service,owner,contact,in_scope,seen_at,kind,administered_by,hours,two_factor_on,access,"
    "administrators\r\n"
    "one,=Anyshire,x,@one,libraries,Head,+44 1632 960001,,orlo=x:One;x=7,corporate,council,Mon-Fri 9-5,01/11/2026,"
    '"Kim Fox; Lee Ray","Jo Smith; authorised by Ann Lee; trained 2026-01-05; gets the code | Sam Hill; no login"\r\n'
)


def test_export_import_export_changes_nothing(any_store: Any, tmp_path: Path) -> None:
    assert imported(any_store, written(tmp_path, FULL)) == []
    first = exported(any_store)
    assert "2026-11-01" in first
    assert "Jo Smith; authorised by Ann Lee; trained 2026-01-05; gets the code | Sam Hill; no login" in first
    assert imported(any_store, written(tmp_path, first)) == []
    assert exported(any_store) == first
    assert "'=Anyshire" in first


def test_an_old_file_leaves_alone_what_it_has_no_column_for(store: Any, tmp_path: Path) -> None:
    imported(store, written(tmp_path, FULL))
    assert imported(store, written(tmp_path, "id,name,platform,owner\none,Anyshire,x,New owner\n")) == []
    with store.read() as c:
        record, account = register_store.records(c)["one"], post_store.accounts(c)["one"]
    assert (account.owner, account.service, account.handle) == ("New owner", "libraries", "@one")
    assert record.hours == "Mon-Fri 9-5"
    assert len(record.administrators) == 2


def test_an_empty_cell_clears_and_places_are_only_added(store: Any, tmp_path: Path) -> None:
    imported(store, written(tmp_path, FULL))
    text = "id,name,platform,owner,hours,administrators,seen_at\none,Anyshire,x,,,,\n"
    assert imported(store, written(tmp_path, text)) == []
    with store.read() as c:
        record, account = register_store.records(c)["one"], post_store.accounts(c)["one"]
        assert len(register_store.seen(c)["one"]) == 2
    assert (account.owner, record.hours, record.administrators) == ("", "", ())
    assert record.access == ("Kim Fox", "Lee Ray")


BAD = [
    ("in_scope", "perhaps", "neither yes nor no"),
    ("two_factor_on", "last week", '"last week" is not a date'),
    ("two_factor_on", "31/02/2026", '"31/02/2026" is not a date'),
    ("two_factor_on", "2026-11-21", "has not come yet"),
    ("two_factor_on", "0001-01-01", "lies in the year 1"),
    ("administrators", "Jo; trained", "is not understood"),
    ("administrators", "; trained 2026-01-01", "names nobody"),
    ("administrators", "Jo | JO", "stands twice"),
    ("credentials_at", "Password: hunter2", "the secret itself"),
    ("credentials_at", "pw=hunter2", "the secret itself"),
    ("kind", "councillor", "clause 2.4"),
    ("administered_by", "Elected Member", "clause 2.4"),
    ("hours", "9" * 501, "at most 500"),
    ("seen_at", "facebook", "not of the form connection=id"),
]


@pytest.mark.parametrize(("column", "cell", "said"), BAD)
def test_a_cell_that_cannot_be_used_is_named_and_the_other_lines_are_taken(
    tmp_path: Path, column: str, cell: str, said: str
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["id", "name", "platform", column], ["one", "One", "x", cell], ["two", "Two", "x", ""]])
    found = read(written(tmp_path, out.getvalue()), TODAY)
    assert [r.id for r in found.rows] == ["two"]
    assert [r.where for r in found.rejects] == ["register.csv line 2"]
    assert said in found.rejects[0].reason


@pytest.mark.parametrize(
    "said", ["1Password vault Comms", "Keeper, folder Social", "PIN book in the safe", "Passwords sheet"]
)
def test_where_credentials_are_kept_is_no_secret(said: str) -> None:
    assert value("credentials_at", said, TODAY) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,name\none,One\n", '"platform" is missing'),
        ("name,platform,nmae\n", 'Did you mean "name"'),
        ("name,platform,name\n", "stands twice"),
        ("", '"name" is missing'),
        ('name,platform\n"One,x\n', "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_at_all_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(written(tmp_path, text), TODAY)


def test_an_unquoted_comma_shifts_no_cells(tmp_path: Path) -> None:
    found = read(written(tmp_path, "name,platform,owner\nOne,x,Smith, Jo\nTwo,x\n"), TODAY)
    assert [r.given["name"] for r in found.rows] == ["Two"]
    assert "owner" not in found.rows[0].given
    assert "is a comma in a cell unquoted" in found.rejects[0].reason


SCOPE = [
    ("kind,administered_by", ",council", True),
    ("kind,administered_by", ",partner", False),
    ("kind,administered_by", ",council and partner", True),
    ("kind,administered_by", ",contractor", True),
    ("kind,administered_by", "school,", False),
    ("in_scope", "no", False),
    ("in_scope", "yes", True),
    ("in_scope", "", True),
    ("in_scope,administered_by", "no,council", False),
    ("owner", "Jo", True),
]


@pytest.mark.parametrize(("columns", "line", "expected"), SCOPE)
def test_scope_follows_who_administers_an_account(
    store: Any, tmp_path: Path, columns: str, line: str, *, expected: bool
) -> None:
    assert imported(store, written(tmp_path, f"id,name,platform,{columns}\none,One,x,{line}\n")) == []
    with store.read() as c:
        assert post_store.accounts(c)["one"].in_scope is expected


def test_an_account_that_a_council_user_takes_over_is_in_scope_again(store: Any, tmp_path: Path) -> None:
    imported(store, written(tmp_path, "id,name,platform,administered_by\none,One,x,partner\n"))
    imported(store, written(tmp_path, "id,name,platform,owner\none,One,x,Jo\n"))
    with store.read() as c:
        assert not post_store.accounts(c)["one"].in_scope, "a file that says nothing of it changes nothing"
    imported(store, written(tmp_path, "id,name,platform,administered_by\none,One,x,council\n"))
    with store.read() as c:
        assert post_store.accounts(c)["one"].in_scope


# Somebody leaves

JO = Administrator("Jo Smith", "Ann Lee")
ON = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("record", "owner", "password", "code"),
    [
        (Record(administrators=(JO,)), "", True, False),
        (Record(administrators=(replace(JO, logs_in=False),)), "", False, False),
        (Record(administrators=(replace(JO, gets_code=True),)), "", True, True),
        (Record(access=("jo  smith", "Kim Fox")), "", True, False),
        (Record(code_goes_to="Jo Smith's phone"), "", False, True),
        (Record(), "Jo Smith, Head of Libraries", False, False),
        (Record(administrators=(JO,), password_changed_on=ON), "", False, False),
    ],
)
def test_whoever_leaves_is_found_wherever_they_are_named(
    record: Record, owner: str, *, password: bool, code: bool
) -> None:
    after = left(record, owner, "JO SMITH", ON, moved=True)
    (gone,) = [a for a in after.administrators if a.left_on == ON]
    assert (gone.moved, after.password_known_to(gone), after.code_comes_to("Jo Smith")) == (True, password, code)
    assert "jo  smith" not in after.access
    assert Record.from_json(after.to_json()) == after


@pytest.mark.parametrize("record", [Record(), Record(administrators=(replace(JO, name="Jo Smith-Jones"),))])
def test_a_record_that_does_not_name_them_stays_as_it_is(record: Record) -> None:
    assert left(record, "Head of Libraries", "Jo Smith", ON, moved=False) is record


def test_nobody_who_left_is_forgotten_before_the_password_was_changed() -> None:
    old = left(Record(administrators=(JO,)), "", "Jo Smith", ON, moved=False)
    assert [a.name for a in with_leavers(Record(), old).administrators] == ["Jo Smith"]
    assert with_leavers(Record(password_changed_on=ON), old).administrators == ()
    assert with_leavers(Record(administrators=(JO,)), old).administrators == (JO,), "who came back is no leaver"


def test_a_code_that_goes_elsewhere_by_now_is_settled() -> None:
    old = left(
        Record(administrators=(replace(JO, gets_code=True),), password_changed_on=ON), "", "Jo Smith", ON, moved=False
    )
    assert len(old.open_leavers()) == 1
    assert replace(old, code_goes_to="Kim Fox").open_leavers() == ()


@pytest.mark.parametrize(
    ("said", "name", "expected"),
    [
        ("Jo Smith", "jo smith", True),
        ("Jo Smith's phone", "Jo Smith", True),
        ("Kim Fox, Jo Smith", "Jo Smith", True),
        ("Jo Smithson", "Jo Smith", False),
        ("Jo Smith-Jones", "Jo Smith", False),
        ("Jo and Smith", "Jo Smith", False),
        ("", "Jo", False),
        ("Jo", "", False),
    ],
)
def test_names_are_told_from_names_they_are_a_part_of(said: str, name: str, *, expected: bool) -> None:
    assert mentions(said, name) is expected


def test_a_year_from_the_leap_day_ends_in_february() -> None:
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert overdue(None, 12, TODAY)
    assert not overdue(date(2025, 11, 20), 12, TODAY)
    assert overdue(date(2025, 11, 19), 12, TODAY)


def test_every_field_of_a_record_has_its_column() -> None:
    assert set(Record.__dataclass_fields__) <= set(COLUMNS)
