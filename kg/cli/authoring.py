"""The commands of those who add articles: draft, evidence, new."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.common import Context, write_bytes
from kg.drafting import check_slug, draft_article, read_article
from kg.errors import DataFileError
from kg.mentions import Mentions


@click.command("draft")
@click.argument("article", type=click.Path(path_type=Path))
@click.option("--slug", required=True, help="Short name of the article, for good.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write to."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def draft_command(
    obj: Context, article: Path, slug: str, output: Path | None, force: bool
) -> None:
    """Draft the facts of ARTICLE, a text in UTF-8: its passages located, and hints.

    The draft is TriG. It holds positions and digests of the sentences, which entities
    each names, dates, and patterns to fill in; the text itself is not in it.

    \b
    kg draft articles/talks.txt --slug talks --output kg/facts/talks.trig
    """
    check_slug(slug)
    if output is not None and output.exists() and not force:
        raise DataFileError(
            "is there already", where=str(output),
            advice="choose another, or write over it with --force",
        )  # fmt: skip
    text = read_article(article)
    base = obj.settings.base
    made = draft_article(text, slug, Mentions(obj.graph().snapshot(), base), base=base)
    write_bytes(made.trig.encode(), output)
    click.echo(
        f"{made.passages} passages, {made.mentions} names of entities"
        f" ({made.ambiguous} ambiguous), {made.dates} dates;"
        " what is to be filled in says TO FILL IN",
        err=True,
    )
