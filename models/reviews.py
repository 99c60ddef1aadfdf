"""Conflicts, criteria, score sheets, conclusions and decisions (domain.md 2.5, 4.2)."""

from __future__ import annotations
