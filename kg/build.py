"""Build a store from files: ontology, concepts, shapes, saved queries, facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.change import Change, parse_rdf, read_change
from kg.errors import StoreError, StoreMissingError
from kg.files import data_folder, sorted_files
from kg.folder import LAYOUT
from kg.formats import by_suffix
from kg.gate import Nothing, judge
from kg.journal import activity
from kg.queries import SavedQueries
from kg.query_triples import query_triples
from kg.store import Store, canonical
from kg.terms import BASE, CONCEPTS, ONTOLOGY, QUERIES, SHAPES, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.gate import Tell, Verdict
    from kg.report import Finding


@dataclass(frozen=True, slots=True)
class Sources:
    """The folders that a store is built from."""

    ontology: Path
    shapes: Path
    facts: Path
    queries: Path

    @classmethod
    def shipped(cls) -> Sources:
        """Return the folders of this installation."""
        ontology = data_folder("ontology")
        return cls(ontology, ontology, data_folder("facts"), data_folder("queries"))

    def files(self) -> Iterator[tuple[Path, NamedNode | None]]:
        """Yield every RDF file in order, with the graph for its triples.

        None stands for a file that names its graphs itself.
        """
        for path in sorted_files(self.ontology, "*.ttl"):
            if path.name not in {"prefixes.ttl", "shapes.ttl"}:
                yield path, CONCEPTS if path.name == "concepts.ttl" else ONTOLOGY
        for path in sorted_files(self.shapes, "*.ttl"):
            if self.shapes != self.ontology or path.name == "shapes.ttl":
                yield path, SHAPES
        for path in sorted_files(self.facts, "*.trig"):
            yield path, None

    def fingerprint(self, base: str) -> str:
        """Return a digest of all that a store is made from."""
        digest = hashlib.sha256(f"{LAYOUT} {base}".encode())
        paths = [path for path, _ in self.files()]
        for path in [*paths, *sorted_files(self.queries, "*.rq")]:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.name} {content}\n".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a build; *verdict* is None where the store was up to date."""

    store: Store | None
    verdict: Verdict | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the gate found in the files."""
        return self.verdict.findings if self.verdict else ()


def build_store(
    path: Path,
    sources: Sources,
    *,
    base: str = BASE,
    force: bool = False,
    tell: Tell | None = None,
) -> Built:
    """Make the store at *path* of the files of *sources*, through the gate.

    Nothing is done where the store was built of the same files. A store that holds
    changes which the files do not is replaced only with *force*; raise StoreError. The
    store is None where the verdict rejects the files.
    """
    say = tell or (lambda phase: None)
    fingerprint = sources.fingerprint(base)
    existing = _existing(path, force=force)
    if existing and existing.manifest.fingerprint == fingerprint and not force:
        return Built(existing, None)
    if existing and existing.version > 1 and not force:
        raise StoreError(
            f"the store holds {existing.version - 1} changes that the files do not",
            where=str(path),
            advice="keep them with `kg dump --facts`, build with --force, and `kg add`"
            " what was dumped",
        )
    say("reading the files")
    change = read_sources(sources, base=base)
    verdict = judge(Nothing(), change, base=base, tell=tell)
    if not verdict.accepted:
        return Built(None, verdict)
    say("writing the store")
    logged = activity(
        change, 1, agent="kg build", message="Built from files", base=base
    )
    quads = verdict.added.union(logged)
    over = existing.version if existing and not force else None
    store = Store.create(path, quads, base=base, fingerprint=fingerprint, over=over)
    return Built(store, verdict)


def read_sources(sources: Sources, *, base: str = BASE) -> Change:
    """Return the change that adds all that *sources* say; raise DataFileError."""
    changes = [_read(path, graph, base) for path, graph in sources.files()]
    queries = SavedQueries.read(sources.queries)
    described = (
        Quad(t.subject, t.predicate, t.object, QUERIES)
        for t in query_triples(queries.values())
    )
    return Change.all_of([*changes, Change.adding(described)])


def _read(path: Path, graph: NamedNode | None, base: str) -> Change:
    fmt = by_suffix(path)
    if graph not in {ONTOLOGY, SHAPES}:
        data = path.read_bytes()
        return read_change(data, fmt, source=str(path), graph=graph, base=base)
    quads = parse_rdf(path.read_bytes(), fmt, source=str(path))
    placed = (Quad(q.subject, q.predicate, q.object, graph) for q in quads)
    kept, notes = canonical(placed)
    return Change(added=kept, notes=notes)


def _existing(path: Path, *, force: bool) -> Store | None:
    """Return the store at *path*, None where there is none or it may be replaced."""
    try:
        store = Store(path)
        store.snapshot()
    except StoreMissingError:
        return None
    except StoreError:
        if force and (path / "store.json").exists():
            return None
        raise
    return store
