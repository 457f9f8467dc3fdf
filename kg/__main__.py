"""The program `kg`, and `python -m kg`: ended by Ctrl-C while it is imported, too."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:  # not where somebody has it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kg.cli import main as command  # takes the better part of a second

    signal.signal(signal.SIGINT, usual)
    command()


if __name__ == "__main__":
    main()
