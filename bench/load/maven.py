"""Programs of others from Maven Central, for the benchmarks and the tests.

Each lies in a folder of its own; `fetching` and `copying` say what is to be run there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

JENA = "5.2.0"
"""The last version but some, for Java 17."""

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>fetched</artifactId><version>1</version>
  <dependencies>
{}  </dependencies>
</project>
"""
_DEPENDENCY = """\
    <dependency>
      <groupId>{0.group}</groupId><artifactId>{0.name}</artifactId>
      <version>{0.version}</version><type>{0.type}</type>
      <exclusions>{1}</exclusions>
    </dependency>
"""
_EXCLUSION = "<exclusion><groupId>{}</groupId><artifactId>*</artifactId></exclusion>"


class Artifact(NamedTuple):
    """What is published by these names; what it needs of the groups *but* is left."""

    group: str
    name: str
    version: str
    type: str = "jar"
    but: Sequence[str] = ()


FUSEKI = (
    Artifact("org.apache.jena", "jena-cmds", JENA),
    Artifact("org.apache.jena", "jena-fuseki-main", JENA),
    Artifact("org.apache.logging.log4j", "log4j-slf4j2-impl", "2.24.1"),
)
"""Jena's command-line tools and its server."""


def listed(home: Path) -> str | None:
    """Return the classpath of what was fetched into *home*; None if nothing was."""
    path = home / "classpath.txt"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def fetching(home: Path, artifacts: Sequence[Artifact]) -> list[str]:
    """Return the command that fetches *artifacts* and all they need, run in *home*.

    After it `listed` has their classpath.
    """
    options = ["-Dmdep.outputFile=classpath.txt"]
    return [*_planned(home, artifacts), f"{_PLUGIN}:build-classpath", *options]


def copying(home: Path, artifacts: Sequence[Artifact], folder: str) -> list[str]:
    """Return the command that copies *artifacts* into *folder* below *home*.

    It is to be run in *home*. The files are called by no version.
    """
    options = [f"-DoutputDirectory={folder}", "-Dmdep.stripVersion=true"]
    return [*_planned(home, artifacts), f"{_PLUGIN}:copy-dependencies", *options]


def _planned(home: Path, artifacts: Sequence[Artifact]) -> list[str]:
    """Write to *home* what Maven is to fetch; return how it is called."""
    home.mkdir(parents=True, exist_ok=True)
    wanted = "".join(
        _DEPENDENCY.format(one, "".join(map(_EXCLUSION.format, one.but)))
        for one in artifacts
    )
    (home / "pom.xml").write_text(_POM.format(wanted), encoding="utf-8")
    return ["mvn", "-q", "-B"]
