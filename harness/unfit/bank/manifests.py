"""The manifests of an exercise, as frozen records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, Self, get_args

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from unfit.bank.contract import Contract, RelativePath, Sentence
from unfit.bank.forms import COVER
from unfit.bank.nearest_word import nearest
from unfit.bank.taxonomy import Mistake
from unfit.records import Record
from unfit.standard import Rule, RuleId

__all__ = [
    "CATEGORIES",
    "FORMAT",
    "Commit",
    "CommitChange",
    "Decoy",
    "DecoysManifest",
    "Defect",
    "DefectsManifest",
    "Edit",
    "EditsManifest",
    "EnvironmentManifest",
    "ErrataManifest",
    "Erratum",
    "ExerciseManifest",
    "Expectation",
    "Form",
    "HistoryManifest",
    "PullRequest",
    "Replacement",
    "StandardManifest",
]

FORMAT = 1
LONGEST_SUBJECT = 72
"""Characters of a commit's first line, as most tools show them."""

Category = Literal[
    "leakage",
    "skew",
    "errors",
    "monitoring",
    "evaluation",
    "reproducibility",
    "fairness",
    "serving",
    "security",
]
CATEGORIES: tuple[str, ...] = get_args(Category)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
"""Lower case, words joined by hyphens."""
Way = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\s*[^+\s][^+]*(\s\+\s[^+]*[^+\s][^+]*)+$")
]
"""A way of saying something: two groups of phrases or more, with " + " between groups and commas within."""
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
BranchName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*(/[a-z0-9]+([-_][a-z0-9]+)*)+$", max_length=60)
]
"""Lower case: whose it is and what for, such as ``luis/monthly-refit``."""
Person = Annotated[
    str,
    StringConstraints(
        pattern=r"^[^<>\n]+ <[^<>@\s]+@([a-z0-9-]+\.)*(example\.(com|net|org)|[a-z0-9-]+\.(example|invalid|test))>$"
    ),
]
"""A name and an address under a domain that is reserved for examples, such as ``Ada L. <ada@fenmarsh.example>``."""
FormatNumber = Literal[1]


class EnvironmentManifest(Record):
    """Where submissions run."""

    python: str = ">=3.11"
    packages: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*$")], ...] = ()
    """Import names that a submission may use besides the standard library and its own modules."""


class ExerciseManifest(Record):
    """``exercise.toml``: public, copied to the candidate as it is."""

    format: FormatNumber
    title: Sentence
    story: Sentence
    """One paragraph."""
    level: Literal["junior", "mid", "senior", "any"]
    tier: Literal["first", "field"] = "first"
    """Whether reading finds the mistakes, or only somebody who looks for evidence in a repository of real size."""
    minutes: Annotated[int, Field(ge=5, le=480)]
    version: Version
    exposure: Literal["public", "private"]
    """Whether the answers are published."""
    opt_in: bool = False
    """Whether it is handed out only when asked for by name."""
    generated: tuple[RelativePath, ...] = ()
    """What the project's own commands write, relative to it; never handed out and never handed in."""
    environment: EnvironmentManifest = EnvironmentManifest()
    contract: Contract

    @model_validator(mode="after")
    def _what_is_generated_is_not_needed(self) -> Self:
        for made in self.generated:
            for path in self.contract.needed:
                if f"{path}/".startswith(f"{made}/") or f"{made}/".startswith(f"{path}/"):
                    raise ValueError(
                        f"`generated` names `{made}`, and the contract needs `{path}`; write somewhere else"
                    )
        return self


