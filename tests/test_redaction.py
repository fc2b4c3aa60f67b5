"""No secret is shown or kept, and nothing else is lost with it."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from adapters._web.http import Client
from adapters._web.redaction import REMOVED, Redactor
from adapters._web.verdicts import parse, says

SECRET = "s3cr3t/t0ken+value"


def test_a_secret_is_taken_out_in_every_form_it_is_sent_in() -> None:
    r = Redactor(SECRET, "abc")
    shown = r.text(
        f"plain {SECRET} quoted s3cr3t%2Ft0ken%2Bvalue encoded {base64.b64encode(SECRET.encode()).decode()} abc "
        "?access_token=EAAnew&limit=1 Authorization: Bearer xyz.123 and 'refresh_token': 'r-1'"
    )
    assert "s3cr3t" not in shown
    assert base64.b64encode(SECRET.encode()).decode() not in shown
    assert not {"EAAnew", "xyz.123", "r-1"} & set(shown.replace("'", " ").replace("=", " ").replace("&", " ").split())
    assert "limit=1" in shown
    assert "abc" in shown, "what is too short to be a secret must not ruin every text"


def test_kept_answers_lose_their_secrets_and_nothing_else() -> None:
    r = Redactor(SECRET)
    kept = r.json(
        {"id": 1, "access_token": "x", "next": f"https://g?a={SECRET}", "deep": [{"Password": 1, "ok": True}]}
    )
    assert kept == {"id": 1, "access_token": REMOVED, "next": f"https://g?a={REMOVED}",
                    "deep": [{"Password": REMOVED, "ok": True}]}  # fmt: skip
    words = "Never share your password: the council will not ask for it, nor for a token."
    assert r.json(words) == words


def test_a_secret_learnt_later_is_taken_out_too() -> None:
    c = Client("orlo", "https://platform.example", setting="token_env", secrets=(SECRET,))
    c.learn("page-token-1")
    assert c.redact_json({"url": "x?t=page-token-1"}) == {"url": f"x?t={REMOVED}"}


@pytest.mark.parametrize(
    "leak",
    [
        'Authorization: OAuth oauth_consumer_key="HIDE1", oauth_token="HIDE2", oauth_signature="HIDE3%3D"',
        "Authorization: HIDE1",
        "{'Authorization': 'HIDE1', 'Accept': '*/*'}",
        "Proxy-Authorization: Basic HIDE1==",
        "https://graph.example/v26.0/1012/feed?limit=100&access_token=HIDE1&after=QVFI",
        '{"access_token": "HIDE1", "refresh_token":"HIDE2", "id_token" : "HIDE3", "expires_in": 3600}',
        "grant_type=refresh_token&refresh_token=HIDE1&client_secret=HIDE2",
        '{"accessJwt": "HIDE1", "refreshJwt": "HIDE2"}',
        "Set-Cookie: session=HIDE1; Path=/",
        "Cookie: HIDE1",
        "it points to https://login.example/?code=HIDE1&token=HIDE2&sig=HIDE3",
        "X-API-Key: HIDE1",
    ],
)
def test_what_looks_like_a_secret_is_not_shown_though_nobody_knows_it(leak: str) -> None:
    shown = Redactor().text(leak)
    assert "HIDE" not in shown
    assert REMOVED in shown


def test_a_listings_next_address_is_kept_without_its_token() -> None:
    body = {
        "paging": {"cursors": {"after": "QVFI"}, "next": "https://graph.example/1/feed?access_token=EAAB&after=QVFI"}
    }
    assert Redactor().json(body) == {
        "paging": {
            "cursors": {"after": "QVFI"},
            "next": f"https://graph.example/1/feed?access_token={REMOVED}&after=QVFI",
        }
    }


def test_a_posts_own_words_are_kept_whole() -> None:
    words = "Use the code=LIBRARY10 at https://www.anyshire.example/?code=LIBRARY10&key=7; authorization: see the form."
    assert Redactor(SECRET).json({"text": words}) == {"text": words}


@pytest.mark.parametrize("secret", ['pa"ss/wo\\rd&<>', "ünï cödé/+="])
def test_a_secret_is_found_in_json_html_and_addresses_however_they_write_it(secret: str) -> None:
    shown = Redactor(secret).text(
        " | ".join(
            (
                json.dumps({"x": secret}),
                json.dumps(secret).replace("/", "\\/"),
                html.escape(secret),
                quote(secret, safe=""),
                quote(secret, safe="").lower(),
                quote_plus(secret),
            )
        )
    )
    assert shown.count(REMOVED) == 6
    for part in ("rd&", "rd%", "rd\\u", "%c3%b6", "%C3%B6", "cöd"):
        assert part not in shown


def test_the_credential_in_a_header_is_known_without_being_told() -> None:
    for header in ("Bearer only-in-header", "only-in-header"):
        c = Client("postiz", "https://platform.example", setting="token_env", headers={"Authorization": header})
        assert c.redact_json("x only-in-header y") == f"x {REMOVED} y"


def test_a_platforms_words_cannot_write_on_the_terminal() -> None:
    assert says("\x1b[31mred\x1b[0m\nnext\u202eline") == "[31mred [0m next line"
    assert len(says("x" * 5000)) == 200


def test_parsing_survives_anything() -> None:
    assert parse(b"[" * 200_000) is None
    assert parse(b"1e400") is not None
