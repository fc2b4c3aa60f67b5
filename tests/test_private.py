"""What the guard writes is for its owner only, whatever the umask; for a group where the settings say so."""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from practising import PAGE, SITE, Making, at, hamlet
from test_architecture import ROOT, modules

from freeze import private
from freeze.errors import SettingsError

WRITERS = {"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "mkdir", "makedirs", "touch", "chmod"}
COMMANDS = (
    ["init"],
    ["accounts", "import", "accounts.csv"],
    ["sync"],
    ["declare", "menai-bridge", "--yes"],
    ["tasks", "--messages", "messages"],
    ["tasks", "--hand-over", "hand-over.html"],
    ["nightly", "--once"],
    ["foi", "log", "--account", "anyshire-facebook", "--received", "2022-09-01", "--summary", "About bins"],
    ["foi", "list", "--csv", "requests.csv"],
    ["check", "--csv", "check.csv", "--html", "check.html"],
    ["accounts", "check", "--csv", "gaps.csv", "--html", "gaps.html"],
    ["accounts", "list", "--csv", "list.csv"],
    ["calendar", "--ics", "calendar.ics"],
    ["calendar", "--html", "calendar.html"],
    ["watch", "--every", "1", "--for", "1s"],
    ["undo", "f1"],
    ["put-back", "f1"],
)


@pytest.fixture(params=[0o000, 0o022, 0o027])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield int(request.param)
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Every file and folder below, with its mode."""
    return {p.relative_to(folder).as_posix(): stat.S_IMODE(p.lstat().st_mode) for p in folder.rglob("*")}


def open_ones(folder: Path, before: set[str], mine: int = 0o077) -> dict[str, str]:
    return {p: oct(m) for p, m in modes(folder).items() if p not in before and m & mine}


def test_no_module_writes_a_file_but_through_the_one_place_that_does_it_privately() -> None:
    found = []
    for path in modules(ROOT):
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            words = [a.value for a in (*node.args, *(k.value for k in node.keywords)) if isinstance(a, ast.Constant)]
            writes = name == "open" and any(isinstance(w, str) and set(w) & set("wax+") and len(w) < 4 for w in words)
            flags = "os.O_CREAT" in ast.unparse(node)
            if name in WRITERS or writes or (flags and name == "open"):
                found.append(where)
    assert set(found) == {"freeze/private.py"}


def test_every_file_that_commands_make_is_for_its_owner_only(practice: Making, umask: int) -> None:
    p = practice("empty", at("2022-09-12T05:45"))
    p.drop("orlo")
    for name in [f.name for f in p.folder.iterdir()]:
        assert modes(p.folder)[name] & 0o077 == 0, f"{name}, a practice file"
    before: set[str] = set()
    p.edit(create=True, **SITE, publish_at=at("2022-09-14T10:00").isoformat(), text="later")
    p.edit(create=True, **PAGE, publish_at=at("2022-09-14T11:00").isoformat(), text="later still")
    for words in COMMANDS:
        done = p.freeze(*words)
        assert "The guard itself failed" not in done.err, (words, done)
        assert open_ones(p.folder, before) == {}, words
    made = set(modes(p.folder))
    wanted = {"freeze.db", "messages", "hand-over.html", "check.csv", "calendar.ics", "digests", "gaps.html"}
    assert wanted <= made
    assert any(f.startswith("state/") for f in made)
    assert not [f for f in made if f.endswith(private.PART)]
    assert os.umask(umask) == umask, "the caller's own is as it was"
    assert "what the guard keeps is for its owner only" in p.freeze("doctor").out


def test_the_files_beside_an_open_store_are_private_too(practice: Making, umask: int) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    p.db.unlink()
    assert p.freeze("init", "--older-store-is-meant").code == 0
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(p.db)) as c:
        c.execute("BEGIN IMMEDIATE")
        c.execute("UPDATE meta SET value = value")
        beside = {f.name: stat.S_IMODE(f.stat().st_mode) for f in p.folder.glob("freeze.db*")}
    assert beside["freeze.db-wal"] == beside["freeze.db-shm"] == beside["freeze.db"] == 0o600


def test_a_settings_file_by_init_and_a_copy_of_an_older_store_are_private(
    practice: Making, umask: int, tmp_path: Path
) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    (p.folder / "freeze.toml").unlink()
    p.db.unlink()
    assert p.freeze("init").code == 0
    assert modes(p.folder)["freeze.toml"] == 0o600
    private.whole(tmp_path / "a" if (tmp_path / "a").is_dir() else tmp_path / "b", "x")
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


def test_a_group_of_the_settings_shares_everything_and_nobody_else_does(practice: Making, umask: int) -> None:
    import grp

    p = practice("empty", at("2022-09-12T05:45"))
    p.drop("orlo")
    settings = p.folder / "freeze.toml"
    group = grp.getgrall()[1].gr_name  # root may give files to any group
    settings.write_text(settings.read_text().replace("[store]\n", f'[store]\ngroup = "{group}"\n'))
    before = set(modes(p.folder))
    p.edit(create=True, **SITE, publish_at=at("2022-09-14T10:00").isoformat(), text="later")
    for words in COMMANDS:
        assert "The guard itself failed" not in p.freeze(*words).err
    gid = grp.getgrnam(group).gr_gid
    for f in p.folder.rglob("*"):
        if f.relative_to(p.folder).as_posix() not in before:
            mode = stat.S_IMODE(f.stat().st_mode)
            assert mode == (0o2770 if f.is_dir() else 0o660), (f, oct(mode))
            assert f.stat().st_gid == gid or f.name.endswith(".run-lock"), f


def test_a_group_that_is_none_is_said(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    settings = p.folder / "freeze.toml"
    settings.write_text(settings.read_text().replace("[store]\n", '[store]\ngroup = "no such group"\n'))
    refused = p.freeze("status")
    assert refused.code == 2
    assert refused.err.startswith('store.group: this computer has no group "no such group".')
    with pytest.raises(SettingsError):
        private.share_with("nul\0")


def test_a_digest_folder_that_somebody_opened_to_its_group_stays_readable_for_it(practice: Making, umask: int) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"))
    folder = p.folder / "digests" / "communications"
    folder.mkdir(parents=True)
    os.chown(folder, -1, 1)
    folder.chmod(0o2750)
    assert p.freeze("nightly", "--once").code in (0, 1)
    files = list(folder.iterdir())
    assert files
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o640}
    assert {f.stat().st_gid for f in files} == {1}


def test_doctor_names_what_is_open_and_how_to_close_it(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    p.db.chmod(0o644)
    (p.folder / "freeze.toml").chmod(0o666)
    told = p.freeze("doctor")
    assert told.code == 5
    assert f"chmod 600 {p.db}" in told.out.replace("\n", " ")
    assert f"chmod go-w {p.folder}/freeze.toml" in told.out
    p.db.chmod(0o600)
    (p.folder / "freeze.toml").chmod(0o600)
    assert "chmod" not in p.freeze("doctor").out


def test_a_file_is_whole_or_not_there_and_pipes_and_links_are_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "real.txt"
    target.write_text("old")
    (tmp_path / "link.txt").symlink_to(target)
    private.whole(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert target.read_text() == "new"
    private.whole(Path(os.devnull), "gone")
    assert not Path(os.devnull).is_file()
    (tmp_path / ".real.txt.abc.part").write_text("left by a killed process")
    (tmp_path / ".other.txt.abc.part").write_text("another's")
    private.whole(target, "newer")
    assert {f.name for f in tmp_path.iterdir()} == {"real.txt", "link.txt", ".other.txt.abc.part"}
    with pytest.raises(OSError, match="directory"):
        private.whole(tmp_path, "a folder")
    assert {f.name for f in tmp_path.iterdir()} == {"real.txt", "link.txt", ".other.txt.abc.part"}
