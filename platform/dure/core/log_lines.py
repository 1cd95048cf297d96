"""Logs as one JSON object a line, without personal data."""

from __future__ import annotations

import logging

import structlog

#: Fields that may hold what a person sent; a line never carries them.
WITHHELD = frozenset({"request", "data", "body", "cookies", "headers", "email", "name"})


def _withhold(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key not in WITHHELD}


class RouteForPath(logging.Filter):
    """Names the route of a request where Django would name its path, which may hold anything."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path is not None and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            route = f"/{match.route}" if match is not None else "an address without a page"
            record.args = tuple(route if each == path else each for each in record.args)
        return True


def formatter() -> logging.Formatter:
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _withhold,
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
