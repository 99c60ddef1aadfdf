"""Registers the background work of こだいら人財の森: the meaning of new and changed texts."""

from __future__ import annotations

from app.jobs.kinds import register_chore
from app.talents.vector_store import fill_missing

register_chore("talent-vectors", fill_missing, every_seconds=20)
