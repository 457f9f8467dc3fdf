"""How answers and findings look to people; `kg.cli` prints what is made here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from kg.prefixes import shorten
from kg.report import Check, Severity
from kg.terms import XSD, BlankNode, DefaultGraph, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from kg.answers import Answer
    from kg.articles import Statements
    from kg.entities import ClaimSummary, Description, FactGroup, Source
    from kg.queries import SavedQueries, SavedQuery
    from kg.report import Finding
    from kg.terms import Quad, Term

SHOWN = 3
"""How many quads a message names."""

COLOURS = {
    Severity.VIOLATION: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}


def term_text(term: Term | None) -> str:
    """Return *term* as a reader wants it: a value, or a name with its prefix."""
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return shorten(term.value)
    if isinstance(term, BlankNode):
        return f"_:{term.value}"
    return term.value


def result_table(answer: Answer, *, title: str = "") -> Table:
    """Return the rows of a SELECT, or the truth value of an ASK, as a table."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    if answer.is_ask:
        table.add_column("answer")
        table.add_row("yes" if answer else "no")
        return table
    for name in answer.variables:
        table.add_column(name, overflow="fold")
    for row in answer.rows():
        table.add_row(*(escape(term_text(term)) for term in row))
    return table


def markdown_table(answer: Answer) -> str:
    """Return the rows of a SELECT as a table in GitHub Flavored Markdown."""
    columns = answer.variables or ("answer",)
    rows: Iterable[Sequence[str]]
    if answer.is_ask:
        rows = [["yes" if answer else "no"]]
    else:
        rows = [[term_text(term) for term in row] for row in answer.rows()]
    lines = [list(columns), ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")


def query_table(queries: SavedQueries, *, tag: str | None = None) -> Table:
    """Return the saved queries, or those with *tag*, with what each answers."""
    table = Table(header_style="bold", box=None, pad_edge=False)
    table.add_column("query", no_wrap=True, style="bold cyan")
    table.add_column("answers", overflow="fold")
    table.add_column("parameters", overflow="fold")
    table.add_column("tags", overflow="fold", style="dim")
    for query in queries.values():
        if tag is None or tag in query.tags:
            names = ", ".join(parameter.name for parameter in query.parameters)
            table.add_row(query.name, query.summary, names, ", ".join(query.tags))
    return table


def query_help(query: SavedQuery) -> Iterator[RenderableType]:
    """Yield what a saved query answers, its columns and its parameters."""
    yield Text(query.summary, style="bold")
    if query.description:
        yield Text(query.description)
    yield Text(f"Columns: {', '.join(query.columns)}")
    for parameter in query.parameters:
        default = parameter.default_text or "any"
        yield Text(
            f"--param {parameter.name}=…  {parameter.summary}"
            f" ({parameter.wanted}; default {default})"
        )


def findings(
    found: Iterable[Finding], locate: Callable[[Finding], tuple[str, int] | None]
) -> Iterator[RenderableType]:
    """Yield one block of lines per finding: what, where, and what would mend it."""
    for finding in found:
        text = Text()
        text.append(str(finding.severity), style=COLOURS[finding.severity])
        text.append(f"  {finding.message}\n")
        place = locate(finding)
        text.append(f"    about {_focus(finding.focus)}")
        text.append(f" ({place[0]}:{place[1]})\n" if place else "\n")
        if finding.path:
            text.append(f"    path  {_path(finding.path)}\n")
        if finding.value is not None:
            text.append(f"    value {_value(finding.value)}\n")
        if finding.advice:
            text.append(f"    {_path(finding.advice)}\n")
        for quad in finding.premises:
            text.append(f"    from  {statement_text(quad)}\n")
        text.append(f"    by    {_rule(finding)}\n", style="dim")
        yield text


def description(found: Description) -> Iterator[RenderableType]:
    """Yield what the graph says of an entity, each fact with its passages."""
    heading = Text(found.entity.label, style="bold")
    kinds = ", ".join(kind.label for kind in found.kinds)
    heading.append(f"  {kinds}\n", style="not bold")
    heading.append(term_text(found.entity.term), style="not bold dim")
    yield heading
    if found.aliases:
        yield Text(f"also called {', '.join(found.aliases)}")
    for node in found.same_as:
        yield Text(f"same as {node.value}")
    yield from _groups("What is said of it", found.facts)
    yield from _groups("Where it is named", found.incoming)
    yield from _claims("Claims about it", found.claims_about)
    yield from _claims("Claims made by it", found.claims_by)
    if not found.complete:
        yield Text("There is more than is shown here.", style="italic")


def statements(said: Statements) -> Iterator[RenderableType]:
    """Yield what a passage or a claim states, subject by subject."""
    if not said:
        return
    table = Table(
        title="What it states", title_justify="left", box=None, pad_edge=False
    )
    for heading in ("subject", "property", "value"):
        table.add_column(heading, overflow="fold")
    for subject, pairs in said:
        label = subject.label
        for prop, value in pairs:
            table.add_row(Text(label), Text(prop.label), Text(value.label))
            label = ""
    yield Text()
    yield table


def _groups(title: str, groups: Sequence[FactGroup]) -> Iterator[RenderableType]:
    if not groups:
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("property", "value", "source"):
        table.add_column(name, overflow="fold", style="dim" if name == "source" else "")
    for group in groups:
        label = group.property.label
        for fact in group.facts:
            value = Text(fact.value.label)
            value.append(f" ({fact.value.note})" if fact.value.note else "")
            table.add_row(label, value, _sources(fact.sources))
            label = ""
    yield Text()
    yield table


def _claims(title: str, claims: Sequence[ClaimSummary]) -> Iterator[RenderableType]:
    if claims:
        yield Text(f"\n{title}", style="italic")
    for claim in claims:
        makers = ", ".join(maker.label for maker in claim.makers)
        text = Text(f"{makers}: {claim.text or claim.claim.label}")
        text.append(f"  {_sources(claim.sources)}", style="dim")
        yield text


def _sources(sources: Sequence[Source]) -> str:
    """Name the passages and other graphs that state something; or say it follows."""
    names = [
        source.label
        if source.ordinal is None
        else f"{source.label}, passage {source.ordinal}"
        for source in sources
    ]
    return "; ".join(names) or "inferred"


def _focus(term: Term) -> str:
    return term_text(term) if not isinstance(term, Literal) else _value(term)


def _value(term: Term) -> str:
    if not isinstance(term, Literal):
        return term_text(term)
    if term.language:
        return f'"{term.value}"@{term.language}'
    if term.datatype.value == f"{XSD}string":
        return f'"{term.value}"'
    return f'"{term.value}"^^{shorten(term.datatype.value)}'


def _path(path: str) -> str:
    return re.sub(r"<[^<>]*>", lambda match: shorten(match.group()[1:-1]), path)


def statement_text(quad: Quad) -> str:
    """Return *quad* as a reader wants it, with the graph that states it."""
    terms = (quad.subject, quad.predicate, quad.object)
    said = " ".join(_value(term) for term in terms if not isinstance(term, Triple))
    graph = quad.graph_name
    return said if isinstance(graph, DefaultGraph) else f"{said} in {_value(graph)}"


def some_text(quads: Iterable[Quad]) -> str:
    """Return the first of *quads*, as many as a message can bear."""
    ordered = sorted(quads, key=str)
    more = ["…"] if len(ordered) > SHOWN else []
    return "; ".join([*map(statement_text, ordered[:SHOWN]), *more])


def _rule(finding: Finding) -> str:
    if finding.check is Check.CONSISTENCY:
        return "the ontology's own axioms"
    if finding.check is Check.VOCABULARY:
        return "the ontology's list of terms"
    return f"shape {term_text(finding.shape)}" if finding.shape else "a shape"
