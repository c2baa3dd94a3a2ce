"""Documents of a derived exercise may be told in other words, and nothing else."""

from __future__ import annotations

import pytest

from unfit.errors import UsageError
from unfit.retelling import documents, retold

TREE = {
    "exercise.toml": b'title = "Boxes"\nstory = "A shop."\n[[contract.entry]]\ncall = "a:b"\ndoes = "Packs."\n',
    "checks.py": b'"""Hidden."""\n',
    "defects.toml": b"fixed = '''\nSIZE = 1\n\"\"\"Of a box.\"\"\"\n'''\n",
    "history.toml": b'[[commit]]\nmessage = "Boxes"\n',
    "project/README.md": b"# Boxes\n",
    "project/data/rows.csv": b"a\n1\n",
    "project/src/a.py": b'"""Boxes."""\n\n\ndef b():\n    """Pack."""\n    return 1\n',
    "project/src/c.py": b"x = 1\n",
    "project/src/d.py": b'SIZE = 1\n"""Of a box."""\n',
}


def test_what_tells_the_story_is_chosen() -> None:
    assert set(documents(TREE)) == {
        "exercise.toml",
        "history.toml",
        "project/README.md",
        "project/src/a.py",
        "project/src/d.py",
    }


def test_an_edit_that_quotes_a_docstring_follows_it() -> None:
    told = TREE["project/src/d.py"].replace(b"Of a box", b"How wide a sack is")
    tree = retold(TREE, {"project/src/d.py": told})
    assert tree["defects.toml"] == TREE["defects.toml"].replace(b"Of a box", b"How wide a sack is")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("project/README.md", b"# Sacks\n"),
        ("history.toml", TREE["history.toml"].replace(b"Boxes", b"Sacks")),
        ("exercise.toml", TREE["exercise.toml"].replace(b"Packs", b"Fills").replace(b"Boxes", b"Sacks")),
        (
            "project/src/a.py",
            TREE["project/src/a.py"].replace(b"Pack.", b"Fill.").replace(b"return", b"# a\n    return"),
        ),
    ],
)
def test_words_may_be_others(path: str, content: bytes) -> None:
    assert retold(TREE, {path: content})[path] == content


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("project/notes.md", b"# More\n", "is no document"),
        ("checks.py", b"", "is no document"),
        ("project/src/a.py", TREE["project/src/a.py"].replace(b"1", b"2"), "changes code"),
        ("project/src/a.py", b"def b(:\n", "does not parse"),
        ("exercise.toml", TREE["exercise.toml"].replace(b"a:b", b"a:c"), "changes more than"),
        ("exercise.toml", b"title =", "is no TOML"),
    ],
)
def test_nothing_else_may_be_another(path: str, content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        retold(TREE, {path: content})
