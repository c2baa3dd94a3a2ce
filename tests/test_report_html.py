"""Tests of `unfit.report.html`."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report_samples import (
    CONTEXT,
    FALLBACK,
    FINDINGS,
    HOSTILE,
    HOSTILE_SUBMITTED,
    LOUD,
    MIXED,
    PRIVATE,
    at_most,
    build,
)
from unfit.grades import DefectStatus, Finding, Grade, Outcome, Together, Verdict
from unfit.report.feedback import render_feedback
from unfit.report.html import ReportContext, render_html
from unfit.report.limit_plot import Reference
from unfit.report.share import render_share
from unfit.report.words import written

VOID = {"meta", "br", "path", "rect", "circle", "col"}
HOSTILE_CONTEXT = replace(CONTEXT, submitted=HOSTILE_SUBMITTED)


class Page(HTMLParser):
    """The elements of a page, its text, and whether every element is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.crossed: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


PAGES = pytest.mark.parametrize(
    "page",
    [
        render_html(MIXED, CONTEXT),
        render_html(LOUD),
        render_html(HOSTILE, HOSTILE_CONTEXT),
        render_feedback(MIXED),
        render_feedback(MIXED, after_the_talk=True),
        render_feedback(HOSTILE, after_the_talk=True),
        render_share(MIXED),
        render_share(HOSTILE),
    ],
    ids=["mixed", "bare", "hostile", "feedback", "trials", "hostile trials", "share", "hostile share"],
)


@PAGES
def test_every_element_is_closed_in_order(page: str) -> None:
    read = Page(page)
    assert (read.open, read.crossed) == ([], [])


@PAGES
def test_a_page_asks_for_nothing_and_runs_nothing(page: str) -> None:
    read = Page(page)
    attributes = {name for _, found in read.elements for name in found}
    assert not read.tags & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "audio",
        "video",
    }
    assert not [
        name for name in attributes if name.startswith("on") or name in {"src", "style", "srcset", "action"}
    ]


@PAGES
def test_every_link_stays_on_the_page_or_leads_to_the_report_beside_it(page: str) -> None:
    elements = Page(page).elements
    ids = {found["id"] for _, found in elements if "id" in found}
    links = {found["href"] or "" for _, found in elements if "href" in found}
    assert {link.removeprefix("#") for link in links if not link.startswith("report.html")} <= ids


