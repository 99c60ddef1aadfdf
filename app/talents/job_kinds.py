"""Registers the background work of こだいら人財の森: the meaning of texts, and what is left below an erasure."""

from __future__ import annotations

from app.jobs.kinds import register_chore
from app.talents.traces import clear_traces
from app.talents.vector_store import fill_missing

register_chore("talent-vectors", fill_missing, every_seconds=20)
register_chore("talent-traces", clear_traces, every_seconds=60)
