"""A pytest plugin: how long each test that passed took, start and end included. PostgreSQL's are left out."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

_TOOK: dict[str, float] = defaultdict(float)
_FAILED: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Told to the controller for every phase of every test."""
    _TOOK[report.nodeid] += report.duration
    if not report.passed:
        _FAILED.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only the controller saw every test."""
    if not hasattr(session.config, "workerinput"):
        kept = {k: round(v, 3) for k, v in _TOOK.items() if k not in _FAILED and "postgresql" not in k}
        Path(os.environ["FREEZE_MUTATE_SECONDS"]).write_text(json.dumps(kept), "utf-8")
