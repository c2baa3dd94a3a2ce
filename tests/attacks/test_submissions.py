"""Each attack of the table ends as its header states, and leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from attacks.arena import KINDS, Arena, Attack, attacks

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: f"{attack.kind}-{attack.name}")
def test_an_attack_is_contained(
    attack: Attack, arena: Arena, record_property: Callable[[str, object], None]
) -> None:
    record_property("attack", attack.kind)
    ending = arena.run(attack)
    assert ending.how in attack.ends, ending
    assert re.search(attack.says, ending.cause), ending.cause[:500]
    assert re.search(attack.output, ending.reply.stdout + ending.reply.stderr)
    arena.aftermath(ending)


def test_there_are_attacks_of_every_kind() -> None:
    counts = [sum(attack.kind == kind for attack in attacks()) for kind in KINDS]
    assert min(counts) >= 15
    assert sum(counts) >= 60
