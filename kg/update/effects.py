"""What the operations of an update request do, one after the other."""

from __future__ import annotations

import secrets
from itertools import count
from typing import TYPE_CHECKING

from kg.errors import ChangeError, QueryError, StoreDamagedError
from kg.sparql import position
from kg.terms import BlankNode, DefaultGraph, NamedNode, Quad
from kg.update.canonical import Canonical
from kg.update.parsing import unreadable
from kg.update.requests import Manage, Modify
from kg.update.templates import TemplateReader
from kg.update.workspace import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.sparql import Token
    from kg.terms import GraphName, Node, Triple
    from kg.update.graphs import GraphRules
    from kg.update.parsing import Parser
    from kg.update.requests import Block, Operation, Transfer
    from kg.update.templates import Row
    from kg.update.workspace import Workspace

    Declared = tuple[Token, ...]

_COUNTING = ("SELECT", "BNODE", "RAND", "STRUUID", "UUID")
"""Where a WHERE has none of these words, it does not matter how often it matches."""


class Effects:
    """Does the operations of the request *text* in *workspace*.

    *dataset* is what every WHERE reads, if it is given; *genid* is how the IRIs of new
    nodes begin.
    """

    def __init__(
        self,
        text: str,
        workspace: Workspace,
        rules: GraphRules,
        *,
        parser: Parser,
        dataset: Dataset,
        genid: str,
    ) -> None:
        self.withdrawn: set[Triple] = set()
        """What was deleted without naming a graph, and not put back since."""
        self._text = text
        self._workspace = workspace
        self._rules = rules
        self._dataset = dataset
        self._genid = genid
        self._parser = parser
        self._canonical = Canonical()
        self._numbers = count(1)
        self._passed: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not done as SILENT allows, and the literals kept in other forms."""
        return (*self._passed, *self._canonical.notes)

    def do(self, operation: Operation, declared: Declared) -> None:
        """Do *operation*, for which the declarations *declared* hold."""
        if isinstance(operation, Modify):
            self._modify(operation, declared)
            return
        try:
            if isinstance(operation, Manage):
                self._manage(operation, declared)
            else:
                self._transfer(operation, declared)
        except ChangeError as error:
            if not operation.silent:
                raise
            self._passed.append(f"{operation.verb} SILENT: {error.message}")

    def _manage(self, operation: Manage, declared: Declared) -> None:
        where = position(self._text, operation.at)
        if operation.verb == "LOAD":
            raise ChangeError(
                "LOAD is refused: no request makes this program fetch a document",
                where=where,
                advice="send what it says, as a file or in INSERT DATA",
            )
        if operation.verb == "CREATE":
            graph = self._to_write(operation.target, declared, where)
            if self._workspace.has(graph):
                raise ChangeError(f"the graph {graph} is there already", where=where)
            self._workspace.create(graph)
            return
        for graph in self._targets(operation, declared, where):
            self._workspace.empty(graph, drop=operation.verb == "DROP")

    def _targets(
        self, operation: Manage, declared: Declared, where: str
    ) -> list[GraphName]:
        if operation.target.is_word("DEFAULT"):
            return [self._rules.unnamed]
        if operation.target.is_word("NAMED"):
            return [*self._workspace.graphs()]
        if operation.target.is_word("ALL"):
            return [self._rules.unnamed, *self._workspace.graphs()]
        graph = self._to_write(operation.target, declared, where)
        self._refuse_missing(graph, where)
        return [graph]

    def _transfer(self, operation: Transfer, declared: Declared) -> None:
        where = position(self._text, operation.at)
        target = self._to_write(operation.target, declared, where)
        named = self._named(operation.source, declared)
        source = self._rules.read(named) if isinstance(named, NamedNode) else named
        if operation.verb == "MOVE":
            self._rules.refuse_kept(named, where)
        self._refuse_missing(source, where)
        if source == target:
            return
        copied = {
            Quad(quad.subject, quad.predicate, quad.object, target)
            for quad in self._workspace.quads(source)
        }
        adds = operation.verb == "ADD"
        self._apply(set() if adds else set(self._workspace.quads(target)), copied)
        self._workspace.create(target)
        if operation.verb == "MOVE":
            self._workspace.empty(source, drop=True)

    def _modify(self, operation: Modify, declared: Declared) -> None:
        where = position(self._text, operation.at)
        reader = TemplateReader(self._text, self._parser, declared)
        deletes = reader.read(operation.deletes)
        inserts = reader.read(operation.inserts)
        rows = self._rows(
            operation, declared, reader.variables, fresh=inserts.has_fresh
        )
        gone = self._canonical.quads(deletes.fill(rows, self._mint), note=False)
        come = self._canonical.quads(inserts.fill(rows, self._mint), note=True)
        graph = operation.graph
        target = self._to_write(graph, declared, where) if graph else None
        if target is None and self._rules.merged is not None:
            self.withdrawn |= {quad.triple for quad in gone if _is_unnamed(quad)}
        self._apply(
            self._placed(gone, target, where), self._placed(come, target, where)
        )

    def _placed(
        self, quads: set[Quad], target: GraphName | None, where: str
    ) -> set[Quad]:
        """Give quads that name no graph the one that is meant."""
        for graph in {quad.graph_name for quad in quads}:
            self._rules.refuse_kept(graph, where)
        graph = self._rules.unnamed if target is None else target
        if isinstance(graph, DefaultGraph):
            return quads
        return {
            Quad(quad.subject, quad.predicate, quad.object, graph)
            if _is_unnamed(quad)
            else quad
            for quad in quads
        }

    def _apply(self, deletes: set[Quad], inserts: set[Quad]) -> None:
        self._workspace.apply(deletes, inserts)
        if self.withdrawn:
            put_back = (quad for quad in inserts if self._workspace.shows(quad))
            self.withdrawn -= {quad.triple for quad in put_back}

    def _rows(
        self,
        operation: Modify,
        declared: Declared,
        variables: Iterable[str],
        *,
        fresh: bool,
    ) -> list[Row]:
        """Return the solutions of the WHERE; one that binds nothing for data."""
        block = operation.where
        if block is None:
            return [()]
        counts = fresh or any(token.is_word(*_COUNTING) for token in block.tokens)
        where = position(self._text, operation.at)
        try:
            found = self._workspace.solutions(
                self._select(block, declared, variables, distinct=not fresh),
                self._read(operation, declared),
                prefixes=self._parser.prefixes,
                base=self._parser.base,
                counts=counts,
            )
            return list(self._settled(found))
        except SyntaxError as error:
            raise unreadable(self._text, block.start) from error
        except OSError as error:
            raise StoreDamagedError(str(error), where="the store") from error
        except (RuntimeError, ValueError) as error:
            raise QueryError(str(error), where=where) from error

    def _select(
        self,
        block: Block,
        declared: Declared,
        variables: Iterable[str],
        *,
        distinct: bool,
    ) -> str:
        prologue = " ".join(token.text for token in declared)
        kind = "SELECT DISTINCT" if distinct else "SELECT"
        wanted = " ".join(f"?{name}" for name in variables)
        wanted = wanted or f"(1 AS ?x{secrets.token_hex(8)})"
        pattern = self._text[block.start : block.end]
        return f"{prologue} {kind} {wanted} WHERE {pattern}"

    def _settled(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Give the blank nodes that the WHERE made their IRIs."""
        if not self._rules.skolems:
            yield from rows
            return
        nodes: dict[str, Node] = {}
        for row in rows:
            for term in row:
                if isinstance(term, BlankNode) and term.value not in nodes:
                    nodes[term.value] = self._mint()
            yield tuple(
                nodes[term.value] if isinstance(term, BlankNode) else term
                for term in row
            )

    def _read(self, operation: Modify, declared: Declared) -> Dataset:
        """Return the dataset that the WHERE of *operation* reads."""
        named = self._parser.names(declared, operation.using_named)
        using = self._parser.names(declared, operation.using)
        if self._dataset != Dataset():
            return self._dataset
        if named or using:
            default = tuple(self._rules.read(name) for name in using)
            return Dataset(default, tuple(named))
        if operation.graph is None:
            return Dataset()
        (graph,) = self._parser.names(declared, [operation.graph])
        return Dataset((self._rules.read(graph),))

    def _to_write(self, token: Token, declared: Declared, where: str) -> GraphName:
        graph = self._named(token, declared)
        self._rules.refuse_kept(graph, where)
        return graph

    def _named(self, token: Token, declared: Declared) -> GraphName:
        if token.is_word("DEFAULT"):
            return self._rules.unnamed
        return self._parser.names(declared, [token])[0]

    def _refuse_missing(self, graph: GraphName, where: str) -> None:
        if not self._workspace.has(graph):
            raise ChangeError(
                f"there is no graph {graph}",
                where=where,
                advice="see to its name, or write SILENT",
            )

    def _mint(self) -> Node:
        if self._rules.skolems:
            return NamedNode(f"{self._genid}{next(self._numbers)}")
        return BlankNode()


def _is_unnamed(quad: Quad) -> bool:
    return isinstance(quad.graph_name, DefaultGraph)
