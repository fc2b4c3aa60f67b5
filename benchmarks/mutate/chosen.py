"""A pytest plugin: of the collected tests only the chosen ones, in the chosen order.

On a command line their names would not survive: a parameter can hold any character.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Asked once everything is collected; FREEZE_MUTATE_CHOSEN names a file with a JSON list of node ids."""
    chosen = json.loads(Path(os.environ["FREEZE_MUTATE_CHOSEN"]).read_text("utf-8"))
    turn = {test: n for n, test in enumerate(chosen)}
    items[:] = sorted((x for x in items if x.nodeid in turn), key=lambda x: turn[x.nodeid])
