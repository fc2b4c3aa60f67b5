"""Who is asking X: OAuth 2.0 user tokens and their renewal, and OAuth 1.0a signatures, which are really checked."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

from starlette.requests import Request

from freeze.sandbox._core.world import World
from freeze.sandbox._x.shapes import NAME, No, unauthorized

CLIENT_ID: Final = "sandbox-x-client"
CLIENT_SECRET: Final = "sandbox-x-client-secret"  # noqa: S105 - these open nothing but this simulator
CONSUMER_KEY: Final = "sandbox-x-consumer"
CONSUMER_SECRET: Final = "sandbox-x-consumer-secret"  # noqa: S105
ACCESS_SECRET: Final = "sandbox-x-access-secret"  # noqa: S105
LASTS: Final = 7_200  # seconds


def token(account: str) -> str:
    """The OAuth 2.0 token of one user that never ends, for practice."""
    return f"sandbox-x-token-{account}"


def refresh_token(account: str) -> str:
    """The first refresh token of one user; each one is good once."""
    return f"sandbox-x-refresh-{account}-0"


def access_token(account: str) -> str:
    """The OAuth 1.0a token of one user."""
    return f"{account}-sandbox-x-access"


class Signing:
    """Tells which user a request speaks for."""

    def __init__(self, world: World) -> None:
        from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint  # type: ignore[import-untyped]

        class Keys(RequestValidator):  # type: ignore[misc]
            """What oauthlib must know to check a signature."""

            enforce_ssl = False
            client_key_length = nonce_length = (1, 100)
            safe_characters = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
            dummy_client = "nobody"

            def validate_timestamp_and_nonce(self, key: str, at: str, nonce: str, *_: Any, **__: Any) -> bool:
                used: set[tuple[str, str, str]] = world.memo.setdefault("x nonces", set())
                new = (key, at, nonce) not in used
                used.add((key, at, nonce))
                return new

            def validate_client_key(self, key: str, _: Any) -> bool:
                return key == CONSUMER_KEY

            def get_client_secret(self, *_: Any) -> str:
                return CONSUMER_SECRET

            def get_access_token_secret(self, *_: Any) -> str:
                return ACCESS_SECRET

        self.world = world
        self._endpoint = SignatureOnlyEndpoint(Keys())

    def by_signature(self, request: Request) -> str:
        """The user whose OAuth 1.0a signature this is; empty where it is nobody's."""
        headers = {"Authorization": request.headers.get("authorization", "")}
        good, signed = self._endpoint.validate_request(str(request.url), request.method, None, headers)
        account = str(signed.resource_owner_key).partition("-")[0] if good else ""
        known = self.world.account(NAME, account) is not None
        return account if known and signed.resource_owner_key == access_token(account) else ""

    def user(self, request: Request) -> str:
        """The user that v2 is asked for. Raises No."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "oauth":
            account = self.by_signature(request)
        else:
            account = given.removeprefix(token(""))
            account = account if account != given else self._renewed(given)
        if not account or self.world.account(NAME, account) is None:
            raise unauthorized()
        return account

    def renew(self, request: Request, form: dict[str, Any]) -> dict[str, Any]:
        """New tokens for a refresh token, which is then used up. Raises No."""
        given = str(form.get("refresh_token", ""))
        account, _, number = given.removeprefix("sandbox-x-refresh-").rpartition("-")
        used: set[str] = self.world.memo.setdefault("x refreshed", set())
        good = form.get("grant_type") == "refresh_token" and CLIENT_ID in (form.get("client_id"), _basic(request))
        if not good or self.world.account(NAME, account) is None or not number.isdecimal() or given in used:
            raise No(400, "", "", error="invalid_request", error_description="Value passed for the token was invalid.")
        used.add(given)
        following = f"{account}-{int(number) + 1}"
        ends = self.world.now().timestamp() + LASTS
        self.world.memo.setdefault("x tokens", {})[f"sandbox-x-short-{following}"] = ends
        return {
            "token_type": "bearer",
            "expires_in": LASTS,
            "access_token": f"sandbox-x-short-{following}",
            "refresh_token": f"sandbox-x-refresh-{following}",
            "scope": "tweet.read users.read offline.access",
        }

    def _renewed(self, given: str) -> str:
        ends = self.world.memo.get("x tokens", {}).get(given, 0.0)
        alive = self.world.now().timestamp() < ends
        return given.removeprefix("sandbox-x-short-").rpartition("-")[0] if alive else ""


def _basic(request: Request) -> str:
    """The app that proves itself by HTTP Basic; empty where none does."""
    _, _, given = request.headers.get("authorization", "").partition("Basic ")
    return CLIENT_ID if given == b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode() else ""
