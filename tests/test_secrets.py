"""Nothing secret is written or shown, whatever platforms send back: credentials are planted, every byte is searched.

Each connection has a real credential of its simulator, in each of the places where one may stand. The simulators then
answer with what they were sent (headers, query and body) in their own error bodies, in places that are followed, and in
what they list; whatever the guard wrote or printed is searched for the credentials in the forms they are sent in.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from conftest import EVENING, Practice
from starlette.requests import Request
from starlette.responses import Response

from adapters._web import http
from freeze.sandbox import buffer as buffer_simulator
from freeze.sandbox import facebook as facebook_simulator
from freeze.sandbox import hootsuite, linkedin, mixpost, sprout, tiktok, wordpress, x, youtube
from freeze.sandbox import instagram as instagram_simulator
from freeze.sandbox import mastodon as mastodon_simulator
from freeze.sandbox import meta_ads as adverts_simulator
from freeze.sandbox import orlo as orlo_simulator
from freeze.sandbox import postiz as postiz_simulator
from freeze.sandbox import threads as threads_simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.server import Application, _expired, _problem
from freeze.store import posts as post_store

PLANTED = (b"sandbox-", b"sand boxx", b"sandboxx", b"boxxpass")
"""How every credential of the simulators begins; half of one is found by it too."""
KEPT = (".env", "secrets", "tokens", "freeze.toml")
"""What the council itself wrote: its credentials, and the ids of its apps."""
AGES_AHEAD = "2032-01-01T00:00:00+00:00"
SCHEDULERS = {
    "buffer": Account("buffer", "64f0c0ffee000000000000c1", "Anyshire Libraries", "anyshirelibs", "twitter"),
    "hootsuite": Account("hootsuite", "115185509", "Anyshire Fire", about="TWITTER"),
    "mastodon": Account("mastodon", "109000000000000001", "Anyshire Council", "anyshire", "News"),
    "mixpost": Account("mixpost", "7", "Anyshire", "facebook_page:anyshire"),
    "postiz": Account("postiz", "facebook-1", "Anyshire", "anyshire"),
    "sprout": Account("sprout", "492", "Anyshire", "twitter:anyshire"),
}


class Echo:
    """Makes every simulator answer with what it was sent. `how` is one of the ways below, or "" for the truth."""

    WAYS = ("chatty", "400", "401", "403", "429", "500", "redirect", "html")

    def __init__(self) -> None:
        self.how = ""
        self.sent: set[bytes] = set()
        """Credentials as they were sent: what follows the scheme of each Authorization header, and signatures."""
        self._turn = itertools.count()

    async def answer(self, app: Application, simulate: Any, name: str, scope: Any, receive: Any, send: Any) -> None:
        """Do what was asked, or not, and answer."""
        request = Request(scope, receive)
        body = await request.body()
        given = request.headers.get("authorization", "")
        signed = re.findall(r'oauth_signature="([^"]+)"', given)
        asked = re.findall(r"access_token=([^&\s]+)", f"{request.url.query} {body.decode('utf-8', 'replace')}")
        self.sent |= {s.encode() for s in (given.partition(" ")[2] or given, *signed, *asked) if s}
        told = f"{given.partition(' ')[2]} {given} ?{request.url.query} {body.decode('utf-8', 'replace')}"
        told = "." * (next(self._turn) * 37 % 190) + " " + told  # wherever a sentence is cut, a secret lies across it
        if self.how:
            answer = await self._answered(app, simulate, name, scope, body, told)
            await answer(scope, receive, send)
        else:
            await simulate(app, name, scope, _again(body, receive), send)

    async def _answered(
        self, app: Application, simulate: Any, name: str, scope: Any, body: bytes, told: str
    ) -> Response:
        module = app._modules[name]
        match self.how:
            case "redirect":
                place = quote(told.strip(". "), safe="")
                to = f"https://user:{place}@login.example/{place}?access_token={place}#token={place}"
                return Response(b"", 302, {"Location": to})
            case "html":
                return Response(f"<html>{told}</html>".encode(), media_type="text/html")
            case "400" | "403" | "429" | "500":
                made = getattr(module, "problem", _problem)(int(self.how), None)
                return _json(_all_strings(json.loads(bytes(made.body)), told), made.status_code)
            case "401":
                made = getattr(module, "expired", _expired)()
                return _json(_all_strings(json.loads(bytes(made.body)), told), made.status_code)
        status, raw, headers = await _true_answer(app, simulate, name, scope, body)
        try:
            value = json.loads(raw)
        except ValueError:
            return Response(raw, status, headers)
        shown = _chatty(value, told) if self.how == "chatty" else value
        return _json(shown, status, {k: v for k, v in headers.items() if k.lower() != "content-length"})


def _again(body: bytes, then: Any = None) -> Any:
    """What receives a request whose body was taken in already, and then what follows it."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return left.pop() if left or then is None else await then()

    return receive


