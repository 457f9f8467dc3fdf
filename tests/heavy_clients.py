"""Programs of others: found, or with CI=true fetched into a cache, or skipped.

The cache lies outside the checkout, `exequatur-tests` below `$XDG_CACHE_HOME`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.load import maven, rdf4j
from bench.load.pypi import OXIGRAPH
from tests import blazegraph

COMUNICA = "@comunica/query-sparql@4.5.0"  # the last for Node.js 18 and 20
AXE = "axe-core@4.14.1"
_SECONDS = 240


def cache(name):
    """Return the folder *name* of the cache."""
    above = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(above) / "exequatur-tests" / name


def _fetch(what, command, folder):
    """Run *command* in *folder*, or skip: it may not, or it cannot."""
    program = command[0]
    if shutil.which(program) is None:
        pytest.skip(f"{what}: {program} is not installed")
    if os.environ.get("CI") != "true":
        pytest.skip(f"{what} is not in the cache; CI=true fetches it")
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip(f"{what}: {program} took longer than {_SECONDS} seconds")
    if done.returncode:
        pytest.skip(f"{what}: {program} fails: {(done.stdout + done.stderr)[-500:]}")


def comunica():
    """Return the command that asks a SPARQL endpoint by Comunica."""
    return str(_from_npm("Comunica", COMUNICA, ".bin/comunica-sparql"))


def axe():
    """Return the script of the accessibility checker."""
    return _from_npm("axe", AXE, "axe-core/axe.min.js")


def _from_npm(what, package, wanted):
    """Return the path of the file *wanted* of a *package*, which npm installs."""
    folder = cache(package.replace("/", "-"))
    found = folder / "node_modules" / wanted
    if not found.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        _fetch(what, [*install, package], folder)
    return found


def jena():
    """Return a Java command with Jena on its classpath."""
    if shutil.which("java") is None:
        pytest.skip("Jena: java is not installed")
    folder = cache(f"jena-{maven.JENA}-with-server")
    if maven.listed(folder) is None:
        _fetch("Jena", maven.fetching(folder, maven.FUSEKI), folder)
    return ["java", "-cp", maven.listed(folder)]


def fuseki_command():
    """Return the command that serves datasets by Jena's server."""
    java, *rest = jena()
    return [java, "-Xmx1G", *rest, "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"]


def rdf4j_home():
    """Return the folder of RDF4J server."""
    if shutil.which("java") is None:
        pytest.skip("RDF4J: java is not installed")
    home = cache(f"rdf4j-{rdf4j.VERSION}")
    if not rdf4j.is_there(home):
        _fetch("RDF4J", rdf4j.fetching(home), home)
        rdf4j.unpack(home)
    return home


def blazegraph_home():
    """Return the folder of Blazegraph."""
    home = cache(f"blazegraph-{blazegraph.VERSION}")
    if not blazegraph.is_there(home):
        _fetch("Blazegraph", blazegraph.fetching(home), home)
    return home


def oxigraph_program():
    """Return Oxigraph server's program, in an environment of its own."""
    folder = cache(OXIGRAPH.folder)
    program = OXIGRAPH.program(folder)
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for command in OXIGRAPH.fetching(folder):
            _fetch("Oxigraph server", command, folder)
    return str(program)
