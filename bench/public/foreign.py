"""A store of ours about products: the benchmark's ontology, shapes for it, its facts.

Our gate reads axioms from the ontology alone, so the hierarchy of product types is the
ontology here. The generator's plain triples are the facts, and that a product is of the
types above its own is for the reasoner to find; the other servers are given the
generator's chained triples, where it is told.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from bench.load.servers import UnavailableError
from bench.public.bsbm import Data

SHAPES = Path(__file__).with_name("bsbm-shapes.ttl")
_AXIOM = b"<http://www.w3.org/2000/01/rdf-schema#subClassOf>"


def sources(data: Data, home: Path) -> list[str]:
    """Write what a store is built of below *home*; return the options of `kg build`."""
    folders = {name: home / name for name in ("ontology", "shapes", "facts")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    shutil.copy(SHAPES, folders["shapes"])
    with (
        data.plain.open("rb") as plain,
        (folders["ontology"] / "types.nt").open("wb") as axioms,
        (folders["facts"] / "bsbm.nt").open("wb") as facts,
    ):
        for line in plain:
            is_axiom = line.split(b" ", 2)[1:2] == [_AXIOM]
            (axioms if is_axiom else facts).write(line)
    return [part for name, folder in folders.items()
            for part in (f"--{name}", str(folder))]  # fmt: skip


def build(store: Path, options: list[str]) -> None:
    """Make *store* by `kg build` with *options*; raise UnavailableError."""
    program = str(Path(sys.executable).with_name("kg"))
    command = [program, "--store", str(store), "build", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"kg build fails: {done.stderr[-500:]}")


def differences(one: Path, other: Path) -> tuple[int, int]:
    """Return how many triples two files of N-Triples each have alone.

    Triples are told apart by digests of 64 bits.
    """
    ours, theirs = _digests(one), _digests(other)
    return len(ours - theirs), len(theirs - ours)


def _digests(path: Path) -> set[int]:
    return {
        hash(str(quad.triple)) for quad in parse(path=path, format=RdfFormat.N_TRIPLES)
    }
