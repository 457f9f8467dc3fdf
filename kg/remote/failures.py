"""What goes wrong between a client and its store, and how that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError

from kg.errors import StoreError, StoreRefusedError, StoreUnreachableError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from kg.remote.place import Place

_MOST_TOLD = 300
_NOT_HERE = {301, 307, 308}
"""The redirections of who has done nothing; after 302 and 303 it may be done."""


class LostError(StoreUnreachableError):
    """The connection broke, and whether the store did what was asked is not known."""


class UnaskableError(StoreRefusedError):
    """The store says that the request is wrong: it cannot do what was asked."""


class AbsentError(StoreRefusedError):
    """There is nothing at this address that does what was asked."""


class GatewayError(LostError):
    """The store is not there, says something before it; or it has too much to do."""


class FailedError(StoreRefusedError):
    """The store says that it failed."""


class SlowError(LostError):
    """No answer came in time."""


_KINDS: dict[int, type[StoreError]] = {
    400: UnaskableError,
    429: StoreUnreachableError,
    **dict.fromkeys((502, 503, 504), GatewayError),
}


def slow(place: Place) -> SlowError:
    """Return the error for a store that does not answer in time."""
    return SlowError(
        "the store does not answer in time",
        where=place.url,
        advice="see whether it is overloaded, or raise its limits",
    )


def unreachable(place: Place, why: Exception) -> StoreUnreachableError:
    """Return the error for a store that cannot be reached, by reason of *why*."""
    return StoreUnreachableError(
        f"the store cannot be reached ({short(why)})",
        where=place.url,
        advice="see whether it is running, and whether the address is right",
    )


def untrusted(place: Place, why: Exception) -> StoreUnreachableError:
    """Return the error for a store whose certificate is not one, as *why* says."""
    return StoreUnreachableError(
        f"the store's certificate is not trusted ({_of_tls(why)})",
        where=place.url,
        advice="use the name that it is for; EXEQUATUR_STORE_CA names a file of"
        " certificates to trust besides those of the system",
    )


def insecure(place: Place, why: Exception) -> LostError:
    """Return the error for a store with which TLS failed, by reason of *why*.

    It may have failed when the store had done what was asked.
    """
    return LostError(
        f"the store cannot be reached by TLS ({_of_tls(why)})",
        where=place.url,
        advice="write http:// if it speaks no TLS",
    )


def _of_tls(why: Exception) -> str:
    return short(why).partition(" (_ssl")[0].rpartition("] ")[2].rstrip(".")


def refused(answer: BaseHTTPResponse, url: str, asked: str = "") -> StoreError:
    """Return the error for an *answer* that says that what was asked is not done.

    It may repeat the query that was *asked* before it says what is wrong.
    """
    told = _told(answer, asked)
    answer.close()
    said = f"{answer.status}{f': {told}' if told else ''}"
    if answer.status in {401, 403}:
        return StoreRefusedError(
            f"the store wants to know who asks, or does not allow it ({said})",
            where=url,
            advice="set EXEQUATUR_STORE_USER and EXEQUATUR_STORE_PASSWORD, or"
            " EXEQUATUR_STORE_TOKEN",
        )
    if answer.status in {404, 405, 501}:
        return AbsentError(
            f"there is no SPARQL endpoint at this address ({said})",
            where=url,
            advice="give the address of the dataset, as https://host:port/dataset",
        )
    if 300 <= answer.status < 400:
        kind = StoreRefusedError if answer.status in _NOT_HERE else FailedError
        return kind(
            f"the store sends on to {answer.headers.get('Location', 'elsewhere')}",
            where=url,
            advice="give that address, if it is the store's",
        )
    other = StoreRefusedError if answer.status < 500 else FailedError
    return _KINDS.get(answer.status, other)(
        f"the store answers {said}", where=url, advice=_later(answer)
    )


def _later(answer: BaseHTTPResponse) -> str:
    """Return when to ask again, where the store says so."""
    told = answer.headers.get("Retry-After", "").strip()
    if not told:
        return ""
    return f"try again {f'in {told} s' if told.isdigit() else f'after {told}'}"


def _told(answer: BaseHTTPResponse, asked: str) -> str:
    """Return the beginning of what the store says; a page for people says nothing."""
    repeated = " ".join(asked.split())
    most = _MOST_TOLD + 2 * len(asked.encode())
    try:
        found = answer.read1(most, decode_content=True) or b""
    except (HTTPError, OSError):  # what it was is said by the status
        return ""
    text = found.decode("utf-8", "replace")
    is_page = "html" in answer.headers.get("Content-Type", "")
    if is_page or text.lstrip().startswith("<"):
        return ""
    text = " ".join(text.split())
    if repeated:
        text = " ".join(text.replace(repeated, " ").split())
    return text[:_MOST_TOLD]


def short(why: BaseException) -> str:
    """Return what *why* says, without the names of the layers that passed it on."""
    cause = why.__cause__ or why
    while nested := [one for one in cause.args if isinstance(one, Exception)]:
        cause = nested[-1]
    text = getattr(cause, "strerror", None) or str(cause)
    return text.strip().rpartition(": ")[2][:_MOST_TOLD]
