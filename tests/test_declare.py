"""Declaring: one command, every account, and nothing claimed that was not read back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from conftest import Practice

from freeze.holds import HoldState


def test_it_holds_and_checks_every_post_it_can_and_names_what_only_people_can_stop(council: Practice) -> None:
    done = council.json("declare", "menai-bridge", "--yes")
    assert done["exit"] == 3
    assert set(done["counts"]) == {HoldState.CONFIRMED.value, HoldState.NEEDS_A_PERSON.value, HoldState.TOO_LATE.value}
    confirmed = {p["native_id"] for p in done["posts"] if p["hold"]["state"] == "confirmed"}
    truly = {p["id"]: p for p in council.posts()}
    assert confirmed
    for ident in confirmed:
        held = truly[ident]
        assert held["state"] == "draft" or held["publish_at"] > "2022-10-01"


def test_the_whole_way_works_on_a_store_of_either_kind(practice: Callable[..., Practice], store_url: str) -> None:
    council = practice()
    settings = council.folder / "freeze.toml"
    settings.write_text(settings.read_text().replace('url = "freeze.db"', f'url = "{store_url}"'))
    council.ready()
    before = {p["id"]: p for p in council.posts() if p["state"] == "scheduled"}
    held = council.json("declare", "menai-bridge", "--yes")
    confirmed = {p["post"]: p for p in held["posts"] if p["hold"]["state"] == "confirmed"}
    assert len(confirmed) > 10
    assert council.freeze("undo", "f1").code == 0
    digest = council.json("put-back", "f1")["advice"].split("--digest ")[1].split()[0]
    back = council.json("put-back", "f1", "--digest", digest)
    assert back["put_back"] == len(back["returns"]) > 10
    truly = {p["id"]: p for p in council.posts()}
    returned = {r["post"] for r in back["returns"]}
    for ref in returned & set(confirmed):
        ident = confirmed[ref]["native_id"]
        assert (truly[ident]["state"], truly[ident]["publish_at"]) == ("scheduled", before[ident]["publish_at"])
    assert council.freeze("log", "verify").code == 0
    assert council.freeze("status").code in (0, 1)
    assert "stop" not in {f["level"] for f in council.json("check")["findings"]}


def test_ctrl_c_says_what_is_held_so_far_and_a_second_run_completes_it(practice: Callable[..., Practice]) -> None:
    council = practice("large", accounts=4, posts=120)
    council.drop("website", "youtube", "orlo")
    council.ready()
    council.fault("facebook", "slow", rate=1.0, latency_ms=150)
    command = ["declare", "menai-bridge", "--yes", "--as-of", council.now().isoformat()]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", *command], cwd=council.folder, env=env, stdout=subprocess.PIPE, text=True
    )
    while council.calls()["platforms"].get("facebook", {}).get("writes", 0) < 10 and running.poll() is None:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 3
    assert "INTERRUPTED. This is what is held so far" in out
    council.mend()
    done = council.json("declare", "menai-bridge", "--yes")
    assert set(done["counts"]) == {"confirmed"}
    assert all(
        p["publish_at"] > "2022-10-01" for p in council.posts() if p["id"] in {h["native_id"] for h in done["posts"]}
    )


def test_a_reader_that_goes_away_does_not_end_the_stopping_of_posts(council: Practice) -> None:
    command = (
        f"{sys.executable} -c 'import cli; cli.main()' declare menai-bridge --yes --as-of {council.now().isoformat()}"
    )
    done = subprocess.run(
        f"{command} | head -1", shell=True, cwd=council.folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    assert done.stdout.startswith("Press Company lockdown in Orlo NOW")
    assert council.json("show", "f1")["counts"]["confirmed"] > 10
