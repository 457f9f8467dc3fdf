"""The commands that check and write: build, validate, add, remove, …, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from kg.build import Built, Sources, build_store
from kg.check import Checked, check_files
from kg.cli.common import (
    Context,
    How,
    end_with,
    full_iri,
    how_options,
    read_changes,
    rejection,
    write_change,
    write_findings,
)
from kg.edits import removing, replacing
from kg.folder import left_by_builds
from kg.formats import Kind, for_kind
from kg.stores import open_store
from kg.terms import NamedNode
from kg.verify import verify_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.change import Change
    from kg.config import StorePlace
    from kg.graph import KnowledgeGraph
    from kg.progress import Tell
    from kg.store import Snapshot

RDF_FORMATS = [entry.name for entry in for_kind(Kind.GRAPH)]
REPORT_FORMATS = ["text", "json", "turtle", "sarif"]


@click.command("build")
@click.option(
    "--ontology", type=click.Path(path_type=Path), help="Folder of RDF files."
)
@click.option("--shapes", type=click.Path(path_type=Path), help="Folder of RDF files.")
@click.option("--facts", type=click.Path(path_type=Path), help="Folder of RDF files.")
@click.option("--force", is_flag=True, help="Replace a store that holds later changes.")
@click.pass_obj
def build_command(
    obj: Context,
    ontology: Path | None,
    shapes: Path | None,
    facts: Path | None,
    force: bool,
) -> None:
    """Build the store from files, every fact through the gate.

    Nothing is done when the store was built from the same files before. A build that
    was interrupted goes on when it is called again.
    """
    shipped = Sources.shipped()
    sources = Sources(
        ontology=ontology or shipped.ontology,
        shapes=shapes or ontology or shipped.shapes,
        facts=facts or shipped.facts,
        queries=shipped.queries,
    )
    settings = obj.settings
    place = settings.store
    try:
        with obj.telling() as tell:
            built = _built(place, sources, base=settings.base, force=force, tell=tell)
    except KeyboardInterrupt:
        if isinstance(place, Path) and left_by_builds(place):
            click.echo("the same command goes on where this one stopped", err=True)
        raise
    write_findings(built.findings, {}, "text", built.notes)
    if built.store is None:
        click.echo(rejection(built.findings), err=True)
        raise SystemExit(1)
    store = open_store(place)
    done = "is up to date" if built.was_current else "was built"
    click.echo(
        f"{settings.store} {done}: version {store.version},"
        f" {len(store.snapshot()):,} quads",
        err=True,
    )


def _built(
    place: StorePlace, sources: Sources, *, base: str, force: bool, tell: Tell
) -> Built:
    if isinstance(place, Path):
        return build_store(place, sources, base=base, force=force, tell=tell)
    from kg.remote.building import build_remote

    return build_remote(place, sources, base=base, force=force, tell=tell)


def change_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a command that reads facts."""
    command = click.option(
        "--graph", "graph_iri", help="Graph for triples that stand in none."
    )(report_options(command))
    return click.argument(
        "files",
        nargs=-1,
        required=True,
        type=click.Path(path_type=Path, allow_dash=True),
    )(command)


def report_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how to read, and how to report."""
    command = click.option(
        "--syntax", type=click.Choice(RDF_FORMATS), help="Syntax, if not by suffix."
    )(command)
    command = click.option(
        "--strict", is_flag=True, help="Let violations that stand already count too."
    )(command)
    return click.option(
        "-f", "--format", "format_name", type=click.Choice(REPORT_FORMATS),
        default="text", help="How to write the report.",
    )(command)  # fmt: skip


@click.command("validate")
@change_options
@click.pass_obj
def validate_command(
    obj: Context,
    files: tuple[Path, ...],
    format_name: str,
    syntax: str | None,
    strict: bool,
    graph_iri: str | None,
) -> None:
    """Say whether the facts in FILES would be accepted; nothing is written.

    \b
    kg validate story.trig
    kg validate story.ttl --format sarif
    cat story.ttl | kg validate - --syntax turtle
    """
    change, texts = read_changes(obj, files, syntax, graph_iri)
    with obj.telling() as tell:
        verdict = obj.graph().validate(change, tell=tell, strict=strict)
    end_with(verdict, None, format_name, texts)


@click.command("add")
@change_options
@how_options
@click.pass_obj
def add_command(
    obj: Context,
    files: tuple[Path, ...],
    format_name: str,
    syntax: str | None,
    strict: bool,
    graph_iri: str | None,
    **how: Unpack[How],
) -> None:
    """Validate the facts in FILES and add them, all or none.

    \b
    kg add story.trig -m "Talks of May"
    """
    change, texts = read_changes(obj, files, syntax, graph_iri)
    write_change(obj, lambda *_: change, format_name, texts, how, strict=strict)


@click.command("remove")
@change_options
@how_options
@click.pass_obj
def remove_command(
    obj: Context,
    files: tuple[Path, ...],
    format_name: str,
    syntax: str | None,
    strict: bool,
    graph_iri: str | None,
    **how: Unpack[How],
) -> None:
    """Remove the facts that FILES state, all or none, if what is left conforms.

    \b
    kg remove story.trig -m "The article was withdrawn"
    kg remove wrong.ttl --graph graph:reference
    """
    stated, texts = read_changes(obj, files, syntax, graph_iri)

    def make(_: KnowledgeGraph, snapshot: Snapshot) -> Change:
        return removing(snapshot, stated)

    write_change(obj, make, format_name, texts, how, strict=strict)


@click.command("replace-graph")
@click.argument("iri")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@report_options
@how_options
@click.pass_obj
def replace_graph_command(
    obj: Context,
    iri: str,
    file: Path,
    format_name: str,
    syntax: str | None,
    strict: bool,
    **how: Unpack[How],
) -> None:
    """Let the graph IRI hold what FILE states, and nothing else.

    \b
    kg replace-graph graph:reference reference.ttl -m "New list of codes"
    """
    stated, texts = read_changes(obj, (file,), syntax, iri)

    def make(_: KnowledgeGraph, snapshot: Snapshot) -> Change:
        return replacing(snapshot, NamedNode(full_iri(iri)), stated)

    write_change(obj, make, format_name, texts, how, strict=strict)


@click.command("check")
@click.option(
    "--articles",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of article texts, to check every locator against.",
)
@click.option("--store", "of_store", is_flag=True, help="Check the store instead.")
@click.pass_obj
def check_command(obj: Context, articles: Path | None, of_store: bool) -> None:
    """Check all that this project promises of its own files; needs no store.

    The files parse, the facts conform and are consistent, every term is defined,
    every query has a sound header and answers something.

    With --store: merged view, inferences and report are what follows from what is
    stated, and log, journal and version agree. `kg rebuild` mends the former.
    """
    if of_store and articles:
        raise click.UsageError("--articles is about the files, --store is not")
    with obj.telling() as tell:
        if of_store:
            checked = Checked(tuple(verify_store(obj.graph().store, tell=tell)))
        else:
            checked = check_files(Sources.shipped(), articles=articles, tell=tell)
    for problem in checked.problems:
        click.echo(str(problem))
    for note in checked.notes:
        click.echo(f"note: {note}", err=True)
    count = len(checked.problems)
    noun = "problem" if count == 1 else "problems"
    click.echo("all is well" if not count else f"{count} {noun}", err=True)
    raise SystemExit(1 if count else 0)
