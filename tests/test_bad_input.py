"""Whatever people type or files say: one sentence, the nearest valid name, the right exit code, nothing half-done."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from conftest import Practice
from practising import PAGE, SITE, Making, at, everything_in, hamlet, schedule, setting, stands, truth

EVENING = at("2022-09-08T18:40")
NIGHT = at("2022-10-28T12:00")  # two days before the clocks go back


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One council for every case that must change nothing."""
    from freeze.sandbox import running

    with running("empty", NIGHT) as serving:
        yield {"serving": serving, "folder": tmp_path_factory.mktemp("council"), "made": None}


@pytest.fixture
def desk(shared: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Practice:
    """A council with one held post and one pause, the same for every case."""
    p = Practice(shared["serving"], shared["folder"], capsys)
    p.drop("youtube", "orlo")
    if shared["made"] is None:
        schedule(p, **SITE, at=at("2022-10-29T10:00"), text="site")
        p.ready()
        p.json("declare", "menai-bridge", "--platform", "wordpress", "--yes")
        shared["made"] = True
    return p


def state(p: Practice) -> tuple[Any, ...]:
    """Everything that a refused command must leave as it is."""
    with sqlite3.connect(p.db) as c:
        tables = [r[0] for r in c.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
        return (p.posts(), *(c.execute(f"SELECT * FROM {t}").fetchall() for t in tables))


BAD: list[tuple[str, int, str]] = [
    ("declare menai-brige --yes", 2, 'Did you mean "menai-bridge"?'),
    ("declare xyzzy --yes", 2, "Known names: crisis, election, london-bridge, menai-bridge,"),
    ("declare menai-bridge --platform facebok --yes", 2, 'Did you mean "facebook"?'),
    ("declare menai-bridge --account anyshirec-facebook --yes", 2, "There is no account"),
    ("declare menai-bridge --service libary --yes", 2, 'Did you mean "libraries"?'),
    ("declare menai-bridge --everything --service libraries --yes", 2, "--everything cannot go with"),
    ("declare menai-bridge --until 30/10/2022 --yes", 2, "Write it like 2022-"),
    ("declare menai-bridge --until 2022-02-30 --yes", 2, "is not a date"),
    ("declare menai-bridge --until 2022-10-30T01:30 --yes", 2, "happens twice"),
    ("declare menai-bridge --from 2023-03-26T01:30 --until 2023-04-01 --yes", 2, "does not exist"),
    ("declare menai-bridge --until 2022-10-01 --yes", 2, "cannot end"),
    ("declare menai-bridge --until 22022-10-30 --yes", 2, "is not a date"),
    ("declare menai-bridge --until 0022-10-30 --yes", 2, "Check the year"),
    ("declare menai-bridge --days 0 --yes", 2, "Give --days from 1 to 366"),
    ("declare menai-bridge --days nine --yes", 2, "nine"),
    ("declare menai-bridge --days 9999999 --yes", 2, "Give --days from 1 to 366"),
    ("declare menai-bridge --days 3 --until 2022-11-01 --yes", 2, "cannot go together"),
    ("declare menai-bridge --d-day tomorrow --yes", 2, "is not a date"),
    ("declare menai-bridge --d-day 2032-10-28 --yes", 2, "the year above all"),
    ("declare menai-bridge --hole 2022-11-01 --yes", 2, "is not a span"),
    ("declare menai-bridge --hole 2022-10-01T00:00/2022-12-31T00:00 --yes", 2, "leave nothing of the pause"),
    ("declare menai-bridge", 2, "There is no terminal here"),
    ("declare", 2, "PRESET"),
    ("declare menai-bridge --evrything", 2, "--everything"),
    ("declare menai-bridge --platform wordpress --days 3 --yes", 4, "freeze extend f1"),
    ("end f9", 2, "There are: f1."),
    ("end royal", 2, 'There is no pause "royal"'),
    ("undo 0", 2, "There are: f1."),
    ("show f2", 2, "There are: f1."),
    ("extend f1", 2, "Say how"),
    ("extend f1 --until 2022-10-29", 4, "already runs until"),
    ("extend f1 --until 2022-11-99", 2, "is not a date"),
    ("extend f1 --until 2022-12-01 --days 3", 2, "exactly one"),
    ("extend f1 --hole 2023-01-01T00:00/2023-01-02T00:00", 4, "does not lie inside"),
    ("resolve-end f1", 2, "--funeral"),
    ("resolve-end f1 --funeral 2022-10-01", 2, "before the pause starts"),
    ("resolve-end f9 --funeral 2022-11-01", 2, "There are: f1."),
    ("put-back f1", 4, "freeze end f1"),
    ("put-back f7 --digest 00", 2, "There are: f1."),
    ("decide p999 --keep", 2, 'no held post "p999"'),
    ("decide p --keep", 2, 'no held post "p"'),
    ("decide p99999999999999999999 --keep", 2, "no held post"),
    ("decide p² --keep", 2, "no held post"),
    ("decide --keep", 2, "POST"),
    ("decide p1", 2, "Say what is decided"),
    ("decide p1 --keep --at 2022-11-20T09:00", 2, "Say what is decided"),
    ("decide p1 --at yesterday", 2, "yesterday"),
    ("decide p1 --at 2022-10-20T09:00", 4, "has passed"),
    ("decide p1 --accept-current", 2, "nobody changed it"),
    ("held --service libary", 2, 'Did you mean "libraries"?'),
    ("check --service libary", 2, 'Did you mean "libraries"?'),
    ("check --from 1st", 2, "is not a date"),
    ("status --as-of now", 2, "is not a date and time"),
    ("statsu", 2, 'Did you mean "status"?'),
    ("accounts import nowhere.csv", 2, "nowhere.csv cannot be read"),
    ("accounts lst", 2, "lst"),
    ("log verify --head nonsense", 5, "NOT WHOLE"),
    ("--settings nowhere.toml status", 2, "There is no settings file"),
]


@pytest.mark.parametrize(("line", "code", "says"), BAD, ids=[b[0] or "nothing" for b in BAD])
def test_wrong_input_is_one_sentence_with_the_nearest_name_and_changes_nothing(
    desk: Practice, line: str, code: int, says: str
) -> None:
    before = state(desk)
    done = desk.freeze(
        *line.split(), on_clock=not line.startswith(("status --as-of", "statsu", "accounts lst", "--set"))
    )
    said = done.err + done.out
    assert done.code == code, said
    assert says in said
    assert "Traceback" not in said
    assert "The guard itself failed" not in said
    assert state(desk) == before


def test_wrong_input_is_data_too_where_json_is_asked_for(desk: Practice) -> None:
    done = desk.json("declare", "menai-brige", "--yes")
    assert (done["schema"], done["exit"]) == ("freeze/1", 2)
    assert done["error"] == 'There is no prepared pause "menai-brige".'
    assert done["advice"] == 'Did you mean "menai-bridge"?'


SETTINGS: list[tuple[str, str, str]] = [
    ("[council]", '[council]\nnmae = "x"', 'Did you mean "name"?'),
    ("[council]", "[concil]\n[council]", 'Did you mean "council"?'),
    ("[council]", "[policies.royal-deth]\ndays = 9\n[council]", 'Did you mean "royal-death"?'),
    ("[council]", "[policies.royal-death]\ndayz = 9\n[council]", 'Did you mean "days"?'),
    ("[council]", '[policies.royal-death]\ndays = "ten"\n[council]', '"days"'),
    ("[council]", '[policies.royal-death]\nevening_cutoff = "25:00"\n[council]', '"evening_cutoff"'),
    ("[council]", "[run]\nlead_hours = -1\n[council]", '"run.lead_hours"'),
    ("[council]", "[council", "freeze.toml"),
    ('platform = "wordpress"', 'platform = "wordpres"', 'Did you mean "wordpress"?'),
    ('platform = "wordpress"', "", "there is no platform"),
    ('platform = "wordpress"', 'platform = "wordpress"\npasword = "x"', 'Did you mean "password"?'),
    ('platform = "wordpress"', 'platform = "wordpress"\ntimeout = "soon"', '"timeout"'),
    ('username = "', 'user_name = "', "user"),
    ("http://127.0.0.1", "https://www.anyshire.example", "does not belong in a settings file"),
    ('url = "freeze.db"', 'url = "mysql://localhost/x"', "mysql is not supported"),
]


@pytest.mark.parametrize(
    ("old", "new", "says"), SETTINGS, ids=[s[1].replace("\n", " ")[:40] or "gone" for s in SETTINGS]
)
def test_a_setting_that_cannot_be_used_is_named_and_nothing_is_touched(
    desk: Practice, old: str, new: str, says: str
) -> None:
    path = desk.folder / "freeze.toml"
    good = path.read_text()
    assert old in good
    before = state(desk)
    path.write_text(good.replace(old, new, 1))
    done = desk.freeze("declare", "menai-bridge", "--yes", on_clock=False)
    path.write_text(good)
    assert done.code == 2, done
    assert says in done.err
    assert "freeze.toml" in done.err or "store.url" in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert state(desk) == before


@pytest.mark.parametrize(
    ("new", "says"),
    [('password_env = "FREEZE_NOT_SET', "is not set"), ('password_file = "/nowhere/', "cannot be read")],
)
def test_a_missing_secret_is_told_and_stops_no_other_connection(practice: Making, new: str, says: str) -> None:
    tomorrow = EVENING + timedelta(days=1)
    p = hamlet(practice, EVENING, {**SITE, "at": tomorrow, "text": "s"}, {**PAGE, "at": tomorrow, "text": "f"})
    path = p.folder / "freeze.toml"
    path.write_text(path.read_text().replace('password = "', new, 1))
    done = p.json("declare", "menai-bridge", "--yes")
    assert done["exit"] == 3
    gap = next(g for g in done["gaps"] if g["connection"] == "website")
    assert says in gap["reason"]
    assert {x["connection"]: x["hold"]["state"] for x in done["posts"]} == {"facebook": "confirmed"}
    assert {x["connection"] for x in done["not_held"]} == {"website"}


def test_without_a_store_every_command_says_how_to_make_one(practice: Making) -> None:
    p = practice("empty", EVENING)
    for line in ("status", "declare menai-bridge --yes", "sync", "held", "list", "accounts import accounts.csv"):
        done = p.freeze(*line.split())
        assert done.code == 5, line
        assert "freeze init" in done.err
        assert not p.db.exists()


@pytest.mark.parametrize("damage", ["rubbish", "empty", "other"])
def test_a_store_that_is_none_is_refused_plainly_and_left_as_it_is(practice: Making, damage: str) -> None:
    p = practice("empty", EVENING)
    if damage == "other":
        with sqlite3.connect(p.db) as c:
            c.execute("CREATE TABLE cake (id INTEGER)")
    else:
        p.db.write_bytes(b"" if damage == "empty" else b"this is no database" * 100)
    before = p.db.read_bytes()
    done = p.freeze("declare", "menai-bridge", "--yes")
    assert done.code == 5
    assert len(done.err.strip().splitlines()) == 1
    assert "Traceback" not in done.err
    if damage == "rubbish":
        assert p.db.read_bytes() == before
    assert p.calls()["platforms"] == {}


def test_good_lines_of_a_register_are_taken_and_each_bad_one_is_named(practice: Making) -> None:
    p = practice("empty", EVENING)
    p.freeze("init")
    file = p.folder / "more.csv"
    file.write_text(
        "id,name,platform,seen_at,in_scope\n"
        "good,Good,facebook,facebook=1,yes\n"
        ",,facebook,,\n"
        "good,Twice,facebook,,\n"
        "odd,Odd,facebook,facebook,\n"
        "taken,Taken,facebook,facebook=1,\n"
        "fine,Fine,x,,no\n"
    )
    done = p.freeze("accounts", "import", "more.csv")
    assert done.code == 2
    assert "2 accounts added" in done.out
    for said in ("line 3", "line 4", "line 5", "line 6", "name and platform are needed", "stands twice"):
        assert said in done.out
    assert {a["id"] for a in p.json("accounts", "list")["accounts"]} == {"good", "fine"}
    file.write_text("id,nmae,platform\nx,X,facebook\n")
    wrong = p.freeze("accounts", "import", "more.csv")
    assert (wrong.code, 'Did you mean "name"?' in wrong.err) == (2, True)
    file.write_bytes(b"id,name,platform\nx,Caf\xe9,facebook\n")
    assert p.freeze("accounts", "import", "more.csv").code == 2


def test_a_rehearsal_touches_nothing_says_so_everywhere_and_satisfies_no_declaration(practice: Making) -> None:
    p = hamlet(
        practice,
        EVENING,
        {**SITE, "at": at("2022-09-12T10:00"), "text": "site"},
        {**PAGE, "at": at("2022-09-12T10:00"), "text": "page"},
    )
    before = p.posts()
    rehearsed = p.freeze("declare", "menai-bridge", "--rehearsal", "--yes")
    assert rehearsed.code == 0
    assert p.posts() == before
    writes = [c for c in p.calls()["sequence"] if c["method"] not in ("GET", "HEAD")]
    assert writes == []
    said = [
        line for line in rehearsed.out.splitlines() if "Royal death" in line or "would" in line or "touched" in line
    ]
    assert said
    assert all("REHEARSAL" in line for line in said)
    assert "REHEARSAL" in p.freeze("list").out
    assert all("REHEARSAL" in line for line in p.freeze("status").out.splitlines() if "Royal death" in line)
    assert p.json("sync", "--enforce")["freezes"] == []
    assert p.posts() == before, "a rehearsal held something"
    real = p.json("declare", "menai-bridge", "--yes")
    assert (real["new"], real["id"], real["rehearsal"], real["exit"]) == (True, "f2", False, 0)
    assert stands(real) == {"site": "confirmed", "page": "confirmed"}
    p.freeze("end", "f1")
    assert truth(p, "site")["state"] == "draft", "ending the rehearsal freed what the real pause holds"
    again = p.json("declare", "menai-bridge", "--rehearsal", "--yes")
    assert again["rehearsal"]


NASTY = "\x1b[2J\x1b]0;owned\x07Bin\u202eyad\u2066 \x9b31m day\r\nHeld and checked by reading back: 99\u200b"


def test_text_of_a_post_cannot_move_the_cursor_turn_the_line_or_fake_a_report(practice: Making) -> None:
    p = hamlet(practice, EVENING, {**PAGE, "at": at("2022-09-12T10:00"), "text": NASTY, "author": NASTY})
    page = p.posts()[0]
    shown = [p.freeze("check"), p.freeze("declare", "menai-bridge", "--dry-run")]
    shown.append(p.freeze("declare", "menai-bridge", "--reason", NASTY.replace("\r\n", " "), "--yes"))
    p.edit(platform="facebook", id=page["id"], text=NASTY + "!", publish_at=at("2022-09-13T10:00").isoformat())
    shown += [p.freeze(*x.split()) for x in ("sync --enforce", "status", "show f1", "held", "log export", "undo f1")]
    shown += [p.freeze("put-back", "f1"), p.freeze("list")]
    for result in shown:
        for text in (result.out, result.err):
            bad = [c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2066\u200b")]
            assert bad == [], text
            assert "\nHeld and checked by reading back: 99" not in text


def test_a_secret_never_appears_in_any_output_log_or_file(practice: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    p = hamlet(practice, EVENING, {**SITE, "at": at("2022-09-12T10:00"), "text": "site"})
    p.edit(platform="wordpress", id=p.posts()[0]["id"], text="site")
    path = p.folder / "freeze.toml"
    text = path.read_text()
    given = [line.split('"')[1] for line in text.splitlines() if line.startswith(("password", "token"))]
    assert len(given) == 2
    secrets = ["plantedWordPressSecret", "plantedFacebookSecret"]
    for value, secret, name in zip(given, secrets, ("password", "token"), strict=True):
        monkeypatch.setenv(f"FREEZE_TEST_{name.upper()}", secret)
        text = text.replace(f'{name} = "{value}"', f'{name}_env = "FREEZE_TEST_{name.upper()}"')
    good = path.read_text()
    path.write_text(text)
    lines = ("doctor", "sync", "declare menai-bridge --yes", "status", "show f1", "log export", "sync --enforce --json")
    said = [p.freeze(*line.split()) for line in lines]
    assert {said[1].code, said[2].code} == {5, 3}, "the planted secrets were meant to be refused"
    path.write_text(good)
    said += [
        p.freeze(*line.split()) for line in ("declare menai-bridge --yes", "doctor", "show f1 --json", "log export")
    ]
    everything = "".join(r.out + r.err for r in said).encode()
    kept = b"".join(f.read_bytes() for f in p.folder.glob("freeze.db*") if f.is_file())
    assert b"site" in kept
    for secret in (*secrets, *given):
        assert secret.encode() not in everything, secret
        assert secret.encode() not in kept, secret
    path.unlink()
    for secret in (*secrets, *given):
        assert secret.encode() not in everything_in(p.folder), secret


def test_with_a_clock_set_by_hand_nothing_but_the_sandbox_is_written_to(practice: Making) -> None:
    p = hamlet(practice, EVENING, {**SITE, "at": at("2022-09-12T10:00"), "text": "site"})
    path = p.folder / "freeze.toml"
    path.write_text(path.read_text().replace(p.url + "/wordpress", "http://127.0.0.1:9/wordpress"))
    setting(p, "website", "timeout = 0.2")
    refused = p.freeze("declare", "menai-bridge", "--yes")
    assert refused.code == 5
    assert "is not the sandbox" in refused.err
    assert p.json("list")["freezes"] == []
