"""Commands of those who write exercises."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from unfit.cli.engines import EngineOption, moved
from unfit.cli.shared import (
    STDOUT,
    BankOption,
    SandboxOption,
    app,
    bank_or_here,
    built,
    counted,
    near,
    nearest_bank,
    own_bank,
    ready,
    say,
    show_json,
    with_bank,
)
from unfit.errors import UsageError

if TYPE_CHECKING:
    from unfit.bank import Exercise
    from unfit.operators import Suggestion, Trial
    from unfit.validate import Validation, ValidationProgress
    from unfit.validate.validation import Problem


MOST_OFFERED = 40


@app.command()
def plant(
    exercise: Annotated[str | None, typer.Argument(help="One exercise; all of the bank without it.")] = None,
    show: Annotated[str | None, typer.Option(help="Print what one defect changes, and stop.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether exercises/ is current.")] = False,
    bank: BankOption = None,
) -> None:
    """Regenerate exercises/ from solutions/."""
    from unfit.bank import load_bank
    from unfit.planting import ensure_current, regenerate
    from unfit.planting import show as difference

    opened = load_bank((own_bank if show is None and not check else nearest_bank)(bank))
    if show is not None:
        if exercise is None:
            raise UsageError("which exercise has that defect?", fix=f"unfit plant EXERCISE --show {show}")
        STDOUT.print(Text(difference(opened.exercise(exercise), show)))
        return
    slugs = [exercise] if exercise else list(opened.slugs)
    if check:
        for slug in slugs:
            ensure_current(opened.exercise(slug))
        return
    for slug in regenerate(opened, slugs):
        STDOUT.print(Text(f"planted exercises/{slug}"))


@app.command()
def coverage(bank: BankOption = None) -> None:
    """Print, as Markdown, which known mistakes the exercises of a bank plant."""
    from unfit.bank import load_bank
    from unfit.coverage import gaps, page

    opened = load_bank(nearest_bank(bank))
    exercises = [opened.exercise(slug) for slug in opened.slugs]
    STDOUT.out(page([exercise for exercise in exercises if exercise.complete]), end="", highlight=False)
    missing = gaps(exercises)
    if missing:
        say(f"no defect covers {', '.join(missing)}")


@app.command()
def accuracy(bank: BankOption = None) -> None:
    """Print, as Markdown, on how many labelled fixes the checks of a bank are right, and how sure that makes one."""
    from unfit.bank import load_bank
    from unfit.validate.accuracy import accuracy_page

    opened = load_bank(nearest_bank(bank))
    exercises = [opened.exercise(slug) for slug in opened.slugs]
    text = accuracy_page([exercise for exercise in exercises if exercise.complete])
    STDOUT.out(text, end="", highlight=False)


@app.command()
def standard(
    authors: Annotated[
        bool, typer.Option("--authors", help="With sources, experiments, and how one breaks each rule.")
    ] = False,
    experiments: Annotated[
        bool,
        typer.Option("--experiments", help="The library of experiments instead, for whoever writes checks."),
    ] = False,
    bank: BankOption = None,
) -> None:
    """Print, as Markdown, the standard that the services of a bank keep."""
    from unfit.bank import load_standard
    from unfit.experiments.library_page import reference
    from unfit.standard import for_authors, for_candidates

    if experiments:
        STDOUT.out(reference(), end="", highlight=False)
        return
    rules = load_standard(nearest_bank(bank))
    STDOUT.out((for_authors if authors else for_candidates)(rules), end="", highlight=False)


@app.command()
def new(
    slug: Annotated[
        str, typer.Argument(help="Name of the exercise: lower case, words joined by underscores.")
    ],
    notebook: Annotated[bool, typer.Option("--notebook/--package", help="What candidates work on.")] = False,
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    origin: Annotated[str | None, typer.Option("--from", help="Derive it from this exercise.")] = None,
    from_bank: Annotated[
        Path | None, typer.Option(help="The bank of that exercise; else the nearest one upward.")
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(
            help="A table of other names and words for all of it; drafted there where there is none yet."
        ),
    ] = None,
    told: Annotated[
        Path | None,
        typer.Option(
            "--retold",
            help="A folder of its documents in your own words; drafted there where there is none yet.",
        ),
    ] = None,
    form: Annotated[
        str, typer.Option(help="With --from: the form whose mistakes the new exercise plants by default.")
    ] = "default",
    bank: BankOption = None,
) -> None:
    """Start an exercise of your own that validates at once."""
    from unfit.bank import load_bank, read_tree
    from unfit.likeness import describe
    from unfit.planting import write_tree
    from unfit.scaffold import create, derive, draft_documents, draft_names

    root = bank_or_here(bank)
    if origin is None:
        if names is not None:
            raise UsageError("--names changes the names of another exercise", fix="name it with --from SLUG")
        if form != "default":
            raise UsageError(
                "--form chooses among the forms of another exercise", fix="name it with --from SLUG"
            )
        path = create(root, slug, kind="notebook" if notebook else "package", title=title)
        STDOUT.print(Text(f"made {near(path)}\nnext: unfit validate {slug}"))
        return
    table = None
    if names is not None:
        from unfit.files import write_atomically
        from unfit.renaming import read_names

        if not names.exists():
            write_atomically(names, draft_names(nearest_bank(from_bank), origin))
            STDOUT.print(Text(f"wrote {near(names)}; fill in its right sides, then run this command again"))
            return
        table = read_names(names)
    if told is not None:
        if table is None:
            raise UsageError(
                "--retold tells an exercise that has other names", fix="name their table with --names FILE"
            )
        if not told.exists():
            documents = draft_documents(nearest_bank(from_bank), origin, slug, table)
            write_tree(documents, told)
            say(
                f"wrote {len(documents)} documents to {near(told)}; tell them in your words, then run this again"
            )
            return
    derived = derive(
        root, nearest_bank(from_bank), origin, slug, table, told=read_tree(told) if told else None, form=form
    )
    STDOUT.print(Text(f"made {near(derived.path)}; make it your own:"))
    for item in derived.checklist:
        STDOUT.print(Text(f"  {item.where}: {item.what}"))
    STDOUT.print(Text(describe(load_bank(root).exercise(slug))))


@app.command()
def adopt(
    path: Annotated[Path, typer.Argument(help="A package, a project, a module or a notebook of your own.")],
    entry: Annotated[
        list[str] | None,
        typer.Option(
            help="What candidates must keep callable: module:function; of a notebook a name. Repeatable."
        ),
    ] = None,
    example: Annotated[
        Path | None, typer.Option(help="A script that calls each entry point once, as your README does.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the exercise; the project's own without it.")] = "",
    title: Annotated[str, typer.Option(help="Its title.")] = "",
    sandbox: Annotated[str, typer.Option(help="bubblewrap or unprotected.")] = "bubblewrap",
    bank: BankOption = None,
) -> None:
    """Make an exercise of code that you have: its files, contract, world and first check."""
    from unfit.adopt import adopt as adopted_from
    from unfit.adopt import offer
    from unfit.environment import find
    from unfit.sandbox import choose, ensure_works

    if not entry:
        offered = offer(path)
        for one in offered[:MOST_OFFERED]:
            STDOUT.print(Text(one))
        one = offered[0].partition("(")[0] if offered else "module:function"
        said = f"{len(offered)} can be called"
        if path.suffix == ".ipynb":
            functions = sum("(" in one for one in offered)
            said = f"{len(offered) - functions} have a value, {functions} can be called"
        raise UsageError(
            f"which of these do candidates have to keep? {said}",
            fix=f"name each with --entry, such as --entry {one}",
        )
    root = bank_or_here(bank)
    backend = choose(sandbox)
    ensure_works(backend)
    done = adopted_from(
        path,
        entry,
        example=example,
        bank=root,
        environment=find(root),
        backend=backend,
        slug=name,
        title=title,
    )
    STDOUT.print(Text(f"made {near(done.path)} of {len(done.taken)} files"))
    for call in done.wrapped:
        STDOUT.print(Text(f"  wrote a function for {call}, which the contract could not call as it is"))
    for left, why in done.left.items():
        STDOUT.print(Text(f"  left out {left}: {why}"))
    for note in done.notes:
        STDOUT.print(Text(f"  {note}"))
    for step in done.todo:
        STDOUT.print(Text(f"next: {with_bank(step, bank)}"))


@app.command()
def record(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    defect: Annotated[str, typer.Argument(help="Id of the defect, which names the mistake.")],
    copy: Annotated[
        Path | None, typer.Argument(help="The broken working copy; made for you without it.")
    ] = None,
    bank: BankOption = None,
) -> None:
    """Write the edits of a defect from a working copy that you broke by hand."""
    from unfit.bank import load_bank
    from unfit.planting import plant as planted
    from unfit.planting import write_tree
    from unfit.planting.recording import record as write_edits
    from unfit.planting.recording import refuse_bad_id

    root = own_bank(bank)
    chosen = load_bank(root).exercise(exercise)
    refuse_bad_id(defect)
    folder = copy or root / ".unfit" / f"{exercise}-{defect}"
    if copy is None and not folder.exists():
        write_tree(planted(chosen, ()), folder)
        STDOUT.print(
            Text(f"copied the fixed project to {near(folder)}\nbreak it there, then run the same command")
        )
        return
    STDOUT.print(Text(with_bank(write_edits(chosen, defect, folder), bank)))


@app.command()
def corpus(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    kind: Annotated[str, typer.Argument(help="right or wrong.")],
    name: Annotated[str, typer.Argument(help="Name of the entry: the idea, with underscores.")],
    copy: Annotated[
        Path | None, typer.Option("--from", help="The changed working copy; made for you without it.")
    ] = None,
    form: Annotated[str, typer.Option(help="The form that a new entry changes.")] = "default",
    seed: Annotated[int, typer.Option(help="The seed of the checks that are asked.", min=0)] = 1,
    sandbox: SandboxOption = "bubblewrap",
    bank: BankOption = None,
) -> None:
    """Keep a fix that somebody could hand in, from a working copy that you changed by hand."""
    from unfit.bank import load_bank
    from unfit.entering import HandWritten, begin, enter
    from unfit.sandbox import choose

    root = own_bank(bank)
    entry = HandWritten(load_bank(root).exercise(exercise), kind, name, form)
    folder = copy or root / ".unfit" / f"{exercise}-{kind}-{name}"
    if copy is None and not folder.exists():
        for misfit in begin(entry, folder):
            STDOUT.print(Text(f"does not fit any more, so make it again: {misfit}"))
        verb = "mend" if kind == "right" else "half mend"
        STDOUT.print(
            Text(f"copied what candidates get to {near(folder)}\n{verb} it there, then run the same command")
        )
        return
    done = enter(entry, folder, backend=choose(sandbox), seed=seed)
    parts = [f"{done.edits} edit{'' if done.edits == 1 else 's'}"] if done.edits else []
    parts += [f"{path} whole" for path in done.whole] + [f"{path} deleted" for path in done.delete]
    STDOUT.print(Text(f"kept in {near(done.folder)}: {', '.join(parts)}"))
    for sentence in done.told:
        STDOUT.print(Text(f"  {sentence}"))
    if done.drafted:
        STDOUT.print(Text(f"next: read {near(done.folder / 'expect.toml')} and fill in `why`"))


@app.command("try")
def try_(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    plant: Annotated[
        list[str] | None, typer.Option(help="A defect to plant; repeatable. None: the fixed project.")
    ] = None,
    entry: Annotated[
        str, typer.Option("--corpus", help="A corpus entry instead, such as right/boosting.")
    ] = "",
    submission: Annotated[Path | None, typer.Option(help="A folder or an archive instead.")] = None,
    check: Annotated[
        list[str] | None,
        typer.Option(
            help="A check, with all that it needs; repeatable. None: those of the planted defects, or all."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Replay with this seed.", min=0)] = None,
    to: Annotated[Path | None, typer.Option(help="Write the tree into this new folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the verdicts for programs.")] = False,
    sandbox: SandboxOption = "bubblewrap",
    bank: BankOption = None,
) -> None:
    """Ask some checks about one tree, and show all that they saw."""
    from unfit.bank import load_bank
    from unfit.check_seeds import draw_seed
    from unfit.grades import Outcome
    from unfit.planting import write_tree
    from unfit.report import evidence_view
    from unfit.sandbox import choose, ensure_works
    from unfit.trying import attempt, chosen, tree_of

    own = load_bank(nearest_bank(bank)).exercise(exercise)
    said, tree = tree_of(own, plant=plant or (), entry=entry, submission=submission)
    checks = chosen(own, check or (), plant=plant or ())
    if to is not None:
        if to.exists():
            raise UsageError(f"{to}: exists already", fix="name a new folder; nothing was written")
        write_tree(tree, to)
    backend = choose(sandbox)
    ensure_works(backend)
    done = attempt(own, tree, checks, backend=backend, seed=draw_seed() if seed is None else seed, said=said)
    if json:
        show_json(done.verdicts)
        return
    for verdict in done.verdicts:
        STDOUT.print(evidence_view(verdict))
    if any(verdict.outcome is Outcome.ERRORED for verdict in done.verdicts):
        STDOUT.print(
            Text("a check that errs decides nothing: a grade calls its defect undecided, not unmended")
        )
    STDOUT.print(Text(f"{done.tree}, seed {done.seed}, {done.seconds:.1f} processor seconds", "dim"))


@app.command()
def suggest(
    exercise: Annotated[str, typer.Argument(help="The exercise.")],
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Suggestions to record as defects; only listed without any.")
    ] = None,
    rule: Annotated[list[str] | None, typer.Option(help="Only those of this rule; may be repeated.")] = None,
    file: Annotated[list[str] | None, typer.Option(help="Only those in this file; may be repeated.")] = None,
    tries: Annotated[
        bool, typer.Option("--try", help="Hold each against the checks and visible tests that exist.")
    ] = False,
    seed: Annotated[int, typer.Option(help="The seed of --try.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes side by side, with --try.", min=1)] = os.cpu_count()
    or 2,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    sandbox: SandboxOption = "bubblewrap",
    bank: BankOption = None,
) -> None:
    """List mistakes that could be planted in an exercise's fixed project, or record some of them."""
    from unfit import operators
    from unfit.bank import load_bank, load_standard
    from unfit.sandbox import choose
    from unfit.trying import refused

    root = (own_bank if numbers else nearest_bank)(bank)
    opened = load_bank(root).exercise(exercise)
    found = operators.suggestions(opened)
    kept = operators.filtered(found, rules=rule or (), files=file or (), standard=load_standard(root))
    if numbers:
        kept = operators.chosen(found, numbers, exercise)
    if not kept:
        raise UsageError(
            f"{exercise}: no operator finds a place for a mistake there",
            fix="name other filters" if rule or file else "break a copy by hand, and use: unfit record",
        )
    trials = _trials(opened, kept, sandbox=sandbox, seed=seed, workers=workers) if tries else {}
    if numbers:
        held = partial(refused, backend=choose(sandbox), seed=seed)
        done = operators.record_suggestions(opened, kept, trials=trials, refused=held)
        if json:
            show_json(done)
        else:
            STDOUT.print(Text(with_bank(operators.render_recorded(done, exercise), bank)))
        return
    listed = operators.offers(opened, kept, trials)
    if json:
        show_json(listed)
    else:
        STDOUT.print(Text(with_bank(operators.render_offers(listed, exercise), bank)))


