"""Notices of adoption and refusal, drawn up from the city's decisions: one, or all of a call (rules.md 29, 30)."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.japanese.money import format_yen
from app.notices.services import Recipient, make_notice
from app.problems import Conflict as Refusal
from app.reviews import queries
from app.reviews.counting import two_places
from app.reviews.results import Result, result_of
from models.calls import Call
from models.notices import Honorific, Notice, NoticeState, NoticeTemplate
from models.proposals import Proposal
from models.review_results import CityDecision, Outcome

TEMPLATES = {
    Outcome.ADOPTED: "adopted",
    Outcome.ADOPTED_WITH_CONDITIONS: "adopted_with_conditions",
    Outcome.REJECTED: "rejected",
}
#: Means over fewer members are never told.
FEWEST = 2


@dataclasses.dataclass(frozen=True)
class CriterionMean:
    """The mean of one criterion over the scoring members of one proposal, exact; None with fewer than two."""

    label: str
    highest: int
    mean: Fraction | None

    def __str__(self) -> str:
        shown = "公表しない(採点した委員が2人未満)" if self.mean is None else f"{two_places(self.mean)}点"
        return f"{self.label} {shown}(満点{self.highest}点)"


def criterion_means(result: Result, proposal_id: int) -> list[CriterionMean]:
    """Per criterion, in order: the mean over the scoring members."""
    entry = next((one for one in result.ballot.proposals if str(one.id) == str(proposal_id)), None)
    if entry is None:
        return []
    scoring = result.ballot.eligible(entry)
    means = []
    for one in result.ballot.criteria:
        values = [entry.scores[member.key][one.key] for member in scoring]
        mean = Fraction(sum(values), len(values)) if len(values) >= FEWEST else None
        means.append(CriterionMean(one.name, one.maximum, mean))
    return means


def decided(session: Session, actor: Actor, call: Call) -> list[CityDecision]:
    """The call's decisions that took effect and that the actor sees, by proposal."""
    return list(
        session.scalars(
            scoped(CityDecision, actor)
            .join(Proposal, Proposal.id == CityDecision.proposal_id)
            .where(Proposal.call_id == call.id, CityDecision.decided_at.is_not(None))
            .order_by(Proposal.id)
        )
    )


def notice_of(session: Session, actor: Actor, proposal_id: int) -> Notice | None:
    """The latest notice of the decision on a proposal that the actor sees; none that was withdrawn, which is drawn up anew."""
    codes = list(TEMPLATES.values())
    return session.scalars(
        scoped(Notice, actor)
        .join(NoticeTemplate, NoticeTemplate.id == Notice.template_id)
        .where(
            Notice.subject_kind == "proposal",
            Notice.subject_id == proposal_id,
            Notice.state != NoticeState.WITHDRAWN,
            NoticeTemplate.code.in_(codes),
        )
        .order_by(Notice.id.desc())
        .limit(1)
    ).one_or_none()


def draw_up(session: Session, *, actor: Actor, decision: CityDecision) -> Notice:
    """The notice of one decision, as a draft. Raises Conflict before it took effect."""
    if decision.decided_at is None:
        raise Refusal("市の決定が確定してから、通知を作ってください。")
    proposal = decision.proposal
    call = proposal.call
    organization = proposal.organization
    values: dict[str, object] = {
        "募集名": call.name,
        "事業名": proposal.title,
        "理由": decision.reason,
        "評価": _told_means(session, call, proposal.id),
    }
    if decision.outcome is not Outcome.REJECTED:
        values["決定額"] = format_yen(decision.amount_yen)
    if decision.outcome is Outcome.ADOPTED_WITH_CONDITIONS:
        values["条件"] = decision.conditions
    return make_notice(
        session,
        actor=actor,
        template_code=TEMPLATES[decision.outcome],
        values=values,
        recipient=Recipient(organization.name, Honorific.GROUP),
        subject_kind="proposal",
        subject_id=proposal.id,
        document_number=_free_number(session, decision),
        dated_on=decision.decided_on,
    )


def _free_number(session: Session, decision: CityDecision) -> str | None:
    """The decision's number, unless a letter bears it already (one decision for several groups; a letter that was
    withdrawn): then the letter gets the next number when it is issued."""
    number = decision.document_number or None
    taken = session.scalar(select(Notice.id).where(Notice.document_number == number).limit(1))
    return number if taken is None else None


def draw_up_all(session: Session, *, actor: Actor, call: Call) -> list[Notice]:
    """The notices of all decisions of a call that have none yet."""
    return [
        draw_up(session, actor=actor, decision=decision)
        for decision in decided(session, actor, call)
        if notice_of(session, actor, decision.proposal_id) is None
    ]


def _told_means(session: Session, call: Call, proposal_id: int) -> str:
    setting = queries.find_setting(session, call.id)
    if setting is None or not setting.tells_criterion_means:
        return ""
    means = criterion_means(result_of(session, call), proposal_id)
    return "\n".join(["審査基準ごとの平均点", *(f"・{one}" for one in means)]) if means else ""
