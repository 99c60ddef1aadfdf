"""What waits after the sheets are sealed: the conclusion to write, the chair's confirmation, the city's decisions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import visible_to
from app.actor import Actor
from app.reviews import concluding, confirming, deciding, queries
from app.work import Waiting, register_waiting
from models.proposals import Proposal
from models.reviews import ReviewSetting

KIND = "review_result"


@register_waiting
def tell_results(session: Session, actor: Actor) -> Iterator[Waiting]:
    """For the secretariat and the chair, review by review."""
    if not actor.may(Permission.CONCLUSION_READ):
        return
    settings = session.scalars(
        select(ReviewSetting).where(visible_to(ReviewSetting, actor)).order_by(ReviewSetting.call_id)
    )
    for setting in settings:
        call = setting.call
        stages = queries.stages_of(queries.criteria_of(session, call.id))
        if not stages or not set(stages) <= queries.open_stages(session, call.id):
            continue
        conclusion = concluding.find_conclusion(session, call.id)
        is_member = queries.find_own_member(session, actor, call.id) is not None
        writes = actor.may(Permission.CONCLUSION_EDIT) and not is_member
        if conclusion is None or conclusion.confirmed_at is None:
            if writes:
                yield Waiting(KIND, str(call.id), "審査結果を書き、確認を受けてください", call.decision_on, call.name)
            elif (
                conclusion is not None
                and confirming.may_confirm(session, actor, call)
                and not confirming.obstacles_of(session, call)
            ):
                yield Waiting(KIND, str(call.id), "審査結果を確認してください(委員長)", call.decision_on, call.name)
        elif writes and actor.may(Permission.REVIEW_DECISION_EDIT):
            yield from _decisions(session, actor, setting)


def _decisions(session: Session, actor: Actor, setting: ReviewSetting) -> Iterator[Waiting]:
    call = setting.call
    left = session.scalars(
        select(Proposal.id).where(
            Proposal.call_id == call.id, Proposal.state.in_(deciding.DECIDABLE), visible_to(Proposal, actor)
        )
    ).all()
    if left:
        label = f"市の決定を確定してください(残り{len(left)}件)"
        yield Waiting(KIND, str(call.id), label, call.decision_on, call.name)
