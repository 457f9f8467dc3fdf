"""What the commands share: the settings, the consoles, reading and writing."""

from __future__ import annotations

import getpass
import json
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypedDict

import click
from rich.console import Console

from kg import display
from kg.change import Change, read_change
from kg.cli.progress import progress_bar
from kg.config import Settings
from kg.disk import replace_whole
from kg.edits import still_following
from kg.errors import DataFileError, FormatError
from kg.files import read_file, unreadable
from kg.formats import Kind, by_name, by_suffix
from kg.graph import KnowledgeGraph
from kg.lines import Places
from kg.prefixes import expand, prefixes
from kg.report import Severity, report_json, report_sarif, report_turtle
from kg.terms import NamedNode
from kg.xml_text import as_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from kg.answers import Answer
    from kg.formats import Format
    from kg.gate import Verdict
    from kg.progress import Tell
    from kg.report import Finding
    from kg.store import Snapshot


_WHOLE = 1_000
"""More letters than a first sentence has."""


class WholeHelp(click.Group):
    """A group of commands whose help does not cut their first sentences off."""

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write what each command does."""
        names = self.list_commands(ctx)
        rows = [(n, self.commands[n].get_short_help_str(_WHOLE)) for n in names]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Context:
    """What every command shares: settings from the options, and two consoles."""

    def __init__(self, **options: Path | str | None) -> None:
        self.options = options
        self.err = Console(stderr=True)

    @property
    def settings(self) -> Settings:
        """The settings as options, environment and file give them."""
        return Settings.load(self.options)

    def graph(self) -> KnowledgeGraph:
        """Open the store; raise a StoreError that says what would do."""
        return KnowledgeGraph.open(self.settings)

    @contextmanager
    def telling(self) -> Iterator[Tell]:
        """Show the phases of long work on a terminal; be silent in a pipe."""
        with progress_bar(self.err) as tell:
            yield tell


def console() -> Console:
    """Return the console for standard output; a pipe gets no line breaks of ours."""
    console = Console()
    return console if console.is_terminal else Console(width=100_000)


def print_all(parts: Iterator[RenderableType]) -> None:
    """Print *parts* one after another."""
    out = console()
    for part in parts:
        out.print(part)


def read_bytes(path: Path) -> bytes:
    """Return what the file holds, or standard input for `-`; raise DataFileError."""
    if str(path) == "-":
        if sys.stdin is None:
            raise DataFileError("is closed", where="standard input")
        try:
            return sys.stdin.buffer.read()
        except OSError as error:
            raise unreadable("standard input", error) from error
    return read_file(path)


def read_query_text(path: Path) -> str:
    """Return the text of a query; raise DataFileError where it cannot be read."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataFileError(
            "is not UTF-8", where=str(path), advice="save it as UTF-8"
        ) from error
    except DataFileError as error:
        if "{" not in str(path):
            raise
        raise DataFileError(
            "a file is wanted here, not a query",
            advice="send the query to standard input: echo '…' | kg query -",
        ) from error


def read_changes(
    obj: Context,
    files: Sequence[Path],
    syntax: str | None,
    graph_iri: str | None,
) -> tuple[Change, dict[str, str]]:
    """Return one change of all *files*, and their texts by name."""
    graph = NamedNode(full_iri(graph_iri)) if graph_iri else None
    changes, texts = [], {}
    for path in files:
        fmt = by_name(syntax) if syntax else _syntax_of(path)
        name = "standard input" if str(path) == "-" else str(path)
        data = as_utf8(read_bytes(path), fmt, name)
        base = obj.settings.base
        changes.append(read_change(data, fmt, source=name, graph=graph, base=base))
        texts[name] = data.decode("utf-8")
    return Change.all_of(changes), texts


def _syntax_of(path: Path) -> Format:
    if str(path) == "-":
        raise FormatError("the syntax of standard input is not known",
                          advice="say it with --syntax")  # fmt: skip
    return by_suffix(path)


def full_iri(name: str) -> str:
    """Return the IRI that *name* abbreviates, or is."""
    return expand(name) or name


def write_answer(answer: Answer, format_name: str | None, output: Path | None) -> None:
    """Write *answer* to *output*, else print it; by default for people to read."""
    name = format_name or ("turtle" if answer.kind is Kind.GRAPH else "table")
    if name == "table" and answer.kind is Kind.RESULTS and output is None:
        console().print(display.result_table(answer))
        return
    if name in {"table", "markdown"}:
        data = display.markdown_table(answer).encode()
    else:
        data = answer.serialize(by_name(name), prefixes=prefixes())
    write_bytes(data, output)


