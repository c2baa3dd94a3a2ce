"""Recognition of forms: as which form a submission's code was handed out, by the text that is still in it.

Every defect leaves marks: the planted text with a few words around it, and the fixed text with the same words. What
stands in a submission speaks for the forms that planted it, and against those that did not. Nothing here judges
whether a defect is mended; it only says whether it was ever there.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from dataclasses import replace as replaced
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING

from unfit.bank import load_exercise, read_tree
from unfit.brief import some_of
from unfit.export.contents import can_draw, drawn
from unfit.export.ledger import entries
from unfit.export.receipts import ASSUMED, planted_by
from unfit.export.tree_handed_out import handed_out, is_certain
from unfit.notebook_cells import submitted_sources
from unfit.planting import plant
from unfit.planting.edit_places import Span, replace
from unfit.planting.edits import resolve
from unfit.planting.notebook_documents import cell_sources, is_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from unfit.bank import Exercise
    from unfit.export.receipts import Receipt
    from unfit.planting.edits import Placed, Resolved

__all__ = ["fitted"]

MOST_AROUND = 8
"""Words on either side of a change that may be needed to recognise it."""
FEWEST = 5
"""Words that do not stand in a row by chance."""
MOST_SEEDS = 8
"""Other seeds of the ledger that are drawn to see whose data a submission holds, the latest first."""
LARGEST_TEXT = 400_000
"""Bytes of a file that is looked into; no code of an exercise is near that."""
NO_DATA = (".ipynb", ".md", ".py", ".toml", ".txt", "Makefile", ".gitignore")

# Weights: what the text of one defect says against a form that plants it, or does not.
REWRITTEN = 2.0
"""Text that is neither planted nor fixed, of a defect that the form does not plant: few touch what was right."""
EXACT = (0.5, 4.0)
"""Bounds of what our own fix says against a form that plants the defect, an eighth for each of its words: a short one
is hit upon by anybody."""
PLANTED = (2.0, 10.0)
"""Bounds of what planted text says against a form that does not plant it, a half for each of its words."""
MARGIN = 1.5
"""A form that fits worse than the best one by less than this may be the one that was handed out."""
NAMED = 2
"""How many other forms a note names; it counts the rest."""
SURE = 4.0
"""A form that fits better than the receipt's by this much was handed out, whatever the receipt says."""

STATES = ("planted", "fixed", "other")
_WORD = re.compile(r"\w+|[^\w\s,()'\"\\]")
"""Brackets, commas and quotes are left out, since formatters move them."""
_CUT_BEFORE, _CUT_AFTER = re.compile(r"\w+\Z"), re.compile(r"\A\w+")


@dataclass(frozen=True)
class EditMark:
    """One place where planting a defect changes a file.

    Parameters
    ----------
    file : str
    planted : str or None
        The planted text with what stands around it, as words; None where the text is absent then.
    fixed : str
        The fixed text with the same around it.
    words : (int, int)
        How many words are the fixed text's own, and the planted one's.
    """

    file: str
    planted: str | None
    fixed: str
    words: tuple[int, int]


@dataclass(frozen=True)
class Signature:
    """How a defect can be recognised, and what seeing it is worth.

    Parameters
    ----------
    marks : tuple of tuple of EditMark
        Among different neighbours: each form plants others around it.
    exact, planted : float
        Weights of the fixed text in a form that plants it, and of the planted text in one that does not.
    """

    marks: tuple[tuple[EditMark, ...], ...]
    exact: float
    planted: float


