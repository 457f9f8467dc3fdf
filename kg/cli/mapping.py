"""The command that brings tables in: `kg map`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

import click

from kg import display
from kg.cli.common import (
    Context,
    How,
    how_options,
    print_all,
    print_verdict,
    write_bytes,
    write_json,
)
from kg.errors import DataFileError
from kg.mapping_engine import set_up_engine
from kg.mapping_spec import read_spec, shipped_mappings
from kg.report import report_json
from kg.tables import read_table

if TYPE_CHECKING:
    from kg.change import Change
    from kg.gate import Verdict
    from kg.mapping import Mapped


def _set_up(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"the engine is in {set_up_engine()}", err=True)
        ctx.exit(0)


def _list(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        for name, path in shipped_mappings().items():
            click.echo(f"{name}\t{path}")
        ctx.exit(0)


@click.command("map")
@click.argument("spec", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--source", required=True, help="Name of the register, in English.")
@click.option("--homepage", required=True, help="Address of the register.")
@click.option("--license", "terms", required=True, help="IRI of its licence.")
@click.option("--dry-run", is_flag=True, help="Say what would be; write nothing.")
@click.option("--skip-rejected", is_flag=True, help="Add the other rows.")
@click.option(
    "--rejected", "rejected_file", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the rejected rows to this CSV file, with why.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--set-up", is_flag=True, is_eager=True, expose_value=False, callback=_set_up,
    help="Install the engine (morph-kgc) by pip, and end.",
)  # fmt: skip
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="Show the shipped mappings, and end.",
)
@how_options
@click.pass_obj
def map_command(
    obj: Context,
    spec: Path,
    data: Path,
    source: str,
    homepage: str,
    terms: str,
    dry_run: bool,
    skip_rejected: bool,
    rejected_file: Path | None,
    as_json: bool,
    **how: Unpack[How],
) -> None:
    """Bring the table DATA in, by the mapping SPEC, all rows or none.

    DATA is CSV, JSON or XLSX; SPEC a file in YARRRML or RML, or the name of a shipped
    mapping.
    Rows that are not taken are listed with their lines.

    \b
    kg map treaty-series treaties.csv --source "Invented Treaty Series" \\
        --homepage https://example.org/ --license https://example.org/terms
    """
    # It brings numpy, slow to import.
    from kg.mapping import Origin, judge_table, map_table, rejected_rows

    origin = Origin(source, homepage, terms)
    with obj.telling() as tell:
        tell("reading the table")
        rules, table = read_spec(spec), read_table(data)
        if rejected_file:
            if rejected_file.exists() and rejected_file.samefile(data):
                raise DataFileError("is the table itself", where=str(rejected_file))
            write_bytes(rejected_rows(table, ()), rejected_file)
        graph = obj.graph()
        mapped = map_table(
            graph.snapshot(), rules, table, origin, base=obj.settings.base, tell=tell
        )
        some = bool(mapped.stated) and (skip_rejected or not mapped.rejected)

        def judge(change: Change) -> tuple[Verdict, int | None]:
            if some and change.added and not dry_run:
                return graph.add(change, tell=tell, **how)
            return graph.validate(change, tell=tell), None

        mapped, verdict, version = judge_table(mapped, judge, skip=skip_rejected)
    taken = some and bool(mapped.stated) and verdict.accepted
    if rejected_file:
        write_bytes(rejected_rows(table, mapped.rejected), rejected_file)
    _end(mapped, verdict, version if taken else None, taken=taken, as_json=as_json)


def _end(
    mapped: Mapped,
    verdict: Verdict,
    version: int | None,
    *,
    taken: bool,
    as_json: bool,
) -> NoReturn:
    """Print what came of a table, and end with the status that says so."""
    if as_json:
        content = _plain(mapped, verdict, version, taken=taken)
        write_json(content)
        raise SystemExit(0 if taken else 1)
    print_all(display.findings(verdict.findings, mapped.locate))
    for one in mapped.rejected:
        click.echo(f"{mapped.table}: {one}")
    count = len({one.line for one in mapped.rejected})
    if count:
        click.echo(f"{count} of {mapped.rows} rows rejected", err=True)
    if taken:
        print_verdict(verdict, version)
    else:
        click.echo("not accepted; nothing was changed", err=True)
    raise SystemExit(0 if taken else 1)


def _plain(
    mapped: Mapped, verdict: Verdict, version: int | None, *, taken: bool
) -> dict[str, Any]:
    return {
        "accepted": taken,
        "version": version,
        "rows": mapped.rows,
        "added": len(verdict.change.added) if taken else 0,
        "rejected": [
            {"line": one.line, "column": one.column or None, "message": one.message}
            for one in mapped.rejected
        ],
        "report": report_json(verdict.findings, mapped.locate),
    }
