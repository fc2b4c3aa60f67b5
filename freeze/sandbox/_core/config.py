"""Ready settings for a sandbox that is being served: what a council would write, pointed at this machine.

The secrets stand in the file because they open nothing but the sandbox; for a real platform they never may.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from freeze import private
from freeze.sandbox import (
    buffer,
    facebook,
    hootsuite,
    instagram,
    linkedin,
    mastodon,
    meta_ads,
    mixpost,
    postiz,
    threads,
    tiktok,
    wordpress,
    x,
    youtube,
)
from freeze.sandbox._core.world import LONDON

EXPORTS = "orlo-exports"


def settings_toml(url: str, folder: str | Path = ".", register: str = "") -> str:
    """A freeze.toml for the sandbox at `url`; Orlo's exports are read from orlo-exports in `folder`.

    `register` is the register as CSV; every network on which one of its accounts is seen gets its connection.
    """
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
sign_in_url = {text(url + "/youtube/oauth2")}
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
""" + "".join(_networks(url, register))


def _networks(url: str, register: str) -> Iterator[str]:
    """The connections to networks, in the order in which the register first names them."""
    seen = [p.partition("=")[::2] for row in csv.DictReader(io.StringIO(register)) for p in row["seen_at"].split(";")]
    for name in dict.fromkeys(n for n, _ in seen if n and n not in ("website", "youtube", "facebook", "orlo")):
        natives = [native for n, native in seen if n == name]
        platform = "meta-ads" if name == "adverts" else name.partition("-")[0]
        settings = _network(platform, url, natives)
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
        yield f'\n[connections.{name}]\nplatform = "{platform}"\n{lines}'


def _network(platform: str, url: str, natives: list[str]) -> dict[str, Any]:
    """What one connection needs, for accounts with these ids."""
    match platform:
        case "x":
            return {
                "base_url": f"{url}/x/2",
                "ads_base_url": f"{url}/x/12",
                "token": x.token(natives[0]),
                "ads_account": x.ADS_ACCOUNT,
                "consumer_key": x.CONSUMER_KEY,
                "consumer_secret": x.CONSUMER_SECRET,
                "access_token": x.access_token(natives[0]),
                "access_token_secret": x.ACCESS_SECRET,
            }
        case "bluesky":
            return {"base_url": f"{url}/bluesky/xrpc", "actors": natives}
        case "instagram":
            return {"base_url": f"{url}/instagram/v26.0", "token": instagram.TOKEN, "ids": natives}
        case "threads":
            return {"base_url": f"{url}/threads/v1.0", "token": threads.TOKEN}
        case "linkedin":
            return {
                "base_url": f"{url}/linkedin/rest",
                "sign_in_url": f"{url}/linkedin/oauth/v2",
                "token": linkedin.TOKEN,
                "organizations": natives,
            }
        case "mastodon" | "postiz" | "hootsuite" | "buffer" | "mixpost":
            return _scheduler(platform, url)
        case "tiktok":
            return {"base_url": f"{url}/tiktok/v2", "token": tiktok.TOKEN}
        case _:
            return {"base_url": f"{url}/meta-ads/v26.0", "token": meta_ads.TOKEN}


def _scheduler(platform: str, url: str) -> dict[str, Any]:
    """What a connection needs that only a large practice has."""
    match platform:
        case "mastodon":
            return {"base_url": f"{url}/mastodon", "token": mastodon.TOKEN}
        case "postiz":
            return {"base_url": f"{url}/postiz/public/v1", "token": postiz.TOKEN}
        case "hootsuite":
            return {"base_url": f"{url}/hootsuite", "token": hootsuite.TOKEN}
        case "buffer":
            return {"base_url": f"{url}/buffer", "token": buffer.TOKEN}
        case _:
            where = {"workspace": mixpost.WORKSPACE, "timezone": "Europe/London"}
            return {"base_url": f"{url}/mixpost/mixpost", "token": mixpost.TOKEN, **where}


def settings_of(url: str) -> str:
    """The settings for the sandbox that answers at `url`, with every network its council has. Raises OSError."""
    return settings_toml(url, register=_get(f"{url}/_sandbox/accounts.csv")[0].decode())


def write_into(folder: Path, url: str) -> list[Path]:
    """Write freeze.toml, accounts.csv and an export from Orlo into `folder`, and say what was written.

    Orlo's export gets the time it was saved at as its file time, since that is how old its contents are. Raises OSError
    where the sandbox does not answer or a file cannot be written.
    """
    exports = folder / EXPORTS
    private.folder(exports)
    settings, register = folder / "freeze.toml", folder / "accounts.csv"
    accounts = _get(f"{url}/_sandbox/accounts.csv")[0]
    private.whole(settings, settings_toml(url, register=accounts.decode()))
    private.whole(register, accounts)
    data, saved = _get(f"{url}/_sandbox/orlo-export.csv")
    export = exports / f"orlo-export-{saved.astimezone(LONDON):%Y%m%d-%H%M}.csv"
    private.whole(export, data)
    os.utime(export, (saved.timestamp(), saved.timestamp()))
    return [settings, register, export]


def _get(url: str) -> tuple[bytes, datetime]:
    with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:  # no proxy stands before this machine itself
        return answer.read(), parsedate_to_datetime(answer.headers["Last-Modified"])
