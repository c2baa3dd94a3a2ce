"""A list in an older encoding is read as its names show, and it is said which encoding that was."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.cohort.list_encoding import decoded
from unfit.errors import UsageError

NAMES = [
    ("cp1252", "Zoë Müller", "Jörg Weiß"),
    ("cp1252", "José Peña", "François Lefèvre"),
    ("cp1252", "Ana “Annie” O\u2019Neil", "breaks \u2013 50 % more; §2, 90°, 25½ €"),
    ("cp1252", "MÜLLER ÅSE", "Ó Sé"),
    ("mac_roman", "Zoë Müller", "José Peña"),
    ("cp1250", "Łukasz Wiśniewski", "Čeněk Šťastný"),
    ("cp1251", "Иван Петров", "Анна Смирнова"),
    ("cp1253", "Γιώργος Παπαδόπουλος", "Ελένη"),
    ("cp932", "山田太郎", "佐藤花子"),
    ("gb18030", "张伟", "李娜"),
]
FOUND_BY_FILES = [
    *NAMES,
    ("cp1254", "Ayşe Y\u0131ld\u0131z", "Gökhan Şahin"),
    ("cp1257", "Jānis Bērziņš", "Ąžuolas"),
    ("cp949", "김철수", "이영희"),
    ("cp850", "Zoë Müller", "José"),
]


def listed(folder: Path, encoding: str, first: str, second: str, *, path: str = "a") -> Path:
    text = f"submission;candidate\r\n{path}.zip;{first}\r\nb.zip;{second}\r\n"
    (folder / "people.csv").write_bytes(text.encode(encoding))
    return folder / "people.csv"


@pytest.mark.parametrize(("encoding", "first", "second"), NAMES)
def test_words_tell_the_encoding(encoding: str, first: str, second: str, tmp_path: Path) -> None:
    text, _ = decoded(listed(tmp_path, encoding, first, second))
    assert (f";{first}\r" in text, f";{second}\r" in text) == (True, True)


@pytest.mark.parametrize(("encoding", "first", "second"), FOUND_BY_FILES)
def test_names_of_files_tell_the_encoding(encoding: str, first: str, second: str, tmp_path: Path) -> None:
    (tmp_path / f"{first}.zip").touch()
    text, _ = decoded(listed(tmp_path, encoding, first, second, path=first))
    assert (f";{first}\r" in text, f";{second}\r" in text) == (True, True)


def test_a_guess_is_said_with_what_was_read(tmp_path: Path) -> None:
    _, said = decoded(listed(tmp_path, "cp1252", "Zoë Müller", "Ben"))
    assert "read as Windows-1252 (western Europe), so it says `Zoë`, `Müller`" in said


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_what_is_known_is_no_guess(encoding: str, tmp_path: Path) -> None:
    name = "Ben" if encoding == "ascii" else "Zoë"
    text, said = decoded(listed(tmp_path, encoding, name, "Ben"))
    assert (text.startswith("submission;"), name in text, said) == (True, True, "")


def test_what_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(b"submission\r\n\x81\x8d\x8f\xff\xfe\xa6\xb1.zip\r\n")
    with pytest.raises(UsageError, match=r"people\.csv:2: is not written in UTF-8"):
        decoded(tmp_path / "people.csv")
