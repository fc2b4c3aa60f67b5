"""No secret is shown or kept, and nothing else is lost with it."""

from __future__ import annotations

import base64

from adapters._http import Client
from adapters._redaction import REMOVED, Redactor
from adapters._verdicts import parse, says

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


def test_a_platforms_words_cannot_write_on_the_terminal() -> None:
    assert says("\x1b[31mred\x1b[0m\nnext\u202eline") == "[31mred [0m next line"
    assert len(says("x" * 5000)) == 200


def test_parsing_survives_anything() -> None:
    assert parse(b"[" * 200_000) is None
    assert parse(b"1e400") is not None
