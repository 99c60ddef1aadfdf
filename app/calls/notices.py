"""Notices that calls make: 受理通知, 不備の連絡, 面接の案内 to the group, 所見書の依頼 and 督促 to departments; one or many at once.

They are drawn up as drafts from the templates kept as data; the office looks them over and issues them (app.notices).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.calls.departments import heir_of
from app.calls.findings import check_proposal
from app.japanese.dates import business_day_from, format_date, today_in_tokyo
from app.notices.services import Recipient, make_notice
from app.problems import Invalid, NotFound
from models.calls import Call
from models.coordination import DepartmentOpinion, OpinionState
from models.notices import Honorific, Notice
from models.proposal_story import PaperState, ProposalPaper
from models.proposals import Proposal, ProposalState

SUBJECT = "proposal"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A notice of calls. code: of the template. states: of the proposals that it is offered for.

    asks: values that the office types, by name: (label, help, is it a long text, may it stay empty).
    """

    code: str
    label: str
    states: tuple[ProposalState, ...]
    asks: tuple[tuple[str, str, str, bool, bool], ...] = ()
    is_to_departments: bool = False
    #: Only to departments whose day has passed.
    is_for_late_ones: bool = False


_S = ProposalState
_BEFORE_REVIEW = (_S.DRAFT, _S.SUBMITTED, _S.COORDINATING)
_REMARK = ("連絡事項", "連絡事項", "書き添えることがあれば入力します。", True, True)
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("receipt", "受理通知", (_S.SUBMITTED, _S.COORDINATING, _S.REVIEWING)),
        Kind(
            "incomplete",
            "不備の連絡",
            _BEFORE_REVIEW,
            (
                ("不備の内容", "不備の内容", "空欄なら、足りない書類と、合わない規則から作ります。", True, True),
                ("期限", "提出の期限", "例: 令和8年8月7日。閉庁日のときは次の開庁日にします。", False, False),
            ),
        ),
        Kind(
            "interview",
            "面接の案内",
            (_S.REVIEWING,),
            (
                ("日時", "日時", "例: 令和8年10月5日(月)午後2時", False, False),
                ("場所", "場所", "例: 市役所 602会議室", False, False),
                _REMARK,
            ),
        ),
        Kind("opinion_request", "所見書の依頼", (_S.SUBMITTED, _S.COORDINATING), (_REMARK,), is_to_departments=True),
        Kind(
            "opinion_reminder",
            "所見書の督促",
            (_S.SUBMITTED, _S.COORDINATING),
            is_to_departments=True,
            is_for_late_ones=True,
        ),
    )
}


def candidates(session: Session, actor: Actor, kind: Kind, *, call_id: int | None = None) -> list[Proposal]:
    """Proposals that the notice is for now, within the actor's scope, of one call or of all."""
    query = (
        scoped(Proposal, actor)
        .where(Proposal.state.in_(kind.states))
        .options(
            selectinload(Proposal.call).selectinload(Call.program),
            selectinload(Proposal.organization),
            selectinload(Proposal.receipt),
        )
        .order_by(Proposal.call_id.desc(), Proposal.id)
    )
    if kind.is_to_departments:
        query = query.where(Proposal.id.in_(select(DepartmentOpinion.proposal_id).where(*_waiting(kind))))
    if call_id is not None:
        query = query.where(Proposal.call_id == call_id)
    return list(session.scalars(query))


def make_notices(
    session: Session,
    *,
    actor: Actor,
    code: str,
    proposal_ids: Sequence[int],
    values: Mapping[str, str | dt.date | None],
) -> list[Notice]:
    """A draft for each proposal (for each department that is asked), all or none. values: what the office typed.

    Raises NotFound for a proposal out of sight or of another state, Invalid for what is missing.
    """
    actor.require(Permission.NOTICE_EDIT)
    kind = KINDS.get(code)
    if kind is None:
        raise NotFound
    typed = _typed(kind, values)
    if not proposal_ids:
        raise Invalid("応募・提案を1件以上選んでください。", fields={"proposal": "応募・提案を選んでください。"})
    known = {one.id: one for one in candidates(session, actor, kind)}
    missing = [number for number in proposal_ids if number not in known]
    if missing:
        raise NotFound("選んだ応募・提案の中に、この通知を作れない状況のものがあります。選び直してください。")
    chosen = [known[number] for number in dict.fromkeys(proposal_ids)]
    with act(session, actor, "notice:make", f"{kind.label}の作成({len(chosen)}件の応募・提案)"):
        made = [notice for one in chosen for notice in _notices_of(session, actor, kind, one, typed)]
        if not made:
            raise Invalid("依頼中の所見書がありません。先に、応募・提案の画面で所見書を依頼してください。")
    return made


