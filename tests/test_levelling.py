"""Text that comes in is levelled once: half an emoji or a NUL, wherever it stands, stops nothing and is never kept."""

from __future__ import annotations

import ast
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from conftest import Practice
from hypothesis import given
from hypothesis import strategies as st
from mangling import unsafe
from practising import PAGE, SITE, at, schedule

import cli
from adapters._orlo.export import Columns, Layout, newest, usable
from freeze.council import settings
from freeze.files import drafts, events, register
from freeze.levelling import level, level_all, loads, suspect
from freeze.windows import LONDON

ROOT = Path(__file__).parent.parent
HALF = "\ud83d"
ANY = st.text(st.characters(codec=None, categories=None), max_size=40)


@given(ANY)
def test_what_was_levelled_can_be_kept_anywhere_and_is_levelled_once(text: str) -> None:
    done = level(text)
    assert "\0" not in done
    assert done.encode("utf-8").decode("utf-8") == done
    assert level(done) == done
    assert unsafe([done]) == []


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40))
def test_every_other_character_stays(text: str) -> None:
    assert level(text) == text


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("Bin day \ud83d", "Bin day \ufffd"),
        ("\ude00 Bin day", "\ufffd Bin day"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\ud83d\ud83d\ude00\ude00", "\ufffd\U0001f600\ufffd"),
        ("caf\udce9", "caf\ufffd"),
        ("a\0b", "ab"),
        ("\0", ""),
        ("line\r\n\ttab\u200d\u202e\u2028", "line\r\n\ttab\u200d\u202e\u2028"),
    ],
)
def test_half_a_pair_is_told_a_whole_one_is_its_letter_and_a_nul_goes(came: str, kept: str) -> None:
    assert level(came) == kept
    assert level_all({came: [came, {"a": came}, 1, None, True]}) == {kept: [kept, {"a": kept}, 1, None, True]}


PIECES = (r"\ud83d", r"\ude00", r"\uDE00", r"\u0000", r"\\", r"\\u", "d83d", "ude00", "a", r"\n", r"\u00a3", r"\"")


def test_an_answer_that_is_not_walked_through_holds_nothing_to_level() -> None:
    """All texts of up to four pieces, so that a backslash of the text's own hides nothing."""
    seen = 0
    for some in itertools.chain.from_iterable(itertools.product(PIECES, repeat=n) for n in range(5)):
        raw = f'["{"".join(some)}"]'.encode()
        try:
            told = json.loads(raw)
        except ValueError:
            continue
        seen += 1
        assert loads(raw) == level_all(told), raw
    assert seen > 10_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-16-le"])
def test_json_is_levelled_in_every_encoding_that_is_read(encoding: str) -> None:
    raw = json.dumps({"a": "Bin day \ud83d\0", "b": ["\ud83d\ude00"]}, ensure_ascii=False).encode(
        encoding, "surrogatepass"
    )
    escaped = json.dumps({"a": "Bin day \ud83d\0", "b": ["\ud83d\ude00"]}).encode(encoding)
    assert loads(raw) == loads(escaped) == {"a": "Bin day \ufffd", "b": ["\U0001f600"]}


def test_an_ordinary_answer_costs_one_look() -> None:
    assert not suspect(json.dumps({"text": "£5 for a caf\u00e9 \U0001f600\U0001f600 and \\n more"}).encode())
    assert not suspect('{"text": "안녕 £5 \U0001f600"}'.encode())


