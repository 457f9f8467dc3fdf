"""Run README's first command as a newcomer does, and look at what it serves.

Run by CI as a script: `make serve` in the background, on a free port and with a store
of its own; the printed address must answer.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parent.parent
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
PATHS = ("", "queries/posts-of-state", "id/kenya", "sparql?query=ASK%7B%7D")


def main() -> None:
    """Start, look, stop; raise where anything fails."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "EXEQUATUR_PORT": "0",
            "EXEQUATUR_STORE": str(Path(folder) / "store"),
        }
        server = subprocess.Popen(
            ["make", "serve"],  # noqa: S607 as README has it
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            address = _address(server)
            for path in PATHS:
                _look(address + path)
        finally:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(timeout=60)
    sys.stdout.write("make serve serves\n")


def _address(server: subprocess.Popen[str]) -> str:
    for line in server.stdout or ():
        sys.stdout.write(line)
        if found := ADDRESS.search(line):
            return found.group()
    raise SystemExit("make serve ended without serving")


def _look(address: str) -> None:
    with urlopen(Request(address), timeout=60) as response:  # noqa: S310 loopback
        if not response.read():
            raise SystemExit(f"{address} answers nothing")


if __name__ == "__main__":
    main()
