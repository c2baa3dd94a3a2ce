"""Run the command as ``python -m unfit``."""

from unfit.cli import main

main()