READS = {"json.loads", "json.load", "tomllib.loads", "tomllib.load", "dotenv_values"}
TEXTS = {"read_text", "decode", "fromstring", "from_ical", "getenv"}
PASSED = {
    "adapters/_web/budget_file.py boot": "the machine's own number",
    "adapters/_hootsuite/api.py basic": "Base64 of our own",
    "adapters/_orlo/files.py _in_utf_8": "what encoding it is",
    "adapters/_orlo/files.py _decoded": "broken bytes are told by row first; _orlo_export.read levels",
    "adapters/_web/redaction.py _forms": "Base64 of our own",
    "adapters/_web/signing.py __call__": "Base64 of our own",
    "adapters/wordpress.py __init__": "Base64 of our own",
    "cli.py main": "only whether it is set",
    "freeze/council/practice.py _is_sandbox": "only whether it says true",
    "freeze/acts/crisis.py considered": "a log line of our own",
    "freeze/acts/crisis_pack.py gather": "a log line of our own",
    "freeze/acts/drafts.py _reader": "as the function in it",
    "freeze/acts/drafts.py opened": "broken bytes are told by line first; drafts.from_csv levels",
    "freeze/commands/house/log.py export_command": "a log line of our own",
    "freeze/council/credentials.py environment": "_from_environment levels",
    "freeze/council/credentials.py readable_by_others": "the name of a folder, to look at its mode",
    "freeze/levelling.py level": "the place itself",
    "freeze/store/addresses.py _options": "settings, which are levelled as they are read",
    "freeze/store/jobs.py beats": "rows of our own",
    "freeze/store/mark.py _heads": "lines of our own",
    "freeze/store/mark.py _lines": "lines of our own",
    "freeze/store/obeyed.py memory": "a row of our own",
    "freeze/council/whoami.py _own_numbers": "the kernel's numbers",
    "freeze/council/whoami.py login_uid": "the kernel's number",
}
"""Where text is read and not levelled at once, and why that is right."""


def unlevelled(tree: ast.AST) -> Iterator[str]:
    """Functions that read text from outside and do not level it."""
    for f in ast.walk(tree):
        if not isinstance(f, ast.FunctionDef):
            continue
        calls = [n for n in ast.walk(f) if isinstance(n, ast.Call)]
        named = {ast.unparse(c.func) for c in calls}
        reads = any(n in READS or n.rpartition(".")[2] in TEXTS or n.endswith("environ.get") for n in named)
        reads |= any(isinstance(n, ast.Subscript) and ast.unparse(n.value).endswith("environ") for n in ast.walk(f))
        opened = [c for c in calls if ast.unparse(c.func).endswith("open")]
        reads |= any(k.arg == "encoding" for c in opened for k in c.keywords if "fdopen" not in ast.unparse(c.func))
        if reads and not named & {"level", "level_all", "loads"}:
            yield f.name


def test_whatever_reads_text_levels_it_or_says_why_not() -> None:
    files = sorted([*ROOT.glob("freeze/**/*.py"), *ROOT.glob("adapters/**/*.py"), ROOT / "cli.py"])
    found = {
        f"{p.relative_to(ROOT).as_posix()} {name}"
        for p in files
        if "sandbox" not in p.parts
        for name in unlevelled(ast.parse(p.read_text(encoding="utf-8")))
    }
    assert found == set(PASSED)


@pytest.mark.parametrize(
    "code",
    [
        "def f(raw): return json.loads(raw)",
        "def f(path): return path.read_text(encoding='utf-8')",
        "def f(raw): return raw.decode()",
        "def f(): return os.environ['HOME']",
        "def f(p):\n    with p.open(encoding='utf-8') as x: return list(x)",
    ],
)
def test_a_reader_that_forgets_is_found(code: str) -> None:
    assert list(unlevelled(ast.parse(code))) == ["f"]


def commands() -> dict[str, click.Command]:
    """Every command by the words people type."""
    found: dict[str, click.Command] = {}
    context = click.Context(cli.freeze)
    for name in cli.freeze.list_commands(context):
        command = cli.freeze.get_command(context, name)
        assert command is not None
        subs = command.commands if isinstance(command, click.Group) else {"": command}
        found |= {f"{name} {sub}".strip(): c for sub, c in subs.items()}
    return found


COMMANDS = commands()


