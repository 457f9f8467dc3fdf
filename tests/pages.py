"""README and the guides as the tests read them: pages and their fenced blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(DOCS.glob("*.md")),
]

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page: its language, its text, and what follows it."""

    page: str
    line: int
    language: str
    text: str
    after: str

    @property
    def shown(self) -> str:
        """What a page shows as output: the text block right after this one."""
        found = re.match(r"\s*```text\n(.*?)^```$", self.after, re.S | re.M)
        return found.group(1) if found else ""

    @property
    def table(self) -> str:
        """The table that stands right after this block."""
        found = re.match(r"\n*((?:\|.*\n)+)", self.after)
        return found.group(1) if found else ""


def text_of(page: Path) -> str:
    """Return the text of *page*."""
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """Return the text of *page* without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.S | re.M)


def blocks(page: Path, language: str) -> list[Block]:
    """Return the blocks of *page* in *language*, in their order."""
    text = text_of(page)
    found = re.finditer(r"^```(\w*)\n(.*?)^```\n?", text, re.S | re.M)
    return [
        Block(
            page=page.name,
            line=text.count("\n", 0, match.start()) + 2,
            language=match.group(1),
            text=match.group(2),
            after=text[match.end() :],
        )
        for match in found
        if match.group(1) == language
    ]
