"""What of こだいら人財の森 waits for あすぴあ: new requests, no answer, follow-ups, consents that run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import editable_by
from app.actor import Actor
from app.japanese.dates import to_tokyo, today_in_tokyo
from app.talents import queries
from app.talents.stages import RENEWAL_DAYS, REPLY_DAYS, awaits_reply, follow_up_due
from app.work import Waiting, register_waiting
from models.base import utc_now
from models.matches import FollowUp, Match, Side, Stage
from models.talent_requests import RequestStatus, TalentRequest
from models.talents import Talent, TalentStatus

_MOST = 50


@register_waiting
def talents_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """The centre's morning."""
    if not actor.may(Permission.MATCH_EDIT):
        return
    yield from _new_requests(session, actor)
    yield from _unanswered(session, actor)
    yield from _to_follow_up(session, actor)
    yield from _expiring(session, actor)


def _new_requests(session: Session, actor: Actor) -> Iterator[Waiting]:
    touched = select(Match.request_id)
    found = session.scalars(
        select(TalentRequest)
        .where(
            editable_by(TalentRequest, actor),
            TalentRequest.status == RequestStatus.OPEN,
            TalentRequest.id.not_in(touched),
        )
        .options(selectinload(TalentRequest.organization))
        .order_by(TalentRequest.due_on.is_(None), TalentRequest.due_on, TalentRequest.id)
        .limit(_MOST)
    )
    for request in found.all():
        yield Waiting(
            "talent_request",
            str(request.id),
            f"依頼「{request.title}」の候補選び",
            due_on=request.due_on,
            detail=f"{request.organization}からの依頼です。まだ候補がありません。",
        )


def _unanswered(session: Session, actor: Actor) -> Iterator[Waiting]:
    now = utc_now()
    found = session.scalars(
        select(Match)
        .where(
            editable_by(Match, actor),
            Match.stage == Stage.APPROACHED,
            Match.stage_at <= now - dt.timedelta(days=REPLY_DAYS),
        )
        .options(selectinload(Match.contacts), selectinload(Match.request))
        .order_by(Match.stage_at, Match.id)
        .limit(_MOST)
    )
    for match in found.all():
        since, result = queries.waits_since(match)
        if awaits_reply(match.stage, since, result, now):
            yield Waiting(
                "match",
                str(match.id),
                f"返事の確認(依頼「{match.request.title}」)",
                due_on=to_tokyo(since).date() + dt.timedelta(days=REPLY_DAYS),
                detail=f"打診してから{(now - since).days}日、返事がありません。",
            )


def _to_follow_up(session: Session, actor: Actor) -> Iterator[Waiting]:
    today = today_in_tokyo()
    both_said = select(FollowUp.match_id).group_by(FollowUp.match_id).having(func.count() >= len(Side))
    found = session.scalars(
        select(Match)
        .where(editable_by(Match, actor), Match.stage.in_((Stage.ENGAGED, Stage.FINISHED)), Match.id.not_in(both_said))
        .options(selectinload(Match.follow_ups), selectinload(Match.request))
        .order_by(Match.id)
    )
    due = []
    for match in found.all():
        missing = [side for side in Side if side not in {line.side for line in match.follow_ups}]
        day = follow_up_due(match.stage, match.starts_on or to_tokyo(match.stage_at).date(), match.ends_on)
        if missing and day is not None and day <= today:
            due.append((day, match, missing))
    for day, match, missing in sorted(due, key=lambda item: (item[0], item[1].id))[:_MOST]:
        yield Waiting(
            "match",
            str(match.id),
            f"その後の聞き取り(依頼「{match.request.title}」)",
            due_on=day,
            detail=f"{'と'.join(side.label for side in missing)}に、活動のようすを聞いてください。",
        )


def _expiring(session: Session, actor: Actor) -> Iterator[Waiting]:
    limit = today_in_tokyo() + dt.timedelta(days=RENEWAL_DAYS)
    number, first = session.execute(
        select(func.count(), func.min(Talent.valid_until)).where(
            editable_by(Talent, actor),
            or_(Talent.status == TalentStatus.ACTIVE, Talent.status == TalentStatus.PAUSED),
            Talent.valid_until <= limit,
        )
    ).one()
    if number:
        yield Waiting(
            "talent_consent",
            "renewals",
            "登録への同意の更新・消去",
            due_on=first,
            detail=f"有効期限が切れた、または{RENEWAL_DAYS}日以内に切れる人財が{number}件あります。",
        )
