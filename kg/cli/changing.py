"""The commands that check and write: build, validate, add, check."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.build import Sources, build_store
from kg.check import check_files
from kg.cli.common import Context, print_verdict, read_changes, write_report
from kg.formats import Kind, for_kind
from kg.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

RDF_FORMATS = [entry.name for entry in for_kind(Kind.GRAPH)]
REPORT_FORMATS = ["text", "json", "turtle", "sarif"]


@click.command("build")
@click.option(
    "--ontology", type=click.Path(path_type=Path), help="Folder of .ttl files."
)
@click.option("--shapes", type=click.Path(path_type=Path), help="Folder of .ttl files.")
@click.option("--facts", type=click.Path(path_type=Path), help="Folder of .trig files.")
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

    Nothing is done when the store was built from the same files before.
    """
    shipped = Sources.shipped()
    sources = Sources(
        ontology=ontology or shipped.ontology,
        shapes=shapes or ontology or shipped.shapes,
        facts=facts or shipped.facts,
        queries=shipped.queries,
    )
    settings = obj.settings
    with obj.telling() as tell:
        built = build_store(
            settings.store, sources, base=settings.base, force=force, tell=tell
        )
    if built.verdict is not None and built.store is None:
        write_report(built.verdict, {}, "text")
        print_verdict(built.verdict, None)
        raise SystemExit(1)
    store = Store(settings.store)
    done = "is up to date" if built.verdict is None else "was built"
    click.echo(
        f"{settings.store} {done}: version {store.version},"
        f" {len(store.snapshot()):,} quads",
        err=True,
    )


def change_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a command that reads facts."""
    command = click.option(
        "--graph", "graph_iri", help="Graph for triples that stand in none."
    )(command)
    command = click.option(
        "--syntax", type=click.Choice(RDF_FORMATS), help="Syntax, if not by suffix."
    )(command)
    command = click.option(
        "-f", "--format", "format_name", type=click.Choice(REPORT_FORMATS),
        default="text", help="How to write the report.",
    )(command)  # fmt: skip
    return click.argument(
        "files",
        nargs=-1,
        required=True,
        type=click.Path(path_type=Path, allow_dash=True),
    )(command)


@click.command("validate")
@change_options
@click.pass_obj
def validate_command(
    obj: Context,
    files: tuple[Path, ...],
    format_name: str,
    syntax: str | None,
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
        verdict = obj.graph().validate(change, tell=tell)
    write_report(verdict, texts, format_name)
    if format_name == "text":
        print_verdict(verdict, None)
    raise SystemExit(0 if verdict.accepted else 1)


@click.command("add")
@change_options
@click.option("-m", "--message", default="", help="Why; kept in the log.")
@click.option("--agent", default=getpass.getuser, help="Who; kept in the log.")
@click.pass_obj
def add_command(
    obj: Context,
    files: tuple[Path, ...],
    format_name: str,
    syntax: str | None,
    graph_iri: str | None,
    message: str,
    agent: str,
) -> None:
    """Validate the facts in FILES and add them, all or none.

    \b
    kg add story.trig -m "Talks of May"
    """
    change, texts = read_changes(obj, files, syntax, graph_iri)
    with obj.telling() as tell:
        verdict, version = obj.graph().add(
            change, agent=agent, message=message, tell=tell
        )
    write_report(verdict, texts, format_name)
    if format_name == "text":
        print_verdict(verdict, version)
    raise SystemExit(0 if verdict.accepted else 1)


@click.command("check")
@click.option(
    "--articles",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of article texts, to check every locator against.",
)
@click.pass_obj
def check_command(obj: Context, articles: Path | None) -> None:
    """Check all that this project promises of its own files; needs no store.

    The files parse, the facts conform and are consistent, every term is defined,
    every query has a sound header and answers something.
    """
    with obj.telling() as tell:
        problems = check_files(Sources.shipped(), articles=articles, tell=tell)
    for problem in problems:
        click.echo(str(problem))
    count = len(problems)
    noun = "problem" if count == 1 else "problems"
    click.echo("all is well" if not count else f"{count} {noun}", err=True)
    raise SystemExit(1 if problems else 0)