@pytest.mark.parametrize("words", list(COMMANDS))
def test_nothing_that_is_typed_comes_in_as_half_a_letter(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command = COMMANDS[words]
    got: dict[str, Any] = {}
    monkeypatch.setattr(command, "callback", lambda *_, **kwargs: got.update(kwargs))
    typed: list[str] = []
    for n, p in enumerate(command.params):
        if not isinstance(p.type, click.types.StringParamType | click.Path):
            typed += ["2026"] if isinstance(p, click.Argument) and p.required else []
            continue
        said = f"caf\udce9 {n} {HALF}"
        typed += [said] if isinstance(p, click.Argument) else [p.opts[0], said]
    monkeypatch.setattr(sys, "argv", ["freeze", *words.split(), *typed])
    try:
        cli.main()
    except SystemExit as e:
        assert e.code == 0, words  # noqa: PT017
    assert unsafe([str(v) if isinstance(v, Path) else v for v in got.values()]) == []
    kept = sum("\ufffd" in str(v) for v in got.values())
    assert kept or not typed, "what was typed came in nowhere"


def test_the_environment_is_levelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEZE_COUNCIL__NAME", "Caf\udce9shire")
    (tmp_path / "freeze.toml").write_text('[communications]\nname = "a\\u0000b"\n')
    found = settings.load(tmp_path / "freeze.toml")
    assert (found.council.name, found.communications.name) == ("Caf\ufffdshire", "ab")


def test_every_reader_of_a_file_levels_it(tmp_path: Path) -> None:
    today = date(2026, 11, 30)
    (tmp_path / "d.jsonl").write_text(
        '{"text": "Bin day \\ud83d\\u0000", "tags": ["\\ud83d"], "more\\u0000": "\\ude00"}'
    )
    with (tmp_path / "d.jsonl").open("rb") as b:
        rows: list[Any] = list(drafts.from_jsonl(b, "d.jsonl"))
    (tmp_path / "d.csv").write_bytes(b"text,more\0\nBin\0 day,x\0\n")
    with (tmp_path / "d.csv").open(encoding="utf-8-sig", errors="surrogateescape", newline="") as f:
        rows += list(drafts.from_csv(f, "d.csv"))
    assert [r.data["text"] for r in rows] == ["Bin day \ufffd", "Bin day"]
    (tmp_path / "r.csv").write_bytes(b"name,platform\nAny\0shire,x\n")
    rows += register.read(tmp_path / "r.csv", today).rows
    event = b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261201T100000Z\r\nSUMMARY:Full\0 council\r\nEND:VEVENT\r\n"
    ics = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + event + b"END:VCALENDAR\r\n"
    rows += events.read(ics, at("2026-11-30T12:00"), "x.ics").events
    assert rows[-1].title == "Full council"
    assert unsafe(rows) == []


def test_a_nul_in_an_export_costs_nothing_and_its_row_is_taken(tmp_path: Path) -> None:
    header = "Post ID,Social account,Network,Publish date,Publish time,Status,Message,Link,Tags,Created by,Boosted"
    row = "1,Any\0shire,Facebook,01/12/2026,10:00,Scheduled,Bin\0 day,,,Jo\0,No"
    (tmp_path / "e.csv").write_text(f"{header}\n{row}\n")
    export = newest("orlo", tmp_path, Layout(Columns(), usable({}), LONDON))
    assert [(p.text, p.author, p.locator.account) for p in export.posts] == [("Bin day", "Jo", "facebook:Anyshire")]
    assert unsafe([export]) == []


def test_half_an_emoji_stops_nothing_on_a_store_of_either_kind(
    practice: Callable[..., Practice], store_url: str
) -> None:
    p = practice("empty", now=at("2022-09-08T18:40"))
    toml = p.folder / "freeze.toml"
    toml.write_text(toml.read_text().replace('url = "freeze.db"', f'url = "{store_url}"'))
    for n, where in enumerate((SITE, PAGE, SITE, PAGE)):
        schedule(p, **where, at=at(f"2022-09-10T1{n}:00"), text=f"Bin day {n}")
    for post in p.posts():
        if post["text"].endswith(("0", "1")):
            p.edit(platform=post["platform"], id=post["id"], text=f"Bin day {HALF}\0", author=f"Jo {HALF}\0")
    assert any(HALF in x["text"] for x in p.posts()), "the sandbox holds it as it was written"
    p.freeze("init")
    p.freeze("accounts", "import", "accounts.csv")
    sync = p.freeze("sync")
    assert "itself failed" not in sync.err
    declared = p.json("declare", "menai-bridge", "--reason", f"caf\udce9 {HALF}", "--yes")
    assert "error" not in declared, declared
    shown = p.json("show", "f1")
    words = json.dumps(shown, ensure_ascii=False)
    assert "Bin day \ufffd" in words
    assert unsafe([shown]) == []
    held = [x for x in p.posts() if x["state"] == "scheduled" and x["publish_at"] == "2022-09-10T10:00:00Z"]
    assert held == [], "what could be held is held"
    assert requests.get(p.url + "/_sandbox/orlo-export.csv", timeout=5).status_code == 200
