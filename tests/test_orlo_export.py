"""Reading Orlo exports: whatever program saved them, however damaged they are."""

from __future__ import annotations

import io
import os
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from adapters._orlo.dates import instant
from adapters._orlo.export import Columns, Export, Layout, newest, usable
from freeze.errors import Unreachable
from freeze.posts import State
from freeze.windows import LONDON

MIDNIGHT = datetime.fromisoformat("2026-12-02")  # a workbook's dates have no zone
SAMPLE = Path(__file__).parent / "data" / "orlo-export.csv"
HEADER = "Post ID,Social account,Network,Publish date,Publish time,Status,Message,Link"
ROW = "1,Anyshire Highways,Facebook,02/12/2026,16:00,Scheduled,Gritting tonight,"
LAYOUT = Layout(Columns(), usable({}), LONDON)


def layout(**columns: str) -> Layout:
    return Layout(Columns(**columns), usable({}), LONDON)


def load(folder: Path, data: str | bytes, name: str = "export.csv", how: Layout = LAYOUT) -> Export:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return newest("orlo", folder, how)


def lines(*rows: str) -> str:
    return "\r\n".join((HEADER, *rows)) + "\r\n"


def reasons(export: Export) -> dict[str, str]:
    return {r.where: r.reason for r in export.rejects}


