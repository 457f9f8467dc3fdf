"""The command that explains: why."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.article_texts import require_folder, words_of
from kg.asked import asked_triple
from kg.cli.common import Context, print_all, write_bytes, write_json
from kg.config import Settings
from kg.formats import Kind, by_name, for_kind
from kg.why import MOST_REASONS, why
from kg.why_forms import triple_words, why_json, why_rdf
from kg.why_text import why_text

if TYPE_CHECKING:
    from kg.sources import Evidence
    from kg.store import Snapshot

_FORMATS = ["text", "json", *(entry.name for entry in for_kind(Kind.GRAPH))]


@click.command("why")
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@click.option(
    "--limit",
    type=click.IntRange(1, MOST_REASONS),
    default=10,
    show_default=True,
    help="The most reasons to give.",
)
@click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="How to write them: for people, as JSON, or as RDF (PROV-O).",
)
@click.option(
    "--articles", help="Folder of articles' texts: show what the passages say."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write to."
)
@click.pass_obj
def why_command(
    obj: Context,
    subject: str,
    predicate: str,
    object_: str,
    limit: int,
    format_name: str,
    articles: str | None,
    output: Path | None,
) -> None:
    """Say why a triple holds: who states it, or what it follows from, and how.

    Each of the three is a label, a short or prefixed name, or an IRI; the object may be
    a literal as in Turtle. The shortest reasons come first. The status is 1 where the
    triple does not hold.

    \b
    kg why "Abderrazzak Laassel" "envoy to" Kenya
    kg why "Abderrazzak Laassel" "envoy to" Kenya --articles articles
    kg why kenya exq:isoAlpha3 '"KEN"' --format turtle
    """
    graph = obj.graph()
    snapshot = graph.snapshot()
    triple = asked_triple(snapshot, subject, predicate, object_)
    found = why(snapshot, triple, limit=limit)
    if format_name == "text" and output is None:
        folder = Settings.load({**obj.options, "articles": articles}).article_folder
        require_folder(folder)
        print_all(why_text(found, partial(_words, snapshot, folder)))
    elif format_name in {"text", "json"}:
        write_json(why_json(found), output)
    elif found.holds:
        fmt = by_name(format_name)
        base = graph.store.manifest.base
        write_bytes(why_rdf(snapshot, found, fmt, base=base), output)
    else:
        said = triple_words(found, found.triple)
        click.echo(f"kg: this does not hold: {said}", err=True)
    if not found.holds:
        raise SystemExit(1)


def _words(snapshot: Snapshot, folder: Path | None, source: Evidence) -> str:
    """Return what a passage says, where its text is in *folder*."""
    if folder is None or source.article is None:
        return ""
    return words_of(snapshot, source.article, source.graph, folder)
