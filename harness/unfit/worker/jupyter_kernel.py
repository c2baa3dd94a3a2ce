"""The Jupyter kernel: runs a notebook as Jupyter does, to compare the warm shell with."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from typing import Any, Final

from unfit import wire
from unfit.worker.code_cells import Cell, NotebookRun, magic_in, marked
from unfit.worker.faults import CellFailed, Missing

__all__ = ["JupyterKernel", "serve"]

LANGUAGE: Final = "python"
STARTING: Final = 60
COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
LINE: Final = re.compile(r"(?:Cell In\[\d+\], ?line |line )(\d+)")


class JupyterKernel:
    """A kernel of our own making, driven through nbclient.

    Parameters
    ----------
    book : NotebookRun
        The notebook.
    """

    def __init__(self, book: NotebookRun) -> None:
        self.book = book
        self.place = os.path.join(book.config["scratch"], "kernel")
        os.makedirs(self.place, exist_ok=True)
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)

    def _start(self, cells: list[Cell]) -> Any:
        """Start the environment's own Python as a kernel, whatever the notebook asks for."""
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
        from nbformat import v4

        os.environ["IPYTHONDIR"] = os.path.join(self.place, "ipython")
        os.environ["JUPYTER_RUNTIME_DIR"] = self.place
        os.environ["PYTHONPATH"] = os.pathsep.join([self.book.config["kit"], *self._paths()])
        manager = AsyncKernelManager(
            transport="ipc", ip=os.path.join(self.place, "ipc"), kernel_name=LANGUAGE
        )
        manager._kernel_spec = KernelSpec(  # noqa: SLF001  (the one way to a spec that lies in no folder)
            argv=[sys.executable, "-s", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            language=LANGUAGE,
            display_name=LANGUAGE,
        )
        book: Any = v4  # its functions have no types
        document = book.new_notebook(cells=[book.new_code_cell(cell.source) for cell in cells])
        return NotebookClient(document, km=manager, timeout=None, startup_timeout=STARTING, allow_errors=True)

    def _paths(self) -> list[str]:
        return [path for path in sys.path if self.book.code.inside(path)]

    def run(self, cells: list[Cell]) -> JupyterKernel:
        """Run the cells from the first to the last.

        Raises
        ------
        CellFailed
            At the first one that raises.
        """
        self.loop.run_until_complete(self._run(cells))
        return self

    async def _run(self, cells: list[Cell]) -> None:
        self.client = self._start(cells)
        await self.client.async_start_new_kernel(cwd=os.getcwd())
        await self.client.async_start_new_kernel_client()
        await self._execute(
            f"import random, numpy\nrandom.seed({self.book.seed})\nnumpy.random.seed({self.book.seed % 2**32})\n"
            # `exit()` ends the notebook, not the kernel, which still has to answer.
            "get_ipython().ask_exit = __import__('unfit.worker.cell_runner').worker.cell_runner.leave"
        )
        for number, cell in enumerate(cells):
            self.book.say(cell)
            done = await self.client.async_execute_cell(self.client.nb.cells[number], number)
            for output in done.outputs:
                self._look(cell, output)
            if any(map(ended, done.outputs)):
                break
        self.book.say(None)

    def _look(self, cell: Cell, output: Any) -> None:
        """Print what a cell printed; raise what it raised."""
        if output.output_type == "stream":
            print(output.text, end="", file=sys.stderr if output.name == "stderr" else sys.stdout)
        cause = f"{output.ename}: {output.evalue}" if output.output_type == "error" else ""
        if output.output_type == "stream" and output.name == "stderr":
            cause = next(filter(None, map(magic_in, output.text.splitlines())), "")
            if cause:
                raise CellFailed(cause, where=self.book.place(cell), detail=cell.source)
        if cause and not ended(output):
            found = LINE.search(COLOURS.sub("", "\n".join(output.traceback)))
            line = int(found[1]) if found else None
            raise CellFailed(
                cause, where=self.book.place(cell, line), detail=marked(cell.source, line, cause)
            )

    async def _execute(self, source: str) -> None:
        """Run code of ours in the kernel."""
        answer = await self.client.kc.execute_interactive(
            source, store_history=False, output_hook=lambda _: None
        )
        content = answer["content"]
        if content["status"] != "ok":
            raise CellFailed(
                f"{content.get('ename')}: {content.get('evalue')}", where=self.book.path, detail=""
            )

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Have `serve` answer in the kernel, by way of two files."""
        asked, told = os.path.join(self.place, "asked"), os.path.join(self.place, "told")
        with open(asked, "wb") as file:
            file.write(wire.encode(question, lenient=True))
        serve = "__import__('unfit.worker.jupyter_kernel').worker.jupyter_kernel.serve"
        source = f"{serve}(globals(), {json.dumps(asked)}, {json.dumps(told)})"
        self.loop.run_until_complete(self._execute(source))
        with open(told, "rb") as file:
            answer = wire.decode(file.read())
        if "missing" in answer:
            raise Missing(answer["missing"])
        return {"value": answer["value"]}

    def value(self, name: str) -> dict[str, Any]:
        """Fetch a variable."""
        return self._ask({"name": name})

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Call a function that the notebook defined."""
        return self._ask({"name": name, "args": args, "kwargs": kwargs})


def ended(output: Any) -> bool:
    """Tell whether a cell ended the notebook, without an error."""
    return bool(
        output.output_type == "error" and output.ename == "SystemExit" and output.evalue in {"", "0", "None"}
    )


def serve(space: dict[str, Any], asked: str, told: str) -> None:
    """Answer one question about a namespace; runs in the kernel."""
    with open(asked, "rb") as file:
        question = wire.decode(file.read())
    name = question["name"]
    if name not in space:
        answer = {"missing": f"the notebook defines no `{name}`"}
    elif "args" in question:
        answer = {"value": space[name](*question["args"], **question["kwargs"])}
    else:
        answer = {"value": space[name]}
    with open(told, "wb") as file:
        file.write(wire.encode(answer, lenient=True))