def workbook(rows: list[list[object]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_the_good_rows_of_the_sample_load_and_each_bad_one_is_named_with_its_line(tmp_path: Path) -> None:
    export = load(tmp_path, SAMPLE.read_bytes())
    assert len(export.posts) == 66
    assert reasons(export) == {
        "export.csv line 70": 'Its publish date "31/02/2027" does not exist.',
        "export.csv line 71": "It has no publish date.",
        "export.csv line 72": "Its publish time 01:30 on Sunday 28 March 2027 does not exist: "
        "the clocks go forward that night.",
        "export.csv line 73": "Its publish time 01:30 on Sunday 31 October 2027 happens twice: "
        "the clocks go back that night.",
        "export.csv line 75": "Its Post ID already stood on line 5, which holds the same post.",
        "export.csv line 77": "It has 5 of 12 columns.",
    }
    by_id = {s.locator.native_id: s for s in export.posts}
    story = by_id["811037"]
    assert story.locator.account == "facebook:Anyshire Libraries"
    assert story.text == "Story time is back! \N{BOOKS} Every Tuesday, 10:30.\nBring the little ones."
    assert (story.at, story.at_given) == (datetime(2026, 12, 13, 10, 15, tzinfo=UTC), "13/12/2026 10:15")
    assert by_id["811903"].text == '=HYPERLINK("http://evil.example","click")'
    assert by_id["811020"].boosted
    assert by_id["811020"].state is State.DRAFT
    assert by_id["811018"].state is State.PENDING_APPROVAL
    assert by_id["811014"].tags == ("campaign:warm-homes",)
    assert by_id["811014"].raw["Budget code"] == ""
    assert ("X", "@AnyshirePirates") in export.accounts


def test_a_line_is_the_line_a_text_editor_shows(tmp_path: Path) -> None:
    text = lines(ROW.replace("Gritting tonight", '"one\r\ntwo\nthree"'), ROW.replace("02/12/2026", "soon"))
    export = load(tmp_path, text)
    at = next(n for n, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1) if "soon" in line)
    assert list(reasons(export)) == [f"export.csv line {at}"] == ["export.csv line 5"]
    assert export.posts[0].text == "one\ntwo\nthree"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_same_posts_are_read_whatever_program_saved_them(tmp_path: Path, encoding: str, separator: str) -> None:
    text = lines(ROW.replace("Gritting tonight", "Café – “open”")).replace(",", separator)
    export = load(tmp_path, text.encode(encoding))
    assert [s.text for s in export.posts] == ["Café – “open”"]
    assert export.rejects == ()


def test_bytes_that_break_utf_8_cost_one_row_and_never_garble_the_others(tmp_path: Path) -> None:
    good, bad = ROW.replace("Gritting tonight", "Café"), ROW.replace("1,", "2,", 1).replace("Gritting", "@@")
    for broken in (b"\xff\xfe", b"\xff"):
        export = load(tmp_path, lines(good, bad).encode().replace(b"@@", broken))
        assert [s.text for s in export.posts] == ["Café"]
        assert "not UTF-8" in reasons(export)["export.csv line 3"]


def test_a_workbook_gives_the_same_posts_as_text_does(tmp_path: Path) -> None:
    header = HEADER.split(",")
    message = "Two\nlines \N{SNOWMAN}"
    rows: list[list[object]] = [
        [1, "Anyshire Highways", "Facebook", MIDNIGHT, time(16, 0), "Scheduled", message, None],
        ["2", "Anyshire Highways", "Facebook", "02/12/2026", "16:00", "Scheduled", "=1+1", None],
        [3, "Anyshire Highways", "Facebook", datetime.fromisoformat("2026-07-02T16:00"), None, "Draft", "Summer", None],
        [],
        [
            4,
            "Anyshire Highways",
            "Facebook",
            datetime.fromisoformat("2027-03-28"),
            time(1, 30),
            "Scheduled",
            "Skipped",
            None,
        ],
    ]
    export = load(tmp_path, workbook([header, *rows]), "export.xlsx")
    first, second, third = export.posts
    assert (first.locator.native_id, first.at, first.text) == ("1", datetime(2026, 12, 2, 16, tzinfo=UTC), message)
    assert first.at_given == "02/12/2026 16:00"
    assert (second.at, second.text) == (first.at, "=1+1")
    assert third.at == datetime(2026, 7, 2, 15, tzinfo=UTC)
    assert list(reasons(export)) == ["export.xlsx row 6"]
    as_text = load(
        tmp_path, lines(f'1,Anyshire Highways,Facebook,02/12/2026,16:00,Scheduled,"{message}",'), "later.csv"
    )
    assert as_text.posts[0].content == first.content


def test_a_workbook_that_mis_states_its_own_size_is_read_whole(tmp_path: Path) -> None:
    told = io.BytesIO()
    with ZipFile(io.BytesIO(workbook([HEADER.split(","), ROW.split(",")]))) as old, ZipFile(told, "w") as new:
        for part in old.namelist():
            new.writestr(part, re.sub(rb'<dimension ref="[A-Z0-9:]+"', b'<dimension ref="A1"', old.read(part)))
    assert len(load(tmp_path, told.getvalue(), "export.xlsx").posts) == 1


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("02/12/2026", "15:00", datetime(2026, 12, 2, 15, tzinfo=UTC)),
        ("2/7/26", "3.05 pm", datetime(2026, 7, 2, 14, 5, tzinfo=UTC)),
        ("02-12-2026", "12am", datetime(2026, 12, 2, 0, tzinfo=UTC)),
        ("02.12.2026", "12 p.m.", datetime(2026, 12, 2, 12, tzinfo=UTC)),
        ("2026-12-02", "15:00:59", datetime(2026, 12, 2, 15, 0, 59, tzinfo=UTC)),
        ("3rd Sept 2026", "15:00", datetime(2026, 9, 3, 14, tzinfo=UTC)),
        ("02/12/2026 15:00", "", datetime(2026, 12, 2, 15, tzinfo=UTC)),
        ("2 December 2026, 9:15am", "", datetime(2026, 12, 2, 9, 15, tzinfo=UTC)),
        ("2026-12-02T15:00:00.000Z", "", datetime(2026, 12, 2, 15, tzinfo=UTC)),
        ("31/10/2027", "01:30+01:00", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("31/10/2027", "01:30 +0000", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
        (MIDNIGHT, time(14, 59, 59, 999_700), datetime(2026, 12, 2, 15, tzinfo=UTC)),
    ],
)
def test_dates_are_read_day_first_on_a_london_clock(day: object, clock: object, expected: datetime) -> None:
    assert instant(day, clock, LONDON) == expected


@pytest.mark.parametrize(
    ("day", "clock", "reason"),
    [
        ("12/25/2026", "15:00", "no month 25: dates are read day first and this one looks month first"),
        ("29/02/2027", "15:00", 'date "29/02/2027" does not exist'),
        ("next week", "15:00", 'date "next week" is not a date'),
        ("46358", "15:00", 'date "46358" is not a date'),
        ("01/01/0001", "15:00", "lies in the year 1"),
        ("02/12/2026", "", "no publish time"),
        ("02/12/2026", "24:00", 'time "24:00" does not exist'),
        ("02/12/2026", "13 pm", 'time "13 pm" does not exist'),
        ("02/12/2026", "15", 'time "15" is not a time'),
        ("02/12/2026", "15:00 GMT", "is not a time"),
        ("02/12/2026", "15:00+99:00", "does not exist"),
        ("02/12/2026 15:00", "16:00", "already holds a time"),
        ("28/03/2027", "01:30", "does not exist: the clocks go forward"),
        ("31/10/2027", "01:30", "happens twice: the clocks go back"),
    ],
)
def test_a_time_that_cannot_be_known_is_refused_with_the_reason(day: str, clock: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        instant(day, clock, LONDON)


def test_another_zone_is_honoured_and_its_own_clock_changes_are_named() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert instant("02/12/2026", "15:00", paris) == datetime(2026, 12, 2, 14, tzinfo=UTC)
    with pytest.raises(ValueError, match="02:30 on Sunday 28 March 2027 does not exist in Europe/Paris"):
        instant("28/03/2027", "02:30", paris)
    with pytest.raises(ValueError, match="happens twice in Europe/Paris"):
        instant("31/10/2027", "02:30", paris)


def test_a_draft_needs_no_date_but_anything_that_can_go_out_does(tmp_path: Path) -> None:
    draft = "1,A,X,,,Draft,An idea,"
    export = load(tmp_path, lines(draft, "2,A,X,,,Awaiting approval,Soon,", "3,A,X,,,Scheduled,Soon,"))
    assert [(s.state, s.at) for s in export.posts] == [(State.DRAFT, None)]
    assert set(reasons(export).values()) == {"It has no publish date."}


def test_an_unknown_status_is_refused_unless_settings_explain_it(tmp_path: Path) -> None:
    row = ROW.replace("Scheduled", "In Approval")
    with pytest.raises(Unreachable, match='status "In Approval" is not one of "scheduled", "awaiting approval"'):
        load(tmp_path, lines(row))
    told = Layout(Columns(), usable({"in approval": State.PENDING_APPROVAL}), LONDON)
    assert load(tmp_path, lines(row), how=told).posts[0].state is State.PENDING_APPROVAL


def test_a_missing_column_is_named_with_its_setting_and_the_nearest_header(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as told:
        load(tmp_path, lines(ROW).replace("Message", "Post message"))
    assert told.value.message == (
        'export.csv has no column "Message" (setting connections.orlo.columns.message); '
        'the nearest header is "Post message".'
    )
    assert load(tmp_path, lines(ROW).replace("Message", "Post text"), how=layout(message="post  TEXT")).posts
    with pytest.raises(Unreachable, match=r"columns.author"):
        load(tmp_path, lines(ROW), how=layout(author="Author"))
    with pytest.raises(Unreachable, match="2 times"):
        load(tmp_path, lines(ROW).replace("Link", "Message"))


def test_one_column_may_hold_both_date_and_time(tmp_path: Path) -> None:
    text = "When,Network,Account,Status,Message\n02/12/2026 16:00,X,A,Scheduled,Hello\n"
    export = load(tmp_path, text, how=layout(id="", date="When", time="", account="Account"))
    assert export.posts[0].at == datetime(2026, 12, 2, 16, tzinfo=UTC)


def test_a_post_without_an_id_keeps_one_fingerprint_from_export_to_export(tmp_path: Path) -> None:
    row = ROW.removeprefix("1")
    first = load(tmp_path, lines(row)).posts[0]
    again = load(tmp_path, lines("2,B,X,03/12/2026,10:00,Scheduled,Other,", row.replace("Scheduled", "Draft"))).posts[1]
    other = load(tmp_path, lines(row.replace("16:00", "16:15"))).posts[0]
    assert first.locator == again.locator
    assert first.locator != other.locator
    assert first.locator.native_id.startswith("row-")
    twice = load(tmp_path, lines(row, row))
    assert reasons(twice) == {
        "export.csv line 3": "Its account, time and words already stood on line 2, which holds the same post."
    }


def test_one_id_on_two_accounts_is_two_posts_and_on_one_account_the_later_is_refused(tmp_path: Path) -> None:
    elsewhere = ROW.replace("Facebook", "X")
    export = load(tmp_path, lines(ROW, elsewhere, ROW.replace("16:00", "17:00")))
    assert [s.locator.account for s in export.posts] == ["facebook:Anyshire Highways", "x:Anyshire Highways"]
    assert "which holds another post" in reasons(export)["export.csv line 4"]


def test_an_id_that_a_spreadsheet_shortened_is_not_believed(tmp_path: Path) -> None:
    export = load(tmp_path, lines(ROW, ROW.replace("1,", "8.11014E+11,", 1)))
    assert "shortened by a spreadsheet" in reasons(export)["export.csv line 3"]


def test_a_stray_quotation_mark_never_swallows_the_good_rows_after_it(tmp_path: Path) -> None:
    rows = [ROW.replace("1,", f"{n},", 1) for n in range(1, 7)]
    rows[2] = rows[2].replace("Gritting", '"Gritting')
    export = load(tmp_path, lines(*rows))
    assert [s.locator.native_id for s in export.posts] == ["1", "2", "4", "5", "6"]
    assert reasons(export) == {"export.csv line 4": "It opens a quotation mark that is never closed."}
    rows[4] = rows[4].replace("Gritting", '"Gritting')
    export = load(tmp_path, lines(*rows))
    assert [s.locator.native_id for s in export.posts] == ["1", "2", "4", "6"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "it has no header"),
        (lines().encode(), "a header and no rows"),
        (lines(ROW).encode() + b"2,Anyshire Highways,Face", "it is cut off at line 3"),
        (
            lines(ROW).encode() + b'2,A,X,02/12/2026,16:00,Scheduled,"Half a',
            "cut off inside the quotation that line 3 opens",
        ),
        (
            lines(ROW.replace("tonight", "☃")).encode() + "2,A,X,02/12/2026,16:00,Scheduled,☃".encode()[:-1],
            "inside a letter",
        ),
        (lines(ROW).encode("utf-16")[:-1], "inside a letter"),
        (b"PK\x03\x04\0\0\0", "not a text file"),
        (lines(ROW).encode() + b"\0" * 9, "still being written"),
    ],
)
def test_an_unfinished_export_is_skipped_and_the_newest_whole_one_used(tmp_path: Path, data: bytes, why: str) -> None:
    old = tmp_path / "monday.csv"
    old.write_text(lines(ROW))
    os.utime(old, (1_700_000_000, 1_700_000_000))
    export = load(tmp_path, data, "tuesday.csv")
    assert (export.name, len(export.posts)) == ("monday.csv", 1)
    assert export.as_of == datetime.fromtimestamp(1_700_000_000, UTC)
    (skipped,) = export.rejects
    assert skipped.where == "tuesday.csv"
    assert why in skipped.reason or "empty" in skipped.reason
    old.unlink()
    with pytest.raises(Unreachable, match=r"No export found in .*tuesday\.csv: This export was not used"):
        newest("orlo", tmp_path, LAYOUT)


def test_an_export_cut_off_anywhere_gives_whole_posts_or_none(tmp_path: Path) -> None:
    data = SAMPLE.read_bytes()
    whole = set(load(tmp_path, data).posts)
    for size in range(0, len(data), 61):
        try:
            export = load(tmp_path, data[:size])
        except Unreachable:
            continue
        assert whole.issuperset(export.posts), size


def test_a_damaged_workbook_is_skipped_too(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(lines(ROW))
    os.utime(tmp_path / "old.csv", (1_700_000_000, 1_700_000_000))
    whole = workbook([HEADER.split(","), ROW.split(",")])
    for data, why in (
        (whole[: len(whole) // 2], "not a whole workbook"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "password"),
    ):
        export = load(tmp_path, data, "new.xlsx")
        assert export.name == "old.csv"
        assert why in export.rejects[0].reason


def test_the_newest_file_wins_whatever_its_name_or_form(tmp_path: Path) -> None:
    for age, name in enumerate(("a.csv", "b.xlsx", "c.csv")):
        row = ROW.replace("1,", f"{age},", 1)
        path = tmp_path / name
        path.write_bytes(workbook([HEADER.split(","), row.split(",")]) if ".xlsx" in name else lines(row).encode())
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    for other in ("~$b.xlsx", ".hidden.csv", "notes.txt", "export.csv.crdownload"):
        (tmp_path / other).write_text("not an export")
    (tmp_path / "folder.csv").mkdir()
    assert newest("orlo", tmp_path, LAYOUT).name == "a.csv"
    os.utime(tmp_path / "b.xlsx", (1_700_000_001, 1_700_000_001))
    assert newest("orlo", tmp_path, LAYOUT).name == "b.xlsx"


def test_without_any_export_the_sentence_says_where_one_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=str(tmp_path)) as told:
        newest("orlo", tmp_path, LAYOUT)
    assert str(told.value).endswith("Save one from Orlo.")
    with pytest.raises(Unreachable, match="No such file or directory"):
        newest("orlo", tmp_path / "nowhere", LAYOUT)


def test_an_export_in_which_nothing_is_understood_is_never_an_empty_list(tmp_path: Path) -> None:
    with pytest.raises(
        Unreachable, match=r"No row of export.csv could be understood; export.csv line 2: Its publish date"
    ):
        load(tmp_path, lines(ROW.replace("02/12/2026", "12-2026")))


def test_an_account_is_seen_even_when_none_of_its_rows_could_be_taken(tmp_path: Path) -> None:
    export = load(tmp_path, lines(ROW, ROW.replace("Highways", "Jobs").replace("02/12/2026", "later")))
    assert export.accounts == (("Facebook", "Anyshire Highways"), ("Facebook", "Anyshire Jobs"))


def test_five_thousand_rows_are_read_within_two_seconds(tmp_path: Path) -> None:
    start = datetime(2026, 12, 1, tzinfo=UTC)
    rows = (
        f"{n},Anyshire {n % 40},X,{start + timedelta(hours=n):%d/%m/%Y},10:00,Scheduled,Post {n},\r\n"
        for n in range(5_000)
    )
    began = perf_counter()
    export = load(tmp_path, lines() + "".join(rows))
    assert perf_counter() - began < 2
    assert len(export.posts) == 5_000
