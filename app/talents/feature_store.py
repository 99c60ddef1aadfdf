"""What is compared of each talent, kept beside its record: a server that starts answers its first request at once.

The background worker makes it; what is missing or old is made by whoever needs it, in memory. Erased with the talent.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.japanese.dates import today_in_tokyo
from app.talents import facts as facts_module
from app.talents import features as features_module
from app.talents import lexicon as lexicon_module
from app.talents import masking as masking_module
from app.talents import matching as matching_module
from app.talents.facts import TalentFacts
from app.talents.features import Features, talent_features
from app.talents.lexicon import Lexicon, load_lexicon
from app.talents.matching import facts_of_talent, load_talents
from models.reference import ActivityField, Skill
from models.talents import Talent, TalentFeatures, TalentStatus

#: Talents whose features are made in one transaction.
_CHUNK = 250
_LISTS = ("fields", "skills", "audiences", "areas", "availability")
#: What changes by the day, or is a set; all others are kept as they are.
_NOT_KEPT = {"taken_times", "recent_approaches", "past_outcome", "guarantees"}


def made_by(session: Session, lexicon: Lexicon) -> str:
    """Another whenever features of the same record would be: other code, other lexicon, a renamed skill."""
    told = f"{_code()}{lexicon.digest}{reference_version(session)}"
    return hashlib.sha256(told.encode()).hexdigest()


def reference_version(session: Session) -> int:
    """Changes when a skill or field is renamed: their names are part of the features."""
    skills = select(func.coalesce(func.sum(Skill.version), 0)).scalar_subquery()
    fields = select(func.coalesce(func.sum(ActivityField.version), 0)).scalar_subquery()
    return int(session.scalar(select(skills + fields)) or 0)


def kept_features(session: Session, lexicon: Lexicon) -> Iterator[tuple[int, TalentFacts, Features]]:
    """(version, lasting facts, features) of all talents whose kept features are those of the present record. One query."""
    found = session.execute(
        select(TalentFeatures.talent_version, TalentFeatures.content)
        .join(Talent, _is_current(made_by(session, lexicon)))
        .where(Talent.status != TalentStatus.ERASED)
        .order_by(Talent.id)
    )
    for version, content in found:
        yield version, *_unpacked(content)


def keep_missing(session: Session, settings: Settings) -> int:
    """The background worker's part: features of new and changed talents. Returns how many were made."""
    lexicon, done = load_lexicon(settings.city), 0
    maker = made_by(session, lexicon)
    while missing := _missing(session, maker):
        today = today_in_tokyo()
        found = [(talent.version, facts_of_talent(talent, today)) for talent in load_talents(session, missing)]
        session.rollback()  # nobody waits while they are made
        versions = {int(facts.id): version for version, facts in found}
        made = {int(facts.id): _packed(facts, talent_features(facts, lexicon)) for _, facts in found}
        _write(session, maker, versions, made)
        done += len(made)
    session.rollback()
    return done


def _write(session: Session, maker: str, versions: dict[int, int], made: dict[int, str]) -> None:
    """Keep them, but nothing of who was erased meanwhile."""
    there = select(Talent.id).where(Talent.id.in_(made), Talent.status != TalentStatus.ERASED).with_for_update()
    alive = session.scalars(there).all()
    rows = {
        row.talent_id: row for row in session.scalars(select(TalentFeatures).where(TalentFeatures.talent_id.in_(alive)))
    }
    for key in alive:
        row = rows.get(key) or TalentFeatures(talent_id=key)
        row.talent_version, row.made_by, row.content = versions[key], maker, made[key]
        session.add(row)
    session.commit()


def _missing(session: Session, maker: str) -> list[int]:
    return list(
        session.scalars(
            select(Talent.id)
            .outerjoin(TalentFeatures, _is_current(maker))
            .where(Talent.status != TalentStatus.ERASED, TalentFeatures.talent_id.is_(None))
            .order_by(Talent.id)
            .limit(_CHUNK)
        )
    )


def _is_current(maker: str) -> Any:
    return and_(
        TalentFeatures.talent_id == Talent.id,
        TalentFeatures.talent_version == Talent.version,
        TalentFeatures.made_by == maker,
    )


def _packed(facts: TalentFacts, features: Features) -> str:
    values = {field.name: getattr(facts, field.name) for field in dataclasses.fields(facts)}
    content = {
        "facts": {name: value for name, value in values.items() if name not in _NOT_KEPT},
        "guarantees": sorted(facts.guarantees),
        "grams": _tokens(features.grams),
        "tags": _tokens(features.tags),
        "fields": list(features.fields),
        "concepts": [list(features.concepts), list(features.concepts.values())],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _unpacked(text: str) -> tuple[TalentFacts, Features]:
    content = json.loads(text)
    values = content["facts"]
    for name in _LISTS:
        values[name] = tuple(values[name])
    facts = TalentFacts(**values, guarantees=frozenset(content["guarantees"]))
    concepts = dict(zip(*content["concepts"], strict=True))
    return facts, Features(_counts(content["grams"]), _counts(content["tags"]), tuple(content["fields"]), concepts)


def _tokens(counts: Mapping[str, float]) -> dict[str, str]:
    """Tokens by value, with spaces between: most have the same, and tokens hold no space."""
    found: dict[str, list[str]] = {}
    for token, value in counts.items():
        found.setdefault(repr(value), []).append(token)
    return {value: " ".join(tokens) for value, tokens in found.items()}


def _counts(tokens: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for value, joined in tokens.items():
        found.update(dict.fromkeys(joined.split(" "), float(value)))
    return found


@functools.cache
def _code() -> str:
    """The code that makes facts and features, as it is written: an update of the software makes them anew."""
    modules = (facts_module, features_module, lexicon_module, masking_module, matching_module)
    return hashlib.sha256(b"".join(Path(str(one.__file__)).read_bytes() for one in modules)).hexdigest()
