"""Where the settings are, and where a plain store file would be: quick to load, for commands that answer at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from freeze.errors import SettingsError
from freeze.levelling import level, level_all

STORE = "freeze.db"
"""The store's name where the settings name none."""


def find(given: str | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file: the one given, `FREEZE_SETTINGS`, `./freeze.toml`, this user's own, or None.

    Raises SettingsError when one was named and is not there.
    """
    named = given or level(environ.get("FREEZE_SETTINGS", ""))
    if named:
        path = Path(named)
        if not path.is_file():
            raise SettingsError(
                f"There is no settings file {path}.",
                "Check the path; or, without it, make one in your own folder: freeze init",
            )
        return path
    here = Path("freeze.toml")
    if here.is_file():
        return here
    from platformdirs import user_config_path

    own = user_config_path("freeze-guard") / "freeze.toml"
    return own if own.is_file() else None


def store_file(settings: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The path of the store where that is plain to see; None where the whole settings must be read to know."""
    if any(name.upper().startswith("FREEZE_STORE") for name in environ):
        return None
    if settings is None:
        return Path(STORE)
    import tomllib

    try:
        data = level_all(tomllib.loads(settings.read_text(encoding="utf-8-sig")))
        url = data.get("store", {}).get("url", STORE)
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError, AttributeError, RecursionError):
        return None
    if not isinstance(url, str) or "://" in url:
        return None
    return settings.parent / url
