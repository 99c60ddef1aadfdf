"""Meanings of what groups say: the background worker computes them and keeps them in a file beside the prepared sayings.

The file holds no text, only vectors by the hashes of texts; what no group says any more leaves it with the next change.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.levels import STAFF
from app.actor import system_actor
from app.config import Settings
from app.partnering.profiles import profile_of
from app.partnering.queries import partner_versions, possible_partners, projects_of_partners
from app.talents.features import talent_text
from app.talents.vector_store import ready_mark
from app.talents.vectors import Vectors, find_encoder, text_hash
from models.registry import Project, ProjectPartner

_AT_A_TIME = 50
#: What was looked at last, by folder: nothing is read again before something changes.
_seen: dict[Path, object] = {}


def file_of(settings: Settings) -> Path:
    """Where the vectors are kept; another file for another lexicon or encoder."""
    mark = ready_mark(settings)
    encoder = mark.read_text(encoding="utf-8") if mark.exists() else ""
    return mark.parent / f"groups-{text_hash(encoder)[:16]}.npz"


def kept_meanings(file: Path) -> dict[str, Vectors]:
    """{hash of a text: its vector} as the worker left them; {} before it has."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            return dict(zip(kept["hashes"].tolist(), np.asarray(kept["vectors"], np.float32), strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def keep_meanings(session: Session, settings: Settings) -> int:
    """The background worker's part: vectors of new and changed texts. Returns how many were computed.

    The sayings come first (`app.talents.vector_store.prepare`); without an encoder there is nothing to do.
    """
    if not ready_mark(settings).exists():
        return 0
    file, state = file_of(settings), _state(session)
    if _seen.get(file) == state and file.exists():
        session.rollback()
        return 0
    texts = _texts(session)
    session.rollback()  # nobody waits while they are computed
    before = kept_meanings(file)
    kept = {key: before[key] for key in texts if key in before}
    missing = [key for key in texts if key not in kept]
    if missing:
        encoder = find_encoder()
        if encoder is None:
            return 0
        for start in range(0, len(missing), _AT_A_TIME):
            some = missing[start : start + _AT_A_TIME]
            kept |= zip(some, encoder.encode([texts[key] for key in some], "passage"), strict=True)
            _write(file, kept)  # pages take over what is there already
    elif kept.keys() != before.keys():
        _write(file, kept)
    _seen[file] = state
    return len(missing)


def _texts(session: Session) -> dict[str, str]:
    """{hash: text} of every group as city staff read it: the level at which searches are worked on."""
    system = system_actor("団体の文の意味")
    past = projects_of_partners(session, system)
    groups = possible_partners(session, system, partner_versions(session, system))
    texts = [talent_text(profile_of(group, STAFF).facts(past.get(group.id, ()))) for group in groups]
    return {text_hash(text): text for text in texts}


def _state(session: Session) -> object:
    """Another after any change of a group or of a collaboration."""
    versions = tuple(partner_versions(session, system_actor("団体の文の意味")).items())
    projects = select(func.count(), func.sum(Project.version), func.max(Project.updated_at))
    partners = select(func.count(), func.sum(ProjectPartner.id), func.sum(ProjectPartner.organization_id))
    return versions, tuple(session.execute(projects).one()), tuple(session.execute(partners).one())


def _write(file: Path, kept: dict[str, Vectors]) -> None:
    half = file.with_suffix(f".{os.getpid()}.tmp")
    vectors = np.array(list(kept.values()), np.float32)
    with half.open("wb") as stream:
        np.savez(stream, hashes=np.array(list(kept), np.str_), vectors=vectors)
    half.replace(file)
