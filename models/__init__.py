"""What is kept: tables, constraints and enums. Knows no request, no policy and nothing of `app`."""

from models import directory, people, records, reference, registry, search, survey
from models.base import Base, db

__all__ = ["Base", "db", "directory", "people", "records", "reference", "registry", "search", "survey"]
