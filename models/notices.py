"""Templates of notices, the notices made from them, and the outbox of mail."""

from __future__ import annotations
