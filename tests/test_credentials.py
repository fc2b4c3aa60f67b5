"""Credentials come from the environment, .env and secret files, never from freeze.toml, and are shown nowhere."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

import adapters
import policies
from freeze.acts.app import App
from freeze.council.credentials import environment, paths_made_absolute, readable_by_others, secrets_read
from freeze.errors import AuthFailed, SettingsError
from freeze.holds import Step

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
SECRET = "hide-me-1"
WHERE = "freeze.toml: [connections.x-main]"


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr | None = None
    consumer_key: SecretStr | None = None
    client_key: str = ""
    tokens: Path | None = None
    state: Path | None = None


def read(table: dict[str, Any], base: Path = Path("/nowhere"), **environ: str) -> dict[str, Any]:
    return secrets_read(table, WHERE, Options, base, environ)


def refused(table: dict[str, Any], base: Path = Path("/nowhere"), **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(table, base, **environ)
    assert WHERE in str(caught.value)
    assert SECRET not in str(caught.value)
    return str(caught.value)


# Where a secret may stand


def test_a_secret_comes_from_the_environment_without_the_spaces_around_it() -> None:
    assert read({"token_env": "X_TOKEN", "timeout": 5}, X_TOKEN=f" {SECRET}\n") == {"token": SECRET, "timeout": 5}


@pytest.mark.parametrize("given", ["", "  ", "\n"])
def test_a_variable_that_is_empty_counts_as_not_set(given: str) -> None:
    assert "X_TOKEN, named by token_env, is not set" in refused({"token_env": "X_TOKEN"}, X_TOKEN=given)


@pytest.mark.parametrize("name", [7, None, ["X_TOKEN"], {"a": 1}, True])
def test_a_name_that_is_no_name_is_refused(name: Any) -> None:
    assert "is not set" in refused({"token_env": name})


def test_a_file_beside_the_settings_holds_a_secret(tmp_path: Path) -> None:
    (tmp_path / "x.secret").write_bytes(b"\xef\xbb\xbf" + SECRET.encode() + b"\r\n")
    assert read({"token_file": "x.secret"}, tmp_path) == {"token": SECRET}
    assert read({"token_file": str(tmp_path / "x.secret")}) == {"token": SECRET}


def test_systemd_and_a_home_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_text(SECRET)
    directory = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    for given in ("$CREDENTIALS_DIRECTORY/x", "${CREDENTIALS_DIRECTORY}/x"):
        assert read({"token_file": given}, **directory) == {"token": SECRET}
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read({"token_file": "~/x"}) == {"token": SECRET}
    assert "LoadCredential" in refused({"token_file": "$CREDENTIALS_DIRECTORY/x"})


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfeh\x00", "is not text"),
        (b"x" * 70_000, "too long to be a secret"),
    ],
)
def test_a_secret_file_that_is_of_no_use_says_why(tmp_path: Path, held: bytes | None, says: str) -> None:
    if held is not None:
        (tmp_path / "x.secret").write_bytes(held)
    assert says in refused({"token_file": "x.secret"}, tmp_path)


@pytest.mark.parametrize("given", ["", ".", "$", "~nobody-of-that-name/x", "a\0b", 7, None, [], "${}"])
def test_a_path_that_makes_no_sense_is_a_sentence_and_not_a_fault(tmp_path: Path, given: Any) -> None:
    refused({"token_file": given}, tmp_path)


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(SECRET)
    assert '"token" is given twice' in refused({"token_env": "T", "token_file": "x"}, tmp_path, T=SECRET)


# Where it may not


KEYS = [
    "password",
    "token",
    "secret",
    "client_secret",
    "access_token",
    "access_token_secret",
    "consumer_key",
    "api_key",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_plain_secret_in_the_settings_is_refused_and_not_repeated(key: str) -> None:
    assert f"name that here: {key}_env" in refused({key: SECRET})


@pytest.mark.parametrize("key", KEYS)
def test_a_practice_server_on_this_machine_may_have_its_secret_in_the_settings(key: str) -> None:
    for host in ("127.0.0.1:8000", "localhost", "[::1]:1"):
        assert read({"base_url": f"http://{host}/x", key: SECRET})[key] == SECRET
    assert "does not belong" in refused({"base_url": "https://127.0.0.1.example", key: SECRET})
    both = {"base_url": "http://127.0.0.1/2", "ads_base_url": "https://ads-api.x.com/12", key: SECRET}
    assert "does not belong" in refused(both)


def test_what_an_adapter_says_is_no_secret_may_stand_there() -> None:
    assert read({"client_key": "aw12"}) == {"client_key": "aw12"}


# .env


def test_the_file_dot_env_beside_the_settings_is_read_and_the_real_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "\ufeff# tokens\nONE=one-${TWO}$\nexport TWO='two words # kept'\nTHREE=file\nEMPTY\n", encoding="utf-8"
    )
    found = environment(tmp_path, {"THREE": "real"})
    assert {k: found.get(k) for k in ("ONE", "TWO", "THREE")} == {
        "ONE": "one-${TWO}$",
        "TWO": "two words # kept",
        "THREE": "real",
    }
    assert "EMPTY" not in found
    assert environment(tmp_path / "elsewhere", {"A": "b"}) == {"A": "b"}


def test_a_dot_env_that_is_not_text_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"TOKEN=\xff\xfe" + SECRET.encode())
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        environment(tmp_path, {})
    assert SECRET not in str(caught.value)


# Paths, and who may read them


def test_paths_start_from_the_settings_and_a_count_has_a_place_of_its_own(tmp_path: Path) -> None:
    given = {"tokens": "x.json", "timeout": 5}
    assert paths_made_absolute(given, Options, "x/../main", tmp_path) == {
        "tokens": str(tmp_path / "x.json"),
        "timeout": 5,
        "state": str(tmp_path / "state" / "x%2F..%2Fmain.json"),
    }
    own = paths_made_absolute({"state": "/var/lib/x.json", "tokens": 7}, Options, "x", tmp_path)
    assert own == {"state": "/var/lib/x.json", "tokens": 7}
    assert paths_made_absolute({"folder": "exports"}, BaseModel, "orlo", tmp_path) == {
        "folder": str(tmp_path / "exports")
    }


def test_files_that_others_may_read_are_named_except_those_that_docker_and_systemd_keep(tmp_path: Path) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    for path in (tmp_path / ".env", tmp_path / "x.json", tmp_path / "y", given / "z", tmp_path / "mine"):
        path.write_text(SECRET)
        path.chmod(0o644)
    (tmp_path / "mine").chmod(0o600)
    tables = {
        "x": {"tokens": "x.json", "password_file": "y", "profile": "y"},
        "z": {"token_file": "$CREDENTIALS_DIRECTORY/z", "secret_file": "mine", "password_file": "missing", "tokens": 7},
    }
    found = list(readable_by_others(tables, tmp_path, {"CREDENTIALS_DIRECTORY": str(given)}))
    assert found == [tmp_path / ".env", tmp_path / "x.json", tmp_path / "y"]


# All of it together


def app(folder: Path, settings: str) -> App:
    (folder / "freeze.toml").write_text(settings)
    return App(adapters=adapters, rules=policies, now=lambda: NOW, settings_path=str(folder / "freeze.toml"))


def test_a_connection_is_made_with_what_all_of_these_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FREEZE_SITE", raising=False)
    (tmp_path / ".env").write_text("FREEZE_SITE=abcd efgh\n")
    settings = """
