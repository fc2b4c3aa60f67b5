"""`freeze accounts`: adding, changing, importing, looking, reviewing, leavers; what it refuses and what it logs."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Result

import cli

NOW = "2026-11-20T09:00"
Run = Callable[..., Result]
FILE = (
    "id,name,platform,service,owner,seen_at\n"
    "libs,Anyshire Libraries,facebook,libraries,Head of Libraries,facebook=1\n"
    "roads,Anyshire Roads,x,highways,Roads Lead,\n"
    "books,Anyshire Books,x,libraries,,\n"
)
KIM = "Kim Fox; authorised by Ann Lee; trained 2026-01-05; policy read 2026-01-05; gets the code"


@pytest.fixture
def freeze(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands in a folder with a store and three accounts, at 09:00 on Friday 20 November 2026."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FREEZE_SETTINGS", raising=False)

    def run(*args: str, at: str = NOW) -> Result:
        clock = () if args == ("init",) else ("--as-of", at)
        monkeypatch.setattr("sys.argv", ["freeze", *args, *clock])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Result(int(ended.value.code or 0), out, err)

    assert run("init").code == 0
    (tmp_path / "accounts.csv").write_text(FILE)
    assert run("accounts", "import", "accounts.csv").code == 0
    return run


def show(freeze: Run, ident: str) -> dict[str, Any]:
    return freeze("accounts", "show", ident, "--json").json


def edit(freeze: Run, ident: str, *args: str) -> Result:
    return freeze("accounts", "edit", ident, *args)


def gaps(freeze: Run, *args: str) -> list[tuple[str, str]]:
    told = freeze("accounts", "check", "--json", *args).json
    return [(f["account"], f["sentence"]) for f in told["findings"] if f["policy"] == "register"]


def log(folder: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "freeze.db")) as c:
        rows = c.execute("SELECT event, data FROM log_line ORDER BY seq").fetchall()
    return [{"event": e, **json.loads(d)} for e, d in rows]


def test_an_account_is_added_and_changed_field_by_field(freeze: Run) -> None:
    added = freeze(
        "accounts", "add", "Anyshire Museums", "--platform", "X", "--service", "museums", "--owner", "Jo Smith"
    )
    assert added.code == 0
    assert 'No other account is of the service "museums".' in added.out
    assert edit(freeze, "anyshire-museums-x", "--two-factor-on", "2026-11-01", "--code-goes-to", "Jo Smith").code == 0
    assert edit(freeze, "anyshire-museums-x", "--administrator", KIM, "--access", "Sam Hill").code == 0
    assert edit(freeze, "anyshire-museums-x", "--administrator", "kim fox; no login", "--seen-at", "x=9").code == 0
    told = show(freeze, "anyshire-museums-x")
    assert (told["service"], told["owner"], told["platform"]) == ("museums", "Jo Smith", "x")
    assert told["record"]["two_factor_on"] == "2026-11-01"
    assert told["seen_at"] == [{"connection": "x", "id": "9"}]
    (kim,) = told["record"]["administrators"]
    assert (kim["name"], kim["authorised_by"], kim["logs_in"], kim["gets_code"]) == ("kim fox", "Ann Lee", False, True)
    assert edit(freeze, "anyshire-museums-x", "--code-goes-to", "", "--without", "Sam Hill").code == 0
    record = show(freeze, "anyshire-museums-x")["record"]
    assert "code_goes_to" not in record
    assert "access" not in record
    text = freeze("accounts", "show", "anyshire-museums-x").out
    assert "last checked on Sunday 1 November 2026" in text
    assert "kim fox; authorised by Ann Lee; trained 2026-01-05; policy read 2026-01-05; no login" in text


WRONG = [
    (("edit", "libs"), 2, "Nothing to change was named"),
    (("edit", "lbs", "--owner", "Jo"), 2, 'Did you mean "libs"?'),
    (("edit", "libs", "--two-factor-on", "1/13/2026"), 2, '--two-factor-on: "1/13/2026" is not a date'),
    (("edit", "libs", "--reviewed-on", "2026-11-21"), 2, "--reviewed-on: Saturday 21 November 2026 has not come yet"),
    (("edit", "libs", "--credentials-at", "pw: x1"), 2, "--credentials-at: this looks like the secret itself"),
    (("edit", "libs", "--around-the-clock", "maybe"), 2, '--around-the-clock: "maybe" is neither yes nor no'),
    (("edit", "libs", "--administrator", "Jo; traned 2026-01-01"), 2, '"traned 2026-01-01" is not understood'),
    (("edit", "libs", "--administrator", "Jo | Kim"), 2, "one person at a time"),
    (("edit", "libs", "--without", "Jo"), 2, "does not run it"),
    (("edit", "libs", "--kind", "councillor"), 4, "clause 2.4"),
    (("edit", "libs", "--administered-by", "partner", "--in-scope", "yes"), 2, "clause 2.6"),
    (("edit", "libs", "--seen-at", "facebook"), 2, "not of the form connection=id"),
    (("add", "libs"), 2, "on the register already"),
    (("add", "New one"), 2, "On which platform is it?"),
    (("add", "Cllr Lee", "--platform", "x", "--administered-by", "Councillor"), 4, "clause 2.4"),
    (("show", "lib"), 2, 'Did you mean "libs"?'),
    (("list", "--service", "librarys"), 2, 'Did you mean "libraries"?'),
    (("review", "libs", "nobody"), 2, 'There is no account "nobody"'),
    (("review", "libs", "--on", "2026-12-01"), 2, "has not come yet"),
    (("review", "--on", "2026-11-01"), 2, "--on needs the accounts"),
    (("review", "libs", "--months", "3"), 2, "do nothing"),
    (("leaver", "Head of Librarys"), 2, 'Did you mean "Head of Libraries"?'),
    (("leaver", "Roads Lead", "--on", "soon"), 2, '"soon" is not a date'),
    (("import", "none.csv"), 2, "none.csv cannot be read"),
]


def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(freeze: Run, tmp_path: Path) -> None:
    before = (freeze("accounts", "list", "--json").out, log(tmp_path))
    for args, code, said in WRONG:
        result = freeze("accounts", *args)
        assert (result.code, result.out) == (code, ""), args
        assert said in result.err
        assert len(result.err.strip().splitlines()) == 1
    assert (freeze("accounts", "list", "--json").out, log(tmp_path)) == before


def test_the_list_says_when_each_service_was_last_reviewed(freeze: Run, tmp_path: Path) -> None:
    assert freeze("accounts", "review", "libs", "--on", "2026-11-02").code == 0
    told = freeze("accounts", "list", "--csv", "list.csv")
    assert "libraries: 2 accounts, last review Monday 2 November 2026; 1 account to review." in told.out
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as f:
        rows = {r["id"]: r for r in csv.DictReader(f)}
    assert (rows["libs"]["reviewed_on"], rows["books"]["reviewed_on"]) == ("2026-11-02", "")
    services = {s["service"]: s for s in freeze("accounts", "list", "--json").json["services"]}
    assert services["libraries"]["last_review"] == "2026-11-02"
    assert services["libraries"]["to_review"] == ["books"]
    assert services["highways"]["never_reviewed"] == 1


def test_what_was_not_reviewed_for_a_year_is_listed_until_it_was(freeze: Run) -> None:
    listed = freeze("accounts", "review")
    assert listed.code == 1
    assert "3 accounts not reviewed for 12 months (clause 2.2)." in listed.out
    assert freeze("accounts", "review", "libs", "roads", "books").code == 0
    assert freeze("accounts", "review").code == 0
    assert freeze("accounts", "review", at="2027-11-21T09:00").code == 1
    assert freeze("accounts", "review", "--months", "24", at="2027-11-21T09:00").code == 0


def test_a_leaver_is_a_gap_until_password_and_code_were_changed(freeze: Run, tmp_path: Path) -> None:
    for ident in ("libs", "roads"):
        assert edit(freeze, ident, "--administrator", KIM, "--access", "Sam Hill; Ann Lee").code == 0
    looked = freeze("accounts", "leaver", "kim fox", "--on", "2026-11-18", "--dry-run")
    assert looked.out.startswith("Nothing was recorded. If Kim Fox left on Wednesday 18 November 2026: 2 accounts")
    assert not any("Kim Fox left" in said for _, said in gaps(freeze))
    told = freeze("accounts", "leaver", "kim fox", "--on", "2026-11-18")
    assert told.code == 3
    assert told.out.startswith("Kim Fox left on Wednesday 18 November 2026: 2 accounts")
    assert told.out.count("change the password, let the code go to somebody else's device") == 2
    assert [a for a, said in gaps(freeze) if "Kim Fox left" in said] == ["roads", "libs"]
    stays = edit(freeze, "libs", "--without", "Kim Fox")
    assert "Kim Fox stays on it until the password was changed" in stays.out
    assert edit(freeze, "libs", "--password-changed-on", "2026-11-17", "--code-goes-to", "Sam Hill").code == 0
    assert (
        "libs",
        "Anyshire Libraries (facebook): change the password: Kim Fox left on Wednesday 18 November 2026.",
    ) in (gaps(freeze))
    assert edit(freeze, "libs", "--password-changed-on", "2026-11-18").code == 0
    assert [a for a, said in gaps(freeze) if "Kim Fox left" in said] == ["roads"]
    assert edit(freeze, "roads", "--administrator", "Kim Fox; did not leave").code == 0
    assert not any("Kim Fox left" in said for _, said in gaps(freeze))
    assert [e for e in log(tmp_path) if e["event"] == "register.left"] == [
        {"event": "register.left", "accounts": ["libs", "roads"], "moved": False}
    ]


def test_an_owner_who_moved_is_asked_to_be_replaced(freeze: Run) -> None:
    told = freeze("accounts", "leaver", "roads lead", "--moved", "--json")
    assert told.code == 3
    assert told.json["accounts"] == [{"id": "roads", "service": "highways", "to_do": ["name another owner"]}]
    edit(freeze, "roads", "--access", "Ann Lee; Sam Hill")
    assert any("its owner, Roads Lead, moved to other work" in said for _, said in gaps(freeze))


def test_gaps_are_the_same_in_all_four_forms(freeze: Run, tmp_path: Path) -> None:
    edit(freeze, "libs", "--administrator", KIM)
    told = freeze("accounts", "check", "--json")
    ids = {f["id"] for f in told.json["findings"]}
    assert told.code == 1
    assert len(ids) >= 6
    text = freeze("accounts", "check").out
    assert freeze("accounts", "check", "--csv", "c.csv", "--html", "c.html").code == 1
    page, table = (tmp_path / "c.html").read_text(), (tmp_path / "c.csv").read_text(encoding="utf-8-sig")
    for ident in ids:
        assert ident in text
        assert ident in page
        assert ident in table
    mine = {f["account"] for f in freeze("accounts", "check", "--service", "highways", "--json").json["findings"]}
    assert mine == {"roads"}


def test_export_import_export_is_the_same_file(freeze: Run, tmp_path: Path) -> None:
    edit(freeze, "libs", "--administrator", KIM, "--contact", "+44 1632 960001", "--hours", "Mon-Fri 9am-5pm")
    assert freeze("accounts", "export", "one.csv").code == 0
    assert freeze("accounts", "import", "one.csv").out == "0 accounts added, 3 updated.\n"
    assert freeze("accounts", "export", "two.csv").code == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert b"'+44 1632 960001" in (tmp_path / "one.csv").read_bytes()
    assert show(freeze, "libs")["contact"] == "+44 1632 960001"


def test_an_account_that_was_seen_is_put_on_the_register_by_its_id(freeze: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "freeze.db")) as c, c:
        c.execute(
            "INSERT INTO account(id, name, platform, registered, in_scope) VALUES('fest-x', 'Festival', 'x', 0, 1)"
        )
    assert freeze("accounts", "export", "new.csv", "--unregistered").out == "1 account written to new.csv.\n"
    refused = edit(freeze, "fest-x", "--owner", "Jo")
    assert (refused.code, "freeze accounts add fest-x" in refused.err) == (2, True)
    assert freeze("accounts", "add", "fest-x", "--service", "libraries").code == 0
    assert show(freeze, "fest-x")["registered"] is True
    assert show(freeze, "fest-x")["name"] == "Festival"


def test_what_is_out_of_scope_is_said_at_once(freeze: Run) -> None:
    told = edit(freeze, "libs", "--administered-by", "partner")
    assert "no pause ever holds" in told.out
    assert show(freeze, "libs")["in_scope"] is False
    assert "libs" not in [a for a, _ in gaps(freeze)]
    assert edit(freeze, "libs", "--administered-by", "council").code == 0
    assert show(freeze, "libs")["in_scope"] is True


def test_the_log_names_fields_and_accounts_and_nobody(freeze: Run, tmp_path: Path) -> None:
    edit(freeze, "libs", "--administrator", KIM, "--credentials-at", "the safe")
    freeze("accounts", "add", "Anyshire Museums", "--platform", "x", "--owner", "Jo Smith")
    freeze("accounts", "leaver", "Kim Fox")
    freeze("accounts", "review", "libs")
    lines = log(tmp_path)
    events = [e["event"] for e in lines if e["event"].startswith("register.")]
    assert events == [f"register.{e}" for e in ("imported", "edited", "added", "left", "reviewed")]
    assert lines[-4]["fields"] == ["access", "administrators", "credentials_at"]
    written = json.dumps(lines)
    assert not any(secret in written for secret in ("Kim Fox", "Ann Lee", "Jo Smith", "the safe"))


def test_a_service_lead_records_reviews_of_the_own_service_and_changes_nothing_else(
    freeze: Run, tmp_path: Path
) -> None:
    from freeze.council import whoami

    with (tmp_path / "freeze.toml").open("a") as f:
        f.write(f'\n[people.{whoami.user()}]\nname = "Ali Khan"\nrole = "service lead"\nservices = ["highways"]\n')
    assert freeze("accounts", "review", "roads").code == 0
    for refused in (
        ("review", "libs"), ("edit", "roads", "--owner", "Ali"), ("leaver", "Roads Lead"), ("import", "accounts.csv"),
        ("add", "New", "--platform", "x"),
    ):  # fmt: skip
        assert freeze("accounts", *refused).code == 4, refused


def test_the_settings_of_the_rule_are_those_of_the_commands(freeze: Run, tmp_path: Path) -> None:
    (tmp_path / "freeze.toml").write_text('[policies.register]\nreview_months = 3\nmatters = ["review"]\n')
    freeze("accounts", "review", "libs", "roads", "books", "--on", "2026-08-01")
    assert freeze("accounts", "review").code == 1
    assert {said.partition(": ")[2][:20] for _, said in gaps(freeze)} == {"it was last reviewed"}
