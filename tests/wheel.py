"""Build the wheel and use it where there are no sources: what users will get.

Run by CI as a script; it makes an environment of its own in a temporary folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSIDE = (
    "kg/ontology/exequatur.ttl",
    "kg/ontology/shapes.ttl",
    "kg/mappings/treaty-series.yarrrml.yml",
    "kg/queries/posts-of-state.rq",
    "kg/facts/reference.trig",
    "kg/pictures/land-110m.json",
    "server/templates/base.html",
)


def main() -> None:
    """Build, install and use the wheel; raise where anything fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = _build(folder)
        _look_inside(wheel)
        python = _install(folder, wheel)
        _use(folder, python)
    sys.stdout.write("the wheel works without the sources\n")


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _build(folder: Path) -> Path:
    _run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps",
        "--disable-pip-version-check", "--wheel-dir", folder, ROOT, cwd=folder,
    )  # fmt: skip
    (wheel,) = folder.glob("exequatur-*.whl")
    return wheel


def _look_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    missing = [name for name in INSIDE if name not in names]
    if missing:
        raise SystemExit(f"the wheel lacks {', '.join(missing)}")


def _install(folder: Path, wheel: Path) -> Path:
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    _run(
        python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel,
        cwd=folder,
    )  # fmt: skip
    return python


def _use(folder: Path, python: Path) -> None:
    command = python.with_name("kg")
    where = _run(python, "-c", "import kg; print(kg.__file__)", cwd=folder)
    if str(ROOT) in where:
        raise SystemExit(f"the sources are used, not the wheel: {where}")
    _run(command, "build", cwd=folder)
    table = _run(command, "run", "posts-of-state", "--format", "csv", cwd=folder)
    if len(table.splitlines()) < 2:
        raise SystemExit("the saved query answers nothing")
    _run(command, "check", cwd=folder)


if __name__ == "__main__":
    main()
