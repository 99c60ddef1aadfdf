"""Publication of a review's results 公表 (rules.md 30): which parts are public from when, of the call or of one proposal.

`public_content` puts together what is public on a day from nothing: a value gets out only by its part.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible, scoped
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict as Refusal
from app.problems import Invalid
from app.reviews import queries
from app.reviews.concluding import require_secretariat
from app.reviews.counting import two_places
from app.reviews.letters import FEWEST, criterion_means
from app.reviews.results import Result, result_of
from app.reviews.texts import checked_text
from models.base import utc_now
from models.calls import Call
from models.proposals import Proposal
from models.review_records import PublicationRecord
from models.review_results import CityDecision, Outcome
from models.reviews import ReviewStage


@dataclasses.dataclass(frozen=True)
class PublicPart:
    """One thing that may be public. lists: it brings proposals with these outcomes; else it adds to those listed."""

    key: str
    label: str
    help: str = ""
    lists: tuple[Outcome, ...] = ()
    is_of_call: bool = False


PARTS: tuple[PublicPart, ...] = (
    PublicPart(
        "adopted", "採択・条件付採択の一覧", "事業名と団体名", (Outcome.ADOPTED, Outcome.ADOPTED_WITH_CONDITIONS)
    ),
    PublicPart("rejected", "不採択の一覧", "事業名と団体名", (Outcome.REJECTED,)),
    PublicPart("amounts", "決定額", "一覧に載せた提案だけ"),
    PublicPart("reasons", "決定の理由と条件", "一覧に載せた提案だけ"),
    PublicPart("percents", "得点率", "採点した委員が2人未満の提案には付きません"),
    PublicPart("means", "審査基準ごとの平均点", "採点した委員が2人未満の提案には付きません"),
    PublicPart(
        "member_scores", "委員別の点数(氏名なし)", "審査の設定で公表すると決めた募集の、採点した委員が2人以上の提案だけ"
    ),
    PublicPart("criteria", "審査基準と配点", is_of_call=True),
)
BY_KEY = {part.key: part for part in PARTS}


def publish(
    session: Session,
    *,
    actor: Actor,
    call_id: int,
    part: str,
    proposal_id: int | None,
    public_from_on: dt.date | None,
    place: str = "",
    note: str = "",
) -> PublicationRecord:
    """Decide that a part is public from a day on. Raises Conflict before the conclusion is confirmed, or when it is
    public already; Invalid with a sentence a field."""
    actor.require(Permission.REVIEW_DECISION_EDIT)
    call = require_secretariat(session, actor, call_id)
    known = BY_KEY.get(part)
    if known is None:
        raise Invalid("公表するものを選んでください。", fields={"parts": "公表するものを選んでください。"})
    if public_from_on is None:
        raise Invalid("公表日を入力してください。", fields={"public_from_on": "公表日を入力してください。"})
    if proposal_id is not None:
        if known.is_of_call:
            sentence = f"「{known.label}」は、募集の全体についてだけ公表できます。"
            raise Invalid(sentence, fields={"proposal": sentence})
        if get_visible(session, Proposal, proposal_id, actor).call_id != call_id:
            raise Invalid("この募集の提案を選んでください。", fields={"proposal": "この募集の提案を選んでください。"})
    if part == "member_scores" and not _tells_members(session, call_id):
        sentence = "委員別の点数は、審査の設定で「公表する」とした募集だけ公表できます。"
        raise Invalid(sentence, fields={"parts": sentence})
    clean = {
        "place": checked_text(place, "公表の場所", field="place", length=200, is_line=True),
        "note": checked_text(note, "備考", field="note", length=300, is_line=True),
    }
    with act(session, actor, "review-decision:publish", f"{call.name}の公表({known.label})を決めました"):
        _lock(session, call_id)
        if not queries.is_concluded(session, call_id):
            raise Refusal("審査結果が確認されていません。確認された後に、公表するものを決めてください。")
        if any(one.part == part and one.proposal_id == proposal_id for one in _in_force(session, call_id)):
            raise Refusal(f"「{known.label}」は、すでに公表することにしています。")
        row = PublicationRecord(
            call_id=call_id, proposal_id=proposal_id, part=part, public_from_on=public_from_on, **clean
        )
        session.add(row)
        session.flush()
    return row


def publish_parts(
    session: Session, *, actor: Actor, call_id: int, parts: Sequence[str], **decision: Any
) -> list[PublicationRecord]:
    """Several parts at once, all or none; the rest, and what is raised, as `publish`. Invalid with `parts` without any."""
    if not parts:
        raise Invalid("公表するものを選んでください。", fields={"parts": "公表するものを選んでください。"})
    call = require_secretariat(session, actor, call_id)
    labels = "、".join(BY_KEY[part].label for part in parts if part in BY_KEY)
    with act(session, actor, "review-decision:publish", f"{call.name}の公表({labels})を決めました"):
        return [publish(session, actor=actor, call_id=call_id, part=part, **decision) for part in dict.fromkeys(parts)]


def end_publication(session: Session, *, actor: Actor, record_id: int, reason: str) -> PublicationRecord:
    """Take a part back, with a reason. Raises Conflict when it was taken back already."""
    actor.require(Permission.REVIEW_DECISION_EDIT)
    row = get_visible(session, PublicationRecord, record_id, actor)
    call = require_secretariat(session, actor, row.call_id)
    text = checked_text(
        reason, "取りやめる理由", field="reason", length=300, required="取りやめる理由を書いてください。", is_line=True
    )
    with act(session, actor, "review-decision:publish", f"{call.name}の公表を取りやめました", reason=text):
        _lock(session, row.call_id)
        session.refresh(row)
        if row.ended_at is not None:
            raise Refusal("この公表は、すでに取りやめられています。")
        row.ended_at, row.end_reason = utc_now(), text
    return row


def records_of(session: Session, actor: Actor, call_id: int) -> Sequence[PublicationRecord]:
    """All decisions on publication of a call: in force first, then newest first."""
    return session.scalars(
        scoped(PublicationRecord, actor)
        .where(PublicationRecord.call_id == call_id)
        .order_by(PublicationRecord.ended_at.is_not(None), PublicationRecord.id.desc())
    ).all()


def public_content(session: Session, call: Call, on: dt.date) -> dict[str, Any]:
    """What is public of a call on a day; {} parts that are not are not there. Knows no reader: it is for everybody."""
    parts = [one for one in _in_force(session, call.id) if one.public_from_on <= on]
    whole = {one.part for one in parts if one.proposal_id is None}
    content: dict[str, Any] = {"call": call.name, "fiscal_year": call.fiscal_year, "as_of": on.isoformat()}
    if not parts or not queries.is_concluded(session, call.id):
        return content | {"proposals": []}
    result = result_of(session, call)
    if "criteria" in whole:
        content["criteria"] = [
            {
                "stage": ReviewStage(one.stage).label,
                "label": one.name,
                "highest": one.maximum,
                "weight": two_places(one.weight).rstrip("0").rstrip("."),
            }
            for one in result.ballot.criteria
        ]
    tells_members = _tells_members(session, call.id)
    proposals = []
    for decision in _decisions(session, call.id):
        own = whole | {one.part for one in parts if one.proposal_id == decision.proposal_id}
        if any(decision.outcome in BY_KEY[part].lists for part in own if part in BY_KEY):
            proposals.append(_proposal(result, decision, own, tells_members))
    return content | {"proposals": proposals}


def _proposal(result: Result, decision: CityDecision, parts: set[str], tells_members: bool) -> dict[str, Any]:
    proposal = decision.proposal
    told: dict[str, Any] = {
        "title": proposal.title,
        "organization": proposal.organization.name,
        "outcome": decision.outcome.label,
    }
    if "amounts" in parts:
        told["amount_yen"] = decision.amount_yen
    if "reasons" in parts:
        told["reason"], told["conditions"] = decision.reason, decision.conditions
    line = result.of(proposal.id)
    if line is None:
        return told
    if "percents" in parts and line.percent is not None and len(line.points) >= FEWEST:
        told["percent"] = two_places(line.percent)
    if "means" in parts:
        means = [one for one in criterion_means(result, proposal.id) if one.mean is not None]
        told |= {"means": [_mean(one.label, one.mean, one.highest) for one in means]} if means else {}
    if "member_scores" in parts and tells_members and len(line.points) >= FEWEST:
        entry = next(one for one in result.ballot.proposals if str(one.id) == str(proposal.id))
        # Without names, and in an order that is not the list's.
        told["member_scores"] = sorted(
            [entry.scores[member.key][one.key] for one in result.ballot.criteria]
            for member in result.ballot.eligible(entry)
        )
    return told


def _mean(label: str, mean: Any, highest: int) -> dict[str, Any]:
    return {"label": label, "mean": two_places(mean), "highest": highest}


def _tells_members(session: Session, call_id: int) -> bool:
    setting = queries.find_setting(session, call_id)
    return setting is not None and setting.publishes_member_scores is True


def _in_force(session: Session, call_id: int) -> Sequence[PublicationRecord]:
    return session.scalars(
        select(PublicationRecord)
        .where(PublicationRecord.call_id == call_id, PublicationRecord.ended_at.is_(None))
        .order_by(PublicationRecord.id)
    ).all()


def _decisions(session: Session, call_id: int) -> Sequence[CityDecision]:
    """Decisions that took effect, the adopted first."""
    rows = session.scalars(
        select(CityDecision)
        .join(Proposal, Proposal.id == CityDecision.proposal_id)
        .where(Proposal.call_id == call_id, CityDecision.decided_at.is_not(None))
        .order_by(Proposal.id)
    ).all()
    return sorted(rows, key=lambda one: one.outcome is Outcome.REJECTED)


def _lock(session: Session, call_id: int) -> None:
    session.execute(select(Call.id).where(Call.id == call_id).with_for_update())
