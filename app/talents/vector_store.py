"""Vectors of texts, stored beside their records with the text's hash: computed once, and again only when it changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.japanese.dates import today_in_tokyo
from app.talents.facts import RequestFacts, TalentFacts
from app.talents.feature_store import keep_missing
from app.talents.features import request_text, talent_text
from app.talents.index import TalentIndex
from app.talents.lexicon import load_lexicon
from app.talents.matching import facts_of_request, facts_of_talent, load_talents
from app.talents.vectors import Encoder, Vectors, find_encoder, from_bytes, text_hash, to_bytes
from models.base import utc_now
from models.reference import Skill
from models.talent_requests import RequestStatus, TalentRequest
from models.talents import Talent, TalentStatus, TextVector

#: The moment of a vector that is to be made anew: before any record.
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Texts encoded in one transaction.
_CHUNK = 50
#: Rather than so many questions after some vectors, all are read.
_MOST_QUERIES = 4


def stored_vectors(session: Session, encoder_name: str, facts: Mapping[int, TalentFacts]) -> dict[int, Vectors]:
    """Vectors of talents whose stored text is the present one."""
    return _stored(session, encoder_name, TextVector.talent_id, {key: talent_text(one) for key, one in facts.items()})


def stored_request_vectors(session: Session, encoder_name: str, facts: Iterable[RequestFacts]) -> dict[int, Vectors]:
    """The same of requests."""
    return _stored(session, encoder_name, TextVector.request_id, {int(one.id): request_text(one) for one in facts})


def _stored(session: Session, encoder_name: str, column: Any, texts: Mapping[int, str]) -> dict[int, Vectors]:
    found: dict[int, Vectors] = {}
    keys = sorted(texts)
    wanted = select(column, TextVector.text_hash, TextVector.values).where(TextVector.encoder == encoder_name)
    some = [wanted.where(column.in_(keys[start : start + 500])) for start in range(0, len(keys), 500)]
    for query in some if len(some) < _MOST_QUERIES else [wanted.where(column.is_not(None))]:
        for key, digest, values in session.execute(query):
            if key in texts and digest == text_hash(texts[key]):
                found[key] = from_bytes(values)
    return found


def fill_missing(session: Session, settings: Settings) -> int:
    """The background worker's part: features and vectors of what is new or changed. Returns how many texts were encoded.

    A vector older than its record is looked at again; where the text is the same, only its moment moves on.
    """
    keep_missing(session, settings)
    _set_back_renamed(session, settings)
    if _is_nothing_missing(session) and ready_mark(settings).exists():
        return 0
    session.rollback()
    encoder = find_encoder()
    if encoder is None:
        return 0
    prepare(settings, encoder)
    done = 0
    while chunk := _talents_missing(session, encoder.name):
        today = today_in_tokyo()
        texts = {talent.id: talent_text(facts_of_talent(talent, today)) for talent in load_talents(session, chunk)}
        done += _encode(session, encoder, "talent_id", texts)
    while chunk := _requests_missing(session, encoder.name):
        requests = session.scalars(select(TalentRequest).where(TalentRequest.id.in_(chunk))).all()
        texts = {request.id: request_text(facts_of_request(request, frozenset())) for request in requests}
        done += _encode(session, encoder, "request_id", texts)
    return done


def ready_mark(settings: Settings) -> Path:
    """The file that says that the lexicon's sayings have been encoded: from then on an index starts at once."""
    return settings.data_dir / "vectors" / f"ready-{load_lexicon(settings.city).digest[:16]}"


def prepare(settings: Settings, encoder: Encoder) -> None:
    """Encode the lexicon's sayings, which takes a minute the first time: the worker does it, no page waits for it."""
    mark = ready_mark(settings)
    if mark.exists() and mark.read_text(encoding="utf-8") == encoder.name:
        return
    TalentIndex(load_lexicon(settings.city), encoder, mark.parent)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(encoder.name, encoding="utf-8")


def _set_back_renamed(session: Session, settings: Settings) -> None:
    """A renamed skill changes texts whose records stay as they were: their vectors are set back, so that they are made anew.

    Looked at once for each change of a skill's name, which a file beside the prepared sayings remembers.
    """
    names = sorted(tuple(row) for row in session.execute(select(Skill.id, Skill.name)))
    digest, mark = text_hash(repr(names)), settings.data_dir / "vectors" / "skills"
    if mark.exists() and mark.read_text(encoding="utf-8") == digest:
        session.rollback()
        return
    old = [*_with_another_text(session, "talent_id"), *_with_another_text(session, "request_id")]
    session.rollback()
    for start in range(0, len(old), 500):
        chunk = old[start : start + 500]
        session.execute(update(TextVector).where(TextVector.id.in_(chunk)).values(made_at=_LONG_AGO))
        session.commit()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(digest, encoding="utf-8")


