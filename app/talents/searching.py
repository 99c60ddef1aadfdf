"""What is found of talents and requests. Names stand in an index of their own, asked by the centre alone: in the one
that others ask, a talent's words are blacked out, so that no hit, rank, snippet or count tells who somebody is."""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from app.actor import Actor
from app.search.documents import CENTRE, PUBLIC, SearchSpec, TextByLevel, cumulative, register
from app.talents.matching import anonymous_texts
from app.talents.policy import reads_names
from models.talent_requests import TalentRequest
from models.talents import Talent, TalentStatus

ANONYMOUS, NAMED = "talent", "named_talent"


def entity_for(actor: Actor) -> str:
    """The index that this reader asks."""
    return NAMED if reads_names(actor) else ANONYMOUS


def _anonymous(talent: Talent) -> TextByLevel:
    if talent.status is TalentStatus.ERASED:
        return {}
    words, description = anonymous_texts(talent)
    return cumulative(
        [
            (PUBLIC, "A", talent.number),
            *((PUBLIC, "A", skill.name) for skill in talent.skills),
            *((PUBLIC, "A", word) for word in words),
            *((PUBLIC, "B", field.name) for field in talent.fields),
            *((PUBLIC, "B", word) for word in (*talent.audiences, *talent.areas)),
            (PUBLIC, "C", description),
        ]
    )


def _named(talent: Talent) -> TextByLevel:
    if talent.status is TalentStatus.ERASED:
        return {}
    return cumulative(
        [
            *((CENTRE, "A", text) for text in (talent.name, talent.reading, talent.contact_person, talent.number)),
            *((CENTRE, "A", skill.name) for skill in talent.skills),
            *((CENTRE, "A", word) for word in talent.free_skills),
            *((CENTRE, "B", field.name) for field in talent.fields),
            *((CENTRE, "B", word) for word in (*talent.audiences, *talent.areas)),
            (CENTRE, "C", talent.description),
            (CENTRE, "C", talent.note),
        ]
    )


def _request(request: TalentRequest) -> TextByLevel:
    return cumulative(
        [
            (CENTRE, "A", request.title),
            (CENTRE, "A", request.organization.name if request.organization else None),
            *((CENTRE, "B", skill.name) for skill in request.skills),
            *((CENTRE, "B", word) for word in request.free_skills),
            *((CENTRE, "B", field.name) for field in request.fields),
            (CENTRE, "C", request.description),
            (CENTRE, "C", request.place_note),
        ]
    )


_TALENT_SIDE = (selectinload(Talent.skills), selectinload(Talent.fields))
register(SearchSpec(entity=ANONYMOUS, model=Talent, text_by_level=_anonymous, options=_TALENT_SIDE))
register(SearchSpec(entity=NAMED, model=Talent, text_by_level=_named, options=_TALENT_SIDE))
register(
    SearchSpec(
        entity="talent_request",
        model=TalentRequest,
        text_by_level=_request,
        options=(
            selectinload(TalentRequest.skills),
            selectinload(TalentRequest.fields),
            selectinload(TalentRequest.organization),
        ),
    )
)
__all__ = ["ANONYMOUS", "NAMED", "entity_for"]
