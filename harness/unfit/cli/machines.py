"""Commands that look at this machine."""

from __future__ import annotations

import typer
from rich.text import Text

from unfit.cli.shared import STDOUT, BankOption, app, nearest_bank, say


@app.command()
def doctor(bank: BankOption = None) -> None:
    """Say whether this machine can isolate, with what, and what to do if not."""
    from unfit.machine import examine

    findings = examine(nearest_bank(bank), tell=say)
    for finding in findings:
        STDOUT.print(Text("ok      " if finding.good else "missing "), Text(finding.what), sep="")
        if not finding.good and finding.fix:
            STDOUT.print(Text(f"        fix: {finding.fix}"))
    if not all(finding.good for finding in findings):
        raise typer.Exit(3)


@app.command()
def setup(bank: BankOption = None) -> None:
    """Install what grading needs: bubblewrap where allowed, and the environment of exercises."""
    from unfit.machine import prepare

    prepare(nearest_bank(bank), tell=say)
