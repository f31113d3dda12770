"""The server's log: one JSON object a line on standard error, where systemd and containers collect it. Redacted."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

from certtui.crash import message, trace
from certtui.redact import redacted


def start(level: int = logging.INFO) -> None:
    """Send everything there: ours from `level` on, others' warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("certtui").setLevel(level)
    logging.captureWarnings(True)


class Line(logging.Formatter):
    """`{"at": …, "level": …, "logger": …, …}`; what was logged as an object keeps its members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if isinstance(record.msg, dict):
            # Members of our own making: numbers, names of acts, checked ids, an actor's name.
            line |= record.msg
        else:
            line["message"] = redacted(_text_of(record))
        if record.exc_info and (error := record.exc_info[1]):
            line["trace"] = [redacted(each) for each in trace(error)]
        return json.dumps(line)


def _text_of(record: logging.LogRecord) -> str:
    # An exception given as an argument would be formatted with its whole text.
    if isinstance(record.args, tuple):
        record.args = tuple(message(each) if isinstance(each, BaseException) else each for each in record.args)
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)
