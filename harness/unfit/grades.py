"""The records of a grade: what each experiment saw, and what that means for each defect."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Literal

from pydantic import Field

from unfit.records import Record

__all__ = [
    "BackendUsed",
    "Claims",
    "DecoyGrade",
    "DefectGrade",
    "DefectStatus",
    "Diagnosis",
    "DiagnosisAnswer",
    "Evidence",
    "ExerciseUsed",
    "Finding",
    "Grade",
    "Outcome",
    "SubmissionUsed",
    "Together",
    "Verdict",
    "claims_of",
    "status_of",
]


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"  # the behaviour is wrong
    ERRORED = "errored"  # it raised, timed out, ran out of memory, broke the contract or the protocol
    UNPROVEN = "unproven"  # what it needs did not pass


class DefectStatus(StrEnum):
    """What the experiments say about a defect."""

    MENDED = "mended"
    NOT_MENDED = "not_mended"
    ERRORED = "errored"
    UNPROVEN = "unproven"
    NOT_PLANTED = "not_planted"
    NOT_TRIED = "not_tried"  # only a review was handed in


class Together(StrEnum):
    """Status and review joined."""

    MENDED = "mended"
    DESCRIBED = "described only"
    PUT_OFF = "put off with a reason"
    PERHAPS = "perhaps described"  # not mended; an unmatched finding points at its place or uses its words
    NEITHER = "neither"
    UNDECIDED = "undecided"
    NAMED = "described"  # these two where only a review was handed in
    NOT_NAMED = "not described"
    NOT_PLANTED = "not planted"


class Evidence(Record):
    """One comparison that the grader made."""

    label: str
    """What was measured, in words."""
    passed: bool
    seen: float | str | None = None
    """The measured number (``None`` where it is not finite), or the text of what was seen."""
    limit: float | str | None = None
    """The number that it was held against, or the text of what was expected."""
    direction: Literal["at most", "at least", "equal", "holds"] = "holds"
    spread: float | None = None
    """One standard deviation of `seen`, where it is a statistic."""
    close: bool = False
    """Whether `seen` lies within two of its own standard deviations of the limit."""
    unit: str = ""
    row: str = ""
    """The row that decided, such as "R-00412: 0.31 before, 0.48 after"."""


class Verdict(Record):
    """One check's ending with its evidence."""

    check: str
    sentence: str
    """What is true where the check passes: the first line of its docstring."""
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    cause: str = ""
    """Why it errored or is unproven, in one line."""
    where: str = ""
    """The place in the submission that the cause names."""
    detail: str = ""
    """A traceback, a cell's source or the tail of a stream: the submission's own text."""
    blockers: tuple[str, ...] = ()
    """The checks that had to pass first and did not."""
    replayable: bool = True
    """False where a limit of time or memory ended it."""
    unjudged: bool = False
    """True where the kit could not judge an answer: a fault of the kit, which says nothing about the submission."""
    seed: int = 0

    @property
    def close(self) -> bool:
        """Whether any comparison was close."""
        return any(item.close for item in self.evidence)


class Finding(Record):
    """One entry of a candidate's review, quoted."""

    title: str
    """How it opens, in a line: to name it by."""
    text: str = ""
    """What the candidate wrote, verbatim."""
    where: str = ""
    """The place that it names, as written; of an inline comment the place in the shipped code."""
    category: str = ""
    """The categories that it states, in the kit's names."""
    put_off: str = ""
    """The words that say that the candidate left it, and why."""
    source: str = ""
    """File and line of the review."""
    match: Literal["matched", "unmatched", "unfounded", "duplicate"] = "unmatched"
    defects: tuple[str, ...] = ()
    """The defects, or the decoy, that it matches."""
    near: tuple[str, ...] = ()
    """The defects at whose place it points, or whose words it uses, where it is unmatched: a person has to read it."""
    rests_on: tuple[str, ...] = ()
    """The candidate's words on which the match rests."""
    overruled: str = ""
    """Who overruled the match, when and why."""


class Claims(Record):
    """How many findings name what was planted, and how much of what was planted they name: counts, and no score."""

    findings: int
    on_mistakes: int
    """Findings that name a planted mistake, those that say again what another one says included."""
    again: int
    """Those of them that say it again."""
    on_right_code: int
    """Findings on decoys: code that looks wrong and is right."""
    on_nothing: int
    """Findings that match nothing; they can be right."""
    mistakes: int
    """Planted mistakes."""
    described: int
    """Those of them that a finding names."""


