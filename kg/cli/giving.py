"""The commands that give away: dump, serve, settings, completion."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import get_completion_class
from rich.table import Table

from kg.article_texts import require_folder
from kg.cli.common import Context, console, full_iri, write_bytes
from kg.config import Settings, explain
from kg.errors import ExequaturError
from kg.formats import Kind, by_name, for_kind
from kg.graph import KnowledgeGraph
from kg.prefixes import prefixes
from kg.terms import NamedNode

RDF_FORMATS = [entry.name for entry in for_kind(Kind.GRAPH)]
SHELLS = ["bash", "zsh", "fish"]


@click.command("dump")
@click.option("-f", "--format", "format_name", type=click.Choice(RDF_FORMATS))
@click.option("--graph", "graph_iri", help="Only this graph (IRI or prefix:name).")
@click.option("--facts", is_flag=True, help="Only what people wrote, for `kg add`.")
@click.option("--inferred", is_flag=True, help="With what follows by the ontology.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write to."
)
@click.pass_obj
def dump_command(
    obj: Context,
    format_name: str | None,
    graph_iri: str | None,
    facts: bool,
    inferred: bool,
    output: Path | None,
) -> None:
    """Write all that is asserted, or one graph, as RDF.

    \b
    kg dump > everything.trig
    kg dump --facts > facts.trig
    kg dump --graph graph:reference --format turtle
    """
    graph = NamedNode(full_iri(graph_iri)) if graph_iri else None
    fmt = by_name(format_name or ("turtle" if graph else "trig"))
    snapshot = obj.graph().snapshot()
    if graph is not None and not any(snapshot.quads(graph=graph)):
        raise ExequaturError(
            f"there is no graph {graph.value}",
            advice="ask `SELECT DISTINCT ?g WHERE { GRAPH ?g {} }` which there are",
        )
    data = snapshot.dump(
        fmt, graph=graph, facts=facts, inferred=inferred, prefixes=prefixes()
    )
    write_bytes(data, output)


@click.command("serve")
@click.option("--host", help="Address to listen on; 127.0.0.1 by default.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
@click.option("--workers", type=int, help="Number of server processes.")
@click.option(
    "--articles", help="Folder of articles' texts, for readers on this machine."
)
@click.pass_obj
def serve_command(
    obj: Context,
    host: str | None,
    port: int | None,
    workers: int | None,
    articles: str | None,
) -> None:
    """Serve SPARQL, saved queries, validation and pages; to write takes a token.

    \b
    kg serve
    kg serve --port 8080
    kg serve --articles articles
    """
    from server.serve import serve

    given = {"host": host, "port": port, "workers": workers, "articles": articles}
    settings = Settings.load({**obj.options, **given})
    require_folder(settings.article_folder)
    KnowledgeGraph.open(settings).snapshot()
    serve(settings, on_ready=_print_address)


def _print_address(address: str) -> None:
    click.echo(
        f"Exequatur serves at {address} — stop it with Ctrl-C. Try:\n"
        f"  {address}                            the front page\n"
        f"  {address}queries/posts-of-state      a saved query\n"
        f"  {address}id/kenya                    an entity, with its sentences\n"
        f"  curl '{address}sparql?query=SELECT*%7B%3Fs%20a%20%3Fc%7DLIMIT%203'"
    )


@click.command("settings")
@click.pass_obj
def settings_command(obj: Context) -> None:
    """Show every setting: its value, where that is from, and what it means."""
    table = Table("setting", "value", "from", "variable", "meaning", box=None)
    for one in explain(obj.options):
        table.add_row(one.name, one.value, one.source, one.variable, one.meaning)
    console().print(table)


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    kg completion bash > ~/.local/share/bash-completion/completions/kg
    """
    completer = get_completion_class(shell)
    if completer is not None:
        root = click.get_current_context().find_root().command
        click.echo(completer(root, {}, "kg", "_KG_COMPLETE").source())
