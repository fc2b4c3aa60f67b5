"""Writes what is made from the description of the tables: `python -m benchmarks.described`.

`freeze/store/tables.py` and `docs/data.md`; a test compares both with the classes in `freeze/store/rows/`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from freeze.store import describe

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Write both files."""
    tables = ROOT / "freeze" / "store" / "tables.py"
    tables.write_text(describe.core(), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(tables)], check=True)
    (ROOT / "docs" / "data.md").write_text(describe.document(), encoding="utf-8")


if __name__ == "__main__":
    main()
