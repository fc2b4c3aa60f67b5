"""One address is read within its time, whatever comes slowly, and never from a file."""

from __future__ import annotations

import time

import pytest

from freeze.files.fetched import fetch
from tests.test_http_deadline import DRIPS, drip
from tests.test_http_sockets import ok, server


@pytest.mark.parametrize("stage", DRIPS)
def test_it_ends_in_its_time_whatever_comes_slowly(stage: str) -> None:
    with server(drip(*DRIPS[stage])) as (url, _):
        started = time.monotonic()
        with pytest.raises(Exception, match=r".") as caught:
            fetch(url, 0.3, proxies=False, most=10_000)
        assert isinstance(caught.value, OSError)
        assert time.monotonic() - started < 1


def test_it_reads_what_is_answered() -> None:
    with server(lambda c: ok(c, b"[1]")) as (url, _):
        assert fetch(url, 5, proxies=False) == b"[1]"


@pytest.mark.parametrize("url", ["file:///etc/hostname", "file://localhost/etc/hostname", "ftp://127.0.0.1/x", "x"])
def test_only_the_web_is_read(url: str) -> None:
    with pytest.raises(ValueError, match="not a web address"):
        fetch(url, 1, proxies=False)