@dataclass(frozen=True)
class SeenMarks:
    """What stands in a submission of one defect, as shares of its marks.

    Parameters
    ----------
    planted, fixed, other : float
        Planted text, the fixed project's text, and neither.
    signature : Signature
    """

    planted: float
    fixed: float
    other: float
    signature: Signature

    @property
    def marks(self) -> tuple[EditMark, ...]:
        """The marks of the defect among other defects of any kind."""
        return sum(self.signature.marks, ())

    def against_planted(self, usual: SeenMarks) -> float:
        """Weigh it against a form that plants the defect, beside what stands in that form itself."""
        return self.signature.exact * max(self.fixed - usual.fixed, 0.0)

    def against_unplanted(self, usual: SeenMarks) -> float:
        """Weigh it against a form that does not plant the defect, beside what stands in that form itself."""
        strange = self.signature.planted * max(self.planted - usual.planted, 0.0)
        return strange + REWRITTEN * max(self.other - usual.other, 0.0)


@dataclass(frozen=True, eq=False)
class PossibleForm:
    """A set of defects that may have been handed out.

    Parameters
    ----------
    name : str
    planted : frozenset of str
    usual : mapping of str to SeenMarks
        What stands in it by defect, before anybody worked on it: one defect may hide the place of another.
    """

    name: str
    planted: frozenset[str]
    usual: Mapping[str, SeenMarks]

    def is_strange(self, defect: str, seen: SeenMarks) -> bool:
        """Whether the text of a defect that this form does not plant is another than the form has there.

        Whoever mends what is planted may rewrite what stands beside it, so there only planted text counts.
        """
        if seen.planted > self.usual[defect].planted:
            return True
        files = {mark.file for name in self.planted & self.usual.keys() for mark in self.usual[name].marks}
        return seen.other > self.usual[defect].other and not any(mark.file in files for mark in seen.marks)

    def loss(self, seen: Mapping[str, SeenMarks]) -> float:
        """Weigh what stands in a submission against this form; 0 where nothing speaks against it."""
        return self.strangeness(seen) + sum(
            one.against_planted(self.usual[defect]) for defect, one in seen.items() if defect in self.planted
        )

    def strangeness(self, seen: Mapping[str, SeenMarks]) -> float:
        """Weigh only what stands where this form plants nothing: whoever mends as we do has our own words anywhere."""
        return sum(
            one.against_unplanted(self.usual[defect])
            for defect, one in seen.items()
            if defect not in self.planted
        )


def fitted(receipt: Receipt, exercise: Exercise, files: Mapping[str, bytes], ledger: Path) -> Receipt:
    """Hold a receipt against the files that came with it.

    Parameters
    ----------
    receipt : Receipt
        As `read_receipt` gives it.
    exercise : Exercise
        With its hidden half.
    files : mapping of str to bytes
        The submission's.
    ledger : Path
        The interviewer's folder; it knows which seeds were handed out.

    Returns
    -------
    receipt : Receipt
        With the form that the files are of, in ``doubts`` the defects that this form plants and that may never have
        been there, and in ``certain`` whether every file that was handed out is known.
    """
    known = _signatures(exercise)
    forms = _forms(exercise, receipt, known)
    seen = _seen(known, _texts(files))
    if receipt.verified:
        held = _held_against(receipt, forms, seen)
        held = _with_tree(held, exercise, files, ledger) if held.verified else held
        if held.verified:
            return held
        receipt = held
    return _with_tree(_by_files(receipt, forms, seen), exercise, files, ledger)


def _forms(exercise: Exercise, receipt: Receipt, known: Mapping[str, Signature]) -> dict[str, PossibleForm]:
    """Collect the forms that may have been handed out: those of the exercise, and the one that the receipt names."""
    sets = {form.name: frozenset(form.defects) for form in exercise.forms}
    sets[receipt.form] = frozenset(planted_by(receipt, exercise))
    return {
        name: PossibleForm(name, planted, _usual(exercise, planted, known)) for name, planted in sets.items()
    }


def _usual(
    exercise: Exercise, planted: frozenset[str], known: Mapping[str, Signature]
) -> Mapping[str, SeenMarks]:
    return _seen(known, _texts(_variant(exercise.bank, exercise.slug, exercise.digest, planted)))