def _trials(
    exercise: Exercise, chosen: Sequence[Suggestion], *, sandbox: str, seed: int, workers: int
) -> dict[int, Trial]:
    """Try suggestions, and show how far that has come."""
    from unfit.validate import cache_folder
    from unfit.validate.suggested import tried

    backend, environment = ready(exercise, sandbox, None)
    with counted() as step:

        def watch(at: ValidationProgress) -> None:
            line = f"{exercise.slug}: {at.done} of {at.total} tried"
            step(at.seen.tree, at.done, at.total, at.left, line=line)

        return tried(
            exercise,
            chosen,
            backend=backend,
            environment=environment,
            seed=seed,
            workers=workers,
            cache=cache_folder(),
            watch=watch,
        )


@app.command()
def validate(
    context: typer.Context,
    exercise: Annotated[str | None, typer.Argument(help="One exercise; all of the bank without it.")] = None,
    seeds: Annotated[int, typer.Option(help="How many seeds.", min=1)] = 20,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Draw other seeds, if the last run came out clean.")
    ] = False,
    seed: Annotated[list[int] | None, typer.Option(help="Replay with this seed; may be repeated.")] = None,
    statistical: Annotated[bool, typer.Option(help="Only the checks whose numbers vary over seeds.")] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Corpus and further forms under the first seed only.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first tree that is not as expected.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes side by side.", min=1)] = os.cpu_count() or 2,
    cluster: Annotated[
        str | None, typer.Option(help="Examine on the workers of this Dask scheduler: tcp://HOST:PORT.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the result as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the result as one page.")] = None,
    write_harm: Annotated[bool, typer.Option(help="Keep the measured harm beside the solution.")] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what changed since a clean run with --write-harm.")
    ] = False,
    sandbox: Annotated[str, typer.Option(help="bubblewrap or unprotected.")] = "bubblewrap",
    bank: BankOption = None,
    engine: EngineOption = None,  # noqa: ARG001 - read from the context
) -> None:
    """Prove an exercise: every variant and corpus entry against every check, over seeds."""
    from unfit.bank import load_bank

    if cluster is None:
        moved(context)
    opened = load_bank((own_bank if write_harm else nearest_bank)(bank))
    slugs = [exercise] if exercise else list(opened.slugs)
    built(opened.exercise(slugs[0]))

    from unfit import validate as gate
    from unfit.sandbox import choose

    wanting = False
    for slug in slugs:
        chosen = opened.exercise(slug)
        if changed and gate.proven(chosen):
            problems = [*gate.leaks_of_history(chosen), *gate.unfit_pull_request(chosen)]  # in no proof
            for problem in problems:
                _name(slug, problem)
            wanting = wanting or bool(problems)
            say(f"{slug}: proven as it is")
            continue
        with _examinations(slug) as watch:
            found = gate.validate(
                chosen,
                backend=choose(sandbox),
                seeds=seed or seeds,
                workers=workers,
                cluster=cluster,
                cache=gate.cache_folder(),
                statistical=statistical,
                once=once,
                fresh=fresh,
                fail_fast=fail_fast,
                recorded=changed,
                write=write_harm,
                watch=watch,
                tell=partial(_name, slug),
            )
        _show(found, json and _one_of(json, slug, slugs), html and _one_of(html, slug, slugs))
        wanting = wanting or not found.clean
        if wanting and fail_fast:
            break
    if wanting:
        raise typer.Exit(1)