def write_bytes(data: bytes, output: Path | None) -> None:
    """Write *data* to the file *output*, else to standard output.

    A file that cannot be written whole stays as it was; raise DataFileError.
    """
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        if output.exists() and not output.is_file():  # a device, or a pipe
            output.write_bytes(data)
        else:
            replace_whole(output.resolve(), data)
    except OSError as error:
        raise DataFileError(
            f"cannot be written ({error.strerror})", where=str(output)
        ) from error


def write_json(content: object, output: Path | None = None) -> None:
    """Write *content* as JSON, in UTF-8 whatever the terminal has."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    write_bytes(f"{text}\n".encode(), output)


def write_report(verdict: Verdict, texts: dict[str, str], format_name: str) -> None:
    """Print the findings of *verdict* in the form that *format_name* names."""
    write_findings(verdict.findings, texts, format_name, verdict.change.notes)


def write_findings(
    findings: Sequence[Finding],
    texts: dict[str, str],
    format_name: str,
    notes: Iterable[str] = (),
) -> None:
    """Print *findings* in the form that *format_name* names; *notes* only for people.

    *texts* are those of the files that they may be about, by name.
    """
    place = Places(texts).locate
    if format_name == "text":
        print_all(display.findings(findings, place))
        for note in notes:
            click.echo(f"note: {note}", err=True)
    elif format_name == "turtle":
        write_bytes(report_turtle(findings, prefixes()), None)
    else:
        writers = {"json": report_json, "sarif": report_sarif}
        content = writers[format_name](findings, place)
        write_json(content)


class How(TypedDict):
    """What the log keeps of a change, and the version that it was made for."""

    agent: str
    message: str
    if_version: int | None


def whoami() -> str:
    """Return the name of who runs this; "unknown" where the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # as in a container, for a number without a name
        return "unknown"


def how_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a command that writes; `How` is what they give."""
    options = (
        click.option("-m", "--message", default="", help="Why; kept in the log."),
        click.option("--agent", default=whoami, help="Who; kept in the log."),
        click.option(
            "--if-version", type=click.IntRange(min=1),
            help="Only if this is still the current version.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def write_change(
    obj: Context,
    make: Callable[[KnowledgeGraph, Snapshot], Change],
    format_name: str,
    texts: dict[str, str],
    how: How,
    *,
    strict: bool,
) -> NoReturn:
    """Write what *make* makes of the present state, and end with what came of it."""
    graph = obj.graph()
    with obj.telling() as tell:
        verdict, version = graph.write(
            partial(make, graph), tell=tell, strict=strict, **how
        )
    end_with(verdict, version, format_name, texts)


def end_with(
    verdict: Verdict, version: int | None, format_name: str, texts: dict[str, str]
) -> NoReturn:
    """Print what came of a change, and end with the status that says so."""
    write_report(verdict, texts, format_name)
    if format_name == "text":
        holding = still_following(verdict) if verdict.accepted else []
        if holding:
            said = display.some_text(holding)
            click.echo(f"note: by the ontology it still holds: {said}", err=True)
        print_verdict(verdict, version)
    raise SystemExit(0 if verdict.accepted else 1)


def rejection(findings: Iterable[Finding]) -> str:
    """Say in one line that *findings* keep something out."""
    wrong = sum(finding.severity is Severity.VIOLATION for finding in findings)
    noun = "violation" if wrong == 1 else "violations"
    return f"not accepted: {wrong} {noun}; nothing was changed"


def print_verdict(verdict: Verdict, version: int | None) -> None:
    """Say in one line what came of a change; *version* is None for a dry run."""
    change = verdict.change
    counts = (
        f"{len(change.added)} new quads, {len(change.removed)} removed,"
        f" {verdict.inferred} triples inferred"
    )
    if not verdict.accepted:
        outcome = rejection(verdict.findings)
    elif version is None:
        outcome = f"conforms: {counts}"
    elif not (change.added or change.removed):
        outcome = f"nothing new; the graph stays at version {version}"
    else:
        outcome = f"accepted as version {version}: {counts}"
    click.echo(outcome, err=True)


def pair(text: str) -> tuple[str, str]:
    """Return the key and the value of a parameter; raise BadParameter."""
    key, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--param")
    return key.strip(), value.strip()
