"""The commands that give and take the right to write over HTTP: token add, …"""

from __future__ import annotations

import click
from rich.table import Table

from kg.cli.common import Context, WholeHelp, console, full_iri
from kg.tokens import WRITE, TokenFile


@click.group("token", cls=WholeHelp)
def token_command() -> None:
    """Say who may write over HTTP: add, list and revoke access tokens.

    Without a token the server is read-only.
    """


@token_command.command("add")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True,
    help="validate, write:GRAPH, write:BEGINNING* or admin; may be repeated.",
)  # fmt: skip
@click.pass_obj
def add_command(obj: Context, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token for NAME and print it, once; only its digest is kept.

    The log names NAME as the author of what is written with it.

    \b
    kg token add "Ada" --scope 'write:source:my-article*'
    kg token add ci --scope validate
    kg token add editor --scope 'write:*'
    """
    tokens = TokenFile(obj.settings.token_file)
    secret = tokens.add(name, map(_full, scopes))
    click.echo(f"kept in {tokens.path}; it is not shown again:", err=True)
    click.echo(secret)


@token_command.command("list")
@click.pass_obj
def list_command(obj: Context) -> None:
    """Show the tokens: their names, since when they are, and what they allow."""
    table = Table("name", "since", "scopes", box=None, header_style="bold",
                  pad_edge=False)  # fmt: skip
    for token in TokenFile(obj.settings.token_file).tokens():
        table.add_row(token.name, token.created, " ".join(token.scopes))
    console().print(table, markup=False)


@token_command.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke_command(obj: Context, name: str) -> None:
    """Take back the token NAME; a running server refuses it from now on."""
    TokenFile(obj.settings.token_file).revoke(name)
    click.echo(f"{name} is revoked", err=True)


def _full(scope: str) -> str:
    """Return *scope* with the IRI that its prefixed name stands for."""
    if not scope.startswith(WRITE):
        return scope
    named = scope.removeprefix(WRITE)
    star = "*" if named.endswith("*") else ""
    return f"{WRITE}{full_iri(named.removesuffix('*'))}{star}"
