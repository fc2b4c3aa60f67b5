"""Where credentials come from: the environment, a `.env` file beside freeze.toml, and secret files; never freeze.toml.

`KEY_env` in a connection's table names an environment variable, `KEY_file` a file (docker and systemd hand secrets over
that way); KEY itself is what the adapter is given. What stands in the real environment wins over `.env`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

from freeze.council.practice import real
from freeze.errors import SecretMissing, SettingsError
from freeze.levelling import level

SECRET_KEYS: Final = ("password", "token", "secret")
SECRET_ENDINGS: Final = ("_password", "_token", "_secret", "_key")
PATHS: Final = ("folder", "exports", "tokens", "state")
LONGEST: Final = 64 * 1024  # bytes; a longer file is no secret
KEPT_BY_OTHERS: Final = ("/run/secrets/", "/run/credentials/", "/var/run/secrets/")  # docker, systemd, Kubernetes


def environment(folder: Path, real: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """The environment, filled up from `.env` in this folder, if there is one. Raises SettingsError."""
    path = folder / ".env"
    if not path.is_file():
        return real
    from dotenv import dotenv_values

    try:
        found = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise SettingsError(f"{path} cannot be read: {_why(e)}.", "Check the file and who may read it.") from None
    return {**{k: v for k, v in found.items() if v is not None}, **real}


def secrets_read(
    table: Mapping[str, Any],
    where: str,
    model: type[BaseModel] | None = None,
    base: Path = Path(),
    environ: Mapping[str, str] = os.environ,
) -> dict[str, Any]:
    """A connection's table with every `KEY_env` and `KEY_file` replaced by KEY and the secret itself.

    `model` tells which keys are secret, `base` is the folder that relative paths start from. Raises SettingsError when
    a variable or file is missing or empty, or a plain secret stands in the table (allowed only for a practice server
    on this machine).
    """
    out: dict[str, Any] = {}
    for key, value in table.items():
        name, found = key, value
        if key.endswith("_env"):
            name, found = key.removesuffix("_env"), _from_environment(key, value, where, environ)
        elif key.endswith("_file"):
            name, found = key.removesuffix("_file"), _from_file(key, value, where, base, environ)
        elif _secret(key, model) and real(table, model):
            raise SettingsError(
                f"{where}: a {key.replace('_', ' ')} does not belong in a settings file.",
                f"Put it in an environment variable and name that here: {key}_env.",
            )
        if name in out:
            raise SettingsError(f'{where}: "{name}" is given twice.', f"Keep one of {name}_env and {name}_file.")
        out[name] = found
    return out


def paths_made_absolute(table: Mapping[str, Any], model: type[BaseModel], name: str, base: Path) -> dict[str, Any]:
    """A connection's table with its folders and files starting from `base`.

    `state`, where a connection keeps count of its calls, has a place of its own unless another is given.
    """
    out = {k: str(_path(base, v)) if k in PATHS and isinstance(v, str) else v for k, v in table.items()}
    if "state" in model.model_fields and "state" not in out:
        out["state"] = str(base / "state" / f"{quote(name, safe='')}.json")
    return out


def readable_by_others(
    tables: Mapping[str, Mapping[str, Any]], base: Path, environ: Mapping[str, str] = os.environ
) -> Iterator[Path]:
    """The files with credentials that other users of this machine may read; those docker or systemd keep excepted."""
    named = [base / ".env"]
    for table in tables.values():
        for key, value in table.items():
            if isinstance(value, str) and (key.endswith("_file") or key == "tokens"):
                named.append(_path(base, Template(value).safe_substitute(environ)))
    given = environ.get("CREDENTIALS_DIRECTORY", "")
    kept = (*KEPT_BY_OTHERS, f"{given}/") if given else KEPT_BY_OTHERS
    for path in dict.fromkeys(named):
        if os.name != "posix" or str(path).startswith(kept):
            continue
        try:
            mode = path.stat().st_mode
        except OSError:
            continue  # what is missing is said where it is needed
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            yield path


def _from_environment(key: str, value: Any, where: str, environ: Mapping[str, str]) -> str:
    found = level(environ.get(value, "")).strip() if isinstance(value, str) else ""
    if not found:
        raise SecretMissing(
            f"{where}: the environment variable {value}, named by {key}, is not set.",
            "Set it to the secret, or write it in the file .env beside freeze.toml, or use a secret file (…_file).",
        )
    return found


def _from_file(key: str, value: Any, where: str, base: Path, environ: Mapping[str, str]) -> str:
    try:
        path = _path(base, Template(str(value)).substitute(environ))
        with path.open("rb") as f:
            raw = f.read(LONGEST + 1)
        found = level(raw.decode("utf-8-sig")).strip()
    except KeyError as e:
        raise SecretMissing(
            f"{where}: the secret file named by {key} stands under ${e.args[0]}, which is not set.",
            "systemd sets CREDENTIALS_DIRECTORY for a service with LoadCredential; elsewhere give the whole path.",
        ) from None
    except (OSError, ValueError) as e:
        raise SecretMissing(
            f"{where}: the secret file named by {key} cannot be read: {_why(e)}.", "Check its path and who may read it."
        ) from None
    if not found or len(raw) > LONGEST:
        raise SecretMissing(
            f"{where}: the secret file named by {key} is {'empty' if not found else 'too long to be a secret'}.",
            "It has to hold the secret and nothing else.",
        )
    return found


def _secret(key: str, model: type[BaseModel] | None) -> bool:
    """Whether a setting is a secret: as its adapter says, or by its name where the adapter does not know it."""
    field = model.model_fields.get(key) if model else None
    if field is not None and SecretStr.__name__ in str(field.annotation):
        return True
    return key in SECRET_KEYS or (field is None and key.endswith(SECRET_ENDINGS))


def _path(base: Path, given: str) -> Path:
    """A path as settings give it: relative to `base`, with ~ for a home there is."""
    try:
        return base / Path(given).expanduser()
    except RuntimeError:
        return base / given


def _why(e: Exception) -> str:
    """What went wrong, without what the file holds."""
    return (isinstance(e, OSError) and e.strerror) or "it is not text, or its path makes no sense"
