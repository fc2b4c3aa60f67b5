"""A new platform and a new rule are new files and nothing else; here they live in a folder made for one test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from practising import Making, at, schedule, setting, truth

import adapters
import freeze.sandbox
import policies

ADAPTER = '''
"""Pigeon post: throw-away proof that a platform is one file."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, SecretStr

from adapters._web.http import Client
from adapters._tools.offers import bad_time, locked_out, past_changing
from freeze.accounts import Gap, SeenAccount
from freeze.holds import Change, Expected, Goal, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Limits
from freeze.posts import Absent, Locator, Page, Reading, Seen, State

NAME = "pigeon"
TITLE = "Pigeon post"
CAPABILITIES = Capabilities("all", Kind.DRAFT, "kept in the loft", "sent again", "none", "Close the loft", "assumed")


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    base_url: str
    token: SecretStr


class Pigeon:
    platform = NAME
    limits = Limits(lead=timedelta(minutes=5))

    def __init__(self, connection: str, options: Options) -> None:
        self.id = connection
        token = options.token.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"}
        self.client = Client(connection, options.base_url, setting="token_env", headers=headers, secrets=[token])

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        yield SeenAccount(self.id, "loft", "The loft", NAME)

    def scheduled(self, account, span) -> Iterator[Page]:
        found = [self._seen(x) for x in self.client.get_json("/posts").body]
        yield Page(tuple(s for s in found if s.state is State.SCHEDULED and s.at in span), complete=True)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        found = {x["id"]: self._seen(x) for x in self.client.get_json("/posts").body}
        yield from (found.get(at.native_id, Absent(at)) for at in locators)

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        refusal = past_changing(seen, goal) or locked_out(seen, now, self.limits.lock_out)
        if refusal is None and goal.verb is Verb.PUT_BACK:
            refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        back = goal.verb is Verb.PUT_BACK
        state, when = (State.SCHEDULED, goal.at) if back else (State.DRAFT, None)
        body = {"state": state.value, "publish_at": (when or seen.at).isoformat()}
        step = Step("PUT", f"/posts/{seen.locator.native_id}", body=body, account=seen.locator.account)
        return Change(Kind.DRAFT, "kept in the loft", (step,), Expected(state, when, seen.content))

    def send(self, step: Step) -> Receipt:
        self.client.send_once(step.method, step.path, body=step.body)
        return Receipt(200)

    def _seen(self, item) -> Seen:
        at = datetime.fromisoformat(item["publish_at"])
        return Seen(Locator(self.id, "loft", item["id"]), State(item["state"]), at, text=item["text"])


def connect(connection: str, options: Options) -> Pigeon:
    return Pigeon(connection, options)
'''

SIMULATOR = '''
"""Pigeon post, simulated."""

from datetime import datetime

from starlette.routing import Route

from freeze.sandbox._core.replies import reply

NAME = "pigeon"


def routes(world):
    def item(p):
        return {"id": p.id, "state": p.state, "publish_at": p.publish_at.isoformat(), "text": p.text}

    async def posts(request):
        return reply([item(p) for p in world.posts(NAME)])

    async def change(request):
        given = await request.json()
        post = world.get(NAME, request.path_params["id"])
        at = datetime.fromisoformat(given["publish_at"])
        return reply(item(world.change(post, state=given["state"], publish_at=at)))

    return [Route("/posts", posts), Route("/posts/{id}", change, methods=["PUT"])]
'''

POLICY = '''
"""No fireworks: throw-away proof that a rule is one file.

Settings: `word`, the word it looks for.
"""

from pydantic import BaseModel, ConfigDict

from freeze.findings import Finding, Level
from freeze.ports import Preset

ID = "no-fireworks"
CLAUSES = ("9.9",)


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    word: str = "fireworks"


def presets(options):
    return (Preset("quiet-night", ("hush",), "Quiet night", "9.9", False, "Animals are afraid", "The vet"),)


