"""What is kept: tables, constraints and enums. Knows no request, no policy and nothing of `app`."""

from models import directory, exchange, people, records, reference, registry, search, survey
from models.base import Base, db

__all__ = ["Base", "db", "directory", "exchange", "people", "records", "reference", "registry", "search", "survey"]
