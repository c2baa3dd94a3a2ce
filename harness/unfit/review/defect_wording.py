"""Wording: what a text says, as stems of its own words, and what a defect is known by."""

# ruff: noqa: RUF001 - the quotes of many keyboards are what is read here

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import snowballstemmer

from unfit.review.mentions import BARE, PATH, STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = ["Hits", "Said", "Says", "borrowed_of", "hits", "own_words", "said_by", "says_of"]

WORD = re.compile(r"[^\W\d_]+(?:['’](?:t|re|ve|ll)\b)?|\d+(?:\.\d+)?")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])(?!Ns?\b)")
CODE = re.compile(r"`[^`\n]{1,200}`|\b\w+(?:\.\w+)+\b|\b\w+\(|\b\w*_\w*\b|\b[A-Z]{3,}\b")
STRUCK = re.compile(r"~~[^~\n]{1,400}~~|<!--.*?(?:-->|\Z)", re.DOTALL)
RUN = 5
"""So many words in a row that stand in the shipped files too are theirs, not the candidate's."""
LONGEST = 8_000
SHORTEST_RUN = 3
"""A line of code this long is known again; a shorter one is anybody's."""
NEGATIONS = frozenset({"not", "never", "no"})
"""Words that make no sentence of the shipped files one's own."""
LIST_LENGTH = 5
LONG_LIST = 8
FUNCTION_WORDS = 0.05
"""The share of words such as "the", "is" and "not" below which a long text is a list of terms and no sentence."""
LONGEST_PRAISE = 14
LONGEST_TERM, MOST_TERMS = 3, 8
PRAISE = re.compile(
    r"\b(?:is|are|it'?s|looks?|seems?)\s+(?:actually\s+|also\s+|all\s+|perfectly\s+)?"
    r"(?:fine|right|correct|ok|okay|good|intentional|deliberate|harmless|"
    r"not\s+(?:a|an)\s+(?:bug|defect|problem|issue|leak|error)|handled\s+(?:well|correctly|properly)|done\s+(?:well|correctly|properly))\b",
    re.IGNORECASE,
)
BUT = re.compile(
    r"\b(?:but|however|yet|except|although|though|only|not|never|if|when|until)\b", re.IGNORECASE
)
SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")

STEMMER = snowballstemmer.stemmer("english")
DROPPED = "\x00"
"""Stands before a word that counts for nothing, as one of a path does."""

Stems = tuple[str, ...]
Way = tuple[tuple[Stems, ...], ...]


@dataclass(frozen=True)
class Word:
    """One word of a finding.

    Parameters
    ----------
    stem : str
        Empty where stretches that do not belong together meet.
    written : str
        As it stands in the text.
    own : bool
        Whether it is the candidate's, and not of a run that was copied from the shipped files.
    """

    stem: str
    written: str
    own: bool

    @property
    def tells(self) -> bool:
        """Whether it is the candidate's own, and none of any sentence."""
        return self.own and self.stem not in STOPPED


@dataclass(frozen=True)
class Said:
    """The words of one finding, in order, and whether they are a list of terms instead of something said."""

    words: tuple[Word, ...] = ()
    listing: bool = False

    @property
    def telling(self) -> frozenset[str]:
        """The stems without those of any sentence."""
        return frozenset(word.stem for word in self.words) - STOPPED - {""}


@dataclass(frozen=True)
class Says:
    """How honest descriptions of a defect, or of a decoy, say what it is.

    Parameters
    ----------
    ways : tuple
        Each a tuple of groups, each group some phrases; who says a phrase of every group of a way describes it.
    about : frozenset of str
        Stems that weigh where several defects are described.
    least : int
        How many of `about` describe it where there is no way.
    """

    ways: tuple[Way, ...]
    about: frozenset[str]
    least: int = 2


