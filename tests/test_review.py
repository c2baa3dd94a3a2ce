"""A review is read as a person would read it, whatever its style."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unfit.bank import Exercise, load_bank
from unfit.planting import shipped, write_tree
from unfit.review import Review, find, parse, read, review_of, text_of

REVIEWS = sorted((Path(__file__).parent / "reviews").glob("*.md"))
TEMPLATE = Path(__file__).parents[1] / "harness/unfit/templates/REVIEW.md"
BANK = Path(__file__).parent / "banks/reviewed"
SECTIONS = ("first_three", "first_hour", "rollback", "watch", "tools")


def plain(review: Review) -> dict[str, Any]:
    fields = ("title", "where", "category", "severity", "harm", "remedy", "put_off", "source")
    return {
        "decision": review.decision,
        "sections": {name: getattr(review, name) for name in SECTIONS if getattr(review, name)},
        "findings": [
            {name: getattr(finding, name) for name in fields if getattr(finding, name)}
            for finding in review.findings
        ],
        "complaints": list(review.complaints),
    }


@pytest.mark.parametrize("path", REVIEWS, ids=lambda path: path.stem)
def test_a_real_style_is_read_as_a_person_would(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert plain(parse(path.read_text("utf-8"))) == expected


def test_findings_that_nothing_announces_are_read_and_said_to_be(clinic: Exercise) -> None:
    review = parse("Hold.\n\nThe folds in src/clinic/evaluate.py leak.\n\nI like the tests.\n")
    assert [(finding.where, finding.category) for finding in review.findings] == [
        ("src/clinic/evaluate.py", "leakage")
    ]
    assert (
        "REVIEW.md: nothing says where the findings begin; read as findings were lines 3" in review.complaints
    )


def test_a_list_that_names_hardly_any_place_holds_no_findings() -> None:
    assert parse("Hold.\n\n- nice tests\n- nice docs\n- see a.py\n").findings == ()


def test_what_follows_a_list_of_findings_is_read_as_what_it_says() -> None:
    review = parse("## Findings\n\n1. a.py: leaks\n2. b.py: 0.5\nTools: ruff\n\nRollback: the old one\n")
    assert (len(review.findings), review.tools, review.rollback) == (2, "ruff", "the old one")


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("`fit` sees the test rows, a leak", "leakage"),
        ("a memory leak", ""),
        ("skew and leakage", ""),
        ("nobody monitors it", "monitoring"),
        ("no monitoring at all", "monitoring"),
    ],
)
def test_a_category_that_is_named_in_passing_counts_where_it_is_the_only_one(
    said: str, category: str
) -> None:
    (finding,) = parse(
        f"## Findings\n\n### It is odd\n\nIn a.py. {said}, as far as I can tell from here.\n"
    ).findings
    assert finding.category == category


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("didn't fix, ran out of time", "ran out of time"),
        ("Won't fix - the desk decides", "the desk decides"),
        ("not fixed: no time", "no time"),
        ("I did not fix the typo", ""),
    ],
)
def test_a_hurried_reason_counts(said: str, why: str) -> None:
    (finding,) = parse(f"## Findings\n\n1. a.py: it leaks. {said}\n").findings
    assert finding.put_off == why


def test_there_are_at_least_twenty_styles() -> None:
    assert len(REVIEWS) >= 20


def test_a_style_survives_windows_line_ends() -> None:
    text, complaints = text_of(REVIEWS[0].read_bytes().replace(b"\n", b"\r\n"))
    assert parse(text) == parse(REVIEWS[0].read_text("utf-8"))
    assert complaints == ()


def test_an_untouched_template_holds_no_finding_and_says_so() -> None:
    review = parse(TEMPLATE.read_text("utf-8"))
    assert review.findings == ()
    assert "REVIEW.md: holds no finding" in review.complaints
    assert "REVIEW.md: no decision: ship, ship with conditions, or hold" in review.complaints


def test_an_empty_review_is_no_error() -> None:
    assert parse("").findings == ()


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ("Ship", "ship"),
        ("ship it!", "ship"),
        ("LGTM", "ship"),
        ("Go.", "ship"),
        ("Ship with conditions", "ship with conditions"),
        ("Ship, but only after the split is mended", "ship with conditions"),
        ("Conditional go", "ship with conditions"),
        ("Hold", "hold"),
        ("Do not ship", "hold"),
        ("I don't think that this is ready. Don't ship it.", "hold"),
        ("NO-GO", "hold"),
        ("~~Ship~~ / ~~ship with conditions~~ / **hold**", "hold"),
        ("- [ ] ship\n- [x] ship with conditions\n- [ ] hold", "ship with conditions"),
        ("I like cats", ""),
    ],
)
def test_a_decision_is_read_from_its_words(said: str, decision: str) -> None:
    assert parse(f"## Decision\n\n{said}\n").decision == decision


def test_a_decision_that_cannot_be_read_is_named() -> None:
    complaints = parse("## Decision\n\nI like cats\n").complaints
    assert "REVIEW.md: the decision `I like cats` is none of ship, ship with conditions, hold" in complaints


def test_a_finding_without_a_place_is_named_with_its_line() -> None:
    complaints = parse("## Findings\n\n### Odd\n\n- Category: leakage\n").complaints
    assert "REVIEW.md:3: finding `Odd` names no place" in complaints


def test_an_unknown_category_is_named_with_its_line() -> None:
    complaints = parse("## Findings\n\n### Odd\n\n- Where: a.py\n- Category: vibes\n").complaints
    assert "REVIEW.md:3: category `vibes` of `Odd` is none that is known; read as not stated" in complaints


def test_a_heading_that_fits_nowhere_is_named_with_its_line() -> None:
    (complaint,) = [
        words for words in parse("# A\n\nb\n\n## Musings\n\ntext\n").complaints if "Musings" in words
    ]
    assert complaint.startswith("REVIEW.md:5: the heading `Musings` is neither a section")


def test_a_finding_inside_a_comment_is_not_read_but_named() -> None:
    review = parse("## Findings\n\n<!--\n### A\n- Where: src/a.py\n-->\n")
    assert review.findings == ()
    assert any("a comment (<!-- -->) holds" in complaint for complaint in review.complaints)


@pytest.mark.parametrize("value", ["", "-", "n/a", "None", "—", "(no)"])
def test_an_empty_reason_is_no_reason(value: str) -> None:
    (finding,) = parse(f"## Findings\n\n### A\n\n- Where: a.py\n- Put off because: {value}\n").findings
    assert finding.put_off == ""


def test_a_reason_in_a_sentence_counts() -> None:
    (finding,) = parse("## Findings\n\n### A\n\nIn a.py. I put this off because time was up.\n").findings
    assert finding.put_off == "time was up."


@pytest.mark.parametrize(
    ("written", "category"),
    [
        ("Data leakage", "leakage"),
        ("train/serve skew", "skew"),
        ("error-handling", "errors"),
        ("Observability", "monitoring"),
        ("leakage / evaluation", "leakage, evaluation"),
        ("*Leakage*", "leakage"),
        ("“leakage”", "leakage"),
        ("leekage", "leakage"),
        ("PII", "security"),
    ],
)
def test_a_category_has_many_names(written: str, category: str) -> None:
    (finding,) = parse(f"## Findings\n\n### A\n\n- Where: a.py\n- Category: {written}\n").findings
    assert finding.category == category


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        ("High", "major"),
        ("P0", "critical"),
        ("🔴", "critical"),
        ("nit", "minor"),
        ("medium", "medium"),
        ("7", "7"),
    ],
)
def test_a_severity_has_many_names_and_a_strange_one_stays(written: str, severity: str) -> None:
    (finding,) = parse(f"## Findings\n\n### A\n\n- Where: a.py\n- Severity: {written}\n").findings
    assert finding.severity == severity


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_is_recognised(encoding: str) -> None:
    assert text_of("## Décision\n".encode(encoding)) == ("## Décision\n", ())


def test_an_unknown_encoding_is_named_with_its_line() -> None:
    text, complaints = text_of("ok\ncaf\u00e9\n".encode("latin-1"))
    assert text == "ok\ncaf\u00e9\n"
    assert complaints == ("line 2: is not UTF-8; read as Windows-1252",)


def test_a_giant_review_is_cut() -> None:
    text, (complaint,) = text_of(b"x" * 1_000_000)
    assert len(text) == 192 * 1024
    assert "only the first 196,608 were read" in complaint


HOSTILE = [
    "[" * 9_000, "*a **a " * 5_000, "> " * 9_000, "# a\n" * 5_000, "- a\n" * 5_000, "`" * 50_000, "a: " * 20_000,
    "<!--" * 9_000, "<!--" + "\n" * 50_000 + "-->", "## Findings\n" + "Where: a.py\n" * 3_000, "(" * 50_000,
    "a.py:1 " * 5_000, "line " * 9_000, "a-" * 50_000, "a." * 50_000, "“" * 50_000, "### a" + " " * 90_000 + "(b",
    "|".join("a" * 300) + "\n" + "|".join("-" * 300) + "\nx|y\n" * 300,
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("before", ["", "## Findings\n\n### x\n\n"])
def test_hostile_text_is_read_to_its_end(before: str, hostile: str) -> None:
    assert len(parse(before + hostile).findings) <= 200


@pytest.mark.parametrize("name", ["REVIEW.md", "review.MD", "Review.markdown", "docs/REVIEW.md", "REVIEW"])
def test_the_review_is_found_whatever_its_case(name: str) -> None:
    assert find({"README.md": b"", name: b""}) == name


def test_the_review_at_the_top_wins() -> None:
    assert find({"old/REVIEW.md": b"", "REVIEW.txt": b"", "review.md": b""}) == "review.md"


def test_no_review_is_none() -> None:
    assert read({"README.md": b""}) is None


@pytest.fixture(scope="module")
def clinic() -> Exercise:
    return load_bank(BANK).exercise("clinic")


def test_a_submission_without_any_words_has_no_findings_at_all(clinic: Exercise, tmp_path: Path) -> None:
    tree = {path: content for path, content in shipped(clinic).items() if path != "REVIEW.md"}
    write_tree(tree, tmp_path / "submission")
    findings, (note,) = review_of(clinic, tmp_path / "submission")
    assert findings is None
    assert "no REVIEW.md" in note


def test_the_untouched_export_spots_nothing(clinic: Exercise, tmp_path: Path) -> None:
    write_tree(shipped(clinic), tmp_path / "submission")
    findings, notes = review_of(clinic, tmp_path / "submission")
    assert findings == ()
    assert notes == ("REVIEW.md was not filled in.",)


def test_findings_of_the_review_and_of_comments_are_matched_together(
    clinic: Exercise, tmp_path: Path
) -> None:
    review = b"## Decision\nHold\n## Findings\n### Folds by row\n- Where: src/clinic/evaluate.py\n- Category: leakage\n"
    serve = shipped(clinic)["src/clinic/serve.py"].replace(
        b"    try:", b"    # REVIEW(skew): another scale\n    try:"
    )
    write_tree(shipped(clinic) | {"REVIEW.md": review, "src/clinic/serve.py": serve}, tmp_path / "submission")
    findings, notes = review_of(clinic, tmp_path / "submission")
    assert [finding.defects for finding in findings or ()] == [
        ("visits-of-one-patient-on-both-sides",),
        ("age-scaled-by-the-record",),
    ]
    assert notes[0] == "The review decides: hold."
