"""Following: a cohort's table and page, written anew when something beside one of its grades has changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unfit.cohort.grading_a_cohort import publish
from unfit.cohort.nothing_new import discard
from unfit.cohort.pseudonyms import Key, Person, key_of, read_key
from unfit.cohort.resuming import entered
from unfit.cohort.settings_and_endings import GRADES, SETTINGS, read_settings
from unfit.cohort.side_by_side import locked
from unfit.cohort.submission_lists import real
from unfit.errors import UsageError
from unfit.register import read_register

__all__ = ["GradePlace", "place_of"]


@dataclass(frozen=True)
class GradePlace:
    """Where a grade lies in a cohort.

    Parameters
    ----------
    out : Path
        The cohort's folder.
    key : Path
        Who is who.
    pseudonym : str
    """

    out: Path
    key: Path
    pseudonym: str

    @property
    def submission(self) -> Path:
        """Where the submission lies."""
        return self._of(read_key(self.key)).path

    def _of(self, key: Key) -> Person:
        found = next((one for one in key.people if one.pseudonym == self.pseudonym), None)
        if found is None:
            raise UsageError(
                f"{self.key}: does not say whose {self.pseudonym} is", fix="name the cohort's key with --key"
            )
        return found

    def follow(self) -> Path:
        """Write table and page as what lies beside the grades has them now; no experiment runs.

        Returns
        -------
        page : Path
        """
        key = read_key(self.key)
        self._of(key)
        with locked(self.out):
            settings = read_settings(self.out)
            assert settings is not None
            discard(self.out)
            entered(self.out, self.pseudonym, settings)
            publish(self.out, key, settings)
        return self.out / "cohort.html"


def place_of(grade: Path, *, ledger: Path, key: Path | None = None) -> GradePlace | None:
    """Find the cohort that the folder of a grade lies in; None where it is a single grade.

    Parameters
    ----------
    grade : Path
        The folder of the grade.
    ledger : Path
        The interviewer's folder, which knows where the keys of cohorts lie.
    key : Path, optional
        The key, where it is known to lie elsewhere.
    """
    folder = grade.resolve()
    out = folder.parents[1]
    if folder.parent.name != GRADES or not (out / SETTINGS).is_file():
        return None
    known = [Path(one.key) for one in read_register(ledger).cohorts if real(Path(one.out)) == real(out)]
    usual = [path for path in (*reversed(known), key_of(out)) if path.is_file()]
    if key is None and not usual:
        raise UsageError(
            f"{out}: its key is not at {key_of(out)}, and without it the page cannot be written",
            fix="name it with --key",
        )
    return GradePlace(out, key or usual[0], folder.name)
