"""Who acts, and by whose settings: never by what a caller says, in the environment or with a file of their own."""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Practice
from practising import SITE, Making, at, hamlet
from test_architecture import ROOT, modules

from freeze.acts.app import App
from freeze.council import whoami
from freeze.council.obeyed import Memory, Stands, given
from freeze.council.roles import LEAD, OFFICER, Member
from freeze.council.settings import _model
from freeze.errors import SettingsError

SAID = {"LOGNAME", "USER", "USERNAME", "LNAME", "SUDO_USER", "SUDO_UID"}


def test_nothing_in_the_code_asks_the_environment_who_somebody_is() -> None:
    asked = []
    for path in modules(ROOT):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = node.module if isinstance(node, ast.ImportFrom) else None
            called = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            given = [*node.args, node.func] if isinstance(node, ast.Call) else []
            given += [node.slice] if isinstance(node, ast.Subscript) else []
            words = {x.value for x in given if isinstance(x, ast.Constant)} & SAID
            if words or "getpass" in (*names, module) or called.endswith((".getuser", ".getlogin", ".expandvars")):
                asked.append(path.relative_to(ROOT).as_posix())
    assert asked == ["freeze/council/whoami.py"], "only Windows' own answer is asked for"


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What the kernel says, in a folder."""
    (tmp_path / "loginuid").write_text("4294967295")
    (tmp_path / "uid_map").write_text("         0          0 4294967295\n")
    monkeypatch.setattr(whoami, "LOGIN", tmp_path / "loginuid")
    monkeypatch.setattr(whoami, "MAP", tmp_path / "uid_map")
    monkeypatch.setattr(os, "getuid", lambda: 0)
    for name in SAID:
        monkeypatch.setenv(name, "jsmith")
    return tmp_path


@pytest.mark.parametrize(
    ("login", "user"),
    [
        ("0", "root"),
        ("1", "daemon"),
        ("4294967295", "root"),
        ("-1", "root"),
        ("", "root"),
        ("rubbish", "root"),
        ("3999999999", "user 3999999999"),
    ],
)
def test_it_is_the_login_user_where_there_is_one_else_the_real_one(kernel: Path, login: str, user: str) -> None:
    (kernel / "loginuid").write_text(login)
    assert whoami.user() == user


def test_a_system_that_keeps_no_login_user_says_the_real_one(kernel: Path) -> None:
    (kernel / "loginuid").unlink()
    (kernel / "uid_map").unlink()
    assert whoami.user() == "root"


@pytest.mark.parametrize("numbers", ["0 1000 1", "0 100000 65536", "0 0 1", "0 0 1\n1 1 1"])
@pytest.mark.parametrize("login", ["4294967295", "0", "1"])
def test_who_makes_a_namespace_of_their_own_is_nobody_of_the_settings(kernel: Path, numbers: str, login: str) -> None:
    (kernel / "uid_map").write_text(numbers)
    (kernel / "loginuid").write_text(login)  # its numbers, too, are the maker's
    assert whoami.user() == "user 0 of a namespace"


@pytest.mark.parametrize(
    "name",
    [
        "FREEZE_PEOPLE__ROOT__ROLE",
        "FREEZE_PEOPLE",
        "freeze_roles",
        "Freeze_Roles__Auditor",
        "FREEZE_KINDS",
        "FREEZE_KINDS__TAGS",
        "FREEZE_POLICIES__ROYAL_DEATH__ALWAYS",
    ],
)
def test_rights_never_come_from_the_environment(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"^The environment variable {name} is refused"):
        _model({name: "x"})


def test_such_a_variable_ends_a_command_with_its_name(practice: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    monkeypatch.setenv("FREEZE_PEOPLE__ROOT__ROLE", "communications lead")
    refused = p.freeze("status")
    assert refused.code == 2
    assert "FREEZE_PEOPLE__ROOT__ROLE" in refused.err


def test_a_dotenv_file_beside_the_settings_gives_no_rights(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    roles(p, LEAD.replace("lead", "officer"))
    (p.folder / ".env").write_text("FREEZE_PEOPLE__ROOT__ROLE=communications lead\nUSER=jsmith\n")
    assert p.freeze("declare", "menai-bridge", "--yes").code == 0
    assert p.freeze("undo", "f1").code == 4


def roles(p: Practice, role: str, *, name: str = "Ali Khan", file: str = "freeze.toml") -> Path:
    """Give this computer's user a role in a settings file."""
    path = p.folder / file
    before = re.sub(r"(?s)\n\[people\..*", "", path.read_text())
    path.write_text(f'{before}\n[people.{whoami.user()}]\nname = "{name}"\nrole = "{role}"\n')
    return path


def log(p: Practice) -> str:
    return p.freeze("log", "export", on_clock=False).out


