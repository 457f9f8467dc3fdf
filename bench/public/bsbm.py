"""The Berlin SPARQL Benchmark as it is published: its generator, queries and driver.

Christian Bizer and Andreas Schultz made it (specification V3.1 of 2011). What is used
here is `org.aksw.bsbm:bsbm-core` on Maven Central, their program under the Apache
License 2.0, packaged by Claus Stadler. Nothing of it is part of this project: it is
fetched when it is wanted, and runs in processes of its own.
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from bench.load import maven
from bench.load.servers import UnavailableError, cache, classpath
from bench.public.recording import recorded

VERSION = "3.1.10"
SEED = 808080
"""The driver's own: which parameters queries are given."""
WARM_UPS, RUNS = 50, 500
"""The driver's own numbers of query mixes: not measured, and measured."""
_MIX = "queries/explore/querymix.txt"
_ARTIFACT = maven.Artifact(
    "org.aksw.bsbm", "bsbm-core", VERSION,
    but=("org.apache.jena", "org.aksw.jenax"),
)  # fmt: skip


class FailedError(Exception):
    """The driver could not do what it was told; the message says how far it came."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the generator made of so many *products*, in N-Triples."""

    products: int
    folder: Path

    @property
    def plain(self) -> Path:
        """The triples, each product with its own type alone."""
        return self.folder / "plain.nt"

    @property
    def chained(self) -> Path:
        """The same with all types of a product, those above its own too."""
        return self.folder / "chained.nt"

    @property
    def parameters(self) -> Path:
        """The folder that tells the driver what there is to be asked about."""
        return self.folder / "parameters"


@dataclass(frozen=True, slots=True)
class Timed:
    """How often a query was asked: *seconds* are the geometric mean of all."""

    count: int
    seconds: float
    timeouts: int


@dataclass(frozen=True, slots=True)
class Mixes:
    """What the driver measured: query mixes *per_hour*, and how long *each* took."""

    warm_ups: int
    runs: int
    per_hour: float
    each: float
    queries: dict[int, Timed]

    @classmethod
    def read(cls, text: str) -> Mixes:
        """Return what the driver's report in XML tells."""
        root = ElementTree.fromstring(text)  # noqa: S314 the driver wrote it

        def number(name: str) -> float:
            return float(root.findtext(f"querymix/{name}", "nan"))

        queries = {
            int(query.get("nr", "0")): Timed(
                int(query.findtext("executecount", "0")),
                float(query.findtext("aqetg", "nan")),
                int(query.findtext("timeoutcount", "0")),
            )
            for query in root.iterfind("queries/query")
            if query.findtext("executecount") != "0"
        }
        return cls(
            int(number("warmups")),
            int(number("querymixruns")),
            number("qmph"),
            number("cqet"),
            queries,
        )


def runs_within(seconds: float, each: float) -> tuple[int, int]:
    """Return how many warm-ups and runs there is time for, if each takes so long.

    Warm-ups have a third of the time, and there is at least one of both; there are at
    most as many as the driver has by itself.
    """
    warm_ups = min(WARM_UPS, max(1, int(seconds / 3 / each)))
    return warm_ups, min(RUNS, max(1, int(seconds / each) - warm_ups))


class Kit:
    """The benchmark's programs; *classpath* is where Java finds them."""

    def __init__(self, classpath: str) -> None:
        self._classpath = classpath

    @classmethod
    def fetched(cls) -> Kit:
        """Return the programs, got from Maven Central; raise UnavailableError."""
        return cls(classpath("BSBM", cache(f"bsbm-{VERSION}"), [_ARTIFACT]))

    def generate(self, products: int, folder: Path) -> Data:
        """Return data about so many *products*, in *folder*, which is made for it.

        There is no randomness: the generator has a seed of its own, and what it makes
        with the types that follow is what it makes without them, and these.
        """
        folder.mkdir(parents=True)
        data = Data(products, folder)
        for path, options in ((data.plain, []), (data.chained, ["-fc"])):
            done = self._java(
                "benchmark.generator.Generator",
                ["-pc", str(products), "-s", "nt", "-fn", path.stem,
                 "-dir", data.parameters.name, *options],
                folder,
            )  # fmt: skip
            if done.returncode or not path.is_file():
                raise FailedError(f"the generator fails: {_end_of(done.stdout)}")
        return data

    def measure(
        self,
        data: Data,
        url: str,
        *,
        clients: int,
        warm_ups: int,
        runs: int,
        limit: float,
    ) -> Mixes:
        """Return what the driver measures at the endpoint *url*.

        Raise FailedError where the driver gives up, or was not done in *limit* seconds.
        """
        report = data.folder / "report.xml"
        report.unlink(missing_ok=True)
        options = ["-w", str(warm_ups), "-runs", str(runs), "-seed", str(SEED),
                   "-idir", data.parameters.name, "-o", report.name]  # fmt: skip
        if clients > 1:
            options += ["-mt", str(clients)]
        done = self._java(
            "benchmark.testdriver.TestDriver", [*options, url], data.folder, limit
        )
        if done.returncode or not report.is_file():
            raise FailedError(f"the driver gave up: {_end_of(done.stdout)}")
        return Mixes.read(report.read_text(encoding="utf-8"))

    def queries(self, data: Data, mixes: int) -> list[tuple[int, str]]:
        """Return the queries of the driver's first *mixes*, each with its number.

        They are got by being the endpoint that it asks.
        """
        with recorded() as (url, asked):
            self.measure(data, url, clients=1, warm_ups=0, runs=mixes, limit=60)
        order = self._order()
        if len(asked) != mixes * len(order):
            raise FailedError(f"the driver asked {len(asked)} queries in {mixes} mixes")
        return list(zip(order * mixes, asked, strict=True))

    def _order(self) -> list[int]:
        jars = [part for part in self._classpath.split(":") if "bsbm-core" in part]
        with zipfile.ZipFile(jars[0]) as jar:
            return [int(number) for number in jar.read(_MIX).split()]

    def _java(
        self, main: str, options: list[str], folder: Path, limit: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [_program("java"), "-cp", self._classpath, main, *options],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FailedError(f"not done in {limit:.0f} s") from error


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise UnavailableError(f"BSBM: {name} is not installed")
    return found


def _end_of(text: str) -> str:
    """Return what *text* tells of a failure, and not where in the program it was."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "rror" in line or "xception" in line] or lines
    return " / ".join(line[:160] for line in told[:3])