async def _true_answer(
    app: Application, simulate: Any, name: str, scope: Any, body: bytes
) -> tuple[int, bytes, dict[str, str]]:
    parts: list[Any] = []

    async def keep(message: Any) -> None:
        parts.append(message)

    await simulate(app, name, scope, _again(body), keep)
    headers = {k.decode(): v.decode() for k, v in parts[0]["headers"]}
    return parts[0]["status"], b"".join(p.get("body", b"") for p in parts[1:]), headers


def _json(value: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})


def _all_strings(value: Any, told: str) -> Any:
    """The same shape, with `told` for every text."""
    if isinstance(value, dict):
        return {k: _all_strings(v, told) for k, v in value.items()}
    if isinstance(value, list):
        return [_all_strings(v, told) for v in value]
    return told if isinstance(value, str) else value


def _chatty(value: Any, told: str) -> Any:
    """The truth, with what was sent beside it in everything it holds, as debug output or an address may have it."""
    if isinstance(value, list):
        return [_chatty(v, told) for v in value]
    if not isinstance(value, dict):
        return value
    more = {} if all(isinstance(v, dict) for v in value.values()) and value else {"debug_echo": told}
    out = {k: _chatty(v, told) for k, v in value.items()} | more
    if isinstance(out.get("paging"), dict) and "next" in out["paging"]:
        out["paging"]["next"] += f"&echo={quote(told)}"
    return out


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Echo:
    found = Echo()
    simulate = Application._simulate

    async def echoing(app: Application, name: str, scope: Any, receive: Any, send: Any) -> None:
        await found.answer(app, simulate, name, scope, receive, send)

    monkeypatch.setattr(Application, "_simulate", echoing)
    return found


