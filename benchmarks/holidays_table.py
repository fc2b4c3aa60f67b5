"""Makes freeze/clocks/holidays_table.py: `python -m benchmarks.holidays_table`. A test compares the file with this.

gov.uk's data for the years it has, the `holidays` package for the others, weekdays only: a holiday on a Saturday or a
Sunday moves no working day, and gov.uk lists only its substitute.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from textwrap import fill

from freeze.clocks import refresh, workdays

CLOCKS = Path(workdays.__file__).parent
DATA = CLOCKS.parent / "data" / "bank-holidays-gov-uk.json"
TABLE = CLOCKS / "holidays_table.py"
FIRST_YEAR, LAST_YEAR = 2005, 2099
AS_OF = "2026-08-21"

NEVER_WAS = {(date(2006, 11, 30).toordinal(), workdays.SCOTLAND)}
"""In the package and not in law: the Act that made St Andrew's Day a bank holiday is of 2007."""

GOV_UK_TITLES = {
    "Battle of the Boyne": "Battle of the Boyne (Orangemen’s Day)",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "May Day": "Early May bank holiday",
    "New Year Holiday": "2nd January",
    "New Year's Day": "New Year’s Day",
    "Saint Andrew's Day": "St Andrew’s Day",
    "Saint Patrick's Day": "St Patrick’s Day",
    "Spring Bank Holiday": "Spring bank holiday",
    "Summer Bank Holiday": "Summer bank holiday",
}

HEAD = '''"""Bank holidays of the United Kingdom, on weekdays only. A made file, not to be edited.

{first} to {last}. The years of `PUBLISHED` are gov.uk's own data (freeze/data/bank-holidays-gov-uk.md says where each
year was found; still the newest on `AS_OF`); the others are worked out by the package holidays, without
30 November 2006: the Act that made St Andrew's Day a bank holiday is of 2007.
`ROWS`, as text because that loads fastest: the day as `date.toordinal` counts it; the nations (1 England and Wales,
2 Scotland, 4 Northern Ireland, added up); the place of its title in `TITLES`.
`python -m benchmarks.holidays_table` makes this file.
"""

'''


def titled(name: str) -> str:
    """A name of the `holidays` package as gov.uk would put it."""
    name = name.rpartition("; ")[2]
    plain = name.removesuffix(" (observed)").removesuffix(" (substitute day)")
    return GOV_UK_TITLES.get(plain, plain) + (", substitute day" if plain != name else "")


def rows() -> tuple[list[tuple[int, int, str]], tuple[int, int]]:
    """(day, nations, title) in order, and the first and last published year."""
    published = refresh.from_gov_uk(json.loads(DATA.read_text(encoding="utf-8")))
    years = sorted({date.fromordinal(o).year for days in published.values() for o in days})
    computed = workdays.from_package(y for y in range(FIRST_YEAR, LAST_YEAR + 1) if y not in years)
    found: dict[tuple[int, str], int] = {}
    for bit in workdays.NATIONS.values():
        for o, title in published[bit].items():
            found[o, title] = found.get((o, title), 0) | bit
        for o, name in computed[bit].items():
            if (o, bit) in NEVER_WAS:
                continue
            found[o, titled(name)] = found.get((o, titled(name)), 0) | bit
    return sorted((o, nations, title) for (o, title), nations in found.items()), (years[0], years[-1])


def text() -> str:
    """The module as it should be."""
    all_rows, published = rows()
    titles = sorted({title for _, _, title in all_rows})
    out = HEAD.format(first=FIRST_YEAR, last=LAST_YEAR)
    out += f'FIRST_YEAR, LAST_YEAR = {FIRST_YEAR}, {LAST_YEAR}\nPUBLISHED = {published}\nAS_OF = "{AS_OF}"\n\n'
    out += "TITLES = (\n" + "".join(f'    "{t}",\n' for t in titles) + ')\n\nROWS = """\n'
    cells = (f"{o},{nations},{titles.index(title)}" for o, nations, title in all_rows)
    return out + fill(" ".join(cells), 120) + '\n"""\n'


if __name__ == "__main__":
    TABLE.write_text(text(), encoding="utf-8")
    print(f"Wrote {TABLE}.")
