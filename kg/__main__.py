"""The program `kg`, and `python -m kg`: ended by Ctrl-C while it is imported, too."""

from __future__ import annotations

from kg.interrupts import interruptible


def main() -> None:
    """Run the command line."""
    with interruptible():
        from kg.cli import main as command  # takes the better part of a second

    command()


if __name__ == "__main__":
    main()
