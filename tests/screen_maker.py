"""Random shapes and data in which two engines could see different things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.shape_maker import KINDS, LINKS, NODES, Maker, turtle

if TYPE_CHECKING:
    from kg.terms import Triple

ODD_VALUES = [
    "0", "1", "-1", "10", "2.50", "1e0", "true", "false", '"1"^^xsd:boolean',
    '"01"^^xsd:integer', '"five"^^xsd:integer', '"99999999999999999999"^^xsd:integer',
    '"9223372036854775807"^^xsd:integer', '"1"^^xsd:byte', '"NaN"^^xsd:double',
    '"2023-05-17"^^xsd:date', '"2023-05-18"^^xsd:date', '"2023-02-30"^^xsd:date',
    '"2023-05-17Z"^^xsd:date', '"0000-01-01"^^xsd:date', '"-0044-03-15"^^xsd:date',
    '"2023-05-17T10:00:00"^^xsd:dateTime', '"2023"^^xsd:gYear', '"x"^^:own',
    '"http://example.org/a"^^xsd:anyURI', '""', '"a"', '"a\\n"', '"a\\r"', '"\\na"',
    '"a b"', '"a\\u00a0b"', '"a\\u2003b"', '"a\\u001cb"', '"a\\u0085b"', '"ä–z"',
    '"a/b"', '"/"', '"../2020"', '"2020/2021"', '"2020-XX"', '"XXXX-05"', '"ab.c"',
    '"a"@en', '"a"@EN', '"a"@en-US', '"b"@fr', '"a\\n"@en', '""@de', '"\\U0001F600"',
    '"…"', '"… …"', '"‐a"', "_:one", "_:two",
]  # fmt: skip

CONSTANTS = ["0", "1", "10", '"a"', '"a"@en', '"a"@EN', "true", '"01"^^xsd:integer',
             "2.5", '"2023-05-17"^^xsd:date', ":a", ":b", '""']  # fmt: skip

PATTERNS = [
    "^a$", "a", "^[a-z/]+$", r"^\\S+(\\s+\\S+){0,2}$", "^(a|b)?$", "[^a-z]", "^.$",
    "^[0-9]{4}(-[0-9]{2}|-XX)?$", r"^a\\.?", "(?!a)b", r"\\d", r"\\w+$", "^.{1,3}$",
    "^a|b$", "^http://example", "^[~?%]*$", "^$", r"\\bа", "a++", "[[:alpha:]]",
    r"^\\s", "(?i)A", "x{,2}y", "(a)(?:b)*",
    "[^… ]", "^…?‐",
]  # fmt: skip

DATATYPES = ["string", "integer", "boolean", "date", "dateTime", "decimal", "anyURI"]

TARGETS = " sh:targetNode :a ; sh:targetSubjectsOf :p , :q ;"


class OddMaker(Maker):
    """Makes shapes and data of which engines could think differently."""

    def asking(self) -> list[Triple]:
        """Return a shape that asks nothing but a query."""
        return turtle(f":Shape a sh:NodeShape ;{self.target()} {self.question(0)} .")

    def statement(self) -> str:
        node = self.pick((*NODES, "_:one"))
        if self.random.random() < 0.25:
            return super().statement()
        if self.random.random() < 0.3:
            return f"{node} {self.pick(LINKS)} {self.pick(NODES)} .\n"
        return f"{node} {self.pick(LINKS)} {self.pick(ODD_VALUES)} .\n"

    def target(self) -> str:
        both = f"{TARGETS} sh:targetObjectsOf :r ;"
        return self.pick((TARGETS, both, super().target()))

    def value_test(self, depth: int) -> str:
        number = self.pick(("0", "1", "2", "10", "2.5", '"2023-05-17"^^xsd:date'))
        tags = " ".join(self.pick(('"en"', '"EN"', '"en-us"', '"fr"', '"*"'))
                        for _ in range(self.pick((1, 2))))  # fmt: skip
        listed = " ".join(self.pick(CONSTANTS) for _ in range(self.pick((1, 3))))
        kind = self.pick(("IRI", "BlankNode", "Literal", "IRIOrLiteral",
                          "BlankNodeOrIRI", "BlankNodeOrLiteral"))  # fmt: skip
        return self.pick(
            (
                super().value_test(depth),
                f"sh:datatype xsd:{self.pick(DATATYPES)}",
                "sh:datatype rdf:langString",
                f"sh:nodeKind sh:{kind}",
                f"sh:in ( {listed} )",
                f"sh:hasValue {self.pick(CONSTANTS)}",
                f"sh:{self.pick(('min', 'max'))}{self.pick(('In', 'Ex'))}clusive "
                f"{number}",
                f"sh:{self.pick(('min', 'max'))}Length {self.pick('0123')}",
                f'sh:pattern "{self.pick(PATTERNS)}"',
                f"sh:languageIn ( {tags} )",
            )
        )

    def count(self, depth: int) -> str:
        most = self.pick(("sh:minCount", "sh:maxCount"))
        return self.pick((f"{most} {self.pick('0123')}", "sh:uniqueLang true"))

    def comparison(self, depth: int) -> str:
        names = ("sh:equals", "sh:disjoint", "sh:lessThan", "sh:lessThanOrEquals")
        return f"{self.pick(names)} {self.pick(LINKS)}"

    # Queries

    def question(self, depth: int) -> str:
        select = f"SELECT $this ?value WHERE {{ {self.asked()} }}"
        return (
            "sh:sparql [ sh:prefixes :names ; "
            f"sh:select '''PREFIX : <http://example.org/> {select}''' ]"
        )

    def asked(self) -> str:
        names = ["?x"]
        parts = [f"$this {self.pick(LINKS)} ?x ."]
        parts += [self.step(names) for _ in range(self.random.randrange(4))]
        if self.random.random() < 0.9:
            parts.append(f"FILTER ({self.truth(names, 2)})")
        return " ".join(parts)

    def step(self, names: list[str]) -> str:
        """Return a part of a query that may bind one more variable."""
        new = f"?n{len(names)}"
        old = self.pick(names)
        made = self.pick((self.text, self.number, self.truth))(names, 2)
        step = self.pick(
            (
                f"$this {self.pick(LINKS)} {new} .",
                f"{old} {self.pick(LINKS)} {new} .",
                f"{new} {self.pick(LINKS)} {old} .",
                f"$this ({self.pick(LINKS)}|^{self.pick(LINKS)})+ {new} .",
                f"OPTIONAL {{ $this {self.pick(LINKS)} {new} }}",
                f"OPTIONAL {{ $this {self.pick(LINKS)} {new} . {new} a :A }}",
                f"BIND ({made} AS {new})",
                f"BIND ({made} AS {new})",
                f"FILTER {self.exists(1)}",
            )
        )
        if new in step:
            names.append(new)
        return step

    def exists(self, depth: int) -> str:
        word = self.pick(("EXISTS", "NOT EXISTS"))
        nested = depth and self.random.random() < 0.3
        inner = f"FILTER {self.exists(0)}" if nested else ""
        end = self.pick(("?x", "?n1", "$this", ":b", f"?e{depth}"))
        start = self.pick(("?e1", "$this"))
        kind = f"{start} a {self.pick(KINDS)} ." if self.random.random() < 0.3 else ""
        return f"{word} {{ {start} {self.pick(LINKS)} {end} . {kind} {inner} }}"

    def text(self, names: list[str], depth: int) -> str:
        if not depth or self.random.random() < 0.3:
            return self.pick((self.pick(names), self.pick(names), '"a"', '"/"', '""'))
        one, other = self.text(names, depth - 1), self.text(names, depth - 1)
        plain = self.pick(('"/"', '"a"', '"-"'))
        return self.pick(
            (
                f"STR({self.pick(names)})",
                f"STRBEFORE({one}, {plain})",
                f"STRAFTER({one}, {plain})",
                f"CONCAT({one}, {other})",
                f"IF({self.truth(names, depth - 1)}, {one}, {other})",
                f'REPLACE({one}, "{self.query_pattern()}", "X")',
            )
        )

    def number(self, names: list[str], depth: int) -> str:
        if not depth or self.random.random() < 0.3:
            return self.pick((self.pick(names), self.pick(names), "1", "0"))
        one, other = self.number(names, depth - 1), self.number(names, depth - 1)
        return self.pick((f"({one} + {other})", f"({one} - 1)", f"STRLEN({one})"))

    def truth(self, names: list[str], depth: int) -> str:
        one = self.pick(names)
        sign = self.pick(("=", "!=", "<", ">", "<=", ">="))
        simple = (
            f"BOUND({one})",
            f"isNumeric({one})",
            f"{one} != $this",
            f"{one} {self.pick(('=', '!='))} {self.pick(names)}",
            f"{one} {self.pick(('=', '!='))} {self.pick((':a', '1', chr(34) * 2))}",
            f'{one} IN ("a", "")',
        )
        if not depth:
            return self.pick(simple)
        text = self.text(names, depth - 1)
        numbers = self.number(names, depth - 1), self.number(names, depth - 1)
        return self.pick(
            (
                *simple,
                f"{text} != {self.text(names, depth - 1)}",
                f"{numbers[0]} {sign} {numbers[1]}",
                f'CONTAINS({text}, "/")',
                f'STRSTARTS({text}, "a")',
                f'REGEX({text}, "{self.query_pattern()}")',
                f"!({self.truth(names, depth - 1)})",
                f"({self.truth(names, 0)} || {self.truth(names, depth - 1)})",
                f"({self.truth(names, 0)} && {self.truth(names, depth - 1)})",
            )
        )

    def query_pattern(self) -> str:
        return self.pick([*PATTERNS[:10], "[a-z]", "-XX$", "a+"]).replace("\\", "\\\\")
