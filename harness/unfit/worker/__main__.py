"""Start the zygote: ``python -m unfit.worker FD``, with the link to the grader on that descriptor."""

import socket
import sys

from unfit.worker import limits
from unfit.worker.porter import Porter


def main() -> None:
    """Hide from tracing first; then start the zygote, which imports the stack, from a process that stays small."""
    limits.hide()
    Porter(socket.socket(fileno=int(sys.argv[1])), zygote).serve()


def zygote(link: socket.socket, orders: socket.socket) -> None:
    """Be the zygote."""
    from unfit.worker.zygote import Zygote

    Zygote(link, orders).serve()


if __name__ == "__main__":
    main()
