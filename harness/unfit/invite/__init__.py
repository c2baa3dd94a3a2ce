"""Invite: an export for one candidate with the message that goes with it, and the messages that follow."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from unfit.bank import Exercise, load_bank
from unfit.bank.nearest_word import nearest
from unfit.errors import UsageError
from unfit.export import ExportEntry, entries, export
from unfit.files import write_atomically
from unfit.forgotten import folded, read_marks
from unfit.invite.messages import KINDS, MESSAGES, Kind, blanks, render
from unfit.invite.overview import HandedOut, handed_out
from unfit.likeness import is_published
from unfit.register import Invitation, Register, change, read_register

__all__ = [
    "KINDS",
    "Agreed",
    "HandedOut",
    "Invited",
    "Kind",
    "Written",
    "handed_out",
    "invite",
    "refuse_forgotten_name",
    "write_message",
]

INVITATION = "invitation.txt"
FEEDBACK = ("feedback-after-the-talk.html", "feedback.html")


@dataclass(frozen=True)
class Agreed:
    """What is agreed with a candidate, and what stands in every message.

    Parameters
    ----------
    minutes : int, optional
        The exercise's own without it.
    until : date, optional
        The day until which the work is asked for.
    contact : str
        Whom to ask.
    assistants : {"allowed", "none"}
    accommodations : str
    keep : str
        Until when everything is kept.
    sender : str
    """

    minutes: int | None = None
    until: dt.date | None = None
    contact: str = ""
    assistants: Literal["allowed", "none"] = "allowed"
    accommodations: str = ""
    keep: str = ""
    sender: str = ""


@dataclass(frozen=True)
class Invited:
    """One candidate's export and message.

    Parameters
    ----------
    export, message : Path
    receipt : str
        Its number.
    open : tuple of str
        What the message leaves open.
    """

    export: Path
    message: Path
    receipt: str
    open: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """A message that follows.

    Parameters
    ----------
    text : str
    attach : Path or None
        What goes with it.
    open : tuple of str
        What it leaves open.
    """

    text: str
    attach: Path | None = None
    open: tuple[str, ...] = field(default=())


def invite(
    exercise: Exercise,
    candidate: str,
    to: Path,
    *,
    ledger: Path,
    terms: Agreed | None = None,
    form: str | None = None,
    seed: int | None = None,
    pull_request: bool = False,
    templates: Path | None = None,
) -> Invited:
    """Export an exercise for one candidate, and write the message that goes with it.

    Parameters
    ----------
    exercise : Exercise
    candidate : str
    to : Path
        A folder; the candidate gets one of their own in it.
    ledger : Path
        The interviewer's folder.
    terms : Agreed, optional
    form, seed, pull_request
        See `unfit.export.export`.
    templates : Path, optional
        Folder with templates of one's own, before the bank's ``messages/``.

    Raises
    ------
    UsageError
        If the candidate was forgotten, has an export of this exercise in that place, or a template cannot be read.
    """
    agreed = terms or Agreed()
    refuse_forgotten_name(ledger, candidate)
    folder = to / _folder_name(candidate)
    archive = folder / f"{exercise.slug}.zip"
    facts = {**_facts(exercise, candidate, agreed, pull_request=pull_request), "file": archive.name}
    text = render("invitation", facts, folders=_folders(templates, exercise.bank))
    receipt = export(
        exercise,
        archive,
        ledger=ledger,
        candidate=candidate,
        form=form,
        seed=seed,
        minutes=agreed.minutes,
        assistants=agreed.assistants,
        pull_request=pull_request,
        format="zip",
    )
    message = folder / INVITATION
    write_atomically(message, text)
    entered = Invitation(
        nonce=receipt.nonce,
        place=str(folder.resolve()),
        minutes=agreed.minutes or exercise.manifest.minutes,
        until=agreed.until,
        contact=agreed.contact,
        assistants=agreed.assistants,
        accommodations=agreed.accommodations,
        keep=agreed.keep,
        sender=agreed.sender,
    )
    change(ledger, lambda register: _with(register, entered))
    return Invited(archive, message, receipt.nonce, blanks(text))


def _with(register: Register, entered: Invitation) -> Register:
    return register.model_copy(update={"invitations": (*register.invitations, entered)})


def refuse_forgotten_name(ledger: Path, candidate: str) -> None:
    """Refuse to hand something out to somebody who was forgotten, until that is lifted.

    Raises
    ------
    UsageError
        Saying since when, and what to do.
    """
    when = read_marks(ledger).when(("name", candidate))
    if when is not None:
        raise UsageError(
            f"somebody of the name `{candidate}` was forgotten on {when}",
            fix=f'if the person applied again, say so: unfit forget "{candidate}" --lift',
        )


def _folder_name(candidate: str) -> str:
    """Make a folder's name of a person's, which reads on every system."""
    plain = unicodedata.normalize("NFKD", candidate).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()
    if not candidate.strip():
        raise UsageError("nobody is invited", fix='say who: --candidate "NAME"')
    return name or "candidate"


def _folders(templates: Path | None, bank: Path) -> tuple[Path, ...]:
    if templates is not None and not templates.is_dir():
        raise UsageError(f"{templates}: there is no such folder", fix="name the folder with your templates")
    return tuple(one for one in (templates, bank / MESSAGES) if one is not None and one.is_dir())


def _facts(
    exercise: Exercise, candidate: str, terms: Agreed, *, pull_request: bool = False
) -> dict[str, Any]:
    manifest = exercise.manifest
    story = (exercise.pull_request.story if pull_request else "") or manifest.story
    return {
        "candidate": candidate,
        "title": manifest.title,
        "story": " ".join(story.split()),
        "pull_request": pull_request,
        "level": manifest.level,
        "minutes": terms.minutes or manifest.minutes,
        "until": _day(terms.until),
        "contact": terms.contact,
        "assistants": terms.assistants,
        "accommodations": terms.accommodations.rstrip("."),
        "published": is_published(exercise),
        "keep": terms.keep,
        "sender": terms.sender,
    }


def _day(day: dt.date | None) -> str:
    """Write a day so that nobody mistakes it: Monday, 7 December 2026."""
    return f"{day:%A}, {day.day} {day:%B %Y}" if day else ""


def write_message(
    kind: Kind,
    candidate: str,
    *,
    bank: Path,
    ledger: Path,
    exercise: str | None = None,
    grade: Path | None = None,
    terms: Agreed | None = None,
    templates: Path | None = None,
) -> Written:
    """Write a reminder, an answer or a refusal to somebody who has an exercise.

    Parameters
    ----------
    kind : {"reminder", "answer", "refusal"}
    candidate : str
    bank, ledger : Path
    exercise : str, optional
        Which one, where the candidate has several.
    grade : Path, optional
        Folder of the grade, whose feedback goes with an answer; what the register has without it.
    terms : Agreed, optional
        What changed since the invitation.
    templates : Path, optional

    Raises
    ------
    UsageError
        If the candidate has no such exercise, or several, or there is no feedback to send.
    """
    entry = _entry(ledger, candidate, exercise)
    register = read_register(ledger)
    chosen = load_bank(bank).exercise(entry.exercise)
    agreed = _since(next((one for one in register.invitations if one.nonce == entry.nonce), None), terms)
    feedback = _feedback(register, entry, grade) if kind != "reminder" else None
    if kind == "answer" and feedback is None:
        raise UsageError(
            f"there is no grade of {candidate}'s work whose feedback could be sent",
            fix="name its folder: --grade DIR; or grade it first with --out DIR",
        )
    sent = _day(entry.when.date()) if entry.when else ""
    facts = {
        **_facts(
            chosen, entry.candidate, agreed, pull_request=entry.pull_request and chosen.has_pull_request
        ),
        "sent": sent,
        "file": f"{entry.exercise}.zip",
        "feedback": feedback.name if feedback is not None else "",
    }
    text = render(kind, facts, folders=_folders(templates, bank))
    return Written(text, feedback, blanks(text))


def _entry(ledger: Path, candidate: str, exercise: str | None) -> ExportEntry:
    known = entries(ledger)
    found = [one for one in known if folded(one.candidate) == folded(candidate)]
    found = [one for one in found if exercise in {None, one.exercise}]
    if not found:
        raise UsageError(
            f"{ledger}: nothing was handed out to `{candidate}`"
            f"{nearest(candidate, [one.candidate for one in known if one.candidate])}",
            fix="`unfit ledger` lists who has what",
        )
    slugs = sorted({one.exercise for one in found})
    if len(slugs) > 1:
        raise UsageError(f"{candidate} has {', '.join(slugs)}", fix="say which one: --exercise NAME")
    return found[-1]


def _since(invitation: Invitation | None, terms: Agreed | None) -> Agreed:
    """Take what was agreed with the invitation, and what was said now before that."""
    said = terms or Agreed()
    if invitation is None:
        return said
    return Agreed(
        minutes=said.minutes or invitation.minutes,
        until=said.until or invitation.until,
        contact=said.contact or invitation.contact,
        assistants=invitation.assistants,
        accommodations=said.accommodations or invitation.accommodations,
        keep=said.keep or invitation.keep,
        sender=said.sender or invitation.sender,
    )


def _feedback(register: Register, entry: ExportEntry, grade: Path | None) -> Path | None:
    """Find the feedback of a person's own work: never that of another's which carries the same receipt."""
    if grade is not None:
        found = _page_in(grade.parent if grade.is_file() else grade)
        if found is None:
            raise UsageError(f"{grade}: there is no feedback", fix="name the folder of a grade")
        return found
    same = [one for one in register.handed_in if one.nonce == entry.nonce]
    if len({one.content for one in same}) != 1 or not all(one.proven for one in same):
        return None
    pages = (_page_in(Path(one.grade)) for one in reversed(same))
    return next((page for page in pages if page is not None), None)


def _page_in(folder: Path) -> Path | None:
    """Take the feedback for after the talk where an interviewer has written it, else that for before."""
    return next((folder / name for name in FEEDBACK if (folder / name).is_file()), None)
