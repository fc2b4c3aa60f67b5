"""LinkedIn keeps the contract of a platform that shows no queue, and its own promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from contract import NOW, Rig, WatchedContract, sandboxed
from pydantic import ValidationError
from rig import serving

from adapters import linkedin
from adapters._linkedin.words import plain
from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Unreachable
from freeze.holds import Kind
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import linkedin as simulator
from freeze.sandbox._core.posts import Account, Post

PAGE = "5550101"
OTHER = "5550102"


def connect(url: str, timeout: float, **more: Any) -> linkedin.LinkedIn:
    given = {"token": simulator.TOKEN, **more}
    options = linkedin.Options(base_url=f"{url}/linkedin/rest", timeout=timeout, **given)
    return linkedin.connect("linkedin", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, **more: Any) -> str:
    native = f"urn:li:share:{world.new_id('linkedin')}"
    world.add(Post("linkedin", account, native, state.value, at, text, **more))
    return native


def kept(folder: Path, **tokens: Any) -> Path:
    """A file of tokens as somebody who signed in would save it."""
    path = folder / "tokens.json"
    path.write_text(json.dumps({"refresh_token": simulator.REFRESH_TOKEN, **tokens}), encoding="utf-8")
    path.chmod(0o600)
    return path


class TestLinkedIn(WatchedContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        world = serving[-1].world
        world.add_account(Account("linkedin", PAGE, "Anyshire County Council", "@anyshire-cc", "News and jobs."))
        world.add_account(Account("linkedin", OTHER, "Anyshire Fire & Rescue", "@anyshire-fire", "Be safe."))
        with sandboxed(
            "linkedin", PAGE, Kind.HUMAN, connect, make, secrets=(simulator.TOKEN,), shows_queue=False
        ) as rig:
            yield rig

    # A bare 429 is LinkedIn's daily cap, which no second try gets through: one that says how long to wait is.
    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            ("status", {"status": 500, "count": 2}),
            ("status", {"status": 429, "retry_after": 0.05, "count": 2}),
            ("drop_after_write", {"count": 2}),
            ("slow", {"latency_ms": 50}),
        ],
    )
    def test_a_passing_fault_is_read_through(self, rig: Rig, kind: str, options: dict[str, Any]) -> None:
        super().test_a_passing_fault_is_read_through(rig, kind, options)

    def test_it_finds_every_page_that_the_tokens_owner_administers(self, rig: Rig) -> None:
        found = {a.native: (a.name, a.handle) for a in rig.platform.accounts() if isinstance(a, SeenAccount)}
        assert found[PAGE] == ("Anyshire County Council", "anyshire-cc")
        assert found[OTHER] == ("Anyshire Fire & Rescue", "anyshire-fire")

    def test_pages_named_in_the_settings_are_the_only_ones(self, rig: Rig) -> None:
        platform = connect(serving[-1].url, 5.0, organizations=(OTHER, "999"))
        page, gap = platform.accounts()
        assert isinstance(page, SeenAccount)
        assert page.native == OTHER
        assert isinstance(gap, Gap)
        assert gap.account == "999"

    def test_a_page_on_which_the_owner_may_not_read_posts_is_a_gap(self, rig: Rig) -> None:
        rig.world.memo[simulator.ROLE] = "ANALYST"
        gaps = list(rig.platform.accounts())
        assert {g.account for g in gaps} >= {PAGE, OTHER}
        assert all(isinstance(g, Gap) and "ANALYST" in g.reason for g in gaps)

    def test_a_description_that_is_not_shown_is_not_an_empty_one(self, rig: Rig) -> None:
        rig.world.memo[simulator.ROLE] = "ANALYST"
        with pytest.raises(Unreachable, match="administrators only"):
            rig.platform.bio(PAGE)  # type: ignore[attr-defined]

    def test_an_edit_that_moves_an_old_post_up_hides_no_new_one_and_is_not_new_itself(self, rig: Rig) -> None:
        old = [rig.out(f"Old {i}") for i in range(60)]
        rig.advance(timedelta(days=2))
        since = rig.now()
        new = rig.out("New")
        rig.advance(timedelta(minutes=1))
        for locator in old:
            rig.world.change(rig.world.get("linkedin", locator.native_id), text="Edited")
        pages = list(rig.platform.published(PAGE, since - timedelta(seconds=2)))  # type: ignore[attr-defined]
        assert [p.locator for page in pages for p in page.posts] == [new]
        assert len(pages) > 1, "the edits fill the first page"

    def test_old_pages_are_not_read_to_the_end(self, rig: Rig) -> None:
        for i in range(120):
            rig.out(f"Old {i}")
        rig.advance(timedelta(days=2))
        calls = rig.calls()
        pages = list(rig.platform.published(PAGE, rig.now() - timedelta(hours=1)))  # type: ignore[attr-defined]
        assert rig.calls() == calls + 1
        assert [page.complete for page in pages] == [True]

    def test_words_are_read_as_a_reader_sees_them(self, rig: Rig) -> None:
        text = r"Bins (all) move * #BinDay_2 & a \ slash {here} [there] <b> ~ # 5 @ 6 | end"
        assert rig.some(text).text == text

    def test_a_repost_without_words_is_left_out_and_one_with_words_is_a_post(self, rig: Rig) -> None:
        more = {"extra": {"reshareOf": "urn:li:share:1"}}
        made = {}
        for text in ("", "Our comment"):
            made[text] = make(rig.world, PAGE, rig.now() + timedelta(days=1), text, State.SCHEDULED, **more)
            rig.publish(Locator("linkedin", PAGE, made[text]))
        (page,) = rig.platform.published(PAGE, rig.now() - timedelta(minutes=5))  # type: ignore[attr-defined]
        assert [p.locator.native_id for p in page.posts] == [made["Our comment"]]

    def test_a_version_that_has_ended_names_the_setting_and_the_connection(self, rig: Rig) -> None:
        platform = connect(serving[-1].url, 5.0, version="202108")
        for read in (
            lambda: list(platform.accounts()),
            lambda: list(connect(serving[-1].url, 5.0, version="202108", organizations=(PAGE,)).accounts()),
        ):
            with pytest.raises(Refused, match=r"version 202108.*`version` under \[connections.linkedin\]"):
                read()

    @pytest.mark.parametrize(("version", "well"), [("202110", False), ("202111", False), ("202112", True)])
    def test_a_version_within_60_days_of_its_end_is_not_well_by_linkedins_own_clock(
        self, rig: Rig, version: str, well: bool
    ) -> None:
        _, life = connect(serving[-1].url, 5.0, version=version).credential()
        assert life.well is well
        assert ("Set `version`" in life.sentence) is not well
        assert life.expires_at == datetime(2022, int(version[4:]), 1, tzinfo=UTC)

    @pytest.mark.parametrize(("issued", "well"), [(date(2022, 9, 1), True), (date(2022, 7, 20), False)])
    def test_a_token_lasts_60_days_from_the_day_in_the_settings(self, rig: Rig, issued: date, well: bool) -> None:
        token, _ = connect(serving[-1].url, 5.0, token_issued=issued).credential()
        assert token.expires_at == datetime(issued.year, issued.month, issued.day, tzinfo=UTC) + timedelta(days=60)
        assert token.well is well
        assert "sign in again by" in token.sentence

    def test_a_token_of_unknown_age_says_so(self, rig: Rig) -> None:
        token, _ = connect(serving[-1].url, 5.0).credential()
        assert token.expires_at is None
        assert "`token_issued`" in token.sentence

    def test_a_spent_day_waits_until_midnight_utc_and_is_asked_once(self, rig: Rig) -> None:
        rig.world.memo[simulator.CAP] = 0
        calls = rig.calls()
        with pytest.raises(Limited, match="00:00 UTC") as caught:
            list(rig.platform.accounts())
        midnight = datetime(2022, 9, 9, tzinfo=UTC)
        assert caught.value.seconds == pytest.approx((midnight - rig.now()).total_seconds(), abs=3)
        assert rig.calls() == calls + 1

    def test_a_partners_token_is_renewed_by_itself_and_kept(self, rig: Rig, tmp_path: Path) -> None:
        path = kept(tmp_path, access_token="sandbox-linkedin-gone")
        url = f"{serving[-1].url}/linkedin/oauth/v2"
        app = {"client_id": simulator.CLIENT_ID, "client_secret": simulator.CLIENT_SECRET}
        platform = connect(serving[-1].url, 5.0, token=None, tokens=path, sign_in_url=url, **app)
        assert len(list(platform.accounts())) == len(rig.world.accounts("linkedin"))
        saved = json.loads(path.read_text(encoding="utf-8"))
        assert saved["access_token"] == rig.world.memo["linkedin.access"]
        token, _ = platform.credential()
        assert token.well
        assert token.expires_at is not None
        assert abs(token.expires_at - rig.now() - timedelta(days=365)) < timedelta(minutes=1)

    def test_a_refresh_token_that_is_refused_names_the_setting_and_no_secret(self, rig: Rig, tmp_path: Path) -> None:
        path = kept(tmp_path, access_token="sandbox-linkedin-gone", refresh_token="withdrawn-refresh-token")
        url = f"{serving[-1].url}/linkedin/oauth/v2"
        app = {"client_id": simulator.CLIENT_ID, "client_secret": simulator.CLIENT_SECRET}
        platform = connect(serving[-1].url, 5.0, token=None, tokens=path, sign_in_url=url, **app)
        with pytest.raises(AuthFailed, match="`tokens`") as caught:
            list(platform.accounts())
        for secret in ("withdrawn-refresh-token", simulator.CLIENT_SECRET, "sandbox-linkedin-gone"):
            assert secret not in str(caught.value)


API = "https://api.linkedin.com/rest"
POST = {"id": "urn:li:share:71", "commentary": "Bins", "lifecycleState": "PUBLISHED", "lastModifiedAt": 1662658800000}
GOOD = {**POST, "publishedAt": 1662658800000}


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def platform() -> linkedin.LinkedIn:
    return linkedin.connect("linkedin", linkedin.Options(token="secret-token", organizations=(PAGE,)))


def test_every_call_names_the_version_the_protocol_and_the_method(
    web: responses.RequestsMock, platform: linkedin.LinkedIn
) -> None:
    web.get(f"{API}/posts", json={"elements": [], "paging": {"links": []}})
    list(platform.published(PAGE, NOW))
    finder = web.calls[-1].request
    assert finder.headers["X-RestLi-Method"] == "FINDER"
    assert finder.headers["LinkedIn-Version"] == "202610"
    assert finder.headers["X-Restli-Protocol-Version"] == "2.0.0"
    assert finder.headers["Authorization"] == "Bearer secret-token"
    assert "author=urn%3Ali%3Aorganization%3A5550101" in str(finder.url)
    web.upsert("GET", re.compile(f"{API}/posts.*"), json={"results": {}, "statuses": {}, "errors": {}})
    list(platform.read([Locator("linkedin", PAGE, "urn:li:share:71"), Locator("linkedin", PAGE, "urn:li:ugcPost:8")]))
    batch = web.calls[-1].request
    assert batch.headers["X-RestLi-Method"] == "BATCH_GET"
    assert str(batch.url).endswith("/posts?ids=List(urn%3Ali%3Ashare%3A71,urn%3Ali%3AugcPost%3A8)")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"publishedAt": "2022-09-08T17:40:00Z"}, "cannot be read"),
        ({"publishedAt": 1662658800}, "milliseconds"),
        ({"publishedAt": None}, "cannot be read"),
        ({"publishedAt": True}, "cannot be read"),
        ({"publishedAt": 10**30}, "cannot be read"),
        ({"lifecycleState": "ARCHIVED"}, "ARCHIVED"),
        ({"lifecycleState": ["PUBLISHED"]}, "does not know"),
        ({"commentary": {"text": "Bins"}}, "words"),
    ],
)
def test_a_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    web: responses.RequestsMock, platform: linkedin.LinkedIn, fields: dict[str, Any], says: str
) -> None:
    strange = {**GOOD, "id": "urn:li:share:72", **fields}
    web.get(f"{API}/posts", json={"elements": [strange, GOOD], "paging": {}})
    (page,) = platform.published(PAGE, NOW - timedelta(days=1))
    assert [p.locator.native_id for p in page.posts] == ["urn:li:share:71"]
    (reject,) = page.rejects
    assert reject.where == "linkedin: post urn:li:share:72"
    assert says in reject.reason


@pytest.mark.parametrize("state", ["DRAFT", "PUBLISH_REQUESTED", "PUBLISH_FAILED"])
def test_what_is_not_out_is_left_out(web: responses.RequestsMock, platform: linkedin.LinkedIn, state: str) -> None:
    web.get(f"{API}/posts", json={"elements": [{**POST, "lifecycleState": state}, GOOD | {"id": "x"}], "paging": {}})
    (page,) = platform.published(PAGE, NOW - timedelta(days=1))
    assert [p.locator.native_id for p in page.posts] == ["x"]
    assert not page.rejects


NASTY = [
    "null", "[]", "7", '"x"', "{}", '{"elements": null}', '{"elements": [1], "paging": {}}', '{"elements": {}}',
    '{"elements": [], "paging": []}', '{"elements": [], "paging": {"links": 5}}', '{"results": []}', '{"errors": 3}',
    '{"results": {"urn:li:share:71": 5}, "errors": {"urn:li:share:71": 9}}', '{"statuses": {"urn:li:share:71": {}}}',
    '{"localizedName": 5}', '{"localizedName": "A", "description": []}', '{"description": {"localized": {"en_GB": 5}}}',
    '{"localizedName": "A", "description": {"localized": [], "preferredLocale": 7}}', "<html>It works!</html>", "",
    '{"status": 403, "message": ["no"]}', '{"elements": [{"id": 5}, {"id": null}, {}], "paging": {}}',
]  # fmt: skip


@pytest.mark.parametrize("status", [200, 400, 404, 429, 500])
@pytest.mark.parametrize("body", NASTY)
def test_no_body_makes_it_crash_or_call_a_failure_empty(
    web: responses.RequestsMock, platform: linkedin.LinkedIn, body: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    web.get(re.compile(f"{API}/.*"), body=body, status=status)
    found = linkedin.connect("linkedin", linkedin.Options(token="secret-token"))
    locator = Locator("linkedin", PAGE, "urn:li:share:71")
    for read in (
        lambda: list(platform.accounts()),
        lambda: list(found.accounts()),
        lambda: list(platform.published(PAGE, NOW)),
        lambda: list(platform.read([locator])),
        lambda: platform.bio(PAGE),
    ):
        try:
            answer = read()
        except PlatformError:
            continue
        assert isinstance(answer, list), "a description that no body here gives"
        for one in answer:
            if isinstance(one, SeenAccount):
                assert '"localizedName": "A"' in body
            else:
                assert isinstance(one, Gap | Unreadable) or one.rejects, f"{one} was made of {body}"


def test_one_older_post_on_a_page_ends_nothing(web: responses.RequestsMock, platform: linkedin.LinkedIn) -> None:
    stale = {**GOOD, "id": "urn:li:share:0", "lastModifiedAt": 1600000000000}  # went out now, was written long ago
    first = [stale, *({**GOOD, "id": f"urn:li:share:{i}"} for i in range(1, 49))]
    first.append({**GOOD, "id": "urn:li:share:49", "lastModifiedAt": 1600000000000, "publishedAt": 1600000000000})
    old = [{**first[-1], "id": f"urn:li:share:{i}"} for i in range(50, 100)]
    web.get(f"{API}/posts", json={"elements": first, "paging": {}})
    web.get(f"{API}/posts", json={"elements": [{**GOOD, "id": "urn:li:share:200"}, *old[:49]], "paging": {}})
    web.get(f"{API}/posts", json={"elements": old, "paging": {}})
    pages = list(platform.published(PAGE, NOW - timedelta(days=1)))
    found = [p.locator.native_id for page in pages for p in page.posts]
    assert found == [*(f"urn:li:share:{i}" for i in range(49)), "urn:li:share:200"]
    assert len(web.calls) == 3


def test_a_list_that_repeats_itself_is_given_up(web: responses.RequestsMock, platform: linkedin.LinkedIn) -> None:
    again = {"elements": [GOOD], "paging": {"links": [{"rel": "next", "href": "/rest/posts?start=1"}]}}
    web.get(f"{API}/posts", json=again)
    with pytest.raises(Unreachable, match="does not move on"):
        list(platform.published(PAGE, NOW - timedelta(days=1)))
    assert len(web.calls) == 2


def test_a_list_without_an_end_is_given_up(
    web: responses.RequestsMock, platform: linkedin.LinkedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linkedin, "MOST_PAGES", 5)
    number = iter(range(10_000))

    def endless(_: Any) -> tuple[int, dict[str, str], str]:
        items = [{**GOOD, "id": f"urn:li:share:{next(number)}"} for _ in range(50)]
        return 200, {}, json.dumps({"elements": items, "paging": {}})

    web.add_callback("GET", f"{API}/posts", endless)
    pages = []
    with pytest.raises(Unreachable, match="more than 5 pages"):
        pages.extend(platform.published(PAGE, NOW - timedelta(days=1)))
    assert len(web.calls) == 5
    web.replace(responses.Response("GET", f"{API}/posts", json={}))
    acls = {"elements": [{"organization": "urn:li:organization:5", "role": "ADMINISTRATOR"}] * 50, "paging": {}}
    web.get(f"{API}/organizationAcls", json=acls)
    with pytest.raises(Unreachable, match="more than 5 pages"):
        list(linkedin.connect("linkedin", linkedin.Options(token="secret-token")).accounts())


def test_each_post_of_a_batch_is_what_it_is_and_none_is_passed_over(
    web: responses.RequestsMock, platform: linkedin.LinkedIn
) -> None:
    urns = {name: f"urn:li:share:{i}" for i, name in enumerate(("out", "gone", "hidden", "unsaid", "draft", "other"))}
    body = {
        "results": {
            urns["out"]: {**GOOD, "id": urns["out"]},
            urns["draft"]: {**GOOD, "id": urns["draft"], "lifecycleState": "DRAFT"},
            urns["other"]: {**GOOD, "id": "urn:li:share:99"},
        },
        "statuses": {urns["gone"]: 404},
        "errors": {urns["hidden"]: {"status": 403, "message": "Forbidden"}},
    }
    web.get(re.compile(f"{API}/posts.*"), json=body)
    locators = {name: Locator("linkedin", PAGE, urn) for name, urn in urns.items()}
    read = {r.locator: r for r in platform.read(list(locators.values()))}
    kinds = {name: type(read[locator]) for name, locator in locators.items()}
    assert kinds == {
        "out": Seen,
        "gone": Absent,
        **dict.fromkeys(("hidden", "unsaid", "draft", "other"), Unreadable),
    }


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (401, {"status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"}, AuthFailed, "`token_env`"),
        (403, {"status": 403, "serviceErrorCode": 100, "message": "Not enough permissions"}, Refused, "permissions"),
        (426, {"status": 426, "code": "NONEXISTENT_VERSION"}, Refused, "`version`"),
        (302, {}, Refused, "another address"),
    ],
)
def test_each_refusal_is_said_for_what_it_is(
    web: responses.RequestsMock,
    platform: linkedin.LinkedIn,
    status: int,
    body: dict[str, Any],
    error: type[PlatformError],
    says: str,
) -> None:
    web.get(f"{API}/posts", status=status, json=body)
    with pytest.raises(error, match=says):
        list(platform.published(PAGE, NOW))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (r"{hashtag|\#|coding} and {hashtag|#|bins}", "#coding and #bins"),
        (r"Ask @[Anyshire \(CC\)](urn:li:organization:5)\!", r"Ask Anyshire (CC)\!"),
        (r"\\ \{ \}", "\\ { }"),
        ("plain @ words # here", "plain @ words # here"),
    ],
)
def test_commentary_loses_its_escapes_and_nothing_else(given: str, words: str) -> None:
    assert plain(given) == words


def test_a_description_is_taken_in_the_pages_own_language(
    web: responses.RequestsMock, platform: linkedin.LinkedIn
) -> None:
    texts = {
        "localized": {"cy_GB": "Newyddion", "en_GB": "News"},
        "preferredLocale": {"country": "GB", "language": "cy"},
    }
    web.get(f"{API}/organizations/{PAGE}", json={"localizedName": "Anyshire", "description": texts})
    assert platform.bio(PAGE).text == "Newyddion"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "either `token`"),
        ({"token": "x", "tokens": "t.json"}, "not both"),
        ({"tokens": "t.json"}, "`client_id` and `client_secret`"),
        ({"token": "x", "version": "2026-10"}, "version"),
        ({"token": "x", "version": "202613"}, "version"),
        ({"token": "x", "organizations": ["anyshire"]}, "numbers"),
        ({"token": "x", "organisations": ["5"]}, "organisations"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        linkedin.Options.model_validate(settings)
