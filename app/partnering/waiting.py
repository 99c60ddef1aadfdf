"""What waits of choosing partners: searches that stand still, choices that led to nothing yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import editable_by
from app.actor import Actor
from app.work import Waiting, register_waiting
from models.base import utc_now
from models.calls import Challenge, ChallengeState
from models.partnering import PartnerSearch, Verdict
from models.people import Role

#: After so many days without a change a search is called to mind.
STILL_DAYS = 14
_MOST = 20


@register_waiting
def partnering_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Searches of the actor's departments (the office: all) that wait for the next step."""
    if not actor.may(Permission.PARTNER_SEARCH_EDIT) or not actor.has(Role.DEPARTMENT, Role.OFFICE):
        return
    mine = editable_by(PartnerSearch, actor)
    gone = select(Challenge.id).where(
        or_(Challenge.deleted_at.is_not(None), Challenge.state == ChallengeState.DECLINED)
    )
    nothing_made = (
        PartnerSearch.project_id.is_(None),
        or_(PartnerSearch.challenge_id.is_(None), PartnerSearch.challenge_id.in_(gone)),
    )
    still = select(PartnerSearch).where(
        mine,
        *nothing_made,
        PartnerSearch.decided_on.is_(None),
        PartnerSearch.verdict.is_distinct_from(Verdict.NOT_SUITED),
        PartnerSearch.updated_at < utc_now() - dt.timedelta(days=STILL_DAYS),
    )
    for search in session.scalars(still.order_by(PartnerSearch.id).limit(_MOST)):
        yield Waiting(
            "partner-search",
            str(search.id),
            f"パートナー選びが途中です: {search.title}",
            detail="相手がまだ決まっていません。",
        )
    decided = select(PartnerSearch).where(mine, *nothing_made, PartnerSearch.decided_on.is_not(None))
    for search in session.scalars(decided.order_by(PartnerSearch.id).limit(_MOST)):
        yield Waiting(
            "partner-search",
            str(search.id),
            f"相手を選定しました。協働事業として登録してください: {search.title}",
        )
