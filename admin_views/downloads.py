"""Files that a page hands out."""

from __future__ import annotations

import io

from flask import send_file
from werkzeug.wrappers import Response

from app.files.names import disposition


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """A file that every browser saves, whatever it is."""
    response = send_file(io.BytesIO(content), mimetype=media_type)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def picture(svg: str) -> Response:
    """A chart, shown within the page."""
    return Response(svg, mimetype="image/svg+xml")
