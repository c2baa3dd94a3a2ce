"""A list is read as any spreadsheet writes it, and whatever cannot be meant is refused with its line and column."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfit.cohort.submission_lists import HandedIn, Roll, handed_in
from unfit.errors import UsageError

ARCHIVE = b"PK\x03\x04"
CASES = {
    "semicolon": ("\ufeffsubmission;candidate;kind;accommodations;minutes\r\n"
                  "round 1/Zoë Müller.zip;Zoë Müller;person;;\r\nb.zip;Ben K.;person;breaks;120\r\n"),
    "tab": ("submission\tcandidate\tkind\taccommodations\tminutes\r\n"
            "round 1/Zoë Müller.zip\tZoë Müller\tperson\t\t\r\nb.zip\tBen K.\tperson\tbreaks\t120\r\n"),
    "blank rows": ("submission,candidate,kind,accommodations,minutes\r\n\r\n"
                   "round 1/Zoë Müller.zip,Zoë Müller,person,,\r\nb.zip,Ben K.,person,breaks,120\r\n,,,,\r\n,,,,\r\n"),
    "header": (" Submission , CANDIDATE,Kind,accommodations,Minutes,,\n"
               "round 1/Zoë Müller.zip,Zoë Müller,Person,,,,\nb.zip , Ben K. , person, breaks, 120,,\n"),
    "hint": ("sep=;\nsubmission;candidate;kind;accommodations;minutes\n"
             "round 1/Zoë Müller.zip;Zoë Müller;person;;\nb.zip;Ben K.;person;breaks;120\n"),
    "backslash": ("submission,candidate,kind,accommodations,minutes\n"
                  'round 1\\Zoë Müller.zip,Zoë Müller,person,,\n.\\b.zip,Ben K.,person,breaks,"120,0"\n'),
    "old Mac": ("submission,candidate,kind,accommodations,minutes\r"
                "round 1/Zoë Müller.zip,Zoë Müller,person,,\rb.zip,Ben K.,person,breaks,120\r"),
}  # fmt: skip
WANTED = [
    ("round 1/Zoë Müller.zip", "Zoë Müller", "", None),
    ("b.zip", "Ben K.", "breaks", 120),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "round 1").mkdir()
    for name in ("round 1/Zoë Müller.zip", "b.zip"):
        (tmp_path / name).write_bytes(ARCHIVE + name.encode())
    return tmp_path


def read(folder: Path, text: str, encoding: str = "utf-8") -> Roll:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return handed_in(path)


def facts(one: HandedIn) -> tuple[str, str, str, int | None]:
    return (one.submission, one.candidate, one.accommodations, one.minutes)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman", "cp850"]
)
def test_a_list_is_read_whatever_program_wrote_it(case: str, encoding: str, folder: Path) -> None:
    text = CASES[case] if encoding.startswith("utf") else CASES[case].removeprefix("\ufeff")
    assert [facts(one) for one in read(folder, text, encoding).handed] == WANTED


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")), max_size=12
).map(str.strip)
NAME = CELL.filter(lambda name: name not in {"", ".", ".."} and "/" not in name and "\\" not in name)


@settings(max_examples=60)
@given(
    people=st.lists(
        st.tuples(NAME, CELL, CELL), min_size=1, max_size=5, unique_by=lambda one: one[0].casefold()
    ),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
    blank=st.integers(0, 2),
)
def test_no_row_is_lost_and_no_cell_is_cut_in_any_dialect(  # noqa: PLR0917 - what is drawn
    people: list[tuple[str, str, str]],
    separator: str,
    quoting: int,
    encoding: str,
    end: str,
    blank: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("dialects")
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerow(["submission", "accommodations", "candidate"])
    for n, (name, candidate, agreed) in enumerate(people):
        (folder / f"{n}{name}.zip").write_bytes(ARCHIVE)
        writer.writerows([[]] * blank)
        writer.writerow([f"{n}{name}.zip", agreed, candidate])
    found = read(folder, stream.getvalue(), encoding).handed
    assert [(one.submission, one.candidate, one.accommodations) for one in found] == [
        (f"{n}{name}.zip", candidate, agreed) for n, (name, candidate, agreed) in enumerate(people)
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("submission,candidate\nb.zip,A\n./b.zip,B\n", r"people\.csv:3: column 1 .*already stands in line 2"),
        ("submission\nb.zip\nround 1/../b.zip\n", r":3: column 1 .*already stands in line 2"),
        ("submission\nb.zip\nb.zip/\n", r":3: column 1 .*already stands in line 2"),
        ("submission\nb.zip\nlink.zip\n", r":3: column 1 .*already stands in line 2"),
        ("submission\nb.zip\n\nB.ZIP\n", r":4: column 1 .*already stands in line 2"),
        ("submission\nround 1/b.zip\n", r":2: column 1 .*there is no `round 1/b\.zip`; the nearest is `b\.zip`"),
        ("submission\nround 1/Zoe Muller.zip\n", r"the nearest is `round 1/Zoë Müller\.zip`"),
        ("submission,candidate\nb.zip,Kite, Ben\n", r":2: column 3: `Ben` stands under no column"),
        ("submission,candidate,accommodations\nb.zip,Kite, Ben\n", r":2: column 3 .* as if a comma had cut `Kite`"),
        ("submission\nb.zip,Ben\n", r":2: column 2: `Ben` stands under no column"),
        ("submission,minutes\nb.zip,90,0\n", r":2: column 3: `0` stands under no column"),
        ('submission,minutes\nb.zip,"90,5"\n', r":2: column 2 \(`minutes`\): `90,5`"),
        ('submission,minutes\nb.zip,"1.200"\n', r":2: column 2 \(`minutes`\): `1\.200`"),
        ("submission,candidate\n,Ben\n", r":2: column 1 .*names no path"),
        ("submission,submission\nb.zip,b.zip\n", "has the column `submission` twice"),
        ('submission,candidate\nb.zip,"Ben\nc.zip,Cyd\n', r":2: is no line of a CSV file"),
        ("submission\n.\n", "holds this list"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_line_and_column(text: str, said: str, folder: Path) -> None:
    (folder / "link.zip").symlink_to("b.zip")
    if "B.ZIP" in text:
        (folder / "B.ZIP").write_bytes(ARCHIVE)
    with pytest.raises(UsageError, match=said):
        read(folder, text)


def test_all_lines_that_are_wrong_are_named_at_once(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s):2: .*:3: ") as refused:
        read(folder, "submission\nx.zip\ny.zip\nb.zip\n")
    assert ":4:" not in refused.value.message


def test_a_comma_in_the_only_column_is_part_of_the_path(folder: Path) -> None:
    shutil.copy(folder / "b.zip", folder / "Kite, Ben.zip")
    assert [one.submission for one in read(folder, "submission\nKite, Ben.zip\n").handed] == ["Kite, Ben.zip"]


def test_a_name_in_another_form_of_unicode_finds_its_file(folder: Path) -> None:
    found = read(folder, "submission\nround 1/Zoe\u0308 Mu\u0308ller.zip\n").handed[0]
    assert found.path.is_file()


def test_what_is_no_submission_in_a_folder_is_no_person(folder: Path) -> None:
    for name in ("notes.txt", ".DS_Store", "README", "people.csv", "Thumbs.db", "._b.zip", "spring.key.toml"):
        (folder / name).write_text("submission\nb.zip\n")
    (folder / "ada.tar").write_bytes(b"\0" * 257 + b"ustar")
    (folder / "latest.zip").symlink_to("b.zip")
    roll = handed_in(folder)
    assert [one.submission for one in roll.handed] == ["ada.tar", "b.zip", "round 1"]
    assert sorted(said.split(":")[0] for said in roll.told) == [
        "README",
        "latest.zip",
        "notes.txt",
        "people.csv",
        "spring.key.toml",
    ]


def test_an_archive_that_cannot_be_read_is_still_somebody_s(folder: Path) -> None:
    for name in ("ada.zip", "ben.rar", "cyd.ipynb"):
        (folder / name).write_text("no archive")
    assert {one.submission for one in handed_in(folder).handed} >= {"ada.zip", "ben.rar", "cyd.ipynb"}


def test_a_folder_with_nothing_but_strays_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match=r"(?s)holds no submission.*notes.txt: is no submission"):
        handed_in(tmp_path)
