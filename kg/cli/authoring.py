"""The commands of those who add articles: draft, evidence, new."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from kg.cli.common import Context, WholeHelp, read_query_text, write_bytes, write_json
from kg.coining import likely_class
from kg.drafting import check_slug, draft_article, read_article
from kg.errors import DataFileError
from kg.evidence_check import check_evidence
from kg.files import data_folder, sorted_files
from kg.mentions import Mentions
from kg.minting import mint
from kg.prefixes import shorten


@click.command("draft")
@click.argument("article", type=click.Path(path_type=Path))
@click.option("--slug", required=True, help="Short name of the article, for good.")
@click.option("--publisher", default="", help="Name of the paper or the site.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write to."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def draft_command(
    obj: Context,
    article: Path,
    slug: str,
    publisher: str,
    output: Path | None,
    force: bool,
) -> None:
    """Draft the facts of ARTICLE, a text in UTF-8: its passages located, and hints.

    The draft is TriG. It holds positions and digests of the sentences, which entities
    each names, new ones with an IRI and a likely class, posts, dates, and patterns to
    fill in. Of the text there are names and dates, and no sentence.

    \b
    kg draft articles/talks.txt --slug talks --publisher "Daily Talk" \\
        --output kg/facts/talks.trig
    """
    check_slug(slug)
    if output is not None and output.exists() and not force:
        raise DataFileError(
            "is there already", where=str(output),
            advice="choose another, or write over it with --force",
        )  # fmt: skip
    text = read_article(article)
    base = obj.settings.base
    named = Mentions(obj.graph().snapshot(), base)
    made = draft_article(text, slug, named, base=base, publisher=publisher)
    write_bytes(made.trig.encode(), output)
    click.echo(
        f"{made.passages} passages, {made.mentions} names of entities"
        f" ({made.ambiguous} ambiguous), {made.dates} dates",
        err=True,
    )
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    if made.unknown:
        click.echo(
            f"not in the graph, as it seems: {', '.join(made.unknown)};"
            " each is proposed where it comes first: look at its class",
            err=True,
        )


@click.group("new", cls=WholeHelp)
def new_command() -> None:
    """Propose what is to be written of something new."""


@new_command.command("entity")
@click.argument("label")
@click.option("--type", "class_name", help="Class, as exq:Person; else a guess.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def new_entity_command(
    obj: Context, label: str, class_name: str | None, as_json: bool
) -> None:
    """Propose an IRI for what LABEL names, after showing what has a similar name.

    Nothing is written: what is printed is to be pasted into a file of facts.

    \b
    kg new entity "Ada Envoy" --type exq:Person
    """
    base = obj.settings.base
    guess = f"exq:{likely_class(label)}"
    minted = mint(obj.graph().snapshot(), label, class_name or guess, base=base)
    if class_name is None:
        click.echo(
            f"note: {guess} is a guess by the name; say what it is with --type",
            err=True,
        )
    if as_json:
        write_json(asdict(minted))
        return
    for near in minted.near:
        what = ", ".join(near.types)
        click.echo(
            f"similar: {near.label} ({what}) {shorten(near.iri)}, {near.score:.0f} of"
            " 100",
            err=True,
        )
    if minted.taken:
        click.echo(
            f"note: {shorten(minted.taken)} is in use; is it the same?", err=True
        )
    write_bytes(minted.turtle.encode(), None)


@click.group("evidence", cls=WholeHelp)
def evidence_command() -> None:
    """Compare locators with texts, and mend them."""


@evidence_command.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--articles", type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("articles"), show_default=True, help="Folder of the texts.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Mend the locators in the files.")
def evidence_check_command(
    files: tuple[Path, ...], articles: Path, write: bool
) -> None:
    """Compare the locators of FILES, by default the shipped facts, with the texts.

    A passage whose digest fits elsewhere has moved, for certain. One that is taken for
    changed in wording has to be read again. --write mends positions and digests of
    both, and nothing else; what vanished stays.

    \b
    kg evidence check --articles articles
    kg evidence check kg/facts/talks.trig --articles articles --write
    """
    paths = files or tuple(sorted_files(data_folder("facts"), "*.trig"))
    contents = {path: read_query_text(path) for path in paths}
    checked = check_evidence(
        {str(path): content for path, content in contents.items()}, articles
    )
    for problem in checked.problems:
        click.echo(problem)
    for note in checked.notes:
        click.echo(f"note: {note}", err=True)
    if write and checked.problems:
        made = {path: checked.mended(str(path), content)
                for path, content in contents.items()}  # fmt: skip
        for path, content in made.items():
            if content != contents[path]:
                write_bytes(content.encode(), path)
                click.echo(f"mended {path}", err=True)
    left = checked.vanished if write else checked.problems
    click.echo(
        f"{len(checked.problems)} differences"
        if checked.problems
        else f"all {checked.compared} locators that were compared fit",
        err=True,
    )
    raise SystemExit(1 if left else 0)
