"""The library's reference as Markdown, made of its docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from unfit.experiments import (
    answers,
    figures,
    learning,
    limits,
    listing,
    living,
    power,
    service,
    spoiling,
    standins,
    stillness,
    upstream,
    watching,
)
from unfit.experiments.power import Rates

__all__ = ["reference"]

_MODULES: tuple[ModuleType, ...] = (
    service,
    listing,
    answers,
    spoiling,
    upstream,
    living,
    standins,
    learning,
    figures,
    watching,
    limits,
    power,
    stillness,
)
_INTRODUCTION = '''# Experiments

`unfit.experiments` holds an experiment for most rules of [the standard](standard.md). They reach a service through a
small adapter, so a check takes three to eight lines:

```python
from unfit import Case, check
from unfit.experiments import Service, set_aside, unreadable

SERVICE = Service(
    key="load_id",
    answer=lambda case, model, rows: case.call("souring.score:score", model, rows)["results"],
    train=_train,
)


@check(requires=("a_clean_batch_comes_back_whole",))
def an_unreadable_load_is_held(case: Case) -> None:
    """A load that cannot be read is held, and the rest of its batch is scored as usual."""
    model, rows = SERVICE.trained(case, history(300, seed=case.seed)), records(loads(40, seed=case.seed))
    set_aside(case, SERVICE, model, rows, unreadable(rows, ["fat_pct", "volume_l"]))
```

What they have in common: an invariance is tested exactly before any tolerance is used; every question has a process,
ids and an order of its own; a lost row has moved; equal questions that get different answers end a check as
*unproven*; an error is a failure where the rule promises an answer; and the evidence names the row that decided.
`unfit standard --experiments` prints this page.
`Case` itself, for what no experiment covers, is described under [checks](checks.md).'''
_POWER = """## Odds of `stays_quiet`

Exact, for independent days: how often a watch passes that wakes somebody on this share of ordinary days, and how many
are drawn on average."""
_CAUGHT, _RATES = (0.1, 0.15), (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)


def reference() -> str:
    """Write what authors look up: every public name with its docstring, and the odds of what is statistical."""
    parts = [_INTRODUCTION]
    for module in _MODULES:
        title, _, rest = (module.__doc__ or "").partition(": ")
        parts.append(f"## {title}\n\n{rest[:1].upper()}{rest[1:].strip()}")
        public = {name: getattr(module, name) for name in module.__all__}
        parts += [
            _entry(name, item)
            for name, item in public.items()
            if inspect.isroutine(item) or inspect.isclass(item)
        ]
    return "\n\n".join([*parts, _power()]) + "\n"


def _entry(name: str, item: Any) -> str:
    return f"### `{name}`\n\n```text\n{name}{_signature(item)}\n```\n\n{_text(inspect.getdoc(item) or '')}"


def _signature(item: Any) -> str:
    names = []
    for parameter in inspect.signature(item).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in names:
            names.append("*")
        names.append(parameter.name if parameter.default is parameter.empty else f"{parameter.name}=...")
    return f"({', '.join(names)})"


def _text(docstring: str) -> str:
    """Turn the sections of a docstring into Markdown."""
    return "\n\n".join(_sections(docstring)).replace("::\n\n    ", "\n\n    ")


def _sections(docstring: str) -> Iterator[str]:
    head, *rest = re.split(
        r"^(Parameters|Returns|Yields|Raises|Notes|Examples)\n-+\n", docstring, flags=re.MULTILINE
    )
    yield head.strip()
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title == "Notes":
            yield body.strip()
        elif title == "Examples":
            example = inspect.cleandoc(body.replace("::", "").strip())
            yield f"```{'pycon' if example.startswith('>>>') else 'python'}\n{example}\n```"
        else:
            items = re.findall(r"^(\S.*)\n?((?:    .*\n?|\n)*)", body, flags=re.MULTILINE)
            lines = [
                f"* `{what.strip()}`{_colon(inspect.cleandoc(more))}" for what, more in items if what.strip()
            ]
            yield f"{title}:\n\n" + "\n".join(lines)


def _colon(text: str) -> str:
    return f": {' '.join(text.split())}" if text.strip() else ""


def _power() -> str:
    heads = ("told from 1%", "of days that wake somebody", *(f"{rate:.1%}" for rate in _RATES))
    rows = [heads, ["---"] * len(heads)]
    for caught in _CAUGHT:
        rates = Rates(promised=0.01, caught=caught)
        rows.append((f"{caught:.0%}", "pass", *(f"{rates.passes(rate):.2%}" for rate in _RATES)))
        rows.append(("", "days that are drawn", *(f"{rates.draws(rate):.0f}" for rate in _RATES)))
    return f"{_POWER}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)
