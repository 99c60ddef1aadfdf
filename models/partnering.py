"""Choosing a partner: a problem, its shortlist and the choice (domain.md 7)."""

from __future__ import annotations
