"""The cell runner: runs a notebook's cells in this process, as IPython would."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from typing import Any

from unfit.worker.code_cells import Cell, NotebookRun, magic_in, marked
from unfit.worker.faults import CellFailed, Missing, not_offered, told

__all__ = ["CellRunner"]


class CellRunner:
    """An IPython shell with a notebook's namespace.

    Parameters
    ----------
    book : NotebookRun
        The notebook.
    """

    def __init__(self, book: NotebookRun) -> None:
        self.book = book
        self.shell = self._make()

    def _make(self) -> Any:
        os.environ["IPYTHONDIR"] = os.path.join(self.book.config["scratch"], "ipython")
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        settings = Config()
        settings.HistoryManager.enabled = False
        settings.InteractiveShell.colors = "nocolor"
        settings.InteractiveShell.cache_size = 0
        shell: Any = InteractiveShell.instance(config=settings)
        shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None  # told by the fault instead
        shell.ask_exit = leave
        shell.enable_gui = lambda _=None: None  # there is no screen to attach to
        sys.modules["__main__"] = shell.user_module
        return shell

    def run(self, cells: list[Cell]) -> CellRunner:
        """Run the cells from the first to the last, or to the one that ends the notebook.

        Raises
        ------
        CellFailed
            At the first one that raises.
        """
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        for cell in cells:
            self.book.say(cell)
            result = self.shell.run_cell(cell.source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if isinstance(error, SystemExit) and error.code in {None, 0}:
                break
            if error is not None:
                raise self._failure(cell, error, result)
            close_figures()
        self.book.say(None)
        return self

    def _failure(self, cell: Cell, error: BaseException, result: Any) -> CellFailed:
        line = self._line(error, result)
        kind = "memory" if isinstance(error, MemoryError) else "cell"
        cause = magic_in(str(error)) if type(error).__name__ == "UsageError" else ""
        cause = cause or told(error)
        if lacking := not_offered(error, self.book.code):
            kind, cause = "import", lacking
        return CellFailed(
            cause,
            where=self.book.place(cell, line),
            detail=marked(cell.source, line, cause if kind == "cell" else told(error)),
            kind=kind,
        )

    def _line(self, error: BaseException, result: Any) -> int | None:
        """Find the line of the cell where an error arose."""
        if isinstance(error, SyntaxError) and result.error_before_exec is not None:
            return error.lineno
        names = self.shell.compile._filename_map  # noqa: SLF001  (which file names are cells)
        lines = [
            number
            for frame, number in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename in names and frame.f_globals is self.shell.user_global_ns
        ]
        return lines[0] if lines else None

    def value(self, name: str) -> dict[str, Any]:
        """Fetch a variable."""
        if name not in self.shell.user_ns:
            raise Missing(f"the notebook defines no `{name}`")
        return {"value": self.shell.user_ns[name]}

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Call a function that the notebook defined."""
        function = self.value(name)["value"]
        if not callable(function):
            raise Missing(f"`{name}` in the notebook is a {type(function).__name__}, not a function")
        return {"value": function(*args, **kwargs)}


def leave() -> None:
    """End the notebook here, which is what `exit()` and `quit()` ask for."""
    raise SystemExit


def close_figures() -> None:
    """Close what a cell has drawn, as the inline backend does."""
    plots = sys.modules.get("matplotlib.pyplot")
    if plots is not None:
        plots.close("all")