class Edit(Record):
    """One reversible substitution in the fixed project."""

    file: RelativePath
    """Path in ``project/``."""
    cell: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    """The id of a notebook's cell."""
    fixed: Annotated[str, StringConstraints(min_length=1)] | None = None
    """Text of the fixed file that occurs exactly once."""
    planted: str | None = None
    """What stands there when the defect is planted."""
    absent: bool = False
    """Whether the file, or the cell, does not exist when the defect is planted."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.absent and (self.fixed is not None or self.planted is not None):
            raise ValueError("`absent = true` stands alone, without `fixed` and `planted`")
        if not self.absent and (self.fixed is None or self.planted is None):
            raise ValueError("needs `fixed` and `planted`, or `absent = true`")
        if not self.absent and self.fixed == self.planted:
            raise ValueError("`fixed` and `planted` are the same text")
        if self.file.endswith(".ipynb") and self.cell is None and not self.absent:
            raise ValueError("an edit of a notebook needs `cell`, the id of the cell")
        if not self.file.endswith(".ipynb") and self.cell is not None:
            raise ValueError(f"`cell` is for notebooks; {self.file} is none")
        return self

    @property
    def place(self) -> str:
        """The file, or the notebook with its cell, in words."""
        return self.file if self.cell is None else f"{self.file} cell `{self.cell}`"


class Replacement(Record):
    """One text of an exercise that a corpus entry replaces."""

    file: RelativePath
    """Path in the exercise."""
    cell: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    """The id of a notebook's cell."""
    was: Annotated[str, StringConstraints(min_length=1)] | None = None
    """Text of what the entry is laid over that occurs exactly once."""
    now: str | None = None
    """What stands there in the entry."""
    absent: bool = False
    """Whether the entry has no such cell."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        notebook = self.file.endswith(".ipynb")
        if self.absent and (self.was is not None or self.now is not None or not notebook):
            raise ValueError(
                "`absent = true` is for a notebook's cell, without `was` and `now`; expect.toml deletes files"
            )
        if not self.absent and (self.was is None or self.now is None):
            raise ValueError("needs `was` and `now`")
        if not self.absent and self.was == self.now:
            raise ValueError("`was` and `now` are the same text")
        if notebook is (self.cell is None):
            raise ValueError("`cell`, the id of a cell, goes with a notebook, and with nothing else")
        return self

    @property
    def edit(self) -> Edit:
        """The same as an edit."""
        return Edit(file=self.file, cell=self.cell, fixed=self.was, planted=self.now, absent=self.absent)


class EditsManifest(Record):
    """``edits.toml``: what a corpus entry changes in the exercise that it is laid over."""

    format: FormatNumber
    edits: tuple[Replacement, ...] = Field(alias="edit", min_length=1)


class Defect(Record):
    """One planted mistake."""

    id: Slug
    """Names the mistake, not its place."""
    title: Sentence
    category: Category
    severity: Literal["minor", "major", "critical"]
    difficulty: Literal["easy", "medium", "hard"]
    judged: Literal["fix", "finding", "conversation"] = "fix"
    """By experiment, by the review alone, or only by talking."""
    default: bool = True
    """Whether the shipped exercise holds it."""
    teaches: Sentence
    source: Sentence
    """Where the mistake is described or was made."""
    rule: RuleId | None = None
    """The rule of the bank's standard that it breaks."""
    covers: tuple[Mistake, ...] = ()
    """Known mistakes that it is an instance of; `unfit coverage` counts them."""
    asks_mended: tuple[Sentence, ...] = ()
    """What to ask somebody who mended it: what was weighed, what it costs, what comes next."""
    asks_not_mended: tuple[Sentence, ...] = ()
    """What to ask where it still stands: a symptom, nothing that presumes a remedy."""
    says: tuple[Way, ...] = ()
    """Ways in which honest reviews describe it, such as ``patient, person + fold, both sides``: who says a phrase
    of every group describes it. Without any, two telling words of the title and of `teaches` do."""
    checks: tuple[Sentence, ...] = ()
    excludes: tuple[str, ...] = ()
    """Defects that cannot stand together with this one."""
    linters: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+: \S")], ...] = ()
    """Linters' findings that planting adds, as "RULE: why it stays"."""
    tools: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z-]+:[A-Za-z0-9-]+$")], ...] = ()
    """Rules by which tools name the mistake, as "ruff:S301": it is marked as one that tools find."""
    harm: str = ""
    """Name of the loss that shows what it costs, as the exercise's measure calls it, or "not measurable: why"."""
    edits: tuple[Edit, ...] = Field(alias="edit", min_length=1)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it touches, sorted."""
        return tuple(sorted({edit.file for edit in self.edits}))


class Form(Record):
    """A fixed set of defects that an interviewer hands out."""

    name: Slug
    defects: Annotated[tuple[str, ...], Field(min_length=1)]


class DefectsManifest(Record):
    """``defects.toml``: what is planted, and where."""

    format: FormatNumber
    defects: tuple[Defect, ...] = Field(default=(), alias="defect")
    forms: tuple[Form, ...] = Field(default=(), alias="form")

    @model_validator(mode="after")
    def _ids_agree(self) -> Self:
        ids = [defect.id for defect in self.defects]
        _unique("defect", ids)
        _unique("form", [form.name for form in self.forms])
        for defect in self.defects:
            _known(f"defect[{defect.id}].excludes", defect.excludes, ids)
            if defect.id in defect.excludes:
                raise ValueError(f"`defect[{defect.id}].excludes` names the defect itself")
        for form in self.forms:
            if form.name == "default":
                raise ValueError(
                    "`form[default]` is made of the defects with `default = true`; choose another name"
                )
            if form.name.startswith(f"{COVER}-"):
                raise ValueError(
                    f"`form[{form.name}]`: the names `{COVER}-...` are those of the pairwise cover; choose another name"
                )
            _known(f"form[{form.name}].defects", form.defects, ids)
            self._stands(f"`form[{form.name}].defects`", form.defects)
        self._stands("the form `default`", self.default)
        return self

    def _stands(self, key: str, chosen: tuple[str, ...]) -> None:
        for one, other in self.excluded:
            if one in chosen and other in chosen:
                raise ValueError(f"{key} holds `{one}` and `{other}`, which exclude each other")

    @property
    def default(self) -> tuple[str, ...]:
        """Ids of the defects in the shipped exercise."""
        return tuple(defect.id for defect in self.defects if defect.default)

    @property
    def excluded(self) -> tuple[tuple[str, str], ...]:
        """Pairs that cannot stand together, each once and sorted."""
        pairs = {tuple(sorted((defect.id, other))) for defect in self.defects for other in defect.excludes}
        return tuple(sorted((one, other) for one, other in pairs))


class Decoy(Record):
    """Code that looks wrong and is right."""

    id: Slug
    title: Sentence
    file: RelativePath
    symbol: str = ""
    """The function or the cell where it stands."""
    why: Sentence
    """Why it is right."""
    category: Category | Literal[""] = ""
    """What somebody would call it who takes it for wrong."""
    says: tuple[Way, ...] = ()
    """Ways in which a review claims that it is wrong; see `Defect.says`."""
    check: Sentence
    """The check that proves it."""


class DecoysManifest(Record):
    """``decoys.toml``: what cries wolf."""

    format: FormatNumber
    decoys: tuple[Decoy, ...] = Field(default=(), alias="decoy")

    @model_validator(mode="after")
    def _ids_agree(self) -> Self:
        _unique("decoy", [decoy.id for decoy in self.decoys])
        return self


class Expectation(Record):
    """``expect.toml``: how a corpus entry must be judged."""

    format: FormatNumber
    why: Sentence
    """Why it is right, or why it is tempting and wrong."""
    base: Literal["shipped", "fixed"] = "shipped"
    """What the entry is laid over."""
    form: Slug = "default"
    """The form that counts as shipped."""
    fixes: tuple[str, ...] = ()
    """With base "shipped": planted defects that must come out mended."""
    breaks: tuple[str, ...] = ()
    """With base "fixed": defects that must come out not mended."""
    delete: tuple[RelativePath, ...] = ()
    """Files of the base that the entry removes."""
    guards_broken: tuple[str, ...] = ()
    """Guards that it breaks."""
    unproven: tuple[str, ...] = ()
    """Defects that end unproven or errored instead of not mended."""
    attempts: tuple[str, ...] = ()
    """Defects that a wrong entry tries to mend, where the lines that it changes do not show that."""

    @model_validator(mode="after")
    def _fits_its_base(self) -> Self:
        if self.base == "shipped" and self.breaks:
            raise ValueError(
                '`breaks` goes with `base = "fixed"`; a shipped tree is broken already, so list `fixes`'
            )
        if self.base == "fixed" and self.fixes:
            raise ValueError(
                '`fixes` goes with `base = "shipped"`; a fixed tree is mended already, so list `breaks`'
            )
        return self


class Erratum(Record):
    """One check that judged wrongly, and where."""

    id: Slug
    since: Version
    """The first version of the exercise that judged so."""
    until: Version | None = None
    """The first version that does not; None while the check is not mended."""
    defects: tuple[str, ...] = Field(min_length=1)
    """Whose verdicts may be wrong."""
    said: Literal["mended", "not mended"]
    """The verdict that may be wrong."""
    fixes: Sentence
    """Which kind of fix was judged so: a sentence."""
    why: Sentence
    """What the check overlooked, or asked without a right to: a sentence."""

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.until is not None and numbered(self.until) <= numbered(self.since):
            raise ValueError(f"`until` is {self.until}, which is not after `since`, {self.since}")
        return self

    def covers(self, version: str) -> bool:
        """Whether a version of the exercise judges so."""
        at = numbered(version)
        return numbered(self.since) <= at and (self.until is None or at < numbered(self.until))


class ErrataManifest(Record):
    """``errata.toml``: where checks of an exercise judged wrongly."""

    format: FormatNumber
    errata: tuple[Erratum, ...] = Field(default=(), alias="erratum")

    @model_validator(mode="after")
    def _ids_agree(self) -> Self:
        _unique("erratum", [erratum.id for erratum in self.errata])
        return self


def numbered(version: str) -> tuple[int, ...]:
    """Split a version into its numbers, so that 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split("."))


