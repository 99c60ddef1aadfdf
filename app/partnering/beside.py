"""Talents of こだいら人財の森 that know about a problem, without names: listed beside the groups (domain.md 7)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.config import Settings
from app.partnering.matching import in_words, is_of_the_matter, request_of_search, vector_of
from app.talents.live import live_index
from app.talents.matching import anonymous_texts
from app.talents.ranking import by_topic
from app.talents.wording import field_names
from models.partnering import PartnerSearch
from models.talents import Talent

_EAGER = (selectinload(Talent.skills), selectinload(Talent.fields))


@dataclass(frozen=True)
class TalentBeside:
    """A talent as others than the centre may see it: number, skills and description without names."""

    talent_id: int
    number: str
    skills: str
    description: str
    reasons: tuple[str, ...]


def talents_beside(
    session: Session, settings: Settings, actor: Actor, search: PartnerSearch, *, top: int = 5
) -> list[TalentBeside]:
    """The talents that fit the matter best, of those that the actor may see anonymised; [] without the permission."""
    if not actor.may(Permission.TALENT_READ):
        return []
    request = request_of_search(search)
    vector = vector_of(settings, request)
    with live_index(session, settings) as live:
        candidates = by_topic(live.index, request, live.index.ask([request], vector), top=top)
    keys = [int(candidate.talent_id) for candidate in candidates]
    rows = {row.id: row for row in session.scalars(scoped(Talent, actor).where(Talent.id.in_(keys)).options(*_EAGER))}
    found, fields = [], field_names(session)
    for candidate in candidates:
        talent = rows.get(int(candidate.talent_id))
        if talent is None:
            continue
        words, description = anonymous_texts(talent)
        skills = "、".join([*(skill.name for skill in talent.skills), *words])
        reasons = tuple(in_words(one, fields) for one in candidate.reasons if is_of_the_matter(one))
        found.append(TalentBeside(talent.id, talent.number, skills, description, reasons))
    return found
