"""All settings, in one place and one order: options, environment, `exequatur.toml`."""

from __future__ import annotations

import math
import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from kg.errors import ConfigError
from kg.terms import BASE

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "EXEQUATUR_"
REMOTE = ("http://", "https://")
SECRETS = frozenset(
    f"{PREFIX}STORE_{name}" for name in ("USER", "PASSWORD", "TOKEN", "CA")
)
"""Variables by which a remote store knows who asks; no setting shows them."""

StorePlace: TypeAlias = Path | str
"""Where a store is: a directory, or, as text, the URL of a SPARQL store."""

FILE = Path("exequatur.toml")

_OTHER_URL = re.compile(r"\s*[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def store_place(text: str, *, where: str = "") -> StorePlace:
    """Return the place of a store that *text* names: a URL as it is, or a directory.

    Raise ConfigError for a URL of another scheme, and where nothing is named.
    """
    if text.lower().startswith(REMOTE):
        return text
    if not text.strip() or _OTHER_URL.match(text):
        raise ConfigError(
            f"{text!r} is no place of a store",
            where=where,
            advice="give a directory, or a URL that begins with http:// or https://",
        )
    return Path(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; `kg settings` shows them with their meaning."""

    store: StorePlace = field(
        default=Path("exequatur-store"),
        metadata={"help": "directory of the store, or URL of a SPARQL store"},
    )
    base: str = field(
        default=BASE,
        metadata={"help": "base IRI to mint and serve entities and sources under"},
    )
    host: str = field(
        default="127.0.0.1", metadata={"help": "address that the server listens on"}
    )
    port: int = field(
        default=8023,
        metadata={"help": "port that the server listens on; 0 takes a free one"},
    )
    workers: int = field(default=2, metadata={"help": "server processes"})
    max_body_bytes: int = field(
        default=8_000_000,
        metadata={"help": "largest request body, and largest file to check, in bytes"},
    )
    body_seconds: float = field(
        default=30.0,
        metadata={"help": "longest time for a request's body to arrive, in seconds"},
    )
    max_query_characters: int = field(
        default=100_000,
        metadata={"help": "longest SPARQL query that the server reads, in characters"},
    )
    readers: int = field(
        default=2, metadata={"help": "query processes of each server process"}
    )
    slow_readers: int = field(
        default=2,
        metadata={"help": "queries that take long, at once, in each server process"},
    )
    waiting_queries: int = field(
        default=32,
        metadata={"help": "how many queries may wait for a reader of a server process"},
    )
    query_seconds: float = field(
        default=30.0, metadata={"help": "longest time of a query, in seconds"}
    )
    query_memory_bytes: int = field(
        default=2_000_000_000,
        metadata={"help": "most memory of a query process, in bytes of address space"},
    )
    max_answer_bytes: int = field(
        default=100_000_000, metadata={"help": "largest answer to a query, in bytes"}
    )
    max_answer_rows: int = field(
        default=1_000_000, metadata={"help": "most rows or triples of an answer"}
    )
    cache_bytes: int = field(
        default=64_000_000,
        metadata={"help": "bytes of answers that each server process keeps"},
    )
    tokens: Path = field(
        default=Path("exequatur-tokens.json"),
        metadata={"help": "file of the access tokens; if relative, beside the store"},
    )
    validation: str = field(
        default="public",
        metadata={"help": "who may validate over HTTP: `public`, or `token` holders"},
    )
    judging_seconds: float = field(
        default=30.0,
        metadata={"help": "longest time to judge a change sent over HTTP, in seconds"},
    )
    wait_seconds: float = field(
        default=10.0,
        metadata={"help": "how long a writer waits for another one, in seconds"},
    )
    articles: str = field(
        default="",
        metadata={"help": "folder of the texts of articles; without it, none is shown"},
    )
    article_readers: str = field(
        default="local",
        metadata={"help": "who sees those: `local` and token holders, or `token` only"},
    )
    article_hosts: str = field(
        default="",
        metadata={
            "help": "names of this machine beside localhost, by commas, for that"
        },
    )

    @property
    def token_file(self) -> Path:
        """Where the access tokens are kept."""
        beside = self.store.parent if isinstance(self.store, Path) else Path()
        return beside / self.tokens

    @property
    def article_folder(self) -> Path | None:
        """Where the texts of articles are, None where they are shown to nobody."""
        return Path(self.articles) if self.articles else None

    @classmethod
    def load(
        cls,
        options: Mapping[str, object] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        file: Path = FILE,
    ) -> Settings:
        """Read the settings; one of the *options* that is None counts as not given.

        Raise ConfigError for an unknown name or a value that does not fit.
        """
        values = _given(options, environ, file)
        return cls(**{name: _fit(name, *found) for name, found in values.items()})


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting as `kg settings` shows it; *source* says where its value is from."""

    name: str
    variable: str
    default: str
    value: str
    source: str
    meaning: str


def explain(
    options: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    file: Path = FILE,
) -> list[Explained]:
    """Return every setting, with its value in force; raise ConfigError as `load`."""
    given = _given(options, environ, file)
    settings = Settings.load(options, environ=environ, file=file)
    return [
        Explained(
            name=f.name,
            variable=PREFIX + f.name.upper(),
            default=str(f.default),
            value=str(getattr(settings, f.name)),
            source=given[f.name][0] if f.name in given else "default",
            meaning=f.metadata["help"],
        )
        for f in fields(Settings)
    ]


def _given(
    options: Mapping[str, object] | None,
    environ: Mapping[str, str] | None,
    file: Path,
) -> dict[str, tuple[str, object]]:
    """Return where each setting that is given comes from, and its value."""
    values = _from_file(file)
    values |= _from_environment(os.environ if environ is None else environ)
    values |= {
        name: (f"option --{name.replace('_', '-')}", value)
        for name, value in (options or {}).items()
        if value is not None
    }
    return values


def _from_file(file: Path) -> dict[str, tuple[str, object]]:
    if not file.exists():
        return {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"cannot be read ({why})", where=str(file)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot be read ({error})", where=str(file)) from error
    return {name: (f"{file}: {name}", value) for name, value in content.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, object]]:
    return {
        name.removeprefix(PREFIX).lower(): (name, value)
        for name, value in sorted(environ.items())
        if name.startswith(PREFIX) and name not in SECRETS
    }


def _fit(name: str, where: str, value: object) -> Any:  # noqa: ANN401 as the setting
    """Return *value* as the setting *name* has it, or raise ConfigError."""
    known = {f.name: f for f in fields(Settings)}
    if name not in known:
        raise ConfigError(
            "there is no such setting", where=where, advice=f"have {', '.join(known)}"
        )
    wanted = type(known[name].default)
    if name == "store" and isinstance(value, str):
        return store_place(value, where=where)
    try:
        return _CHECKS.get(name, _any)(_convert(wanted, value))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{value!r} does not fit: {error}",
            where=where,
            advice=f"the default is {known[name].default}",
        ) from error


def _convert(wanted: type, value: object) -> Any:  # noqa: ANN401 as wanted
    if isinstance(value, bool) or not isinstance(value, str | int | float | Path):
        raise TypeError(f"it must be {_words(wanted)}")
    try:
        converted = wanted(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"it must be {_words(wanted)}") from error
    if wanted is int and isinstance(value, float) and converted != value:
        raise ValueError("it must be a whole number")
    return converted


def _words(wanted: type) -> str:
    return {int: "a whole number", float: "a number"}.get(wanted, "a text")


def _any(value: object) -> object:
    return value


def _at_least_one(value: float) -> float:
    if value < 1:
        raise ValueError("it must be at least 1")
    return value


def _not_negative(value: float) -> float:
    if value < 0:
        raise ValueError("it must not be negative")
    return value


def _positive(value: float) -> float:
    if not 0 < value < math.inf:
        raise ValueError("it must be more than 0")
    return value


def _validation(value: str) -> str:
    if value not in {"public", "token"}:
        raise ValueError("it must be public or token")
    return value


def _article_readers(value: str) -> str:
    if value not in {"local", "token"}:
        raise ValueError("it must be local or token")
    return value


def _port(value: int) -> int:
    if not 0 <= value <= 65535:
        raise ValueError("a port is between 0 and 65535")
    return value


def _base(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("it must be an http or https IRI")
    if not value.endswith("/") or parts.query or parts.fragment:
        raise ValueError("it must end with a slash")
    return value


_CHECKS: dict[str, Any] = {
    "article_readers": _article_readers,
    "base": _base,
    "body_seconds": _positive,
    "cache_bytes": _not_negative,
    "judging_seconds": _positive,
    "max_answer_bytes": _at_least_one,
    "max_answer_rows": _at_least_one,
    "max_body_bytes": _at_least_one,
    "max_query_characters": _at_least_one,
    "port": _port,
    "query_memory_bytes": _at_least_one,
    "query_seconds": _positive,
    "readers": _at_least_one,
    "slow_readers": _at_least_one,
    "waiting_queries": _not_negative,
    "validation": _validation,
    "workers": _at_least_one,
}