def judge(options, post, facts):
    if options.word in post.text:
        said = f'It says "{options.word}".'
        yield Finding("9.9", Level.CONFLICT, said, "Choose another word.", post.id, post.account)
'''


@pytest.fixture
def new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One new file in each of three folders that the packages look into."""
    for package, name, code in (
        (adapters, "pigeon", ADAPTER),
        (freeze.sandbox, "pigeon", SIMULATOR),
        (policies, "no_fireworks", POLICY),
    ):
        folder = tmp_path / "new" / package.__name__
        folder.mkdir(parents=True)
        (folder / f"{name}.py").write_text(dedent(code))
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    yield
    for module in ("adapters.pigeon", "freeze.sandbox.pigeon", "policies.no_fireworks"):
        sys.modules.pop(module, None)
        parent, _, name = module.rpartition(".")
        vars(sys.modules[parent]).pop(name, None)


def test_a_new_platform_and_a_new_rule_are_new_files_only(new_files: None, practice: Making) -> None:
    from freeze.sandbox._core.posts import Account

    p = practice("empty", at("2022-11-04T12:00"))
    p.sandbox.world.add_account(Account("pigeon", "loft", "The loft"))
    p.drop("website", "youtube", "facebook", "orlo")
    with (p.folder / "freeze.toml").open("a") as f:
        f.write(f'[connections.loft]\nplatform = "pigeon"\nbase_url = "{p.url}/pigeon"\n')
    setting(p, "loft", 'token = "coo"')
    schedule(p, platform="pigeon", account="loft", at=at("2022-11-05T18:00"), text="Come to the fireworks")
    schedule(p, platform="pigeon", account="loft", at=at("2022-11-07T09:00"), text="Bin day")
    p.ready()

    assert "Pigeon post" in p.freeze("adapters", on_clock=False).out
    assert "quiet-night" in p.freeze("policies", on_clock=False).out
    [finding] = [f for f in p.json("check")["findings"] if f["policy"] != "unregistered"]
    assert (finding["policy"], finding["clause"], finding["sentence"]) == (
        "no-fireworks",
        "9.9",
        'It says "fireworks".',
    )

    refused = p.freeze("declare", "hush", "--yes")
    assert (refused.code, "needs a scope" in refused.err) == (2, True)
    refused = p.freeze("declare", "quiet-night", "--everything", "--yes")
    assert (refused.code, "--until" in refused.err) == (2, True)
    done = p.json("declare", "hush", "--everything", "--until", "2022-11-05", "--yes")
    assert (done["counts"], done["preset"]) == ({"confirmed": 1}, "quiet-night")
    assert done["exit"] == 3  # the council's other accounts have no connection, so their owners are asked
    assert truth(p, "Come to the fireworks")["state"] == "draft"
    assert truth(p, "Bin day")["state"] == "scheduled"
    assert {f["policy"] for f in p.json("check")["findings"]} <= {
        *("no-fireworks", "information-requests", "unregistered")
    }

    p.freeze("end", "f1")
    look = p.json("put-back", "f1")
    back = p.json("put-back", "f1", "--digest", look["digest"])
    assert back["put_back"] == 1
    assert truth(p, "Come to the fireworks")["publish_at"] == "2022-11-05T18:00:00Z"


def test_a_new_file_that_keeps_no_contract_is_named(new_files: None, practice: Making, tmp_path: Path) -> None:
    (tmp_path / "new" / "adapters" / "half.py").write_text('NAME = "half"\n')
    p = practice("empty", at("2022-11-04T12:00"))
    try:
        done = p.freeze("adapters", on_clock=False)
    finally:
        sys.modules.pop("adapters.half", None)
        vars(adapters).pop("half", None)
    assert done.code == 2
    assert "adapters.half lacks" in done.err


def test_without_its_files_the_platform_and_the_rule_are_gone(practice: Making) -> None:
    p = practice("empty", at("2022-11-04T12:00"))
    assert "Pigeon" not in p.freeze("adapters", on_clock=False).out
    assert p.freeze("declare", "hush", "--everything", "--yes").code in (2, 5)
