"""Logs on standard error: one line per event, `name=value`, with the request's id."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from typing import TextIO

LOGGER = "exequatur"

_PLAIN = re.compile(r"[!-~]+")


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send this program's events to *stream*, standard error unless told."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter())
    logger = logging.getLogger(LOGGER)
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def event(name: str, **fields: object) -> None:
    """Log one event with its *fields*; None is left out."""
    logging.getLogger(LOGGER).info(name, extra={"fields": fields})


def failure(name: str, error: Exception, **fields: object) -> None:
    """Log that something failed, with the traceback of *error* on the same line."""
    logging.getLogger(LOGGER).error(name, exc_info=error, extra={"fields": fields})


class LineFormatter(logging.Formatter):
    """Write a record as one line, whatever its values hold."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, event and fields; a traceback is one more field."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        words = [f"{moment}.{int(record.msecs):03}Z", record.levelname.lower()]
        words.append(_value(record.getMessage()))
        words += [f"{k}={_value(v)}" for k, v in fields.items() if v is not None]
        return " ".join(words)


def _value(value: object) -> str:
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    if _PLAIN.fullmatch(text) and '"' not in text and "=" not in text:
        return text
    return json.dumps(text)
