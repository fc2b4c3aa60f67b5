"""Handing a digest over: files in a folder, each there whole or not at all.

FOLDER/communications/2026-11-22.html  (.txt .csv .json)   and latest.html (...)
FOLDER/communications/housekeeping-2026-11-23.html ...     Monday's list, and each service's own
FOLDER/services/libraries/2026-11-22.html ...              so that each folder can be shared with its own readers
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from freeze.accounts import slug
from freeze.digest_items import Reader
from freeze.errors import CouldNotKnow

LATEST = "latest"


class Folder:
    """A folder of digests."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def of(self, reader: Reader) -> Path:
        """Where one reader's digests are."""
        return self.path / "communications" if reader.service is None else self.path / "services" / slug(reader.service)

    def deliver(self, reader: Reader, night: date, files: Mapping[str, str]) -> list[Path]:
        """Write one digest (content by file ending), dated and as the latest. Raises CouldNotKnow naming the folder."""
        return self._write(reader, (night.isoformat(), LATEST), files)

    def _write(self, reader: Reader, names: tuple[str, ...], files: Mapping[str, str]) -> list[Path]:
        folder = self.of(reader)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in names:
                for ending, content in files.items():
                    _whole(folder / f"{name}.{ending}", content)
        except OSError as e:
            raise CouldNotKnow(
                f"The digest for {reader.name} cannot be written to {folder}: {e.strerror}.",
                "Check nightly.folder in the settings, and who may write there.",
            ) from e
        return [folder / f"{names[0]}.{ending}" for ending in files]

    def beside(self, reader: Reader, name: str, files: Mapping[str, str]) -> list[Path]:
        """Write something else, such as Monday's list, beside a reader's digests. Raises CouldNotKnow likewise."""
        return self._write(reader, (name,), files)

    def nothing_for(self, reader: Reader, endings: tuple[str, ...]) -> None:
        """Take away what would pass for this night's: a reader with nothing to do has no latest digest."""
        for ending in endings:
            with suppress(OSError):
                (self.of(reader) / f"{LATEST}.{ending}").unlink()


def _whole(path: Path, content: str) -> None:
    """Write beside, then rename over: a reader never sees half a file, nor does a crash leave one."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8", newline="") as f:
            f.write(content)
            f.flush()
            os.fsync(f.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(beside).unlink()
        raise