class CommitChange(Record):
    """A piece of text that a commit changes, or a file that it adds or removes."""

    file: RelativePath
    was: str | None = None
    """What stands there before the commit; missing where the commit adds the file."""
    now: str | None = None
    """What stands there after it; missing where the commit removes the file."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.was == self.now:
            raise ValueError("`was` and `now` are the same; give both, or one of them for a whole file")
        if "" in {self.was, self.now}:
            raise ValueError("`was` and `now` hold some text; repeat a line beside what is added or removed")
        return self


class Commit(Record):
    """One commit of the project's history."""

    by: str
    """Whose it is: a key of `people`."""
    at: AwareDatetime
    """When, with the zone of whoever made it."""
    message: Sentence
    """A subject of at most 72 characters; a body after an empty line where there is one."""
    files: tuple[RelativePath, ...] = ()
    """Files that it brings whole, and folders of them; ``.`` is everything that is left."""
    parts: dict[RelativePath, tuple[Sentence, ...]] = Field(default={})
    """By file, the parts that it brings: functions, classes and constants, cells, headings, tables, targets."""
    changes: tuple[CommitChange, ...] = Field(default=(), alias="change")

    @property
    def subject(self) -> str:
        """The first line of its message."""
        return self.message.splitlines()[0]

    @model_validator(mode="after")
    def _reads_as_one(self) -> Self:
        subject, *body = self.message.splitlines()
        if len(subject) > LONGEST_SUBJECT:
            raise ValueError(
                f"the subject of `message` has {len(subject)} characters, where {LONGEST_SUBJECT} are read"
            )
        if body and body[0].strip():
            raise ValueError("`message` has no empty line after its subject")
        if not (self.files or self.parts or self.changes):
            raise ValueError("brings nothing; name `files`, `parts` or a `change`")
        return self


