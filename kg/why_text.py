"""How an explanation looks to people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text
from rich.tree import Tree

from kg.display import term_text
from kg.terms import UNSOURCED, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from kg.sources import Claimed, Evidence
    from kg.terms import Term, Triple
    from kg.why import Line, Reason, Why


def _no_words(source: Evidence) -> str:
    """Return nothing: the texts of articles are not at hand."""
    return ""


def why_text(
    found: Why, words: Callable[[Evidence], str] = _no_words
) -> Iterator[RenderableType]:
    """Yield the reasons as trees; or that the triple does not hold, and what does.

    *words* returns what a passage says, nothing where its text is not at hand.
    """
    if not found.holds:
        yield from _does_not_hold(found)
    for number, reason in enumerate(found.reasons, 1):
        if len(found.reasons) > 1:
            yield Text(f"Reason {number} of {len(found.reasons)}", style="italic")
        yield reason_tree(found, reason, words)
    if found.holds and not found.reasons:
        yield Text("It holds, but no reason was found with the work allowed.")
    elif not found.complete:
        yield Text("There are, or may be, more reasons; see --limit.", style="italic")
    if found.holds and found.claims:
        yield Text("It is claimed, too", style="italic")
        yield from map(_claimed, found.claims)


def _does_not_hold(found: Why) -> Iterator[Text]:
    yield Text("This does not hold: ").append(_said(found, found.triple), style="bold")
    if found.claims:
        yield Text("It stands in a claim only, and claims are not facts:")
        yield from map(_claimed, found.claims)
    for graph in found.elsewhere:
        yield Text(f"It stands in {term_text(graph)}, which is not part of the facts.")
    if found.near:
        yield Text("What holds instead:")
    for triple in found.near:
        yield Text(f"  {_said(found, triple)}")


def _claimed(claim: Claimed) -> Text:
    makers = ", ".join(maker.label for maker in claim.makers)
    text = Text(f"  {makers}: {claim.text}")
    for passage in claim.passages:
        text.append(f"\n    {place_text(passage)}", style="dim")
    return text.append(f"\n    {term_text(claim.claim)}", style="dim")


def reason_tree(
    found: Why, reason: Reason, words: Callable[[Evidence], str] = _no_words
) -> Tree:
    """Return *reason* as a tree, each step below the first that follows from it."""
    branches: list[Tree] = []
    for line in reason.lines():
        del branches[line.depth :]
        text = _line(found, line)
        branch = branches[-1].add(text) if branches else Tree(text)
        branches.append(branch)
        if not line.repeated:
            _put_sources(branch, line, words)
    return branches[0]


def _line(found: Why, line: Line) -> Text:
    text = Text(_said(found, line.step.triple), style="" if line.depth else "bold")
    if line.repeated:
        return text.append("  as above", style="not bold dim")
    if line.step.rule is not None:
        rule = line.step.rule
        text.append(f"\nfollows by {rule.name}: {rule.axiom}", style="not bold cyan")
    return text


def _put_sources(branch: Tree, line: Line, words: Callable[[Evidence], str]) -> None:
    for source in line.step.stated:
        text = Text(place_text(source), style="dim")
        said = words(source)
        branch.add(text.append(f"\n{said}", style="not dim") if said else text)
    if not line.step.complete:
        branch.add(Text("and by more", style="dim"))


def place_text(source: Evidence) -> str:
    """Say which passage, from which character to which; or which register."""
    if source.graph == UNSOURCED:
        return "stated without a source"
    if source.article is None:
        names = ", ".join(one.label for one in source.sources)
        return f"stated in {source.label}" + (f" (from {names})" if names else "")
    said = f"stated in {source.label}, passage {source.ordinal}"
    if source.start is None:
        return said
    return f"{said}, characters {source.start} to {source.end}"


def _said(found: Why, triple: Triple) -> str:
    """Return *triple* in labels, as a sentence with its parts told apart."""
    return " · ".join(_word(found, cast("Term", term)) for term in triple)


def _word(found: Why, term: Term) -> str:
    label = found.things[term].label
    return label if isinstance(term, NamedNode) else f'"{label}"'