def plant(p: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential for every connection there can be, in each of the places where one may stand."""
    world, url = p.sandbox.world, p.url
    for account in SCHEDULERS.values():
        world.add_account(account)
        native = {"buffer": "66f0c0ffee00000000000001"}.get(account.platform, world.new_id(account.platform))
        world.add(
            Post(account.platform, account.id, native, "scheduled", world.now() + timedelta(days=3), "Bin day moves")
        )
    secrets, tokens = p.folder / "secrets", p.folder / "tokens"
    secrets.mkdir(mode=0o700)
    tokens.mkdir(mode=0o700)

    def kept(name: str, access: str, refresh: str) -> str:
        held = {"access_token": access, "refresh_token": refresh, "expires_at": AGES_AHEAD}
        (tokens / name).write_text(json.dumps(held))
        (tokens / name).chmod(0o600)
        return f"tokens/{name}"

    def file(name: str, secret: str) -> str:
        (secrets / name).write_text(secret + "\n")
        (secrets / name).chmod(0o600)
        return f"secrets/{name}"

    def env(name: str, secret: str) -> str:
        monkeypatch.setenv(name, secret)
        return name

    lines = []

    def dotenv(name: str, secret: str) -> str:
        lines.append(f'{name}="{secret}"')
        return name

    def keys(native: str, put: Callable[[str, str], str]) -> dict[str, str]:
        return {
            "ads_base_url": f"{url}/x/12",
            "ads_account": x.ADS_ACCOUNT,
            "consumer_key_env": put(f"XCK{native}", x.CONSUMER_KEY),
            "consumer_secret_env": put(f"XCS{native}", x.CONSUMER_SECRET),
            "access_token_env": put(f"XAT{native}", x.access_token(native)),
            "access_token_secret_env": put(f"XAS{native}", x.ACCESS_SECRET),
        }

    fire, main = "7560004", "7560001"
    connections: dict[str, dict[str, Any]] = {
        "website": {
            "platform": "wordpress",
            "base_url": f"{url}/wordpress",
            "username": wordpress.USER,
            "password_file": file("wordpress", wordpress.PASSWORD),
        },
        "youtube": {
            "platform": "youtube",
            "base_url": f"{url}/youtube/v3",
            "sign_in_url": f"{url}/youtube/oauth2",
            "tokens": kept("youtube", youtube.TOKEN, youtube.REFRESH_TOKEN),
            "client_id": youtube.CLIENT_ID,
            "client_secret_file": file("youtube", youtube.CLIENT_SECRET),
        },
        "facebook": {
            "platform": "facebook",
            "base_url": f"{url}/facebook/v26.0",
            "token_env": env("FB", facebook_simulator.TOKEN),
            "app_id": facebook_simulator.APP,
        },
        "instagram": {
            "platform": "instagram",
            "base_url": f"{url}/instagram/v26.0",
            "token_env": dotenv("IG", instagram_simulator.TOKEN),
            "ids": [a.id for a in world.accounts("instagram")],
        },
        "threads": {
            "platform": "threads",
            "base_url": f"{url}/threads/v1.0",
            "token_file": file("threads", threads_simulator.TOKEN),
        },
        "adverts": {
            "platform": "meta-ads",
            "base_url": f"{url}/meta-ads/v26.0",
            "token_env": dotenv("ADS", adverts_simulator.TOKEN),
        },
        "x": {"platform": "x", "base_url": f"{url}/x/2", "token_env": env("X1", x.token(main)), **keys(main, env)},
        "x-fire": {"platform": "x", "base_url": f"{url}/x/2", **keys(fire, dotenv)},
        "linkedin": {
            "platform": "linkedin",
            "base_url": f"{url}/linkedin/rest",
            "sign_in_url": f"{url}/linkedin/oauth/v2",
            "organizations": [a.id for a in world.accounts("linkedin")],
            "tokens": kept("linkedin", linkedin.TOKEN, linkedin.REFRESH_TOKEN),
            "client_id": linkedin.CLIENT_ID,
            "client_secret_env": env("LI", linkedin.CLIENT_SECRET),
        },
        "tiktok": {
            "platform": "tiktok",
            "base_url": f"{url}/tiktok/v2",
            "tokens": kept("tiktok", tiktok.TOKEN, tiktok.REFRESH_TOKEN),
            "client_key": tiktok.CLIENT_KEY,
            "client_secret_env": dotenv("TT", tiktok.CLIENT_SECRET),
        },
        "hootsuite": {
            "platform": "hootsuite",
            "base_url": f"{url}/hootsuite",
            "tokens": kept("hootsuite", hootsuite.TOKEN, hootsuite.REFRESH),
            "client_id": hootsuite.CLIENT_ID,
            "client_secret_file": file("hootsuite", hootsuite.CLIENT_SECRET),
        },
        "buffer": {"platform": "buffer", "base_url": f"{url}/buffer", "token_env": env("BU", buffer_simulator.TOKEN)},
        "mastodon": {
            "platform": "mastodon",
            "base_url": f"{url}/mastodon",
            "token_file": file("mastodon", mastodon_simulator.TOKEN),
        },
        "mixpost": {
            "platform": "mixpost",
            "base_url": f"{url}/mixpost/mixpost",
            "workspace": mixpost.WORKSPACE,
            "timezone": "Europe/London",
            "token_env": dotenv("MX", mixpost.TOKEN),
        },
        "postiz": {
            "platform": "postiz",
            "base_url": f"{url}/postiz/public/v1",
            "token_file": file("postiz", postiz_simulator.TOKEN),
        },
        "sprout": {
            "platform": "sprout",
            "base_url": f"{url}/sprout/v1",
            "customer": sprout.CUSTOMER,
            "token_env": env("SP", sprout.TOKEN),
        },
        "orlo": {
            "platform": "orlo",
            "mode": "http",
            "base_url": f"{url}/orlo",
            "token_env": dotenv("OR", orlo_simulator.TOKEN),
        },
    }
    text = '[council]\nname = "Anyshire"\n[store]\nurl = "freeze.db"\n[nightly]\nfolder = "digests"\n'
    for name, table in connections.items():
        text += f"\n[connections.{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in table.items())
    (p.folder / "freeze.toml").write_text(text, encoding="utf-8")
    (p.folder / ".env").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (p.folder / ".env").chmod(0o600)


class Search:
    """Runs commands, and looks for credentials in all that they print and write."""

    def __init__(self, p: Practice, echo: Echo) -> None:
        self.p, self.echo = p, echo
        self.codes: dict[str, int] = {}

    def run(self, *args: str) -> Any:
        """One command, on the practice clock; its output is searched at once. A traceback counts as output."""
        said, ended = io.StringIO(), None
        try:
            ended = self.p.freeze(*args)
        except Exception:
            said.write(traceback.format_exc())
        printed = (ended.out + ended.err if ended else "") + said.getvalue()
        self.codes[" ".join(args)] = ended.code if ended else -1
        self.clean(printed.encode("utf-8", "surrogatepass"), f"what `{' '.join(args)}` printed ({self.echo.how})")
        return ended

    def everything(self) -> None:
        """Every byte of every file in the folder, but for those in which the council keeps its credentials."""
        files = [f for f in self.p.folder.rglob("*") if f.is_file() and not _ours(f.relative_to(self.p.folder))]
        assert {f.name.partition(".")[0] for f in files} >= {"freeze", "accounts"}
        for f in files:
            self.clean(f.read_bytes(), f"{f.relative_to(self.p.folder)} ({self.echo.how})")

    def clean(self, data: bytes, where: str) -> None:
        for secret in {*PLANTED, *_coded(b"sandbox-"), *self.echo.sent}:
            at = data.find(secret)
            assert at < 0, f"{where} holds {secret!r}: …{data[max(0, at - 200) : at + 80]!r}…"


def _ours(path: Path) -> bool:
    return path.parts[0] in KEPT


def _coded(secret: bytes) -> Iterator[bytes]:
    """What base64 makes of a text, wherever it begins; the ends depend on what stands beside it."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + secret)
        yield coded[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6]


@contextmanager
def planted(practice: Callable[..., Practice], monkeypatch: pytest.MonkeyPatch, echo: Echo) -> Iterator[Search]:
    monkeypatch.setenv("FREEZE_TRACEBACK", "1")
    monkeypatch.setattr(http, "TRIES", 1)  # what is said does not hang on how often it was tried
    p = practice("council", EVENING)
    plant(p, monkeypatch)
    yield Search(p, echo)


def test_every_credential_is_used_and_none_is_written_or_shown(
    practice: Callable[..., Practice], monkeypatch: pytest.MonkeyPatch, echo: Echo
) -> None:
    with planted(practice, monkeypatch, echo) as s:
        echo.how = "chatty"
        s.run("init")
        s.run("accounts", "import", "accounts.csv")
        synced = s.run("sync", "--json").json
        assert not synced["gaps"], synced["gaps"]
        assert not synced["rows_not_used"], synced["rows_not_used"]
        for args in (
            ("adapters",),
            ("doctor",),
            ("doctor", "--json"),
            ("declare", "royal-death", "--everything", "--yes", "--json"),
            ("status",),
            ("show", "f1", "--json"),
            ("check", "--json"),
            ("tasks", "--messages"),
            ("tasks", "--json"),
            ("brief", "--json"),
            ("calendar", "--ics", "c.ics"),
            ("calendar", "--html", "c.html"),
            ("nightly", "--json"),
            ("end", "f1"),
            ("held", "--json"),
            ("decide", "--all-missed", "--freeze", "f1", "--next-slot", "--yes"),
        ):
            s.run(*args)
        looked = s.run("put-back", "f1", "--json").json
        s.run("put-back", "f1", "--digest", looked.get("digest", "none"), "--json")
        s.run("log", "export")
        s.run("log", "verify")
        s.run("bios", "check")
        assert -1 not in s.codes.values(), s.codes
        s.everything()
        used = b" ".join(echo.sent)
        for name in ("facebook", "instagram", "threads", "meta-ads", "x", "linkedin", "tiktok", "youtube", "orlo"):
            assert f"sandbox-{name}-token".encode() in used, name
        for name in (*SCHEDULERS, "x-consumer"):
            assert re.search(rf"sandbox-{name}(-(token|key))?".encode(), used), name
        assert base64.b64encode(f"{wordpress.USER}:{wordpress.PASSWORD}".encode()) in used


def test_no_platform_can_make_the_guard_show_what_it_was_sent(
    practice: Callable[..., Practice], monkeypatch: pytest.MonkeyPatch, echo: Echo
) -> None:
    with planted(practice, monkeypatch, echo) as s:
        s.run("init")
        s.run("accounts", "import", "accounts.csv")
        s.run("sync")
        for how in Echo.WAYS[1:]:
            echo.how = how
            for args in (("sync", "--json"), ("doctor",)):
                s.run(*args)
            s.everything()
        echo.how = ""
        for name in s.p.sandbox.world._accounts:
            s.p.fault(name, "drop_after_write")
        s.run("sync")
        s.p.mend()
        s.run("sync")
        echo.how = "400"
        s.run("declare", "royal-death", "--everything", "--yes")
        s.run("status")
        s.run("nightly", "--json")
        s.run("log", "export")
        assert -1 not in s.codes.values(), s.codes
        s.everything()

        monkeypatch.setattr(post_store, "take_in", _broken)
        echo.how = "chatty"
        s.run("sync")
        assert s.codes["sync"] == 5, "each fault of the guard itself is a gap, and what it says was searched"
        s.everything()


def _broken(*_: Any) -> None:
    raise RuntimeError("the guard itself is broken")
