"""What the system refused, in one line: whether to read or to write, what, and why."""

from __future__ import annotations

import errno
import traceback

_WRITES = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EPIPE, errno.ETXTBSY}
)
"""What only comes of writing."""

_READERS = frozenset(
    {"exists", "is_dir", "is_file", "iterdir", "lstat", "read", "read_bytes"}
    | {"read_text", "readlink", "resolve", "samefile", "scandir", "stat", "walk"}
)
_WRITERS = frozenset(
    {"chmod", "copymode", "hardlink_to", "mkdir", "mkdtemp", "rename", "replace"}
    | {"rmdir", "rmtree", "symlink_to", "touch", "unlink", "write_bytes", "write_text"}
)
"""What the standard library calls what it does with files."""


def refusal(error: OSError) -> str:
    """Say what *error* kept from being done, to which file, and why."""
    where = error.filename or "the output"
    other = f" (to {error.filename2})" if error.filename2 else ""
    return f"{where}{other}: cannot be {_done(error)} ({error.strerror or error})"


def _done(error: OSError) -> str:
    if error.filename is None or error.errno in _WRITES:
        return "written"
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        name = frame.f_code.co_name
        if name == "open":
            name = "read_bytes" if _only_reads(frame.f_locals.get("mode")) else "touch"
        if name in _READERS:
            return "read"
        if name in _WRITERS:
            return "written"
    return "read or written"


def _only_reads(mode: object) -> bool:
    return isinstance(mode, str) and not set(mode) & set("wax+")
