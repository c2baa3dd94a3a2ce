"""Rules of the standard, as frozen records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from pydantic import StringConstraints

from unfit.records import Record

__all__ = ["FAMILIES", "Family", "Rule", "RuleId", "Standard"]

Family = Literal["Learning", "Figures", "Answers", "Runs", "Watch", "People"]
FAMILIES: tuple[Family, ...] = get_args(Family)

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
"""Lower case, words joined by hyphens."""
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Rule(Record):
    """One rule that a service keeps."""

    id: RuleId
    """Short words, as `rule` in ``defects.toml`` names them."""
    family: Family
    sentence: Text
    """What the service does, for candidates: about behaviour, without a hint at how one breaks it."""
    source: Text
    """Where the rule comes from."""
    experiments: tuple[str, ...] = ()
    """Functions of `unfit.experiments` that tell whether a service keeps it."""
    operators: tuple[Text, ...] = ()
    """How a mistake against it is planted."""
    wrong_fixes: tuple[Text, ...] = ()
    """Fixes that look right and are wrong everywhere."""
    narrowings: tuple[Text, ...] = ()
    """Fixes that are right in one place only: on one path, for one kind, at a diluted strength."""


@dataclass(frozen=True)
class Standard:
    """The rules that hold in a bank.

    Parameters
    ----------
    rules : tuple of Rule
        In the order of the page that candidates read.
    """

    rules: tuple[Rule, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Every rule's id."""
        return tuple(rule.id for rule in self.rules)

    def family(self, family: Family) -> tuple[Rule, ...]:
        """List the rules of one family, in order."""
        return tuple(rule for rule in self.rules if rule.family == family)

    def adapted(
        self, *, dropped: Collection[str], reworded: Mapping[str, str], added: tuple[Rule, ...]
    ) -> Standard:
        """Make the standard of a team: some rules dropped, some in other words, some of its own.

        Parameters
        ----------
        dropped : collection of str
            Ids.
        reworded : mapping of str to str
            Another sentence, by id.
        added : tuple of Rule
        """
        kept = (rule for rule in self.rules if rule.id not in dropped)
        told = (rule.model_copy(update={"sentence": reworded.get(rule.id, rule.sentence)}) for rule in kept)
        return replace(self, rules=(*told, *added))
