"""LinkedIn Pages, as the versioned REST API is documented (Posts, Organizations, Organization Access Control).

Documented: the version header (YYYYMM) and its end about a year later, the finder by author with `count` (up to 100),
`start` and `sortBy`, batch reading by ids, times in milliseconds, the escapes of commentary, caps that start again at
00:00 UTC, access tokens of 60 days, and refresh tokens of a year whose end a renewal does not move.
Secondary sources: the bodies of errors, that a version ends in the middle of its month, what a page shows of itself.
Not verified, and assumed here: that publishing counts as a modification, and what an empty description looks like.
A version newer than the sandbox's own clock is taken as well, so that a past night can be practised today.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, paginate, reply
from freeze.sandbox._core.world import World

NAME = "linkedin"
TOKEN = "sandbox-linkedin-token"  # noqa: S105 - opens nothing but this simulator
REFRESH_TOKEN = "sandbox-linkedin-refresh"  # noqa: S105
CLIENT_ID = "sandbox-linkedin-client"
CLIENT_SECRET = "sandbox-linkedin-secret"  # noqa: S105
ACCESS_LASTS, REFRESH_LASTS = 60 * 86_400, 365 * 86_400
CAP = "linkedin.cap"
"""The key in `world.memo` for a daily cap on calls; without it there is none, as LinkedIn publishes none."""
ROLE = "linkedin.role"
"""The key in `world.memo` for another role than ADMINISTRATOR."""
_URN = re.compile(r"urn:li:(?:share|ugcPost):\d+")
_RESERVED = re.compile(r"[\\|{}@\[\]()<>*_~]|#(?!\w)")


class _No(Exception):
    def __init__(self, status: int, code: str, message: str, number: int = 0) -> None:
        super().__init__(message)
        self.body = {"status": status, "code": code, "message": message}
        if number:
            self.body["serviceErrorCode"] = number
        self.status = status


def expired() -> Response:
    """A token that is no longer good."""
    return _error(_No(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602))


def problem(status: int, _: float | None) -> Response:
    """The day's cap for 429, otherwise an error of LinkedIn's own."""
    if status == 429:
        return _error(_spent())
    return _error(_No(status, "INTERNAL_SERVER_ERROR", "Internal Server Error"))


def routes(world: World) -> list[Route]:
    """The paths below /linkedin."""
    api = _Api(world)

    def guarded(answer: Any) -> Any:
        async def answered(request: Request) -> Response:
            try:
                api.admit(request)
                return reply(answer(request))
            except _No as no:
                return _error(no)

        return answered

    return [
        Route("/rest/organizationAcls", guarded(api.roles)),
        Route("/rest/organizations/{id}", guarded(api.organization)),
        Route("/rest/posts", guarded(api.posts)),
        Route("/rest/posts/{urn}", guarded(api.post)),
        Route("/oauth/v2/accessToken", api.renew, methods=["POST"]),
    ]


class _Api:
    def __init__(self, world: World) -> None:
        self.world = world

    def admit(self, request: Request) -> None:
        """Check what every call needs. Raises _No."""
        headers = request.headers
        tokens = {TOKEN, self.world.memo.get("linkedin.access", TOKEN)}
        if headers.get("authorization", "").removeprefix("Bearer ") not in tokens:
            raise _No(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
        version = headers.get("linkedin-version", "")
        if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", version):
            message = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
            raise _No(400, "VERSION_MISSING", message)
        if self.world.now() >= datetime(int(version[:4]) + 1, int(version[4:]), 15, tzinfo=UTC):
            raise _No(426, "NONEXISTENT_VERSION", f"Requested version {version}01 is not active")
        if headers.get("x-restli-protocol-version") != "2.0.0":
            raise _No(400, "ILLEGAL_ARGUMENT", "X-Restli-Protocol-Version must be 2.0.0")
        day = self.world.now().date()
        on, count = self.world.memo.get("linkedin.calls", (day, 0))
        count = count + 1 if on == day else 1
        self.world.memo["linkedin.calls"] = (day, count)
        if count > self.world.memo.get(CAP, count):
            raise _spent()

    def roles(self, request: Request) -> dict[str, Any]:
        _finder(request, "roleAssignee")
        role = self.world.memo.get(ROLE, "ADMINISTRATOR")
        elements = [
            {
                "role": role,
                "state": "APPROVED",
                "organization": f"urn:li:organization:{a.id}",
                "roleAssignee": "urn:li:person:sandbox",
            }
            for a in self.world.accounts(NAME)
        ]
        return self._paged(request, elements)

    def organization(self, request: Request) -> dict[str, Any]:
        account = self.world.account(NAME, request.path_params["id"])
        if account is None:
            raise _No(404, "NOT_FOUND", "Could not find entity")
        shown: dict[str, Any] = {
            "id": int(account.id),
            "localizedName": account.name,
            "vanityName": account.handle.lstrip("@"),
            "primaryOrganizationType": "NONE",
        }
        if self.world.memo.get(ROLE, "ADMINISTRATOR") == "ADMINISTRATOR":
            shown |= {"localizedDescription": account.about, "description": _localized(account)}
        return shown

    def posts(self, request: Request) -> dict[str, Any]:
        ids = re.search(r"(?:^|&)ids=List\((.*?)\)(?:&|$)", request.url.query)
        if ids:
            return self._several([unquote(i) for i in ids[1].split(",") if i])
        _finder(request, "author")
        author = request.query_params.get("author", "")
        account = self.world.account(NAME, author.removeprefix("urn:li:organization:"))
        if account is None or not author.startswith("urn:li:organization:"):
            raise _No(403, "ACCESS_DENIED", f"Viewer is not allowed to view posts of {author}", 100)
        posts = self.world.posts(NAME, account=account.id, states=["published"])
        key = _modified if request.query_params.get("sortBy") == "LAST_MODIFIED" else _created
        posts.sort(key=lambda p: (key(p), p.order), reverse=True)
        return self._paged(request, [_shown(p) for p in posts])

    def post(self, request: Request) -> dict[str, Any]:
        urn = unquote(request.path_params["urn"])
        post = self.world.get(NAME, urn)
        if post is None or post.state != "published":
            raise _No(404, "NOT_FOUND", "Not found")
        return _shown(post)

    async def renew(self, request: Request) -> Response:
        """A new access token for the refresh token, which keeps its own end."""
        try:
            given = await fields_of(request)
        except BadBody:
            given = {}
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refused("invalid_client_id", "Client authentication failed")
        if given.get("grant_type") != "refresh_token" or given.get("refresh_token") != REFRESH_TOKEN:
            return _refused("invalid_grant", "The provided authorization grant or refresh token is invalid or expired")
        now = self.world.now()
        token = f"sandbox-linkedin-access-{self.world.new_id(NAME)}"
        signed_in = self.world.memo.setdefault("linkedin.signed_in", now)
        self.world.memo["linkedin.access"] = token
        return reply(
            {
                "access_token": token,
                "expires_in": ACCESS_LASTS,
                "refresh_token": REFRESH_TOKEN,
                "refresh_token_expires_in": int(REFRESH_LASTS - (now - signed_in).total_seconds()),
            }
        )

    def _several(self, urns: list[str]) -> dict[str, Any]:
        if not urns or not all(_URN.fullmatch(u) for u in urns):
            raise _No(400, "ILLEGAL_ARGUMENT", "Invalid value for param; wrong type or other syntax error")
        found = {u: p for u in urns if (p := self.world.get(NAME, u)) and p.state == "published"}
        missing = {u: {"status": 404, "message": "Not found"} for u in urns if u not in found}
        statuses = dict.fromkeys(found, 200) | dict.fromkeys(missing, 404)
        return {"results": {u: _shown(p) for u, p in found.items()}, "statuses": statuses, "errors": missing}

    def _paged(self, request: Request, elements: list[dict[str, Any]]) -> dict[str, Any]:
        start, count = _number(request, "start", 0, 1_000_000), _number(request, "count", 10, 100)
        paged = paginate(request, self.world, NAME, elements, start, count)
        links = []
        if paged.more:
            following = request.url.include_query_params(start=start + count, count=count)
            links.append({"type": "application/json", "rel": "next", "href": f"{following.path}?{following.query}"})
        return {"paging": {"start": start, "count": count, "links": links}, "elements": paged.items}


def _shown(post: Post) -> dict[str, Any]:
    extra = dict(post.extra)
    shown: dict[str, Any] = {
        "id": post.id,
        "author": f"urn:li:organization:{post.account}",
        "commentary": _little(post.text),
        "visibility": "PUBLIC",
        "lifecycleState": extra.get("lifecycleState", "PUBLISHED"),
        "isReshareDisabledByAuthor": False,
        "createdAt": _ms(post.created_at),
        "lastModifiedAt": _ms(_modified(post)),
        "publishedAt": _ms(post.published_at),
        "distribution": {"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": []},
    }
    if post.link:
        shown["content"] = {"article": {"source": post.link, "title": post.title}}
    elif post.media:
        shown["content"] = {"media": {"id": post.media[0], "title": post.title}}
    if parent := extra.get("reshareOf"):
        shown["reshareContext"] = {"parent": parent, "root": parent}
    return shown


def _little(text: str) -> str:
    """Words as commentary is written: reserved characters escaped, hashtags as entities."""
    escaped = _RESERVED.sub(lambda m: "\\" + m[0], text)
    return re.sub(r"#(\w+)", lambda m: "{hashtag|\\#|" + m[1] + "}", escaped)


def _localized(account: Account) -> dict[str, Any]:
    return {"localized": {"en_GB": account.about}, "preferredLocale": {"country": "GB", "language": "en"}}


def _created(post: Post) -> datetime:
    return post.created_at or datetime.min.replace(tzinfo=UTC)


def _modified(post: Post) -> datetime:
    return max(at for at in (post.modified_at, post.published_at, _created(post)) if at)


def _ms(at: datetime | None) -> int:
    return int(at.timestamp() * 1000) if at else 0


def _finder(request: Request, name: str) -> None:
    if request.query_params.get("q") != name:
        raise _No(404, "RESOURCE_NOT_FOUND", "No virtual resource found")
    if request.headers.get("x-restli-method", "FINDER").upper() != "FINDER":
        raise _No(400, "ILLEGAL_ARGUMENT", "The method does not fit the request")


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdigit() or int(text) > most:
        raise _No(400, "ILLEGAL_ARGUMENT", f"Invalid value for {name}")
    return int(text)


def _spent() -> _No:
    message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    return _No(429, "TOO_MANY_REQUESTS", message, 101)


def _refused(error: str, description: str) -> Response:
    body: Mapping[str, str] = {"error": error, "error_description": description}
    return reply(body, 401 if error == "invalid_client_id" else 400)


def _error(no: _No) -> Response:
    return reply(no.body, no.status)