@PAGES
def test_the_policy_allows_this_style_sheet_and_nothing_else(page: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    wanted = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert policy.replace("&#39;", "'") == wanted


@PAGES
def test_no_id_is_given_twice(page: str) -> None:
    ids = [found["id"] for _, found in Page(page).elements if "id" in found]
    assert len(ids) == len(set(ids))


@PAGES
def test_no_control_or_direction_character_is_left(page: str) -> None:
    assert not [one for one in page if unicodedata.category(one) in {"Cc", "Cf"} and one not in "\n\t"]


@PAGES
def test_headings_go_down_one_step_at_a_time(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(page).elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@PAGES
def test_no_page_shows_a_percentage(page: str) -> None:
    assert not re.search(r"\d\s?%|per ?cent", Page(page).text.replace("95 % interval", ""))


@pytest.mark.parametrize("context", [None, CONTEXT], ids=["bare", "whole"])
def test_the_same_grade_gives_the_same_bytes(context: ReportContext | None) -> None:
    assert render_html(MIXED, context) == render_html(Grade.model_validate(MIXED.model_dump()), context)


def test_the_headline_comes_before_the_first_section() -> None:
    page = Page(render_html(MIXED)).text
    counts = MIXED.headline.removesuffix(" Evidence for a conversation, not a score.")
    assert page.index(counts) < page.index("The planted mistakes, one by one")


def test_an_unprotected_run_is_the_first_thing_said() -> None:
    page = Page(render_html(LOUD)).text
    assert page.index("Unprotected") < page.index(LOUD.exercise.title, page.index("Skip to"))


def test_a_protected_run_says_so() -> None:
    assert "ran in a sandbox (bubblewrap)" in Page(render_html(MIXED)).text


@pytest.mark.parametrize(("grade", "told"), [(MIXED, True), (PRIVATE, False)], ids=["public", "private"])
def test_published_answers_are_told(grade: Grade, told: bool) -> None:
    assert ("Answers to this exercise are published" in Page(render_html(grade)).text) is told


def test_broken_guards_come_before_the_defects() -> None:
    page = Page(render_html(LOUD)).text
    assert page.index("A guard is broken") < page.index("The planted mistakes, one by one")


def test_every_planted_defect_has_a_card_and_no_other() -> None:
    elements = Page(render_html(MIXED)).elements
    assert sum(tag == "article" for tag, _ in elements) == 6


def test_the_shipped_lines_stand_beside_the_candidates() -> None:
    page = render_html(build(defects=(FALLBACK,)), CONTEXT)
    cells = re.findall(r'<tr class="changed planted">.*?class="l">(.*?)</td>.*?class="r">(.*?)</td>', page)
    shown = [re.sub("<.*?>", "", cell).strip() for cell in cells[0]]
    assert shown == ["except ValueError:", "except ValueError as error:"]


def test_lines_that_nobody_touched_are_shown_once() -> None:
    page = render_html(build(defects=(FALLBACK,)), replace(CONTEXT, submitted=CONTEXT.shipped))
    assert (page.count("scored by default"), "As handed out, and unchanged" in page) == (1, True)


def test_of_a_notebook_the_source_is_shown_and_no_output() -> None:
    page = render_html(MIXED, CONTEXT)
    assert ("<mark>valid</mark>" in page, "an old output" in page) == (True, False)


def test_every_question_stands_on_the_sheet_too() -> None:
    sheet = render_html(MIXED).partition('id="questions"')[2]
    asks = [ask for defect in MIXED.defects for ask in defect.asks]
    assert [ask for ask in asks if ask not in Page(sheet).text] == []


def test_a_column_that_holds_nothing_is_not_drawn() -> None:
    unread = tuple(item.model_copy(update={"spotted": None}) for item in MIXED.defects)
    page = render_html(MIXED.model_copy(update={"defects": unread}))
    assert '<th scope="col">In the review</th>' in render_html(MIXED)
    assert '<th scope="col">In the review</th>' not in page


def test_a_card_names_the_slug_and_the_lines_that_overrule_its_matches() -> None:
    page = Page(render_html(MIXED)).text
    defect = next(item for item in MIXED.defects if item.spotted)
    number = 1 + next(at for at, item in enumerate(MIXED.findings) if defect.id in item.defects)
    assert f'finding = {number} defect = "none"' in page
    assert f'defect = "{defect.id}"' in page


def test_a_remark_on_form_is_no_warning() -> None:
    notes = ("REVIEW.md:3: finding `Folds` states no category", "The submission has no receipt; so and so.")
    page = render_html(MIXED.model_copy(update={"notes": notes}))
    assert ('class="quiet">REVIEW.md' in page, 'class="weighs">The submission' in page) == (True, True)


def test_the_facts_that_replay_a_grade_are_told() -> None:
    page = Page(render_html(MIXED)).text
    facts = [str(MIXED.seed), MIXED.exercise.digest, MIXED.submission.digest, MIXED.environment, MIXED.kit]
    assert [fact for fact in facts if fact not in page] == []


def test_a_defect_that_no_experiment_judges_is_not_called_unproven() -> None:
    talked = FALLBACK.model_copy(
        update={
            "checks": (),
            "judged": "finding",
            "status": DefectStatus.UNPROVEN,
            "together": Together.DESCRIBED,
        }
    )
    page = Page(render_html(build(defects=(talked,)))).text
    assert ("judged by the review" in page, "unproven" in page) == (True, False)


def test_an_attack_is_shown_as_text() -> None:
    page = render_html(HOSTILE, HOSTILE_CONTEXT)
    assert "<script>alert(1)</script>" in Page(page).text
    assert "49" not in Page(page.partition("Findings to read")[2].partition("Decoys")[0]).text


@settings(max_examples=25)
@given(st.text(alphabet=st.sampled_from("<>\"'&/=!-x \n\t`{}%#\x00\x1b\u202e\u2028"), max_size=60))
def test_no_finding_adds_an_element(text: str) -> None:
    fields = dict.fromkeys(["title", "text", "where", "category", "put_off", "source"], "x")
    shown = [
        [tag for tag, _ in Page(render_html(build(findings=(Finding.model_validate(found),)))).elements]
        for found in (fields, dict.fromkeys(fields, f"x{text}x"))
    ]
    assert shown[0] == shown[1]


def test_ten_thousand_findings_make_a_page_that_opens() -> None:
    page = render_html(build(findings=FINDINGS + (Finding(title="again", text="x" * 5000),) * 10_000))
    assert len(page) < 2_000_000


class TestFeedback:
    """What a candidate may see once the talk is over."""

    @pytest.fixture(params=[MIXED, LOUD, PRIVATE], ids=["mixed", "loud", "private"])
    def grade(self, request: pytest.FixtureRequest) -> Grade:
        assert isinstance(request.param, Grade)
        return request.param

    def test_it_names_no_check_place_limit_or_number(self, grade: Grade) -> None:
        page = render_feedback(grade, after_the_talk=True).partition("<body>")[2]
        assert [secret for secret in _secrets(grade) if secret in page] == []

    def test_it_gives_every_sentence_with_its_ending(self, grade: Grade) -> None:
        page = Page(render_feedback(grade, after_the_talk=True)).text
        checks = [verdict for defect in grade.defects for verdict in defect.checks]
        assert [one.sentence for one in checks if f"{one.outcome.value} {one.sentence}" not in page] == []

    def test_it_tells_what_a_defect_teaches_only_where_answers_are_published(self, grade: Grade) -> None:
        public = grade.exercise.exposure == "public"
        assert ("Split by the unit that repeats." in render_feedback(grade, after_the_talk=True)) is public

    def test_nothing_that_a_submission_said_is_in_it(self) -> None:
        page = render_feedback(HOSTILE, after_the_talk=True)
        assert [
            part for part in ("alert", "gnp.exe", "free", "U+") if part in page.partition("<body>")[2]
        ] == []


def _secrets(grade: Grade) -> set[str]:
    found = {str(grade.seed), grade.exercise.digest, grade.exercise.slug, grade.environment}
    for defect in grade.defects:
        found |= {defect.id, defect.title, *defect.files, *defect.asks}
    verdicts = [verdict for defect in grade.defects for verdict in defect.checks]
    verdicts += [guard.verdict for guard in grade.guards] + [
        decoy.verdict for decoy in grade.decoys if decoy.verdict
    ]
    for verdict in verdicts:
        found |= {verdict.check, verdict.cause, verdict.where, verdict.detail}
        for item in verdict.evidence:
            found |= {item.label, str(item.seen), str(item.limit), *written(item)}
    return found - {"", "None", "0", "0.0"}


def test_a_long_comparison_is_cut_on_paper_and_says_by_how_much() -> None:
    long = {**CONTEXT.shipped, "src/triage/features.py": b"".join(b"a = %d\n" % n for n in range(60))}
    mended = {**CONTEXT.submitted, "src/triage/features.py": b"".join(b"b = %d\n" % n for n in range(60))}
    page = render_html(MIXED, replace(CONTEXT, shipped=long, submitted=mended))
    cut = [int(number) for number in re.findall(r">(\d+) further lines stand on the page", page)]
    assert (bool(cut), sum(cut)) == (True, len(re.findall(r'<tr class="[a-z]+ late', page)))


@pytest.mark.parametrize(
    ("fixed", "drawn"),
    [((0.0, 0.0), False), ((0.0, 0.02), True), ((), False)],
    ids=["exact", "moved", "unknown"],
)
def test_a_number_is_drawn_where_chance_moves_it_in_our_solution(
    fixed: tuple[float, ...], drawn: bool
) -> None:
    seen = at_most("an answer moved by {seen}", 4731.4, 0.05)
    verdict = Verdict(
        check="an_estimate_is_what_is_asked_for",
        outcome=Outcome.FAILED,
        sentence="It is.",
        evidence=(seen,),
    )
    known = {("an_estimate_is_what_is_asked_for", seen.label): Reference(fixed, (2.0,))}
    defect = FALLBACK.model_copy(update={"checks": (verdict,)})
    page = render_html(build(defects=(defect,)), replace(CONTEXT, references=known))
    assert ("Thin bars are our solution" in page, 'aria-label="an answer moved by 4,731' in page) == (
        drawn,
        drawn,
    )
    assert "an answer moved by 4,731" in page
