"""Ready settings for a sandbox that is being served: what a council would write, pointed at this machine.

The secrets stand in the file because they open nothing but the sandbox; for a real platform they never may.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from freeze.sandbox import facebook, wordpress, youtube
from freeze.sandbox._world import LONDON

EXPORTS = "orlo-exports"


def settings_toml(url: str, folder: str | Path = ".") -> str:
    """A freeze.toml for the sandbox at `url`; Orlo's exports are read from orlo-exports in `folder`."""
    exports = Path(folder).as_posix().rstrip("/")
    exports = EXPORTS if exports in ("", ".") else f"{exports}/{EXPORTS}"
    text = json.dumps  # a JSON string is a TOML string
    return f"""\
# Practice settings: simulated platforms on this machine, and a council that is made up.

[council]
name = "Anyshire County Council"

[store]
url = "freeze.db"

[connections.website]
platform = "wordpress"
base_url = {text(url + "/wordpress")}
username = {text(wordpress.USER)}
password = {text(wordpress.PASSWORD)}

[connections.youtube]
platform = "youtube"
base_url = {text(url + "/youtube/v3")}
token = {text(youtube.TOKEN)}

[connections.facebook]
platform = "facebook"
base_url = {text(url + "/facebook/v26.0")}
token = {text(facebook.TOKEN)}
app_id = {text(facebook.APP)}

[connections.orlo]
platform = "orlo"
folder = {text(exports)}
lockdown_holders = [
  {{ name = "Jo Smith", phone = "01632 960101" }},
  {{ name = "Sam Patel", phone = "01632 960102" }},
]
"""


def write_into(folder: Path, url: str) -> list[Path]:
    """Write freeze.toml, accounts.csv and an export from Orlo into `folder`, and say what was written.

    Orlo's export gets the time it was saved at as its file time, since that is how old its contents are. Raises OSError
    where the sandbox does not answer or a file cannot be written.
    """
    exports = folder / EXPORTS
    exports.mkdir(parents=True, exist_ok=True)
    settings, register = folder / "freeze.toml", folder / "accounts.csv"
    settings.write_text(settings_toml(url), encoding="utf-8")
    register.write_bytes(_get(f"{url}/_sandbox/accounts.csv")[0])
    data, saved = _get(f"{url}/_sandbox/orlo-export.csv")
    export = exports / f"orlo-export-{saved.astimezone(LONDON):%Y%m%d-%H%M}.csv"
    export.write_bytes(data)
    os.utime(export, (saved.timestamp(), saved.timestamp()))
    return [settings, register, export]


def _get(url: str) -> tuple[bytes, datetime]:
    with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:  # no proxy stands before this machine itself
        return answer.read(), parsedate_to_datetime(answer.headers["Last-Modified"])