def _held_against(
    receipt: Receipt, forms: Mapping[str, PossibleForm], seen: Mapping[str, SeenMarks]
) -> Receipt:
    """Believe a proven receipt, unless the code speaks for a form of another one."""
    own = forms[receipt.form]
    rivals = []
    for form in forms.values():
        strange = [defect for defect in form.planted - own.planted if defect in seen]
        gain = own.loss(seen) - form.loss(seen)
        # Our own words alone speak for nobody: whoever mends everything as we do has them too.
        speaks = any(own.is_strange(defect, seen[defect]) for defect in strange)
        if gain < MARGIN or not speaks or _is_refuted(form, seen):
            continue
        planted = any(seen[defect].planted > own.usual[defect].planted for defect in strange)
        if planted and (gain >= SURE or not form.loss(seen)):
            return _not_proven(
                receipt, f"is of the form {own.name}, and the files that came with it are of another form"
            )
        rivals.append(form)
    doubts = {
        defect: f"The receipt is of the form {own.name}, and the code fits the form {form.name} better, "
        "in which nothing had to be mended here."
        for form in rivals
        for defect in sorted(own.planted - form.planted)
    }
    return receipt.model_copy(update={"doubts": doubts})


def _is_refuted(form: PossibleForm, seen: Mapping[str, SeenMarks]) -> bool:
    """Whether there is planted text that the form does not plant; nobody writes that of their own accord."""
    return any(
        one.planted > form.usual[defect].planted for defect, one in seen.items() if defect not in form.planted
    )


def _not_proven(receipt: Receipt, why: str) -> Receipt:
    """Take a receipt for somebody else's: it proves neither the form nor the name."""
    note = f"The submission's receipt {receipt.called} {why}, so it may be somebody else's"
    return receipt.model_copy(
        update={"verified": False, "candidate": "", "note": note, "doubts": {}, "certain": False}
    )


def _named(names: Sequence[str]) -> str:
    """Name one form, or two, and count the rest."""
    told = some_of(names, NAMED, joint=", " if len(names) > NAMED else " and ")
    return f"the form{'s' if len(names) > 1 else ''} {told}"


def _by_files(receipt: Receipt, forms: Mapping[str, PossibleForm], seen: Mapping[str, SeenMarks]) -> Receipt:
    """Find the form that the code fits, where no receipt proves one."""
    losses = {name: form.loss(seen) for name, form in forms.items()}
    states = list(seen.values())
    # Whoever wrote everything anew has touched what was right in every form.
    silent = not any(one.planted for one in states) and len({one.other > 0 for one in states}) <= 1
    likely = [name for name in forms if not _is_refuted(forms[name], seen)]
    least = min(losses[name] for name in likely or forms)
    strange = {name: forms[name].strangeness(seen) for name in likely or forms}
    familiar = min(strange.values())
    fitting = [
        name for name in strange if silent or losses[name] < least + MARGIN or strange[name] == familiar
    ]
    if (
        not likely and "default" in forms
    ):  # text of several forms at once is somebody's mistake, and names none
        fitting = list(dict.fromkeys(["default", *fitting]))
    form = "default" if "default" in fitting else min(fitting, key=lambda name: losses[name])
    sure = frozenset.intersection(*(forms[name].planted for name in fitting))
    others = _named([name for name in fitting if name != form])
    doubt = f"No receipt proves what was handed out, and the files fit {others} as well, without this defect."
    doubts = dict.fromkeys(sorted(forms[form].planted - sure), doubt)
    why = receipt.note.removesuffix(f"; {ASSUMED}.")
    if len(fitting) == 1 < len(forms):
        said = f"its files fit only the form {form}, so that one is graded"
    else:
        said = ASSUMED if form == "default" else f"the form {form} is assumed"
    unknown = (
        f" Its files fit {others} as well: what only {form} holds is not called mended." if doubts else ""
    )
    planted = tuple(sorted(forms[form].planted))
    return receipt.model_copy(
        update={"form": form, "defects": planted, "note": f"{why}; {said}.{unknown}", "doubts": doubts}
    )