[connections.site]
platform = "wordpress"
base_url = "https://www.anyshire.example/wp-json"
username = "guard"
password_env = "FREEZE_SITE"
"""
    a = app(tmp_path, settings)
    assert list(a.platforms) == ["site"]
    client = a.platforms["site"].client  # type: ignore[attr-defined]
    assert client.redact_json("say abcd efgh") == "say [removed]"
    a.close()


def test_a_connection_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FREEZE_SITE", raising=False)
    settings = '[connections.site]\nplatform = "wordpress"\nusername = "guard"\npassword_env = "FREEZE_SITE"\n'
    with pytest.raises(SettingsError, match=r"\[connections\.site\]: the environment variable FREEZE_SITE"):
        app(tmp_path, settings).connected("site")


def test_a_connection_without_its_secret_stands_beside_the_others_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FREEZE_SITE", raising=False)
    settings = '[connections.site]\nplatform = "wordpress"\nusername = "guard"\npassword_env = "FREEZE_SITE"\n'
    site = app(tmp_path, settings).platforms["site"]
    with pytest.raises(AuthFailed, match="the environment variable FREEZE_SITE"):
        list(site.accounts())
    with pytest.raises(AuthFailed, match="the environment variable FREEZE_SITE"):
        site.send(Step("POST", "/"))


def every_adapter() -> dict[str, ModuleType]:
    from freeze.council import discover

    return dict(discover.keyed(adapters, "NAME", ("Options", "connect")))


@pytest.mark.parametrize("name", sorted(every_adapter()))
def test_no_adapters_settings_print_a_secret_or_load_what_is_heavy(name: str) -> None:
    options = every_adapter()[name].Options
    assert options.model_config.get("extra") == "forbid"
    assert options.model_config.get("frozen")
    for key, field in options.model_fields.items():
        secret = key in ("password", "token", "secret") or key.endswith(("_token", "_secret", "_password"))
        assert not secret or "SecretStr" in str(field.annotation), f"{key} would be printed"
        if key in ("tokens", "state"):
            assert "Path" in str(field.annotation), f"{key} is a path beside freeze.toml"


def test_reading_credentials_loads_no_library_before_it_is_needed() -> None:
    asked = "sorted({'dotenv', 'requests', 'filelock'} & set(sys.modules))"
    code = f"import sys, freeze.council.credentials; print({asked})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(every_adapter()))
def test_the_manual_says_how_to_get_every_platforms_credential_and_how_it_is_called(name: str) -> None:
    docs = Path(__file__).parent.parent / "docs"
    title = str(every_adapter()[name].TITLE).split()[0]
    rows = [row for row in (docs / "credentials.md").read_text(encoding="utf-8").splitlines() if row.startswith("| **")]
    assert any(row.lower().startswith(f"| **{title.lower()}") for row in rows), f"no row for {title}"
    rows = [row for row in (docs / "calls.md").read_text(encoding="utf-8").splitlines() if row.startswith("| ")]
    assert any(name in row.split("|")[1].replace(",", " ").split() for row in rows), f"no row for {name}"
