"""Access tokens: who may validate, write to which graphs, or administer.

A token is 256 random bits, so nobody finds it by trying, and a slow hash, which guards
guessable passwords, would guard nothing more: the file has its SHA-256 digest. The file
is read anew for every request that shows a token; what is revoked is refused at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kg import disk
from kg.errors import TokenError
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

MARK = "exqt_"
"""How every token begins, so that people and scanners of secrets know it as one."""

SHAPE = re.compile(rf"{MARK}[A-Za-z0-9_-]{{43}}")
VALIDATE = "validate"
WRITE = "write:"
ADMIN = "admin"

_NAME = re.compile(r"[^\W_](?:[\w.@ -]{0,62}[\w.@-])?")
_DIGEST = re.compile("[0-9a-f]{64}")
_LAYOUT = 1
_WAIT_SECONDS = 5.0
_FOR_OTHERS = 0o022
"""The permissions with which somebody else could grant himself a token."""


@dataclass(frozen=True, slots=True)
class Token:
    """One entry of the file; *digest* is that of the token, which is not kept."""

    name: str
    digest: str
    scopes: tuple[str, ...]
    created: str

    def may_validate(self) -> bool:
        """Tell whether it lets its bearer have changes judged; all scopes do."""
        return bool(self.scopes)

    def may_write(self, graph: str) -> bool:
        """Tell whether it lets its bearer write to the graph with that IRI."""
        return any(_covers(scope, graph) for scope in self.scopes)

    @property
    def writes(self) -> bool:
        """Whether there is any graph that it lets its bearer write to."""
        return any(s == ADMIN or s.startswith(WRITE) for s in self.scopes)


class TokenFile:
    """The tokens that the file *path* holds; none where there is no such file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens as they are now; raise TokenError for a bad file."""
        try:
            with self.path.open(encoding="utf-8") as handle:
                mode = os.fstat(handle.fileno()).st_mode
                content = json.load(handle)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            raise self._unusable(str(error)) from error
        if mode & _FOR_OTHERS:
            raise self._unusable("others than its owner may write to it", "chmod 600")
        return self._parsed(content)

    def find(self, secret: str) -> Token | None:
        """Return the token that *secret* is; as slow for one as for another."""
        digest = _digest(secret)
        found = None
        for token in self.tokens():
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found

    def add(self, name: str, scopes: Iterable[str]) -> str:
        """Make a token with *scopes* and return it, for the only time.

        Raise TokenError for a name that is taken or cannot be one, and for a scope
        that is none.
        """
        given = tuple(dict.fromkeys(scopes))
        _check(name, given)
        secret = MARK + secrets.token_urlsafe(32)
        made = Token(name, _digest(secret), given, _now())

        def added(now: tuple[Token, ...]) -> tuple[Token, ...]:
            if any(token.name == name for token in now):
                raise TokenError(
                    f"there is a token {name!r} already",
                    where=str(self.path),
                    advice=f"choose another name, or `kg token revoke {name}` first",
                )
            return (*now, made)

        self._change(added)
        return secret

    def revoke(self, name: str) -> None:
        """Forget the token *name*; raise TokenError where there is none."""

        def left(now: tuple[Token, ...]) -> tuple[Token, ...]:
            kept = tuple(token for token in now if token.name != name)
            if kept == now:
                names = ", ".join(token.name for token in now) or "none"
                raise TokenError(
                    f"there is no token {name!r}",
                    where=str(self.path),
                    advice=f"have {names}",
                )
            return kept

        self._change(left)

    def _change(self, change: Callable[[tuple[Token, ...]], tuple[Token, ...]]) -> None:
        """Put another file in the place of this one; one process at a time."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        with disk.locked(lock, _WAIT_SECONDS):
            found = [asdict(token) for token in change(self.tokens())]
            content = {"layout": _LAYOUT, "tokens": found}
            try:
                self._replace(json.dumps(content, indent=2) + "\n")
            except OSError as error:
                raise self._unusable(str(error)) from error

    def _replace(self, text: str) -> None:
        part = self.path.with_name(f"{self.path.name}.part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            os.fchmod(descriptor, 0o600)  # whatever the umask
            handle.write(text)
            handle.flush()
            os.fsync(descriptor)
        part.replace(self.path)
        disk.sync_folder(self.path.parent)

    def _parsed(self, content: Any) -> tuple[Token, ...]:  # noqa: ANN401 as JSON is
        try:
            if content["layout"] != _LAYOUT:
                raise ValueError(f"it has the layout {content['layout']!r}")
            found = tuple(
                Token(**{**entry, "scopes": tuple(entry["scopes"])})
                for entry in content["tokens"]
            )
            for token in found:
                _check(token.name, token.scopes)
                if not _DIGEST.fullmatch(token.digest):
                    raise ValueError(f"the digest of {token.name!r} is none")
        except (KeyError, TypeError, ValueError, TokenError) as error:
            raise self._unusable(f"it is not a file of tokens: {error}") from error
        return found

    def _unusable(self, why: str, advice: str = "") -> TokenError:
        return TokenError(
            f"the access tokens cannot be used: {why}",
            where=str(self.path),
            advice=advice or "see to the file, or move it away and make tokens anew",
        )


def _covers(scope: str, graph: str) -> bool:
    if scope == ADMIN:
        return True
    if not scope.startswith(WRITE):
        return False
    named = scope.removeprefix(WRITE)
    if named.endswith("*"):
        return graph.startswith(named[:-1])
    return graph == named


def _check(name: str, scopes: tuple[str, ...]) -> None:
    """Raise TokenError for a name or a scope that cannot be one."""
    if not _NAME.fullmatch(name):
        raise TokenError(
            f"{name!r} cannot name a token",
            advice="the log names the token: letters, digits, spaces and . @ - _,"
            " 64 at most",
        )
    if not scopes:
        raise TokenError("a token without a scope would be of no use", advice=_SCOPES)
    for scope in scopes:
        if not _is_scope(scope):
            raise TokenError(f"{scope!r} is no scope", advice=_SCOPES)


_SCOPES = f"have {VALIDATE}, {WRITE}<graph IRI>, {WRITE}<beginning of IRIs>*, {ADMIN}"


def _is_scope(scope: str) -> bool:
    if scope in (VALIDATE, ADMIN):
        return True
    named = scope.removeprefix(WRITE)
    if named == scope or "*" in named[:-1]:
        return False
    try:
        return named == "*" or bool(NamedNode(named.removesuffix("*")))
    except ValueError:
        return False


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