def _show(found: Validation, json: Path | None, html: Path | None) -> None:
    """Print a validation with the evidence at which it stopped, and write it where that is asked for."""
    from unfit import validate as gate
    from unfit.files import write_atomically
    from unfit.report import evidence_view

    STDOUT.print(Text(gate.render_text(found)))
    for verdict in found.stopped.verdicts if found.stopped else ():
        STDOUT.print(evidence_view(verdict))
    if json:
        write_atomically(json, found.model_dump_json(indent=1) + "\n")
    if html:
        write_atomically(html, gate.render_html(found))


def _name(slug: str, problem: Problem | str) -> None:
    """Name a problem as soon as it shows; it is in the result as well."""
    say(f"{slug}: {problem}")


@contextmanager
def _examinations(slug: str) -> Iterator[Callable[[ValidationProgress], None]]:
    """Show how far a validation has come and how long it will take."""
    with counted() as step:

        def watch(at: ValidationProgress) -> None:
            now = f"{at.seen.tree} seed {at.seen.seed}"
            step(now, at.done, at.total, at.left, line=f"{slug}: {at.done} of {at.total} examined")

        yield watch


def _one_of(path: Path, slug: str, slugs: list[str]) -> Path:
    """Give each of several exercises a file of its own."""
    return path if len(slugs) == 1 else path.with_stem(f"{path.stem}-{slug}")
