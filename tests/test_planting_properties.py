"""Planting gives the same bytes whatever the order, and can be undone."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank_samples import tea_notebook, tea_shop
from unfit.bank import DefectsManifest, Exercise
from unfit.planting import plant
from unfit.planting.differences import differences
from unfit.planting.edit_places import Span, find, replace, reversed_spans
from unfit.planting.edits import Resolved, resolve, resolve_tree
from unfit.planting.variants import planted_tree

EXERCISES = {"tea_shop": tea_shop(), "tea_notebook": tea_notebook()}

LINES = st.lists(st.sampled_from(["", "a", "b", "    a", "pass", "x = 1", "déjà", "'''"]), max_size=12)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n", "\n\n"]))


@st.composite
def subsets(draw: st.DrawFn, exercise: Exercise) -> list[str]:
    """Defects that can stand together, in any order."""
    chosen = draw(st.permutations([defect.id for defect in exercise.defects]))
    chosen = chosen[: draw(st.integers(0, len(chosen)))]
    excluded = {frozenset(pair) for pair in exercise.defects_manifest.excluded}
    return [
        name
        for at, name in enumerate(chosen)
        if not any(frozenset((name, other)) in excluded for other in chosen[:at])
    ]


@pytest.mark.parametrize("slug", EXERCISES)
@given(data=st.data())
@settings(max_examples=15)
def test_any_subset_in_any_order_gives_the_same_bytes(slug: str, data: st.DataObject) -> None:
    chosen = data.draw(subsets(EXERCISES[slug]))
    shuffled = data.draw(st.permutations(chosen))
    assert plant(EXERCISES[slug], chosen) == plant(EXERCISES[slug], shuffled)


@st.composite
def projects(draw: st.DrawFn) -> Resolved:
    """A file of numbered lines, and one defect for each of some pieces of it, none of which overlap."""
    numbers = range(draw(st.integers(1, 12)))
    text = "".join(f"line {number}\n" for number in numbers)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    pieces = [piece for piece in pairwise(cuts) if draw(st.booleans())]
    defects: list[dict[str, object]] = []
    for start, end in pieces:
        planted = draw(st.text(alphabet="né \n#", max_size=6))
        fixed = text[start:end]
        if planted != fixed:
            before, after = text[:start], text[end:]
            edit = {"file": "a.txt", "fixed": text, "planted": before + planted + after}
            defects.append({"id": f"d{len(defects)}", "edit": [edit], **FILLED})
    manifest = DefectsManifest.model_validate({"format": 1, "defect": defects})
    spans = [find(text, *texts_of(manifest, defect.id), "a.txt") for defect in manifest.defects]
    clashing = {
        manifest.defects[other].id
        for one, other in combinations(range(len(spans)), 2)
        if spans[one].clashes(spans[other])
    }
    kept = tuple(defect for defect in manifest.defects if defect.id not in clashing)
    return resolve_tree(
        {"a.txt": text.encode()}, manifest.model_copy(update={"defects": kept}), shown="defects.toml"
    )


FILLED = {
    "title": "A mistake",
    "category": "errors",
    "severity": "minor",
    "difficulty": "easy",
    "teaches": "Care.",
    "source": "Us.",
}


def texts_of(manifest: DefectsManifest, name: str) -> tuple[str, str]:
    (edit,) = next(defect.edits for defect in manifest.defects if defect.id == name)
    assert edit.fixed is not None
    assert edit.planted is not None
    return edit.fixed, edit.planted


@given(project=projects(), data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_planting_one_after_another_equals_planting_at_once(project: Resolved, data: st.DataObject) -> None:
    """One after another: each defect's piece is put into what the others have already changed."""
    order = data.draw(st.permutations(sorted(project.placed)))
    text = project.tree["a.txt"].decode()
    spans = {name: placed[0].span for name, placed in project.placed.items()}
    done: list[Span] = []
    seen = text
    for name in order:
        span = spans[name]
        assert span is not None
        shift = sum(len(other.planted) - (other.end - other.start) for other in done if other < span)
        seen = seen[: span.start + shift] + span.planted + seen[span.end + shift :]
        done.append(span)
    assert planted_tree(project, order)["a.txt"].decode() == seen


@given(project=projects())
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_planting_then_reversing_restores_the_bytes(project: Resolved) -> None:
    text = project.tree["a.txt"].decode()
    spans = [placed[0].span for placed in project.placed.values() if placed[0].span is not None]
    planted = planted_tree(project, project.placed)["a.txt"].decode()
    assert replace(planted, reversed_spans(text, spans)) == text


@pytest.mark.parametrize("slug", EXERCISES)
def test_each_exercise_can_be_reversed_text_by_text(slug: str) -> None:
    resolved = resolve(EXERCISES[slug])
    for target, text in resolved.texts.items():
        edits = [edit for edit in resolved.choose(EXERCISES[slug].default) if edit.target == target]
        spans = [edit.span for edit in edits if edit.span is not None]
        assert replace(replace(text, spans), reversed_spans(text, spans)) == text


@given(fixed=TEXTS.filter(bool), broken=TEXTS)
@settings(max_examples=300)
def test_the_difference_of_two_texts_can_be_planted(fixed: str, broken: str) -> None:
    if fixed != broken:
        spans = [find(fixed, *pair, "the text") for pair in differences(fixed, broken)]
        assert not any(one.clashes(other) for one, other in combinations(spans, 2))
        assert replace(fixed, spans) == broken


@given(fixed=TEXTS.filter(bool), broken=TEXTS)
@settings(max_examples=100)
def test_a_difference_is_written_in_whole_lines(fixed: str, broken: str) -> None:
    if fixed != broken:
        for context, _ in differences(fixed, broken):
            start = fixed.index(context)
            assert start == 0 or fixed[start - 1] == "\n"
            assert context.endswith("\n") or fixed.endswith(context)
