"""Start the zygote: ``python -m unfit.worker FD``, with the link to the grader on that descriptor."""

import socket
import sys

from unfit.worker import limits


def main() -> None:
    """Hide from tracing first, import the stack second, serve third."""
    limits.hide()
    from unfit.worker.zygote import Zygote

    Zygote(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