def _with_another_text(session: Session, owner: str) -> list[int]:
    """The ids of the vectors whose stored text is not the present one."""
    column = getattr(TextVector, owner)
    found, today = [], today_in_tokyo()
    stored = session.execute(select(TextVector.id, column, TextVector.text_hash).where(column.is_not(None))).all()
    for start in range(0, len(stored), 500):
        chunk = stored[start : start + 500]
        keys = [key for _, key, _ in chunk]
        if owner == "talent_id":
            texts = {one.id: talent_text(facts_of_talent(one, today)) for one in load_talents(session, keys)}
        else:
            requests = session.scalars(select(TalentRequest).where(TalentRequest.id.in_(keys)))
            texts = {one.id: request_text(facts_of_request(one, frozenset())) for one in requests}
        found += [vector for vector, key, digest in chunk if key in texts and digest != text_hash(texts[key])]
    return found


def _is_nothing_missing(session: Session) -> bool:
    """Asked first, so that the model is not loaded for nothing."""
    name = session.scalar(select(func.max(TextVector.encoder))) or ""
    return not _talents_missing(session, name, 1) and not _requests_missing(session, name, 1)


def _talents_missing(session: Session, encoder_name: str, limit: int = _CHUNK) -> list[int]:
    return list(
        session.scalars(
            select(Talent.id)
            .outerjoin(TextVector, TextVector.talent_id == Talent.id)
            .where(Talent.status != TalentStatus.ERASED, _is_old(Talent.updated_at, encoder_name))
            .order_by(Talent.id)
            .limit(limit)
        )
    )


def _requests_missing(session: Session, encoder_name: str, limit: int = _CHUNK) -> list[int]:
    return list(
        session.scalars(
            select(TalentRequest.id)
            .outerjoin(TextVector, TextVector.request_id == TalentRequest.id)
            .where(
                TalentRequest.status == RequestStatus.OPEN,
                TalentRequest.deleted_at.is_(None),
                _is_old(TalentRequest.updated_at, encoder_name),
            )
            .order_by(TalentRequest.id)
            .limit(limit)
        )
    )


def _is_old(updated_at: Any, encoder_name: str) -> Any:
    return or_(TextVector.id.is_(None), TextVector.made_at < updated_at, TextVector.encoder != encoder_name)


def _encode(session: Session, encoder: Encoder, owner: str, texts: Mapping[int, str]) -> int:
    """Store the vectors of these texts; the model runs outside of any transaction. Returns how many were encoded."""
    column = getattr(TextVector, owner)
    moment = utc_now()  # a change made while the model runs is younger, and looked at again
    stored = select(column, TextVector.text_hash).where(column.in_(list(texts)), TextVector.encoder == encoder.name)
    known = {row[0]: row[1] for row in session.execute(stored)}
    session.rollback()
    new = {key: text for key, text in texts.items() if known.get(key) != text_hash(text)}
    vectors = encoder.encode(list(new.values()), "passage" if owner == "talent_id" else "query")
    made = dict(zip(new, vectors, strict=True))
    there = set(session.scalars(_still_there(owner, list(texts))))  # not who was erased while the model ran
    rows = {getattr(row, owner): row for row in session.scalars(select(TextVector).where(column.in_(list(texts))))}
    for key in there:
        row = rows.get(key)
        if row is None:
            row = TextVector(**{owner: key})
            session.add(row)
        if key in made:
            row.text_hash, row.encoder, row.values = text_hash(new[key]), encoder.name, to_bytes(made[key])
        row.made_at = moment
    session.commit()
    return len(made)


def _still_there(owner: str, keys: list[int]) -> Any:
    """Locked until the vectors are written: an erasure in the same second comes before or after, not between."""
    if owner == "talent_id":
        talents = select(Talent.id).where(Talent.id.in_(keys), Talent.status != TalentStatus.ERASED)
        return talents.with_for_update()
    return select(TalentRequest.id).where(TalentRequest.id.in_(keys)).with_for_update()