def _with_tree(receipt: Receipt, exercise: Exercise, files: Mapping[str, bytes], ledger: Path) -> Receipt:
    """Find out whose data a submission holds, and whether all that was handed out is known."""
    tree = handed_out(exercise, receipt)
    other = _other_seed(receipt, exercise, files, tree, ledger)
    if other is None:
        return receipt.model_copy(update={"certain": receipt.verified and is_certain(tree, receipt)})
    if receipt.verified:
        why = f"is of {_data_of(receipt.seed)}, and the data that came with it are of {_data_of(*other)}"
        return _not_proven(receipt, why)
    return receipt.model_copy(update={"seed": other[0]})


def _data_of(seed: int | None) -> str:
    return "the data as shipped" if seed is None else f"seed {seed}"


def _other_seed(
    receipt: Receipt, exercise: Exercise, files: Mapping[str, bytes], tree: Mapping[str, bytes], ledger: Path
) -> tuple[int | None] | None:
    """Find another seed that was handed out and whose data a submission holds; None where it holds its own."""
    strange = {path for path, content in tree.items() if path in files and files[path] != content}
    if not can_draw(exercise) or all(path.endswith(NO_DATA) for path in strange):
        return None
    handed = [one.seed for one in reversed(entries(ledger)) if one.exercise == exercise.slug]
    for seed in [seed for seed in dict.fromkeys([None, *handed]) if seed != receipt.seed][:MOST_SEEDS]:
        data = read_tree(exercise.shipped_folder) if seed is None else drawn(exercise, seed, tree)
        if any(files[path] == data.get(path) for path in strange if not path.endswith(NO_DATA)):
            return (seed,)
    return None


def _seen(signatures: Mapping[str, Signature], texts: Mapping[str, str]) -> dict[str, SeenMarks]:
    return {defect: _look(signature, texts) for defect, signature in signatures.items() if signature.marks}


def _look(signature: Signature, texts: Mapping[str, str]) -> SeenMarks:
    """Look for the marks of a defect among those neighbours with which most of them are found."""
    found = [Counter(_state(mark, texts) for mark in marks) for marks in signature.marks]
    states = min(found, key=lambda one: one["other"] / one.total())
    shares = {name: states[name] / states.total() for name in STATES}
    return SeenMarks(**shares, signature=signature)


def _state(mark: EditMark, texts: Mapping[str, str]) -> str:
    text = texts.get(mark.file)
    if text is None:
        return "planted" if mark.planted is None else "other"
    if mark.planted is not None and mark.planted in text:
        return "planted"
    return "fixed" if mark.fixed in text else "other"


def _signatures(exercise: Exercise) -> Mapping[str, Signature]:
    return _signatures_of(exercise.bank, exercise.slug, exercise.digest)


@cache
def _signatures_of(bank: Path, slug: str, digest: str) -> Mapping[str, Signature]:
    """Collect the marks of every defect; the digest keeps apart what a bank was and is."""
    del digest
    exercise = load_exercise(bank, slug)
    resolved = resolve(exercise)
    planted = dict.fromkeys([frozenset[str](), *(frozenset(form.defects) for form in exercise.forms)])
    variants = [(defects, _texts(_variant(bank, slug, exercise.digest, defects))) for defects in planted]
    found = {}
    for defect in exercise.defects:
        marks = [_marks(resolved, defect.id, others - {defect.id}) for others in planted]
        found[defect.id] = _signature([_telling(one, defect.id, variants) for one in marks])
    return found


@cache
def _variant(bank: Path, slug: str, digest: str, defects: frozenset[str]) -> Mapping[str, bytes]:
    del digest
    exercise = load_exercise(bank, slug)
    return {file: content for file, content in plant(exercise, defects).items() if file in _edited(exercise)}


def _edited(exercise: Exercise) -> set[str]:
    return {edit.file for defect in exercise.defects for edit in defect.edits}


