"""Loads `review_presets.toml`: rules and criteria that a review may start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.reviews import ReviewPreset
from seed.files import read_toml
from seed.reference import Counts, Seeded, digest_of, merge

_FIELDS = ("name", "source", "rule", "criteria")


def load_presets(session: Session, folder: Path, counts: Counts) -> None:
    """Bring the presets to what the file says; what a person changed is kept. To be called inside an act."""
    seeded = Seeded(session, "review_preset")
    held = {one.code: one for one in session.scalars(select(ReviewPreset).order_by(ReviewPreset.id))}
    for place, table in enumerate(read_toml(folder / "review_presets.toml").get("preset", []), start=1):
        wanted = {name: table[name] for name in _FIELDS}
        preset = held.get(table["code"])

        def write(
            preset: ReviewPreset | None = preset,
            code: str = table["code"],
            wanted: dict[str, Any] = wanted,
            place: int = place,
        ) -> None:
            if preset is None:
                session.add(ReviewPreset(code=code, position=place, **wanted))
                return
            for name, value in wanted.items():
                setattr(preset, name, value)

        now = digest_of({name: getattr(preset, name) for name in _FIELDS}) if preset else None
        merge(seeded, table["code"], digest_of(wanted), now, counts, write)
    session.flush()


def preset_table(preset: ReviewPreset) -> dict[str, Any]:
    """The TOML table of a preset."""
    return {"code": preset.code} | {name: getattr(preset, name) for name in _FIELDS}
