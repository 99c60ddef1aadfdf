"""Sends exactly what a list shows as a file: Excel, CSV in UTF-8 with BOM, or CSV in Shift_JIS (cp932)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Response, stream_with_context
from werkzeug.exceptions import NotFound

from admin_views.columns import Column, values_of
from admin_views.listing import ListQuery
from app.japanese.dates import today_in_tokyo


def export_response(view: Any, kind: str, columns: list[Column], query: ListQuery) -> Response:
    """The file as a download; 404 for an unknown kind."""
    from app.exchange import writing

    if kind not in {"xlsx", "csv", "csv-cp932"}:
        raise NotFound

    def rows() -> Iterator[list[Any]]:
        for chunk in query.stream():
            yield from values_of(query.session, query.actor, columns, chunk)

    export = writing.export_rows(kind, view.title, [column.label for column in columns], rows())
    extension = "xlsx" if kind == "xlsx" else "csv"
    name = f"{view.title}_{today_in_tokyo():%Y%m%d}.{extension}"
    response = Response(stream_with_context(export.chunks), mimetype=export.media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
