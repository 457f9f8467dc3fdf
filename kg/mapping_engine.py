"""The engine that carries out a mapping: morph-kgc, in an environment of its own.

It asks for other versions of pyoxigraph and rdflib than this program, so the two cannot
share one. A process of its own also keeps it from the store, and ends with its memory.
"""

from __future__ import annotations

import csv
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENGINE = "morph-kgc==2.10.0"
_SECONDS = 1800
_CONFIGURATION = """\
[CONFIGURATION]
output_file = quads
output_format = N-QUADS
number_of_processes = 1
na_values =
logging_level = ERROR
literal_escaping_chars = "
[TABLE]
mappings = mapping{suffix}
"""


def engine_folder() -> Path:
    """Return where the engine's environment is, or would be."""
    return Path(sys.prefix) / "share" / "exequatur" / ENGINE.replace("==", "-")


def engine_python() -> Path | None:
    """Return the Python that has the engine; None where it is not set up."""
    python = engine_folder() / "bin" / "python"
    return python if (engine_folder() / "complete").is_file() else None


def set_up_engine() -> Path:
    """Install the engine by pip, and return its folder; raise DataFileError."""
    folder = engine_folder()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if engine_python() is None:
                _install(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DataFileError(
            f"{ENGINE} could not be installed ({error})", where=str(folder),
            advice="is there a network, and may this folder be written?",
        ) from error  # fmt: skip
    return folder


def _install(folder: Path) -> None:
    venv.create(folder, with_pip=True, clear=True)
    subprocess.run(  # noqa: S603 fixed arguments
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet",
         "--disable-pip-version-check", ENGINE],
        check=True, stdout=sys.stderr,
    )  # fmt: skip
    (folder / "complete").touch()


def run_engine(
    rules: str,
    suffix: str,
    columns: Sequence[str],
    records: Iterable[dict[str, str]],
    file: str,
    where: str,
) -> bytes:
    """Return the N-Quads that *rules* make of *records*, written to the CSV *file*.

    The engine tells the language of the rules by the *suffix* of their file.
    Raise DataFileError where the engine is missing, or cannot carry out the rules,
    which are of *where*.
    """
    python = engine_python()
    if python is None:
        raise DataFileError(
            f"the engine of mappings ({ENGINE}) is not installed",
            advice="run `kg map --set-up` once: it installs it by pip",
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / f"mapping{suffix}").write_text(rules, encoding="utf-8")
        said = _CONFIGURATION.format(suffix=suffix)
        (folder / "engine.ini").write_text(said, encoding="utf-8")
        with (folder / file).open("w", encoding="utf-8", newline="") as output:
            writer = csv.DictWriter(output, columns, extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows(records)
        _run(python, folder, where)
        made = folder / "quads.nq"
        return made.read_bytes() if made.is_file() else b""


def _run(python: Path, folder: Path, where: str) -> None:
    environment = {"PATH": os.defpath, "HOME": str(folder), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(  # noqa: S603 the engine of ours, fixed arguments
            [python, "-I", "-m", "morph_kgc", "engine.ini"],
            cwd=folder, env=environment, timeout=_SECONDS, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataFileError(
            f"the engine of mappings failed ({error})",
            where=where,
            advice="divide the table, or run `kg map --set-up` again",
        ) from error
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        raise DataFileError(
            f"the rules cannot be carried out: {lines[-1] if lines else 'no reason'}",
            where=where,
            advice="compare them with https://rml.io/yarrrml/spec/",
        )
