"""Commands that look at this machine."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from unfit.cli.engines import Choice, EngineOption, engine_for, make_image, moved
from unfit.cli.shared import STDOUT, BankOption, app, nearest_bank, say


@app.command()
def doctor(context: typer.Context, bank: BankOption = None, engine: EngineOption = None) -> None:
    """Say whether this machine can isolate, with what, and what to do if not."""
    from unfit.machine import examine

    if engine is not Choice.NONE and engine_for(engine) is not None:
        say("looking inside the image, where grading will run")
        moved(context)
    findings = examine(nearest_bank(bank), tell=say)
    for finding in findings:
        STDOUT.print(Text("ok      " if finding.good else "missing "), Text(finding.what), sep="")
        if not finding.good and finding.fix:
            STDOUT.print(Text(f"        fix: {finding.fix}"))
    if not all(finding.good for finding in findings):
        raise typer.Exit(3)


@app.command()
def setup(
    bank: BankOption = None,
    engine: EngineOption = None,
    base: Annotated[str, typer.Option(help="Another image to build the kit's image from.")] = "",
) -> None:
    """Install what grading needs: bubblewrap where allowed, and the environment of exercises; or build the image."""
    from unfit import environment
    from unfit.machine import install_bubblewrap

    if engine in {None, Choice.NONE}:
        install_bubblewrap(tell=say)
    chosen = engine_for(engine)
    if chosen is not None:
        make_image(chosen, base=base)
        return
    environment.build(nearest_bank(bank), tell=say)
