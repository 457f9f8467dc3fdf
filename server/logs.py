"""Logs on standard error: one line per event, `name=value`, with the request's id."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
from contextlib import suppress
from functools import lru_cache
from typing import TextIO

LOGGER = "exequatur"
_LOGGER = logging.getLogger(LOGGER)

_PLAIN = re.compile(r"[!#-<>-~]+")
"""What needs no quotes: no space, no quote, no sign of equality."""


def configure(
    level: int = logging.INFO, stream: TextIO | None = None, *, every: float = 0.0
) -> None:
    """Send this program's events to *stream*, standard error unless told.

    Lines are written at once, or *every* so many seconds but those of errors.
    """
    handler = _Lines(stream or sys.stderr, every)
    handler.setFormatter(LineFormatter())
    _LOGGER.handlers = [handler]
    _LOGGER.setLevel(level)
    _LOGGER.propagate = False
    # No line tells of these, and it takes time to find them out.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def event(name: str, **fields: object) -> None:
    """Log one event with its *fields*; None is left out."""
    if _LOGGER.isEnabledFor(logging.INFO):
        # Made here, as `info` would walk the stack in search of its caller.
        record = logging.LogRecord(LOGGER, logging.INFO, "", 0, name, (), None)
        record.fields = fields
        _LOGGER.handle(record)


def warning(name: str, **fields: object) -> None:
    """Log that something could not be done for a reason that is known and passes."""
    _LOGGER.warning(name, extra={"fields": fields})


def failure(name: str, error: Exception, **fields: object) -> None:
    """Log that something failed, with the traceback of *error* on the same line."""
    _LOGGER.error(name, exc_info=error, extra={"fields": fields})


class _Lines(logging.Handler):
    """Writes the lines of some moments together: that costs all of them one call."""

    def __init__(self, stream: TextIO, every: float) -> None:
        super().__init__()
        self._stream = stream
        self._every = every
        self._held: list[str] = []
        self._holds = threading.Event()
        if every:
            threading.Thread(target=self._write_again, daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hold the line of *record*, or write it."""
        self._held.append(self.format(record))
        if not self._every or record.levelno >= logging.ERROR:
            self.flush()
        elif not self._holds.is_set():
            self._holds.set()

    def flush(self) -> None:
        """Write what is held."""
        self._holds.clear()
        self.acquire()
        held, self._held = self._held, []
        self.release()
        if held:
            with suppress(OSError, ValueError):  # nobody reads it any more
                self._stream.write("\n".join([*held, ""]))
                self._stream.flush()

    def _write_again(self) -> None:
        while self._holds.wait():
            time.sleep(self._every)
            self.flush()


class LineFormatter(logging.Formatter):
    """Write a record as one line, whatever its values hold."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, event and fields; a traceback is one more field."""
        moment = _moment(int(record.created))
        fields = getattr(record, "fields", {})
        if record.exc_info:
            traceback = self.formatException(record.exc_info)
            fields = {**fields, "traceback": traceback}
        told = [f"{k}={_value(v)}" for k, v in fields.items() if v is not None]
        level, name = record.levelname.lower(), _value(record.getMessage())
        return " ".join([f"{moment}.{int(record.msecs):03}Z", level, name, *told])


@lru_cache(maxsize=1)
def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
