"""What the verifier finds, and how it is said."""

from __future__ import annotations

import dataclasses
from typing import Any

from app.audit.ddl import GENESIS
from models.base import LabelledEnum


class Break(LabelledEnum):
    """What is wrong with a link."""

    CHANGED = "changed", "変更"
    MISSING = "missing", "欠落"
    INSERTED = "inserted", "挿入"
    REORDERED = "reordered", "順序"
    TAIL = "tail", "末尾の欠落"
    BODY = "body", "本文の改ざん"
    HEAD = "head", "最終番号の不一致"
    ANCHOR = "anchor", "控えの不一致"
    GUARD = "guard", "防護の不備"


@dataclasses.dataclass(frozen=True)
class Finding:
    """A broken link: the place in the chain (None where it is not of one entry), its kind, and a sentence."""

    kind: Break
    sequence: int | None
    detail: str

    def __str__(self) -> str:
        place = f"{self.sequence}番: " if self.sequence is not None else ""
        return f"{place}{self.kind.label}({self.detail})"


@dataclasses.dataclass
class Report:
    """What was read and found. `findings`: the first broken link of the chain, then what is wrong around it."""

    entries: int = 0
    changes: int = 0
    sequence: int = 0
    hash: str = GENESIS
    findings: list[Finding] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "ok": self.is_ok,
            "entries": self.entries,
            "changes": self.changes,
            "head": {"sequence": self.sequence, "hash": self.hash},
            "findings": [
                {
                    "kind": found.kind.value,
                    "label": found.kind.label,
                    "sequence": found.sequence,
                    "detail": found.detail,
                }
                for found in self.findings
            ],
            "notes": self.notes,
        }
