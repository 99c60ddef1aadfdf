"""What is kept: tables, constraints and enums. Knows no request, no policy and nothing of `app`."""

from models import (
    calls,
    clock,
    directory,
    directory_rounds,
    exchange,
    meetings,
    notices,
    partnering,
    people,
    records,
    reference,
    registry,
    reviews,
    search,
    survey,
    talents,
)
from models.base import Base, db

__all__ = [
    "Base",
    "calls",
    "clock",
    "db",
    "directory",
    "directory_rounds",
    "exchange",
    "meetings",
    "notices",
    "partnering",
    "people",
    "records",
    "reference",
    "registry",
    "reviews",
    "search",
    "survey",
    "talents",
]