@dataclass(frozen=True)
class Hits:
    """What of a finding's words describes a defect, as they were written.

    Parameters
    ----------
    count : int
        How many describe it.
    needed : int
        How many of them had to be there.
    words : tuple of str
    """

    count: int
    needed: int
    words: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Bring a word to its stem: "leaks" and "leaked" are one."""
    return str(STEMMER.stemWord(word))


STOPPED: frozenset[str] = frozenset(map(stem, STOP_WORDS)) | STOP_WORDS
"""Words of any sentence, with their stems."""


def own_words(text: str) -> list[str]:
    """Split a text into words in lower case; parts of identifiers count."""
    return [word.casefold() for word in WORD.findall(HUMP.sub(" ", text.replace("_", " ").replace("’", "'")))]


def borrowed_of(tree: Mapping[str, bytes]) -> frozenset[tuple[str, ...]]:
    """Collect runs of words of the shipped texts, and short lines of code: who repeats them says nothing."""
    found: set[tuple[str, ...]] = set()
    for path, content in tree.items():
        if not path.endswith((".py", ".md", ".ipynb", ".toml", ".txt", "Makefile", ".sql")):
            continue
        text = content[:400_000].decode("utf-8", "replace")
        if path.endswith(".ipynb"):
            text = text.replace("\\n", " ")
        words = [word for word in own_words(text) if word not in NEGATIONS]
        found.update(zip(*(words[start:] for start in range(RUN)), strict=False))
        if not path.endswith((".md", ".txt")):
            lines = (
                tuple(word for word in own_words(line) if word not in NEGATIONS) for line in text.splitlines()
            )
            found.update(line for line in lines if SHORTEST_RUN <= len(line) < RUN)
    return frozenset(found)


def said_by(text: str, borrowed: Collection[tuple[str, ...]], names: Collection[str]) -> Said:
    """Find the words of a finding that are the candidate's own.

    Parameters
    ----------
    text : str
        As written.
    borrowed : collection of tuple of str
        Runs of words of the shipped files; see `borrowed_of`.
    names : collection of str
        Functions, classes, constants and cells of what was shipped: a name says where, not what.

    Returns
    -------
    said : Said
        Without paths, names, struck-out text and praise.
    """
    text = STRUCK.sub(" ", text[:LONGEST]).replace("’", "'")
    text = " | ".join(part for part in SENTENCE.split(text) if not _says_nothing(part))
    for pattern in (PATH, BARE):
        text = pattern.sub(lambda found: f" | {_dropped(found[0])} | ", text)
    text = CODE.sub(lambda found: _unnamed(found[0], names), text)
    pieces = re.findall(rf"{DROPPED}?(?:{WORD.pattern})|\|", HUMP.sub(" ", text.replace("_", " ")))
    copied = iter(_copied([piece.lstrip(DROPPED).casefold() for piece in pieces if piece != "|"], borrowed))
    words = []
    for piece in pieces:
        of_others = piece == "|" or next(copied)
        kept = piece[0] not in {"|", DROPPED}
        words.append(Word(stem(piece.casefold()) if kept else "", piece, kept and not of_others))
    spoken = [word.written.casefold() for word in words if word.own]
    small = sum(word in STOP_WORDS for word in spoken)
    enough = 1 if len(spoken) < LONG_LIST else FUNCTION_WORDS * len(spoken)
    return Said(tuple(words), listing=len(spoken) >= LIST_LENGTH and small < enough)


def _says_nothing(sentence: str) -> bool:
    """Tell whether a sentence says that something is right, and nothing else; or lists terms, and says nothing."""
    terms = [part for part in sentence.split(",") if len(part.split()) <= LONGEST_TERM]
    if len(terms) >= MOST_TERMS:
        return True
    found = PRAISE.search(sentence) if len(sentence.split()) <= LONGEST_PRAISE else None
    return found is not None and not BUT.search(sentence, found.end())


def _dropped(text: str) -> str:
    """Mark each word of a piece of text as one that counts for nothing."""
    return " ".join(f"{DROPPED}{word}" for word in own_words(text))


def _unnamed(code: str, names: Collection[str]) -> str:
    """Mark the names of shipped functions, classes, constants and cells in a piece of code."""
    return re.sub(
        r"[A-Za-z_][\w-]*", lambda found: _dropped(found[0]) if found[0] in names else found[0], code
    )


def _copied(words: Sequence[str], borrowed: Collection[tuple[str, ...]]) -> list[bool]:
    """Tell of each word whether it stands in a run that was copied, with or without a negation put in."""
    at = [place for place, word in enumerate(words) if word not in NEGATIONS]
    taken = [False] * len(words)
    for length in range(SHORTEST_RUN, RUN + 1):
        for start in range(len(at) - length + 1):
            places = at[start : start + length]
            if tuple(words[place] for place in places) in borrowed:
                taken[places[0] : places[-1] + 1] = [True] * (places[-1] + 1 - places[0])
    return taken


def says_of(ways: Iterable[str], text: str, common: Collection[str] = ()) -> Says:
    """Read how a defect is described.

    Parameters
    ----------
    ways : iterable of str
        Such as ``"patient, person + fold, both sides"``: a phrase of every group between the plus signs.
    text : str
        Its title and what it teaches; its telling words stand in where there is no way.
    common : collection of str
        Stems that tell nothing among the defects of the exercise.
    """
    read = tuple(
        tuple(
            tuple(phrase for part in group.split(",") if (phrase := tuple(map(stem, own_words(part)))))
            for group in re.split(r"\s\+\s", way)
        )
        for way in ways
    )
    shortest = 3
    about = {stem(word) for word in own_words(text) if len(word) > shortest} - STOPPED - set(common)
    about |= {one for way in read for group in way for phrase in group for one in phrase} - STOPPED
    return Says(read, frozenset(about), 2 if len(about) > 1 else 1)


def hits(said: Said, says: Says) -> Hits | None:
    """Find the words with which a finding describes a defect; None where it does not."""
    at: dict[str, list[int]] = {}
    for place, word in enumerate(said.words):
        at.setdefault(word.stem, []).append(place)
    if says.ways:
        best = max((_spans(said, at, way) for way in says.ways), key=len)
    else:
        best = {
            at[one][0]: 1 for one in says.about if any(said.words[place].tells for place in at.get(one, ()))
        }
    if not best or (not says.ways and len(best) < says.least):
        return None
    covered = {place for first, length in best.items() for place in range(first, first + length)}
    more = [one for one in says.about if any(said.words[place].own for place in at.get(one, ()))]
    further = sum(not covered.intersection(at[one]) for one in more)
    phrases = (said.words[first : first + length] for first, length in sorted(best.items()))
    words = dict.fromkeys(" ".join(word.written for word in phrase) for phrase in phrases)
    return Hits(len(best) + further, len(best) if says.ways else says.least, tuple(words))


def _spans(said: Said, at: Mapping[str, list[int]], way: Way) -> dict[int, int]:
    """Find a phrase for each group, none of them sharing a word; none where a group has none, or all are borrowed."""
    chosen: dict[int, int] = {}
    used: set[int] = set()
    for group in way:
        options = [
            (-len(phrase), not said.words[place].tells, place)
            for phrase in group
            for place in at.get(phrase[0], ())
            if tuple(word.stem for word in said.words[place : place + len(phrase)]) == phrase
            and not used.intersection(range(place, place + len(phrase)))
        ]
        if not options:
            return {}
        length, _, place = min(options)
        chosen[place] = -length
        used.update(range(place, place - length))
    return chosen if any(said.words[place].tells for place in used) else {}
