"""The rules as they are described: what is printed is what is checked, and no clause is passed over."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Practice
from pydantic import BaseModel, Field, SecretStr

import policies
from freeze.council import discover, options, settings
from freeze.errors import SettingsError
from freeze.judging.clauses import CLAUSES, uncovered

ROOT = Path(__file__).parent.parent
RULES = discover.keyed(policies, "ID", ("CLAUSES", "Options"))


@pytest.fixture
def anywhere(practice: Callable[..., Practice]) -> Practice:
    return practice("empty")


def printed(p: Practice, *args: str) -> list[str]:
    done = p.freeze("policies", *args, on_clock=False)
    assert done.code == 0, done.err
    return done.out.rstrip("\n").split("\n")


def test_docs_and_readme_are_what_the_command_prints(anywhere: Practice) -> None:
    docs = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert docs == "\n".join(printed(anywhere, "--markdown")) + "\n", "freeze policies --markdown > docs/policies.md"
    page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert "\n".join(printed(anywhere, "--table")) in page, "docs/rules.md: freeze policies --table"


def test_each_rule_prints_every_setting_with_default_unit_clause_and_use(anywhere: Practice) -> None:
    data = anywhere.json("policies", on_clock=False)
    assert [p["policy"] for p in data["policies"]] == list(RULES)
    shown = "\n".join(printed(anywhere))
    for p in data["policies"]:
        assert p["says"]
        assert [o["key"] for o in p["options"]] == list(RULES[p["policy"]].Options.model_fields)
        for o in p["options"]:
            assert re.search(rf"^    {o['key']} +=", shown, re.MULTILINE)
    assert "days" in printed(anywhere, "royal-death")[2]
    refused = anywhere.freeze("policies", "royal-deth", on_clock=False)
    assert (refused.code, 'Did you mean "royal-death"?' in refused.err) == (2, True)


@pytest.mark.parametrize("name", list(RULES))
def test_every_setting_is_described_with_its_clause_and_its_default_is_allowed(name: str) -> None:
    model = RULES[name].Options
    for o in options.described(model):
        assert o.description, f"{name}.{o.key} has no description"
        assert o.clause, f"{name}.{o.key} names no clause"
        assert o.allowed != "a value", f"{name}.{o.key} does not say what is allowed"
    given = "\n".join(f"{o.key} = {o.default}" for o in options.described(model) if o.default)
    assert settings.options(model, tomllib.loads(given), "x") == model()


def test_every_clause_is_kept_by_a_rule_or_a_part_or_is_said_to_be_for_people(anywhere: Practice) -> None:
    kept = {name: module.CLAUSES for name, module in RULES.items()}
    assert uncovered(kept) == []
    assert len({c.number for c in CLAUSES}) == len(CLAUSES)
    lines = printed(anywhere, "--clauses")
    assert any(re.match(r"\s+4\.4 .*rule royal-death", line) for line in lines)
    assert any(re.match(r"\s+2\.4 .*people: never read", line) for line in lines)
    for c in CLAUSES:
        assert c.rules(kept) or c.part or c.people


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            {"days": 99},
            '[policies.royal-death]: the setting "days" is 99, which is not allowed. Allowed: a whole number from 1',
        ),
        ({"days": "ten"}, '"days" is "ten", which is not allowed. Allowed: a whole number from 1 to 60.'),
        ({"sunday_rule": 1}, '"sunday_rule" is 1, which is not allowed. Allowed: true or false.'),
        ({"always": ["A b"]}, '"always.0" is "A b": it is not of the form'),
        ({"evening_cutoff": 5}, '"evening_cutoff" is 5: give a time of day in London, like "17:00".'),
        ({"dyas": 9}, 'there is no setting "dyas". Did you mean "days"?'),
        ({"reason": ""}, '"reason" is "", which is not allowed. Allowed: a text, not empty.'),
        ({"reason": ["x" * 500]}, '"reason", which is not allowed. Allowed: a text'),
    ],
)
def test_a_bad_setting_names_file_key_value_and_what_is_allowed(table: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as e:
        settings.options(RULES["royal-death"].Options, table, "freeze.toml: [policies.royal-death]")
    assert str(e.value).startswith("freeze.toml: [policies.royal-death]: ")
    assert said in str(e.value)
    assert len(str(e.value)) < 300


class Secrets(BaseModel):
    token: SecretStr = Field(SecretStr("x"), max_length=4)
    base_url: str = Field("x", max_length=4)
    at: time = time(9)


@pytest.mark.parametrize("table", [{"token": "hunter2-hunter2"}, {"base_url": "https://u:hunter2@anyshire.example"}])
def test_a_value_that_may_be_a_secret_is_not_repeated(table: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as e:
        settings.options(Secrets, table, "freeze.toml: [connections.x]")
    assert "hunter2" not in str(e.value)
    assert next(iter(table)) in str(e.value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (3.5, "3.5"),
        ('a "b"\n', '"a \\"b\\"\\n"'),
        ((1, 2), "[1, 2]"),
        ({"a b": ["x"], "c": {}}, '{ "a b" = ["x"], c = {} }'),
        (time(9, 5), '"09:05"'),
        (None, ""),
    ],
)
def test_values_are_written_as_toml(value: object, written: str) -> None:
    assert options.toml(value) == written
    if written and not isinstance(value, time):
        read = tomllib.loads(f"x = {written}")["x"]
        assert read == (list(value) if isinstance(value, tuple) else value)


def test_a_long_list_is_wrapped_and_stays_the_same() -> None:
    words = [f"word {n}" for n in range(60)]
    written = options.toml(words)
    assert max(map(len, written.splitlines())) <= options.WIDE + 2
    assert tomllib.loads(f"x = {written}")["x"] == words