class PullRequest(Record):
    """The project's last change, as a branch that somebody wants to merge."""

    branch: BranchName
    by: str
    """Who asks for the review: a key of `people`."""
    title: Annotated[str, StringConstraints(pattern=r"^\S.*\S$", max_length=LONGEST_SUBJECT)]
    body: Sentence
    """Markdown: what changes and why, how it was tested, what to look at."""
    story: str = ""
    """The task's first paragraph, in place of the exercise's; needed where that tells of the change as in use."""
    without: tuple[Sentence, ...] = ()
    """Subjects of commits that `main` does not have: what is left of them comes with the next one."""
    before: dict[RelativePath, str] = Field(default={})
    """By file that the branch brings, what `main` holds there; without it the file comes with the branch."""
    commits: tuple[Commit, ...] = Field(alias="commit", min_length=1)
    """The branch's, oldest first. What they bring is what `main` does not have."""


class HistoryManifest(Record):
    """``history.toml``: the commits that led to the project as it is handed out."""

    format: FormatNumber
    people: dict[str, Person]
    """Who made them: name and address, by a short name."""
    commits: tuple[Commit, ...] = Field(alias="commit", min_length=1)
    """Oldest first."""
    pull_request: PullRequest | None = None
    """How the project's last change is told apart from the rest, for a review of that change."""

    @property
    def on_main(self) -> tuple[Commit, ...]:
        """The commits that stay on `main` beside the branch of a pull request."""
        without = self.pull_request.without if self.pull_request else ()
        return tuple(commit for commit in self.commits if commit.subject not in without)

    @model_validator(mode="after")
    def _goes_forward(self) -> Self:
        self._go_forward("commit", self.commits)
        request = self.pull_request
        if request is None:
            return self
        self._known("pull_request.by", request.by)
        subjects = [commit.subject for commit in self.commits]
        for subject in request.without:
            if subject not in subjects:
                raise ValueError(
                    f"`pull_request.without` names `{subject}`, which is the subject of no commit"
                    f"{nearest(subject, subjects)}"
                )
        if not self.on_main:
            raise ValueError("`pull_request.without` names every commit, so that `main` would have none")
        if request.commits[0].at <= self.on_main[-1].at:
            raise ValueError(
                f"`pull_request.commit[1].at` is {request.commits[0].at}, before the last commit of `main`"
            )
        self._go_forward("pull_request.commit", request.commits)
        return self

    def _go_forward(self, key: str, commits: tuple[Commit, ...]) -> None:
        for number, commit in enumerate(commits, start=1):
            self._known(f"{key}[{number}].by", commit.by)
            if commit.at < commits[max(0, number - 2)].at:
                raise ValueError(f"`{key}[{number}].at` is {commit.at}, before the commit above it")

    def _known(self, key: str, name: str) -> None:
        if name not in self.people:
            raise ValueError(f"`{key}` names `{name}`, who is none of `people`{nearest(name, self.people)}")


class StandardManifest(Record):
    """``standard.toml`` in a bank's folder: how the bank's standard differs from the kit's."""

    format: FormatNumber
    drop: tuple[RuleId, ...] = ()
    """Rules of the kit's standard that do not hold here."""
    reword: dict[RuleId, Sentence] = Field(default={})
    """Other sentences for rules of the kit's standard, by id."""
    rule: tuple[Rule, ...] = ()
    """Rules of the bank's own."""

    @model_validator(mode="after")
    def _ids_agree(self) -> Self:
        _unique("rule", [rule.id for rule in self.rule])
        return self


def _unique(kind: str, ids: list[str]) -> None:
    for name, count in Counter(ids).items():
        if count > 1:
            raise ValueError(f"`{kind}[{name}].id` is used {count} times; ids are unique")


def _known(key: str, chosen: Iterable[str], known: list[str]) -> None:
    for name in chosen:
        if name not in known:
            raise ValueError(f"`{key}` names `{name}`, which is no defect{nearest(name, known)}")
