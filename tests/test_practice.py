"""With a clock set by hand nothing real is reached: every address of every connection counts, defaults included."""

from __future__ import annotations

import re
from typing import Any

import pytest
from practising import Making, two_pages
from pydantic import BaseModel, HttpUrl

import adapters
from freeze.council import discover
from freeze.council.practice import addresses, real

KINDS = discover.keyed(adapters, "NAME", ("TITLE", "CAPABILITIES", "Options", "connect"))
HERE = "http://127.0.0.1:8765/x"


@pytest.mark.parametrize("platform", sorted(KINDS))
def test_a_connection_is_practice_only_when_each_of_its_addresses_is_on_this_machine(platform: str) -> None:
    model = KINDS[platform].Options
    every = set(addresses({}, model)) | {k for k in model.model_fields if k.endswith("url")}
    assert "base_url" in every
    table: dict[str, Any] = {"platform": platform, **dict.fromkeys(every, HERE)}
    assert real(table, model) == ""
    for key in every:
        assert real(table | {key: "https://real.example.org/v1"}, model) == key
        without = {k: v for k, v in table.items() if k != key}
        assert real(without | {f"{key}_env": "SOMEWHERE"}, model) == key, "what stands elsewhere is not known"
        if model.model_fields[key].get_default():
            assert real(without, model) == key, "a default that leads to the real service counts"


def test_an_adapter_that_comes_new_is_covered_as_it_is() -> None:
    class Options(BaseModel):
        base_url: str
        site: HttpUrl = HttpUrl("https://upload.example.org/")
        mirrors: tuple[str, ...] = ("https://mirror.example.org",)
        smtp_host: str = "mail.example.org"
        hint: str = "See https://example.org for what to click."

    found = addresses({"base_url": HERE}, Options)
    assert set(found) == {"base_url", "site", "mirrors", "smtp_host"}
    assert real({"base_url": HERE}, Options) == "site"
    local = {"base_url": HERE, "site": HERE, "mirrors": [HERE], "smtp_host": "localhost:25"}
    assert real(local, Options) == ""
    assert real(local | {"mirrors": [HERE, "https://mirror.example.org"]}, Options) == "mirrors.1"
    assert real(local | {"hooks": {"done": "https://h.example.org/x"}}, None) == "hooks"


def test_a_folder_of_exports_is_practice_and_a_connection_without_any_address_is_not() -> None:
    assert real({"platform": "orlo", "folder": "exports"}, KINDS["orlo"].Options) == ""
    assert real({"platform": "orlo"}, KINDS["orlo"].Options) == "base_url"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1@real.example.org/", "http://[::1", "http://127.0.0.1.real.example/"]
)
def test_an_address_that_only_looks_like_this_machine_is_not(address: str) -> None:
    assert real({"base_url": address}, None) == "base_url"


@pytest.mark.parametrize("key", ["sign_in_url", "base_url"])
def test_nothing_is_held_with_a_clock_set_by_hand_while_one_address_is_real(practice: Making, key: str) -> None:
    p = practice("empty")
    p.drop("orlo")
    two_pages(p)
    p.ready()
    settings = p.folder / "freeze.toml"
    before, mine = settings.read_text().split("[connections.youtube]")
    mine = re.sub(rf"(?m)^{key} = .*$", f'{key} = "https://real.example.org/x"', mine, count=1)
    mine = re.sub(r"(?m)^token = .*$", 'token_file = "secret"', mine, count=1)
    settings.write_text(f"{before}[connections.youtube]{mine}")
    (p.folder / "secret").write_text("made up")
    refused = p.freeze("declare", "menai-bridge", "--yes")
    assert refused.code == 5, refused
    assert f'the connection "youtube" is not the sandbox: {key} leads elsewhere' in refused.err