def _typed(kind: Kind, values: Mapping[str, str | dt.date | None]) -> dict[str, str]:
    typed: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name, label, _, _, may_be_empty in kind.asks:
        value = values.get(name)
        if isinstance(value, dt.date):
            value = format_date(business_day_from(value))
        typed[name] = (value or "").strip()
        if not typed[name] and not may_be_empty:
            wrong[name] = f"{label}を入力してください。"
    if wrong:
        raise Invalid("入力を確かめてください。", fields=wrong)
    return typed


def _notices_of(
    session: Session, actor: Actor, kind: Kind, proposal: Proposal, typed: Mapping[str, str]
) -> list[Notice]:
    values = {"募集名": proposal.call.name, "事業名": proposal.title, **typed}
    if kind.code == "receipt":
        if proposal.receipt is None or proposal.received_on is None:
            raise Invalid(f"「{proposal.title}」には受付番号がありません。先に受け付けてください。")
        values |= {"受付番号": str(proposal.receipt.number), "受付日": format_date(proposal.received_on)}
    if kind.code == "incomplete" and not values["不備の内容"]:
        values["不備の内容"] = shortcomings(session, proposal)
    if kind.is_to_departments:
        return [
            make_notice(
                session,
                actor=actor,
                template_code=kind.code,
                values=values | {"課名": heir_of(opinion.department).name, "期限": format_date(opinion.due_on)},
                recipient=Recipient(heir_of(opinion.department).name, Honorific.GROUP),
                subject_kind=SUBJECT,
                subject_id=proposal.id,
            )
            for opinion in _waiting_opinions(session, actor, kind, proposal)
        ]
    recipient = recipient_of(proposal)
    return [
        make_notice(
            session,
            actor=actor,
            template_code=kind.code,
            values=values,
            recipient=recipient,
            subject_kind=SUBJECT,
            subject_id=proposal.id,
        )
    ]


def recipient_of(proposal: Proposal) -> Recipient:
    """The group (御中), by the address and mail that it gave with the proposal."""
    return Recipient(
        name=proposal.organization.name,
        honorific=Honorific.PERSON if proposal.organization.is_person else Honorific.GROUP,
        email=proposal.contact_email or None,
        address=proposal.contact_address or "",
    )


def _waiting(kind: Kind) -> list[ColumnElement[bool]]:
    """Which opinions the notice is about."""
    waits = DepartmentOpinion.state.in_((OpinionState.REQUESTED, OpinionState.RETURNED))
    return [waits, DepartmentOpinion.due_on < today_in_tokyo()] if kind.is_for_late_ones else [waits]


def _waiting_opinions(session: Session, actor: Actor, kind: Kind, proposal: Proposal) -> list[DepartmentOpinion]:
    return list(
        session.scalars(
            scoped(DepartmentOpinion, actor)
            .where(DepartmentOpinion.proposal_id == proposal.id, *_waiting(kind))
            .options(selectinload(DepartmentOpinion.department))
            .order_by(DepartmentOpinion.due_on, DepartmentOpinion.id)
        )
    )


def shortcomings(session: Session, proposal: Proposal) -> str:
    """What is missing or does not fit, in lines: papers of the checklist, then broken rules that nobody set aside.

    Raises Invalid when nothing is found.
    """
    papers = session.scalars(
        select(ProposalPaper.label)
        .where(
            ProposalPaper.proposal_id == proposal.id,
            ProposalPaper.state == PaperState.MISSING,
            ProposalPaper.is_required.is_(True),
        )
        .order_by(ProposalPaper.position, ProposalPaper.id)
    )
    lines = [f"・{label}が提出されていません。" for label in papers]
    lines += [
        f"・{finding.message}({finding.clause})"
        for finding in check_proposal(session, proposal).open
        if finding.rule not in _OURS
    ]
    if not lines:
        raise Invalid(
            f"「{proposal.title}」には、足りない書類や合わない規則が見つかりません。不備の内容を入力してください。"
        )
    return "\n".join(lines)


#: Findings that the office has to settle, not the group.
_OURS = (
    "call_open",
    "submission_window",
    "coordination_window",
    "challenge_decided",
    "decision_before_start",
    "earlier_subsidy",
)
