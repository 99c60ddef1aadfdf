"""The yearly confirmation round and the frozen editions of むすぶ (domain.md 2.2)."""

from __future__ import annotations
