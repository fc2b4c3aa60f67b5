"""The whole way on a real WordPress, by the commands a person types: declared, checked, undone, put back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from real_wordpress import Site, missing, running

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason=f"NOT TESTED on a real WordPress: install {', '.join(missing())}"),
]
COUNT = 50
ROUNDS = int(os.environ.get("FREEZE_REAL_ROUNDS", "1"))
"""How often forty posts are held and put back; more show what happens seldom."""
VOLATILE = {"modified", "modified_gmt", "_links"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running() as made:
        yield made


@pytest.fixture
def visited_site() -> Iterator[Site]:
    """A site that publishes by its own clockwork, and whose home page somebody looks at once a second."""
    with running(clockwork=True) as made:
        over = threading.Event()

        def visit() -> None:
            with made.session() as visitor:
                visitor.auth = None
                while not over.wait(1):
                    visitor.get(f"{made.url}/", timeout=30).close()

        visitor = threading.Thread(target=visit)
        visitor.start()
        try:
            yield made
        finally:
            over.set()
            visitor.join(30)


@pytest.fixture(scope="module")
def outside(site: Site) -> Iterator[requests.Session]:
    with site.session() as session:
        yield session


def freeze(folder: Path, site: Site, *args: str) -> tuple[int, dict[str, Any], str]:
    """Run the real command in a process of its own; exit code, what `--json` printed, and what people were told."""
    env = {**os.environ, "FREEZE_TEST_PASSWORD": site.passwords["editor"], "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "cli", *args, "--json"], cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1]), done.stderr


def whole(outside: requests.Session, site: Site) -> dict[int, dict[str, Any]]:
    """Every post as WordPress itself shows it, but for what any save changes."""
    found: dict[int, dict[str, Any]] = {}
    query = {"context": "edit", "status": "any", "per_page": "100"}
    with outside.get(f"{site.url}/wp-json/wp/v2/posts", params=query, timeout=30) as answer:
        for p in answer.json():
            found[p["id"]] = {k: v for k, v in p.items() if k not in VOLATILE}
    return found


def test_fifty_posts_are_declared_checked_undone_and_come_back_identical(
    site: Site, outside: requests.Session, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    url = f"{site.url}/wp-json/wp/v2/posts"
    for n in range(COUNT):
        at = now + timedelta(hours=3 + 4 * n)
        body = {
            "status": "future",
            "date_gmt": f"{at:%Y-%m-%dT%H:%M:%S}",
            "title": f"Notice {n}",
            "content": f"<p>{n}</p>",
        }
        with outside.post(url, json=body, timeout=30) as answer:
            assert answer.ok, answer.text
    before = {i: p for i, p in whole(outside, site).items() if p["status"] == "future"}
    assert len(before) == COUNT
    (tmp_path / "freeze.toml").write_text(
        "[connections.website]\n"
        f'platform = "wordpress"\nbase_url = "{site.url}"\nusername = "editor"\npassword_env = "FREEZE_TEST_PASSWORD"\n'
    )
    assert freeze(tmp_path, site, "init")[0] == 0
    code, said, told = freeze(tmp_path, site, "declare", "menai-bridge", "--days", "12", "--yes")
    assert (said["counts"], said["keeper"]) == ({"confirmed": COUNT}, False), told
    assert code == 3  # everything is held and checked, but nobody keeps it: freeze watch is not running
    assert {p["status"] for i, p in whole(outside, site).items() if i in before} == {"draft"}

    assert freeze(tmp_path, site, "undo", "f1")[0] == 0
    refused, shown, _ = freeze(tmp_path, site, "put-back", "f1")
    assert refused == 4
    digest = shown["advice"].split("--digest ")[1].split()[0]
    code, said, told = freeze(tmp_path, site, "put-back", "f1", "--digest", digest)
    assert (code, said["put_back"]) == (0, COUNT), told
    after = whole(outside, site)
    assert {i: after[i] for i in before} == before
    assert freeze(tmp_path, site, "log", "verify")[0] == 0


def scheduled(site: Site, session: requests.Session, count: int, first: datetime) -> list[int]:
    """Make posts, an hour apart."""
    made = []
    for n in range(count):
        body = {
            "status": "future",
            "date_gmt": f"{first + timedelta(hours=n):%Y-%m-%dT%H:%M:%S}",
            "title": f"Notice {n}",
        }
        with session.post(
            f"{site.url}/wp-json/wp/v2/posts", json=body | {"content": f"<p>{n}</p>"}, timeout=30
        ) as answer:
            assert answer.ok, answer.text
            made.append(int(answer.json()["id"]))
    return made


def test_wordpress_itself_will_publish_every_post_that_is_called_put_back(visited_site: Site, tmp_path: Path) -> None:
    """Asked of PHP, since the REST API shows a post as scheduled that WordPress has forgotten."""
    site = visited_site
    (tmp_path / "freeze.toml").write_text(
        "[connections.website]\n"
        f'platform = "wordpress"\nbase_url = "{site.url}"\nusername = "editor"\npassword_env = "FREEZE_TEST_PASSWORD"\n'
    )
    assert freeze(tmp_path, site, "init")[0] == 0
    with site.session() as session:
        ids = scheduled(site, session, 40, datetime.now(UTC) + timedelta(hours=3))
    assert site.forgotten(ids) == []
    for n in range(1, ROUNDS + 1):
        freeze(tmp_path, site, "declare", "menai-bridge", "--days", "12", "--reason", f"round {n}", "--yes")
        freeze(tmp_path, site, "undo", f"f{n}")
        _, shown, _ = freeze(tmp_path, site, "put-back", f"f{n}")
        digest = shown["advice"].split("--digest ")[1].split()[0]
        code, said, told = freeze(tmp_path, site, "put-back", f"f{n}", "--digest", digest)
        assert (code, said["put_back"]) == (0, len(ids)), told
        assert site.forgotten(ids) == [], f"round {n}"
