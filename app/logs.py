"""Structured logs to stderr: one JSON line a request, no personal data in it."""

from __future__ import annotations

import json
import logging
import sys
import time
import uuid

from flask import Flask, Response, g, request


class JsonFormatter(logging.Formatter):
    """One JSON object a line. Exceptions by type and place only: their texts may hold data."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = []
            trace = record.exc_info[2]
            while trace is not None:
                code = trace.tb_frame.f_code
                frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
                trace = trace.tb_next
            line["trace"] = frames[-12:]
        return json.dumps(line, ensure_ascii=False, default=str)


def init_logs(app: Flask) -> None:
    """Send all loggers to stderr as JSON, and write one line a request (path by rule, never its query)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger("app")
    if not root.handlers:
        root.addHandler(handler)
        root.propagate = False
    root.setLevel(logging.INFO)  # Flask's own logger is the same one: the application is called "app"
    requests = logging.getLogger("app.request")

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        g.request_id = uuid.uuid4().hex[:12]

    @app.after_request
    def _line(response: Response) -> Response:
        started = g.get("started")
        requests.info(
            "request",
            extra={
                "fields": {
                    "request_id": g.get("request_id"),
                    "method": request.method,
                    # the rule, not the path: ids and search words stay out
                    "route": request.url_rule.rule if request.url_rule else None,
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000, 1) if started else None,
                    "user": g.get("user_id"),
                }
            },
        )
        return response