@pytest.fixture
def desk(practice: Making) -> Practice:
    """A small council whose user is a communications officer: may stop, may not lift."""
    p = hamlet(practice, at("2022-09-08T18:40"), {**SITE, "at": at("2022-09-09T10:00"), "text": "later"})
    roles(p, OFFICER)
    assert p.freeze("declare", "menai-bridge", "--yes").code == 0
    assert p.freeze("undo", "f1").code == 4
    return p


def test_another_file_that_grants_roles_is_refused_whatever_is_done_with_it(desk: Practice) -> None:
    shutil.copy(desk.folder / "freeze.toml", desk.folder / "mine.toml")
    roles(desk, LEAD, file="mine.toml")
    for words in (["undo", "f1"], ["end", "f1"], ["put-back", "f1"], ["status"], ["init"], ["init", "--adopt"]):
        refused = desk.freeze("--settings", "mine.toml", *words)
        assert refused.code == 4, (words, refused)
    assert "not obeyed" in desk.freeze("--settings", "mine.toml", "undo", "f1").err
    assert "init --adopt" in desk.freeze("--settings", "mine.toml", "undo", "f1").err
    assert "undone" not in desk.freeze("show", "f1").out
    assert desk.json("status")["freezes"][0]["id"] == "f1", "it is still in force"
    assert "settings.adopted" not in log(desk)


def test_neither_a_link_nor_a_copy_in_another_folder_nor_a_variable_gets_around_it(
    desk: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = desk.folder / "away"
    away.mkdir()
    text = (desk.folder / "freeze.toml").read_text().replace('url = "freeze.db"', f'url = "{desk.db}"')
    (away / "freeze.toml").write_text(text)
    assert desk.freeze("--settings", "away/freeze.toml", "status").code in (0, 3), "the same rights are no other rights"
    roles(desk, LEAD, file="away/freeze.toml")
    monkeypatch.setenv("FREEZE_SETTINGS", "away/freeze.toml")
    assert desk.freeze("undo", "f1").code == 4
    monkeypatch.delenv("FREEZE_SETTINGS")
    (desk.folder / "link.toml").symlink_to(away / "freeze.toml")
    assert desk.freeze("--settings", "link.toml", "undo", "f1").code == 4


def test_an_edit_of_the_same_file_by_its_owner_just_works_and_is_in_the_log(desk: Practice) -> None:
    before = log(desk).count("settings.obeyed")
    roles(desk, LEAD)
    assert desk.freeze("undo", "f1").code != 4
    assert log(desk).count("settings.obeyed") == before + 1


def test_the_same_path_in_other_hands_is_another_file() -> None:
    people = {"jo": Member("Jo", LEAD)}
    known = Memory().with_(given("/srv/freeze.toml", 100, people, {}, {}))
    mine = {"me": Member("Me", LEAD)}
    assert known.stands(given("/srv/freeze.toml", 100, mine, {}, {})) is Stands.EDITED
    assert known.stands(given("/srv/freeze.toml", 0, mine, {}, {})) is Stands.EDITED, "root could do it anyway"
    assert known.stands(given("/srv/freeze.toml", 101, mine, {}, {})) is Stands.OTHER
    assert known.stands(given("/tmp/x.toml", 101, people, {}, {})) is Stands.SAME
    for others in ({"kinds": {"x": "flood"}}, {"policies": {"royal-death": {"always": ["news"]}}}):
        assert known.stands(given("/tmp/x.toml", 101, people, {}, others)) is Stands.OTHER
    assert known.stands(given("/tmp/x.toml", 101, people, {"auditor": ["undo"]}, {})) is Stands.OTHER
    assert Memory.from_json(known.to_json()) == known


def test_who_may_lets_the_store_obey_another_file_and_that_is_in_the_log(desk: Practice) -> None:
    roles(desk, LEAD)
    assert desk.freeze("status").code != 4, "the store has seen who may"
    shutil.copy(desk.folder / "freeze.toml", desk.folder / "new.toml")
    roles(desk, LEAD, name="Ali Q. Khan", file="new.toml")
    assert desk.freeze("--settings", "new.toml", "undo", "f1").code == 4
    adopted = desk.freeze("--settings", "new.toml", "init", "--adopt", on_clock=False)
    assert adopted.code == 0, adopted
    assert "obeys" in adopted.out
    assert log(desk).count("settings.adopted") == 1
    assert desk.freeze("--settings", "new.toml", "undo", "f1").code != 4
    assert desk.freeze("status").code != 4, "the first file is still obeyed"


def test_while_nobody_has_a_role_any_file_is_taken_and_noted(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    shutil.copy(p.folder / "freeze.toml", p.folder / "new.toml")
    roles(p, LEAD, file="new.toml")
    assert p.freeze("--settings", "new.toml", "status").code == 0
    assert str(p.folder / "new.toml") in log(p)


def test_a_test_is_somebody_else_by_one_seam_only(desk: Practice) -> None:
    import adapters
    import policies

    app = App(adapters, policies, desk.now, str(desk.folder / "freeze.toml"), who=lambda: "jsmith")
    assert app.actor == "jsmith (this computer's user)"
    app.close()
