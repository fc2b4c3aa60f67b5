"""Google's and Meta's own client libraries list, read and change one thing each on the simulated platforms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from freeze.sandbox import running

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
PAGE = "101200000001"


@pytest.fixture(scope="module")
def sandbox():
    with running("council", now=NOW) as s:
        yield s


@pytest.fixture
def youtube(sandbox):
    from google.oauth2.credentials import Credentials
    from googleapiclient.discovery import build

    credentials = Credentials(token="sandbox-youtube-token")
    options = {"api_endpoint": sandbox.url}
    with build("youtube", "v3", credentials=credentials, client_options=options, static_discovery=True) as client:
        yield client


def test_googles_client_lists_reads_and_holds_a_video(sandbox, youtube):
    channel = youtube.channels().list(part="contentDetails", mine=True).execute()["items"][0]
    playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    ids: list[str] = []
    request = youtube.playlistItems().list(part="contentDetails", playlistId=playlist, maxResults=2)
    while request is not None:
        page = request.execute()
        ids += [i["contentDetails"]["videoId"] for i in page["items"]]
        request = youtube.playlistItems().list_next(request, page)
    assert set(ids) == {p.id for p in sandbox.world.posts("youtube")}

    video = youtube.videos().list(part="status", id=ids[0]).execute()["items"][0]
    status = video["status"]
    at = datetime.fromisoformat(status["publishAt"])
    assert at == sandbox.world.get("youtube", ids[0]).publish_at
    held = {k: v for k, v in status.items() if k not in ("publishAt", "uploadStatus", "madeForKids")}
    youtube.videos().update(part="status", body={"id": ids[0], "status": held}).execute()
    assert sandbox.world.get("youtube", ids[0]).state == "draft"

    resumed = {**held, "publishAt": status["publishAt"]}
    youtube.videos().update(part="status", body={"id": ids[0], "status": resumed}).execute()
    again = youtube.videos().list(part="status", id=ids[0]).execute()["items"][0]
    assert again["status"] == status


def test_googles_client_lists_reads_and_changes_what_a_channel_says_of_itself(sandbox, youtube):
    from adapters import youtube as adapter

    items = youtube.channels().list(part="snippet,brandingSettings", mine=True).execute()["items"]
    channel = items[0]
    about = sandbox.world.account("youtube", channel["id"]).about
    assert channel["snippet"]["description"] == channel["brandingSettings"]["channel"]["description"] == about

    words = "News from Anyshire.\nMonitored Monday to Friday, 9am to 5pm."
    body = {"id": channel["id"], "brandingSettings": {"channel": {"description": words}}}
    youtube.channels().update(part="brandingSettings", body=body).execute()
    again = youtube.channels().list(part="snippet", id=channel["id"]).execute()["items"][0]["snippet"]
    assert again == channel["snippet"] | {"description": words}

    options = adapter.Options(base_url=f"{sandbox.url}/youtube/v3", token="sandbox-youtube-token")
    bio = adapter.connect("youtube", options).bio(channel["id"])
    assert (bio.name, bio.text) == (again["title"], words), "the guard reads what Google's client wrote"


def test_googles_client_renews_a_token_by_the_same_call_as_the_guard(sandbox):
    from google.auth.transport.requests import Request
    from google.oauth2.credentials import Credentials
    from googleapiclient.discovery import build

    from freeze.sandbox import youtube as simulator

    credentials = Credentials(
        token=None,
        refresh_token=simulator.REFRESH_TOKEN,
        token_uri=f"{sandbox.url}/youtube/oauth2/token",
        client_id=simulator.CLIENT_ID,
        client_secret=simulator.CLIENT_SECRET,
    )
    credentials.refresh(Request())
    options = {"api_endpoint": sandbox.url}
    with build("youtube", "v3", credentials=credentials, client_options=options, static_discovery=True) as client:
        assert client.channels().list(part="id", mine=True).execute()["items"]


def test_googles_client_understands_a_refusal(youtube):
    from googleapiclient.errors import HttpError

    with pytest.raises(HttpError) as refused:
        youtube.videos().update(part="status", body={"id": "none", "status": {"privacyStatus": "private"}}).execute()
    assert refused.value.status_code == 404
    assert refused.value.error_details[0]["reason"] == "videoNotFound"


@pytest.fixture
def graph(sandbox, monkeypatch):
    """Meta's SDK for the system user, pointed at the sandbox."""
    from facebook_business.api import FacebookAdsApi
    from facebook_business.session import FacebookSession

    monkeypatch.setattr(FacebookSession, "GRAPH", f"{sandbox.url}/facebook")
    sessions = []

    def api(token: str) -> FacebookAdsApi:
        session = FacebookSession(access_token=token)
        sessions.append(session)
        return FacebookAdsApi(session, api_version="v26.0")

    yield api
    for session in sessions:
        session.requests.close()


def test_metas_sdk_lists_reads_and_moves_a_post(sandbox, graph):
    from facebook_business.adobjects.page import Page
    from facebook_business.adobjects.pagepost import PagePost
    from facebook_business.adobjects.user import User

    pages = User("me", api=graph("sandbox-facebook-token")).get_accounts(
        fields=["name", "access_token"], params={"limit": 4}
    )
    tokens = {p["id"]: p["access_token"] for p in pages}
    assert len(tokens) == 9

    api = graph(tokens[PAGE])
    fields = ["id", "message", "scheduled_publish_time", "application"]
    listed = list(Page(PAGE, api=api).get_scheduled_posts(fields=fields, params={"limit": 2}))
    assert {p["id"] for p in listed} == {
        p.id for p in sandbox.world.posts("facebook", account=PAGE, states=["scheduled"])
    }

    later = int((NOW + timedelta(days=20)).timestamp())
    ours = next(
        p["id"]
        for p in listed
        if p["application"]["id"] == "777" and p["scheduled_publish_time"] > NOW.timestamp() + 3600
    )
    PagePost(ours, api=api).api_update(params={"scheduled_publish_time": later})
    assert PagePost(ours, api=api).api_get(fields=["scheduled_publish_time"])["scheduled_publish_time"] == later
    assert sandbox.world.get("facebook", ours).publish_at.timestamp() == later


def test_metas_sdk_understands_a_refusal(sandbox, graph):
    from facebook_business.adobjects.pagepost import PagePost
    from facebook_business.exceptions import FacebookRequestError

    foreign = next(p for p in sandbox.world.posts("facebook", account=PAGE) if p.app != "777")
    post = PagePost(foreign.id, api=graph(f"sandbox-page-{PAGE}"))
    with pytest.raises(FacebookRequestError) as refused:
        post.api_update(params={"scheduled_publish_time": int((NOW + timedelta(days=20)).timestamp())})
    assert refused.value.api_error_code() == 200
