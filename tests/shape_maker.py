"""Random shapes of every construct, and random data for them, over a few names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from kg.terms import Triple

if TYPE_CHECKING:
    from random import Random

PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NODES = [":a", ":b", ":c", ":d", ":e"]
KINDS = [":A", ":B", ":C", ":D"]
LINKS = [":p", ":q", ":r"]
VALUES = ["1", "2", "3", '"1"', '"x"@en', '"y"@en', '"y"@fr', "true"]


def turtle(text: str) -> list[Triple]:
    found = parse((PREFIXES + text).encode(), format=RdfFormat.TURTLE)
    return [quad.triple for quad in found]


class Maker:
    """Makes shapes and data; what it makes follows from *random*."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.pick = random.choice
        self.places: list[str] = []
        self.names: list[str] = []

    # Data

    def data(self) -> list[Triple]:
        many = self.random.randrange(4, 50)
        return turtle(self.hierarchy() + "".join(self.statement() for _ in range(many)))

    def hierarchy(self) -> str:
        return ":B rdfs:subClassOf :A . :C rdfs:subClassOf :B .\n"

    def statement(self) -> str:
        node = self.pick(NODES)
        chance = self.random.random()
        if chance < 0.3:
            return f"{node} a {self.pick(KINDS)} .\n"
        if chance < 0.31:
            return f"{self.pick(KINDS)} rdfs:subClassOf {self.pick(KINDS)} .\n"
        value = self.pick((*NODES, *NODES, self.pick(VALUES)))
        return f"{node} {self.pick(LINKS)} {value} .\n"

    # Shapes

    def shapes(self) -> list[Triple]:
        """Return a few shapes with targets, that refer to others by name as well."""
        self.places = [f":Place{n}" for n in range(2)]
        named = [self.shape(place, 1) for place in self.places]
        aimed = [self.aimed(number) for number in range(self.random.randrange(1, 5))]
        return turtle("".join(named + aimed))

    def aimed(self, number: int) -> str:
        targets = "".join(self.target() for _ in range(self.pick((1, 1, 1, 2))))
        name = f":Shape{number}"
        if self.random.random() < 0.15:
            targets = " a rdfs:Class ;"
            name = self.pick(KINDS)
        return self.shape(name, 3, targets)

    def questions(self) -> list[Triple]:
        """Return a shape that asks nothing but a query."""
        everything = f" sh:targetNode {' , '.join(NODES)} ;"
        target = self.pick((everything, everything, self.target()))
        text = f":Shape a sh:NodeShape ;{target} {self.question(0)} ."
        return turtle(text)

    def target(self) -> str:
        return self.pick(
            (
                f" sh:targetClass {self.pick(KINDS)} ;",
                f" sh:targetClass {self.pick(KINDS)} ;",
                f" sh:targetNode {self.pick([*NODES, '1'])} ;",
                f" sh:targetSubjectsOf {self.pick(LINKS)} ;",
                f" sh:targetObjectsOf {self.pick(LINKS)} ;",
            )
        )

    def shape(self, name: str, depth: int, targets: str = "") -> str:
        if not targets or self.random.random() < 0.5:
            return f"{name} a sh:NodeShape ;{targets} {self.constraints(depth)} .\n"
        path, constraints = self.path(2), self.constraints(depth, on_property=True)
        if "rdfs:Class" in targets:
            return f"{name} a sh:NodeShape ;{targets} {self.constraints(depth)} .\n"
        return (
            f"{name} a sh:PropertyShape ;{targets} sh:path {path} ; {constraints} .\n"
        )

    def constraints(self, depth: int, *, on_property: bool = False) -> str:
        kinds = [self.value_test, self.comparison, self.question]
        if depth:
            kinds += [self.property, self.property, self.reference, self.logic]
        if on_property:
            kinds += [self.value_test, self.count]
        if on_property and depth:
            kinds.append(self.qualified)
        many = self.pick((1, 1, 2, 3))
        made = dict.fromkeys(self.pick(kinds) for _ in range(many))
        return " ; ".join(kind(depth - 1) for kind in made) + self.closed()

    def closed(self) -> str:
        if self.random.random() < 0.9:
            return ""
        return " ; sh:closed true ; sh:ignoredProperties ( rdf:type :p )"

    def value_test(self, depth: int) -> str:
        return self.pick(
            (
                f"sh:class {self.pick(KINDS)}",
                f"sh:class {self.pick(KINDS)} , {self.pick(KINDS)}",
                "sh:datatype xsd:integer",
                "sh:nodeKind sh:IRI",
                f"sh:in ( {self.pick(NODES)} {self.pick(NODES)} {self.pick(VALUES)} )",
                f"sh:hasValue {self.pick(NODES)}",
                "sh:maxInclusive 2",
                'sh:pattern "a"',
            )
        )

    def count(self, depth: int) -> str:
        choices = "sh:minCount 1", "sh:maxCount 1", "sh:uniqueLang true"
        return self.pick(choices)

    def comparison(self, depth: int) -> str:
        return f"{self.pick(('sh:equals', 'sh:disjoint'))} {self.pick(LINKS)}"

    def property(self, depth: int) -> str:
        constraints = self.constraints(depth, on_property=True)
        return f"sh:property [ sh:path {self.path(2)} ; {constraints} ]"

    def reference(self, depth: int) -> str:
        if self.places and self.random.random() < 0.5:
            # Two of these may refer to each other in a circle.
            return f"sh:node {self.pick(self.places)}"
        return f"sh:node [ a sh:NodeShape ; {self.constraints(depth)} ]"

    def logic(self, depth: int) -> str:
        first, second = self.member(depth), self.member(depth)
        name = self.pick(("sh:and", "sh:or", "sh:xone", "sh:not"))
        if name == "sh:not":
            return f"sh:not {first}"
        return f"{name} ( {first} {second} )"

    def member(self, depth: int) -> str:
        if self.random.random() < 0.5:
            return f"[ a sh:NodeShape ; {self.constraints(depth)} ]"
        constraints = self.constraints(depth, on_property=True)
        return f"[ a sh:PropertyShape ; sh:path {self.path(1)} ; {constraints} ]"

    def qualified(self, depth: int) -> str:
        disjoint = self.pick(("", " ; sh:qualifiedValueShapesDisjoint true"))
        return (
            f"sh:qualifiedValueShape {self.member(depth)} ; "
            f"{self.pick(('sh:qualifiedMinCount 1', 'sh:qualifiedMaxCount 1'))}"
            f"{disjoint}"
        )

    def path(self, depth: int) -> str:
        if not depth or self.random.random() < 0.4:
            return self.pick([*LINKS, "rdf:type"] if depth else LINKS)
        first, second = self.path(depth - 1), self.path(depth - 1)
        return self.pick(
            (
                f"[ sh:inversePath {first} ]",
                f"( {first} {second} )",
                f"[ sh:alternativePath ( {first} {second} ) ]",
                f"[ sh:zeroOrMorePath {first} ]",
                f"[ sh:oneOrMorePath {first} ]",
                f"[ sh:zeroOrOnePath {first} ]",
            )
        )

    # Queries

    def question(self, depth: int) -> str:
        self.names = ["$this"]
        select = f"SELECT $this ?value WHERE {{ {self.group(2)} }}"
        return (
            "sh:sparql [ sh:prefixes :names ; "
            f'sh:select """PREFIX : <http://example.org/> {select}""" ]'
        )

    def group(self, depth: int) -> str:
        parts = [self.pattern() for _ in range(self.pick((1, 1, 2)))]
        if depth:
            nested = (self.optional, self.exists, self.union, self.bind, self.inner)
            parts += [self.pick(nested)(depth - 1) for _ in range(self.pick((0, 1, 2)))]
        return " ".join(parts)

    def pattern(self) -> str:
        """Return a pattern that as a rule hangs together with those before it."""
        link = self.pick([*LINKS, *LINKS, "a", self.query_path(), "?link"])
        start = self.pick(self.names if self.random.random() < 0.95 else ["?w"])
        if link == "a":
            return f"{start} a {self.pick(KINDS)} ."
        last = self.pick(["$this", "?value", "?x", "?y", self.pick(NODES)])
        if last.startswith("?"):
            self.names.append(last)
        ends = [start, last]
        self.random.shuffle(ends)
        return f"{ends[0]} {link} {ends[1]} ."

    def query_path(self) -> str:
        first, second = self.pick(LINKS), self.pick(LINKS)
        choices = (
            f"^{first}",
            f"{first}/{second}",
            f"{first}|^{second}",
            f"{first}*",
            f"({first}/{second})+",
            f"!{first}",
            f"^({first}/{second}?)",
        )
        return self.pick(choices)

    def optional(self, depth: int) -> str:
        return f"OPTIONAL {{ {self.group(depth)} }}"

    def exists(self, depth: int) -> str:
        word = self.pick(("EXISTS", "NOT EXISTS"))
        return f"FILTER {word} {{ {self.group(depth)} }}"

    def union(self, depth: int) -> str:
        return f"{{ {self.group(depth)} }} UNION {{ {self.group(depth)} }}"

    def inner(self, depth: int) -> str:
        return f"{{ {self.group(depth)} }}"

    def bind(self, depth: int) -> str:
        name = f"?z{self.random.randrange(1_000_000)}"
        other = self.pick(("?x", "?y", "?value"))
        return f"BIND ({other} AS {name}) FILTER (!BOUND({name}) || {name} != $this)"