class DefectGrade(Record):
    """What one submission did about one defect."""

    id: str
    title: str
    category: str
    severity: str
    rule: str = ""
    """The rule of the bank's standard that it breaks."""
    judged: Literal["fix", "finding", "conversation"] = "fix"
    status: DefectStatus
    doubt: str = ""
    """Why it is unproven though all of its checks passed: nothing shows that it was ever planted."""
    spotted: bool | None = None
    """Whether a finding of the review matches; ``None`` where no review was read."""
    together: Together
    checks: tuple[Verdict, ...] = ()
    teaches: str = ""
    asks: tuple[str, ...] = ()
    """Questions to ask next, chosen by whether it was mended."""
    files: tuple[str, ...] = ()
    """Where it was planted."""

    @property
    def summary(self) -> str:
        """How many of its checks passed, as "1 of 2"."""
        passed = sum(verdict.outcome is Outcome.PASSED for verdict in self.checks)
        return f"{passed} of {len(self.checks)}"


class DecoyGrade(Record):
    """Whether code that looks wrong and is right still is right."""

    id: str
    title: str
    verdict: Verdict | None = None
    """``None`` where only a review was handed in: the code is as it was, and right."""


class GuardGrade(Record):
    """Whether something that worked still works."""

    name: str
    outcome: Outcome
    verdict: Verdict


class ExerciseUsed(Record):
    """The exercise that was graded."""

    slug: str
    title: str
    version: str
    digest: str
    """Hash of the solution's folder."""
    exposure: Literal["public", "private"]
    form: str = "default"
    verified: bool = False
    """Whether a receipt proved which form was handed out."""
    receipt: str = ""
    """What people call that receipt by, the same as at export; kept where it was changed, empty where there is none."""


class SubmissionUsed(Record):
    """What was graded."""

    name: str
    digest: str
    files: int
    size: int
    """Bytes."""


class BackendUsed(Record):
    """What confined the submission."""

    name: str
    protected: bool
    detail: str = ""


class DiagnosisAnswer(Record):
    """One thing that a candidate says about an incident."""

    name: str
    said: str
    """In the candidate's words; empty where left open."""
    truth: str
    credit: Literal["right", "near", "wrong", "open"]


class Diagnosis(Record):
    """What a candidate says happened; each answer counts by itself."""

    answers: tuple[DiagnosisAnswer, ...]
    words: dict[str, str] = Field(default={})
    """What else the candidate wrote, for the conversation."""
    problem: str = ""
    """Why nothing could be read."""


class Timings(Record):
    """What the grade cost; the only part that differs between two runs."""

    processor_seconds: float = 0.0
    """Processor seconds of the submission, by the kernel's accounting."""
    wall_seconds: float = 0.0
    checks: dict[str, float] = Field(default={})
    """Wall seconds by check."""


class Grade(Record):
    """All verdicts and findings of one submission."""

    format: Literal[1] = 1
    kit: str
    """Version of the kit."""
    exercise: ExerciseUsed
    submission: SubmissionUsed
    backend: BackendUsed
    environment: str
    """Hash of the locked environment that ran the submission."""
    seed: int
    review_only: bool = False
    """Whether only a review was handed in: no experiment ran, and nothing was mended or left."""
    headline: str
    defects: tuple[DefectGrade, ...]
    guards: tuple[GuardGrade, ...] = ()
    decoys: tuple[DecoyGrade, ...] = ()
    findings: tuple[Finding, ...] = ()
    claims: Claims | None = None
    """What `findings` name, counted; ``None`` where no review was read."""
    decision: tuple[str, ...] = ()
    """What the review decides, in the candidate's own sentences; empty where none was found."""
    diagnosis: Diagnosis | None = None
    """Of the incident, where the exercise asks for one."""
    notes: tuple[str, ...] = ()
    """What a reader must know first: an unprotected run, a missing review, a form that no receipt proves."""
    timings: Timings = Timings()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every verdict of the grade, each once."""
        named = [*(item for defect in self.defects for item in defect.checks)]
        named += [guard.verdict for guard in self.guards] + [
            decoy.verdict for decoy in self.decoys if decoy.verdict
        ]
        return tuple({verdict.check: verdict for verdict in named}.values())


def status_of(verdicts: tuple[Verdict, ...]) -> DefectStatus:
    """Join the verdicts of one defect's checks; any failure outweighs any doubt."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if outcomes == {Outcome.PASSED}:
        return DefectStatus.MENDED
    if Outcome.FAILED in outcomes:
        return DefectStatus.NOT_MENDED
    return DefectStatus.ERRORED if Outcome.ERRORED in outcomes else DefectStatus.UNPROVEN


def claims_of(defects: tuple[DefectGrade, ...], findings: tuple[Finding, ...]) -> Claims | None:
    """Count what a review names, and what of the planted mistakes it names; None where no review was read."""
    planted = [defect for defect in defects if defect.status is not DefectStatus.NOT_PLANTED]
    if all(defect.spotted is None for defect in planted):
        return None
    counts = Counter(finding.match for finding in findings)
    return Claims(
        findings=len(findings),
        on_mistakes=counts["matched"] + counts["duplicate"],
        again=counts["duplicate"],
        on_right_code=counts["unfounded"],
        on_nothing=counts["unmatched"],
        mistakes=len(planted),
        described=sum(bool(defect.spotted) for defect in planted),
    )
