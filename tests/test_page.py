"""Pages come from templates alone, stand alone, and show nothing as markup that somebody wrote."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from test_architecture import rooms
from written import pages

from freeze.report import page

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "freeze" / "report" / "templates"
NAMES = (
    "a|b|body|br|caption|dd|div|dl|dt|em|footer|h[1-6]|head|header|html|i|li|main|nav|ol|p|section|small|span|strong|"
    "style|table|t[dhr]|tbody|thead|time|title|ul"
)
TAG = re.compile(rf"(?<!\?P)</?(?:{NAMES})(?:\s|/?>|$)", re.IGNORECASE)
SIMULATED = "freeze/sandbox/"
"""What platforms answer has their markup in it."""
PLANTED = '<b onclick="x">&"\'planted'
PAGES = sorted(pages("words"))


class Outline(HTMLParser):
    """The tags of a page, the attributes that run something, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.runs: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.runs += [name for name, _ in attrs if name.startswith("on") or name in ("src", "style")]

    def handle_data(self, data: str) -> None:
        self.text += data


def markup(tree: ast.AST) -> list[int]:
    """Lines with a string that holds a tag; docstrings, and patterns that read other people's markup, are none."""
    nodes = list(ast.walk(tree))
    bodies = [n.body for n in nodes if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    other = {id(s.value) for body in bodies for s in body if isinstance(s, ast.Expr)}
    other |= {id(a) for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func)[:3] == "re." for a in n.args}
    strings = (n for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [n.lineno for n in strings if id(n) not in other and TAG.search(n.value)]


def test_it_writes_no_markup_outside_the_templates() -> None:
    ours = [(where, tree) for _, where, _, tree in rooms(ROOT) if not where.startswith(SIMULATED)]
    assert {where: lines for where, tree in ours if (lines := markup(tree))} == {}
    for wrong in ('x = f"<td class={y}>{z}</td>"', 'x = "<p>" + y', 'x = "</ul>"', 'x = "<table "'):
        assert markup(ast.parse(wrong)), wrong


@pytest.mark.parametrize("name", PAGES)
def test_it_shows_planted_markup_as_text_in_every_field(name: str) -> None:
    plain, hostile = Outline(pages("words")[name]), Outline(pages(PLANTED)[name])
    assert hostile.tags == plain.tags
    assert hostile.runs == []
    assert PLANTED in hostile.text or name == "evidence"
    assert "planted" in pages(PLANTED)[name]


@pytest.mark.parametrize("name", PAGES)
def test_it_takes_away_what_moves_the_cursor_or_turns_a_line_round(name: str) -> None:
    assert not {"\x1b", "\u202e"} & set(pages("a\u202eb\x1b[2Jc")[name])


@pytest.mark.parametrize("name", PAGES)
def test_it_is_one_file_with_the_one_stylesheet_and_nothing_fetched(name: str) -> None:
    html = pages("words")[name]
    assert html.count("<style>") == html.count((TEMPLATES / "page.css").read_text("utf-8")) == 1
    assert "default-src 'none'" in html
    assert not re.search(r"<(?:script|link|img|iframe)\b|https?://|url\(|@import", html)


def test_it_has_no_template_that_switches_the_escaping_off() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", text), path.name
        assert path.name == "shell.html" or "<style" not in text, path.name
    with pytest.raises(Exception, match="No filter named 'safe'"):
        page._pages().from_string("{{ x | safe }}")


def test_it_refuses_to_leave_out_what_a_template_asks_for() -> None:
    with pytest.raises(UndefinedError, match="is undefined"):
        page.render("housekeeping.html", title="x")


@pytest.mark.parametrize("module", ["freeze.report.page", "freeze.report.conflicts", "cli"])
def test_it_loads_the_template_engine_for_the_first_page_only(module: str) -> None:
    code = f"import sys, {module}; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
