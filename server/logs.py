"""Logs on standard error: one line per event, `name=value`, with the request's id."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from functools import lru_cache
from typing import TextIO

LOGGER = "exequatur"
_LOGGER = logging.getLogger(LOGGER)

_PLAIN = re.compile(r"[!-~]+")


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send this program's events to *stream*, standard error unless told."""
    handler = logging.StreamHandler(stream or sys.stderr)
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


def failure(name: str, error: Exception, **fields: object) -> None:
    """Log that something failed, with the traceback of *error* on the same line."""
    _LOGGER.error(name, exc_info=error, extra={"fields": fields})


class LineFormatter(logging.Formatter):
    """Write a record as one line, whatever its values hold."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, event and fields; a traceback is one more field."""
        moment = _moment(int(record.created))
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        words = [f"{moment}.{int(record.msecs):03}Z", record.levelname.lower()]
        words.append(_value(record.getMessage()))
        words += [f"{k}={_value(v)}" for k, v in fields.items() if v is not None]
        return " ".join(words)


@lru_cache(maxsize=1)
def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    if _PLAIN.fullmatch(text) and '"' not in text and "=" not in text:
        return text
    return json.dumps(text)