def _telling(
    marks: Iterable[EditMark], defect: str, variants: Sequence[tuple[frozenset[str], Mapping[str, str]]]
) -> tuple[EditMark, ...]:
    """Leave out marks that also stand where the defect is not what it says: others share their text."""
    return tuple(
        mark
        for mark in marks
        if all(
            _state(mark, texts) != ("fixed" if defect in defects else "planted")
            for defects, texts in variants
        )
    )


def _signature(marks: Iterable[tuple[EditMark, ...]]) -> Signature:
    telling = [one for one in marks if one]
    alone = telling[0] if telling else ()
    weights = [
        min(max(sum(mark.words[side] for mark in alone) / share, least), most)
        for side, share, (least, most) in ((0, 8, EXACT), (1, 2, PLANTED))
    ]
    return Signature(tuple(dict.fromkeys(telling)), *weights)


def _marks(resolved: Resolved, defect: str, others: frozenset[str]) -> tuple[EditMark, ...]:
    """Find the marks of a defect where others are planted beside it."""
    beside = [edit for name in sorted(others) for edit in resolved.placed[name]]
    return tuple(mark for edit in resolved.placed[defect] for mark in _marks_of(resolved, edit, beside))


def _marks_of(resolved: Resolved, edit: Placed, beside: Sequence[Placed]) -> Iterator[EditMark]:
    file = edit.edit.file
    if edit.span is None:
        content = resolved.tree[file]
        text = (
            cell_sources(content, file)[edit.edit.cell]
            if edit.edit.cell
            else content.decode("utf-8", "replace")
        )
        yield EditMark(file, None, _joined(_WORD.findall(text)), (len(text.split()), 0))
        return
    text = resolved.texts[edit.target]
    whole = _whole_words(text, edit.span)
    spans = [one.span for one in beside if one.target == edit.target and one.span is not None]
    spans = [span for span in spans if not span.clashes(whole)]
    sides = [
        [
            _WORD.findall(part)
            for part in replace(text, [*spans, replaced(whole, planted=f"\0{core}\0")]).split("\0")
        ]
        for core in (text[whole.start : whole.end], whole.planted)
    ]
    yield from _hunks(file, *sides)


def _whole_words(text: str, span: Span) -> Span:
    """Widen a span until it cuts no word."""
    start = len(_CUT_BEFORE.sub("", text[: span.start]))
    end = len(text) - len(_CUT_AFTER.sub("", text[span.end :]))
    return Span(start, end, text[start : span.start] + span.planted + text[span.end : end])


def _hunks(file: str, right: Sequence[list[str]], wrong: Sequence[list[str]]) -> Iterator[EditMark]:
    """Find where two texts differ, with as few words around as tell one from the other."""
    whole = [_joined([*before, *core, *after]) for before, core, after in (right, wrong)]
    sides = [before[-MOST_AROUND:] + core + after[:MOST_AROUND] for before, core, after in (right, wrong)]
    matcher = SequenceMatcher(None, sides[0], sides[1], autojunk=False)
    for tag, top, bottom, first, last in matcher.get_opcodes():
        if tag == "equal":
            continue
        for around in range(MOST_AROUND + 1):
            fixed, planted = (
                words[max(start - around, 0) : end + around]
                for words, start, end in ((sides[0], top, bottom), (sides[1], first, last))
            )
            if min(len(fixed), len(planted)) < FEWEST:
                continue
            mark = EditMark(file, _joined(planted), _joined(fixed), (bottom - top, last - first))
            if mark.fixed not in whole[1] and _joined(planted) not in whole[0]:
                yield mark
                break


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: _words(path, content) for path, content in files.items()}


def _words(path: str, content: bytes) -> str:
    """Read a text as its words, a space on either side of each; a notebook's are those of its cells."""
    if is_notebook(path):
        content = "\n".join(submitted_sources(content).values()).encode()
    if len(content) > LARGEST_TEXT:
        return " "
    return f" {' '.join(_WORD.findall(content.decode('utf-8', 'replace')))} "
