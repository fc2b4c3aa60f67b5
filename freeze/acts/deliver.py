"""Handing a digest over: files in a folder, each there whole or not at all.

FOLDER/communications/2026-11-22.html  (.txt .csv .json)   and latest.html (...)
FOLDER/communications/housekeeping-2026-11-23.html ...     Monday's list, and each service's own
FOLDER/services/libraries/2026-11-22.html ...              so that each folder can be shared with its own readers

All are for their owner only, but for a folder that somebody opened to its group (chmod 2750): that group may read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from freeze.accounts import slug
from freeze.errors import CouldNotKnow
from freeze.private import folder as private_folder
from freeze.private import sweep, whole
from freeze.views.digest_items import Reader

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
            private_folder(folder)
            for name in names:
                for ending, content in files.items():
                    coded = "utf-8-sig" if ending == "csv" else "utf-8"
                    whole(folder / f"{name}.{ending}", content, encoding=coded, readers=True)
        except OSError as e:
            raise CouldNotKnow(
                f"The digest for {reader.name} cannot be written to {folder}: {e.strerror}.",
                "Check nightly.folder in the settings, and who may write there.",
            ) from e
        return [folder / f"{names[0]}.{ending}" for ending in files]

    def beside(self, reader: Reader, name: str, files: Mapping[str, str]) -> list[Path]:
        """Write something else, such as Monday's list, beside a reader's digests. Raises CouldNotKnow likewise."""
        return self._write(reader, (name,), files)

    def tidy(self) -> None:
        """Take away what a night that was killed left half written."""
        with suppress(OSError):
            for where in (self.path / "communications", *(self.path / "services").glob("*")):
                sweep(where)

    def nothing_for(self, reader: Reader, endings: tuple[str, ...]) -> None:
        """Take away what would pass for this night's: a reader with nothing to do has no latest digest."""
        for ending in endings:
            with suppress(OSError):
                (self.of(reader) / f"{LATEST}.{ending}").unlink()
