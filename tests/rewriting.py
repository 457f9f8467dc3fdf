"""A small reader of `.htaccess`: the directives that our redirects use, no others."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """Where a request is sent, and with which status."""

    status: int
    location: str


class Rules:
    """The rules of a file; an unknown directive, variable or flag is an error."""

    def __init__(self, text):
        self.rules = []
        conditions = []
        for line in text.splitlines():
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "RewriteCond":
                variable, pattern = words[1:]
                assert variable == "%{THE_REQUEST}"
                conditions.append(re.compile(pattern))
            elif words[0] == "RewriteRule":
                pattern, place, flags = words[1:]
                assert pattern == "^"
                self.rules.append((conditions, place, flags[1:-1].split(",")))
                conditions = []
            else:
                assert line in {"Options +FollowSymLinks", "RewriteEngine on"}, line

    def answer(self, method, target):
        """Return what is answered to a request line, None where no rule applies."""
        for conditions, place, flags in self.rules:
            line = f"{method} {target} HTTP/1.1"
            found = [match for c in conditions if (match := c.search(line))]
            if len(found) < len(conditions):
                continue
            status, *others = flags
            # NE: what was matched is passed on; a query is added as it came.
            assert set(others) == {"NE", "L"}
            assert status.startswith("R=")
            _, _, query = target.partition("?")
            for number, part in enumerate(found[-1].groups(), 1):
                place = place.replace(f"%{number}", part)
            assert "?" not in place  # Apache refuses one that comes from a match
            return Answer(int(status[2:]), f"{place}?{query}" if query else place)
        return None
