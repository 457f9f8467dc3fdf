"""The commands that ask: list, run, query, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from kg import display
from kg.articles import stated
from kg.cli.common import (
    Context,
    console,
    pair,
    print_all,
    read_query_text,
    write_answer,
    write_json,
)
from kg.entities import describe
from kg.errors import ExequaturError
from kg.files import data_folder
from kg.formats import NAMED
from kg.interrupts import interruptible
from kg.names import find_entity
from kg.queries import SavedQueries
from kg.row_evidence_forms import (
    MOST_ROWS,
    answer_evidence_json,
    answer_evidence_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_FORMATS = ["table", "markdown", *(entry.name for entry in NAMED)]


@click.command("list")
@click.option("--tag", help="Only queries with this tag.")
def list_command(tag: str | None) -> None:
    """List the saved queries with what they answer.

    \b
    kg list
    kg list --tag claims
    """
    queries = SavedQueries.read(data_folder("queries"))
    known = sorted({name for query in queries.values() for name in query.tags})
    if tag is not None and tag not in known:
        raise ExequaturError(
            f"no query has the tag {tag!r}", advice=f"have {', '.join(known)}"
        )
    console().print(display.query_table(queries, tag=tag))


def _complete_query(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    queries = SavedQueries.read(data_folder("queries"))
    return [
        CompletionItem(name, help=query.summary)
        for name, query in queries.items()
        if name.startswith(incomplete)
    ]


def answer_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a command that writes an answer."""
    command = click.option(
        "-o", "--output", type=click.Path(path_type=Path), help="File to write to."
    )(command)
    return click.option(
        "-f",
        "--format",
        "format_name",
        type=click.Choice(ANSWER_FORMATS),
        help="How to write the answer; by default a table, or Turtle for a graph.",
    )(command)


@click.command("run")
@click.argument("name", shell_complete=_complete_query)
@click.option("-p", "--param", "given", multiple=True, metavar="KEY=VALUE")
@click.option("--explain", is_flag=True, help="Show the query's parameters instead.")
@click.option("--evidence", is_flag=True, help="Show what makes each row true.")
@click.option("--json", "as_json", is_flag=True, help="Write the evidence as JSON.")
@click.option(
    "--rows",
    type=click.IntRange(1, MOST_ROWS),
    default=100,
    help="The most rows whose evidence is shown.",
    show_default=True,
)
@answer_options
@click.pass_obj
def run_command(
    obj: Context,
    name: str,
    given: tuple[str, ...],
    explain: bool,
    evidence: bool,
    as_json: bool,
    rows: int,
    format_name: str | None,
    output: Path | None,
) -> None:
    """Run the saved query NAME.

    An entity may be given by IRI, short name, label or alias.

    \b
    kg run posts-of-state --param state=Kenya
    kg run posts-of-state -p state=kenya -f csv -o posts.csv
    kg run posts-of-state --explain
    kg run posts-of-state --evidence
    """
    queries = SavedQueries.read(data_folder("queries"))
    if explain:
        print_all(display.query_help(queries[name]))
        return
    values = dict(pair(text) for text in given)
    with interruptible():
        if evidence or as_json:
            _show_evidence(obj, name, values, rows=rows, as_json=as_json)
        else:
            write_answer(obj.graph().ask(name, values), format_name, output)


def _show_evidence(
    obj: Context, name: str, values: dict[str, str], *, rows: int, as_json: bool
) -> None:
    found = obj.graph().evidence(name, values, rows=rows)
    if as_json:
        write_json(answer_evidence_json(found))
    else:
        print_all(answer_evidence_text(found))


@click.command("query")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@answer_options
@click.pass_obj
def query_command(
    obj: Context, file: Path, format_name: str | None, output: Path | None
) -> None:
    """Run the SPARQL query in FILE, or from standard input with `-`.

    \b
    echo 'SELECT ?s WHERE { ?s a exq:State }' | kg query -
    """
    text = read_query_text(file)
    with interruptible():
        write_answer(obj.graph().query(text), format_name, output)


@click.command("show")
@click.argument("entity")
@click.pass_obj
def show_command(obj: Context, entity: str) -> None:
    """Show what the graph says of ENTITY, and which sentence says it.

    \b
    kg show kenya
    kg show "Abderrazzak Laassel"
    kg show exq:Agreement
    """
    snapshot = obj.graph().snapshot()
    found = find_entity(snapshot, entity)
    print_all(display.description(describe(snapshot, found)))
    print_all(display.statements(stated(snapshot, found)))
