"""Fetch what the SPARQL page's editor is made of, where npm is there to fetch it.

Hatchling runs this when it builds the wheel or installs from the sources; `make web`
runs it by itself. Nothing is fetched that does not have the digest written here, and
without npm, or without a network, the page has a plain form instead.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "@zazuko/yasgui@4.6.2"
DIGEST = (
    "sha512-Zw45KdPoAE1KRaAoxIHdQqeJxvaVG1oQdntw0hy0ktX35Zu8ZccuOLrXCLwR+GU+"
    "0xMzLw8Mjw6BkSZV2vUuQw=="
)
FILES = ("yasgui.min.css", "yasgui.min.js")
FOLDER = Path(__file__).parent / "server" / "static" / "vendor"
LICENCE = f"""\
{PACKAGE}, from the npm registry.
Copyright Triply B.V., Zazuko GmbH and the Yasgui contributors; MIT licence:
https://github.com/rdfjs/Yasgui/blob/main/LICENSE
It contains CodeMirror, DataTables, jQuery, lodash, N3.js, DOMPurify, Sortable,
Choices.js and autoComplete.js under licences of their own (MIT, Apache 2.0).
"""
_SECONDS = 60


class EditorHook(BuildHookInterface[Any]):
    """Has the editor's files where the wheel takes them from."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch them; a build without them is complete, too."""
        problem = fetch()
        if problem:
            self.app.display_warning(f"without the SPARQL editor: {problem}")


def fetch() -> str:
    """Put the editor's files where they are served from; return why not, or ""."""
    marker = FOLDER / "version.txt"
    if marker.is_file() and marker.read_text(encoding="utf-8") == LICENCE:
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not here"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            archive = _packed(npm, folder)
            _extract(archive, folder)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return str(error)
        FOLDER.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            shutil.copy(folder / file, FOLDER / file)
    marker.write_text(LICENCE, encoding="utf-8")
    return ""


def _packed(npm: str, folder: Path) -> Path:
    """Download the package; raise ValueError where it is not the one that is meant."""
    command = [npm, "pack", PACKAGE, "--json", "--fetch-retries=0", "--ignore-scripts"]
    done = subprocess.run(  # noqa: S603 the program found on the path, fixed arguments
        command,
        cwd=folder,
        check=True,
        timeout=_SECONDS,
        capture_output=True,
        text=True,
    )
    archive = folder / json.loads(done.stdout)[0]["filename"]
    digest = hashlib.sha512(archive.read_bytes()).digest()
    found = f"sha512-{base64.b64encode(digest).decode()}"
    if found != DIGEST:
        raise ValueError(f"{PACKAGE} has the digest {found}, not {DIGEST}")
    return archive


def _extract(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as content:
        for file in FILES:
            member = content.extractfile(f"package/build/{file}")
            if member is None:
                raise ValueError(f"{file} is not in {PACKAGE}")
            (folder / file).write_bytes(member.read())


if __name__ == "__main__":
    sys.exit(fetch() or 0)
