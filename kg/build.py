"""Build a store from files: ontology, concepts, shapes, saved queries, facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from kg.canonical import canonical
from kg.change import Change, parse_rdf, read_change, settled, stream_rdf
from kg.errors import DataFileError, StoreError, StoreMissingError
from kg.files import data_folder, digest_of_file, read_file, sorted_files
from kg.folder import LAYOUT
from kg.formats import FORMATS, Kind, by_suffix
from kg.gate.advice import advised
from kg.gate.judges import compile_judges
from kg.journal import activity
from kg.progress import silent
from kg.queries import SavedQueries
from kg.query_triples import query_triples
from kg.report import Severity
from kg.store import Store
from kg.terms import (
    BASE,
    CONCEPTS,
    ONTOLOGY,
    QUERIES,
    SHAPES,
    BlankNode,
    NamedNode,
    Quad,
)
from kg.texts import FileText, stream_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kg.dataset import Dataset
    from kg.draft import Draft
    from kg.gate.bulk import Bulk
    from kg.progress import Tell
    from kg.report import Finding
    from kg.terms import Node, Term, Triple


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
        for path in rdf_files(self.ontology, Kind.GRAPH):
            if path.stem not in {"prefixes", "shapes"}:
                yield path, CONCEPTS if path.stem == "concepts" else ONTOLOGY
        for path in rdf_files(self.shapes, Kind.GRAPH):
            if self.shapes != self.ontology or path.stem == "shapes":
                yield path, SHAPES
        for path in rdf_files(self.facts, Kind.GRAPH, Kind.DATASET):
            yield path, None

    def fingerprint(self, base: str) -> str:
        """Return a digest of all that a store is made from."""
        digest = hashlib.sha256(f"{LAYOUT} {base}".encode())
        paths = [path for path, _ in self.files()]
        for path in [*paths, *sorted_files(self.queries, "*.rq")]:
            digest.update(f"{path.name} {digest_of_file(path)}\n".encode())
        return digest.hexdigest()


def rdf_files(folder: Path, *kinds: Kind) -> list[Path]:
    """Return the files of *folder* in a syntax of one of *kinds*, by name."""
    suffixes = {f".{fmt.suffix}" for fmt in FORMATS if fmt.kind in kinds}
    return [path for path in sorted_files(folder, "*") if path.suffix in suffixes]


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a build: no *store* where the files are rejected.

    *findings* are what the gate has to say of the files, *notes* tell which literals
    are kept in another form. Of a store that *was_current* nothing is told.
    """

    store: Store | None
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    was_current: bool = False


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
    changes which the files do not is replaced only with *force*; raise StoreError.
    """
    say = tell or silent
    fingerprint = sources.fingerprint(base)
    existing = _existing(path, force=force)
    if existing and existing.manifest.fingerprint == fingerprint and not force:
        return Built(existing, was_current=True)
    if existing and existing.version > 1 and not force:
        raise StoreError(
            f"the store holds {existing.version - 1} changes that the files do not",
            where=str(path),
            advice="keep them with `kg dump --facts`, build with --force, and `kg add`"
            " what was dumped",
        )
    over = existing.version if existing and not force else None
    made = _Building(sources, base, say)
    store = Store.make(path, made.fill, base=base, fingerprint=fingerprint, over=over)
    return Built(store, made.findings, made.notes)


class _Building:
    """A build under way: what it found, and what literals it keeps in another form."""

    def __init__(self, sources: Sources, base: str, say: Tell) -> None:
        self._sources = sources
        self._base = base
        self._say = say
        self.findings: tuple[Finding, ...] = ()
        self.notes: tuple[str, ...] = ()

    def fill(self, draft: Draft) -> bool:
        """Put all that the sources say and all that follows into *draft*.

        Tell whether the sources may be accepted.
        """
        from kg.dataset import Dataset  # they bring numpy, slow to import
        from kg.gate.bulk import Bulk, report_quads
        from kg.rules.packed import PackedNumbers

        self._say("reading the files")
        frame = _read_frame(self._sources, self._base)
        judges = compile_judges(*(_graph(frame, name) for name in (ONTOLOGY, SHAPES)))
        dataset = Dataset(PackedNumbers(judges.rules.program.numbers))
        # In an order that is the same when a build goes on.
        dataset.add_all(sorted(frame.added, key=str))
        for path, graph in self._sources.files():
            if graph is None:
                self._read_facts(path, dataset)
        self.notes = (*frame.notes, *dataset.notes)
        bulk = Bulk(dataset, judges, draft, self._base, self._say)
        is_good = self._judged(bulk)
        if draft.unfinished.goes_on:
            if not is_good or len(draft.engine) != len(bulk):
                draft.forget()  # what was left may be damaged, and nobody's fault
                is_good = self._judged(bulk)
            else:
                self.notes += ("what an interrupted build had left was gone on with",)
        if not is_good:
            return False
        draft.extend(report_quads(self.findings))
        draft.extend(
            activity(
                (len(dataset), 0),
                1,
                agent="kg build",
                message="Built from files",
                base=self._base,
            )
        )
        self._say("putting the store in order")
        return True

    def _judged(self, bulk: Bulk) -> bool:
        """Write what is judged; tell whether it may be accepted, and was written."""
        found = bulk.judge()
        self.findings = tuple(advised(found, bulk.described(), self._base))
        if any(f.severity is Severity.VIOLATION for f in found):
            return False
        bulk.write()
        return True

    def _read_facts(self, path: Path, dataset: Dataset) -> None:
        """Add what the file says to *dataset*; how much is left is an estimate."""
        syntax, source = by_suffix(path), str(path)
        phase = f"reading {path.name}"
        self._say(phase)
        text = text_of(path, syntax)
        count = 0
        with stream_of(text) as stream:
            parsed = stream_rdf(text, syntax, source=source, stream=stream)
            quads = settled(parsed, text, source=source, base=self._base)
            for count in dataset.add(quads):
                share = stream.tell() / max(len(text), 1)
                self._say(phase, count, round(count / share) if share else None)
        if isinstance(text, FileText):
            text.require_same()
        if not count:
            raise DataFileError("holds no triples", where=source)


def read_sources(sources: Sources, *, base: str = BASE) -> Change:
    """Return the change that adds all that *sources* say; raise DataFileError."""
    facts = (_read(path, None, base) for path, graph in sources.files() if not graph)
    return Change.all_of([_read_frame(sources, base), *facts])


def _read_frame(sources: Sources, base: str) -> Change:
    """Return the change that adds all but the facts."""
    changes = (_read(path, graph, base) for path, graph in sources.files() if graph)
    queries = SavedQueries.read(sources.queries)
    described = (
        Quad(t.subject, t.predicate, t.object, QUERIES)
        for t in query_triples(queries.values())
    )
    return Change.all_of([*changes, Change.adding(described)])


def _graph(change: Change, name: NamedNode) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in change.added if quad.graph_name == name)


def _read(path: Path, graph: NamedNode | None, base: str) -> Change:
    fmt = by_suffix(path)
    if graph not in {ONTOLOGY, SHAPES}:
        data = read_file(path)
        return read_change(data, fmt, source=str(path), graph=graph, base=base)
    quads = parse_rdf(read_file(path), fmt, source=str(path))
    kept, notes = canonical(_renamed(quads, f"{path.stem}-", graph))
    return Change(added=kept, notes=notes)


def _renamed(quads: Iterable[Quad], prefix: str, graph: NamedNode) -> Iterator[Quad]:
    """Yield *quads* in *graph*; blank nodes are called what they are in each build."""
    names: dict[object, BlankNode] = {}

    def named(term: Term) -> Term:
        if not isinstance(term, BlankNode):
            return term
        return names.setdefault(term, BlankNode(f"{prefix}{len(names) + 1}"))

    for quad in quads:
        subject, object_ = cast("Term", quad.subject), cast("Term", quad.object)
        yield Quad(cast("Node", named(subject)), quad.predicate, named(object_), graph)


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
