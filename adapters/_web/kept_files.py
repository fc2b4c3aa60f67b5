"""Small JSON files beside freeze.toml, whole at every instant, shared by processes, read by their owner only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from freeze import private
from freeze.levelling import loads
from freeze.posts import Json


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the file's lock, which dies with its process. Raises OSError when nobody lets go of it in `seconds`."""
    private.folder(path.parent)
    with FileLock(f"{path}.lock", timeout=seconds, mode=private.file_mode()):
        yield


def load(path: Path) -> Json:
    """What is in the file. Raises FileNotFoundError, another OSError, or ValueError where it is not JSON."""
    kept: Json = loads(path.read_text(encoding="utf-8"))
    return kept


def save(path: Path, value: Json, *, durable: bool) -> None:
    """Replace the file as a whole: after a crash it holds the old or the new. Raises OSError.

    `durable`: it is on disk when this returns, so that a power cut cannot bring the old one back.
    """
    private.whole(path, json.dumps(value, indent=1), durable=durable)
    if durable and os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name is on disk too
        finally:
            os.close(folder)
