"""The completeness checklist: which papers a call asks for (preset per program; a call's rules may say otherwise)."""

from __future__ import annotations

from typing import Any

from models.calls import Call

#: Read in the forms that such programs use; presets for the office to confirm, not the handbook's words.
_COMMON: tuple[tuple[str, str, bool], ...] = (
    ("application", "申請書", True),
    ("plan", "事業計画書", True),
    ("budget", "収支予算書", True),
    ("bylaws", "会則・規約", True),
    ("officers", "役員名簿", True),
    ("accounts", "前年度の決算書", False),
)
_BY_PROGRAM: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "suggested": (*_COMMON, ("no_subsidy", "ほかの補助を受けていない旨の申出書", True)),
    "ikiiki": (*_COMMON, ("roles", "役割分担の案", True)),
}


def papers_of(call: Call) -> list[dict[str, Any]]:
    """[{key, label, is_required}] of the call's own rules (`papers`), else the preset of its program."""
    own = (call.rules or {}).get("papers")
    if isinstance(own, list) and own:
        return [
            {"key": str(row["key"]), "label": str(row["label"]), "is_required": bool(row.get("is_required", True))}
            for row in own
        ]
    rows = _BY_PROGRAM.get(call.program.code, _COMMON)
    return [{"key": key, "label": label, "is_required": is_required} for key, label, is_required in rows]
