"""The papers of a proposal as a member reads them, in one scroll: through the scopes of what is shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.calls.checking import line_facts
from app.calls.money import eligible_cost, sum_including_tax
from app.japanese.dates import format_date
from app.japanese.money import format_yen
from models.coordination import CouncilOpinion, DepartmentOpinion, OpinionState
from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner
from models.proposal_story import RuleOverride
from models.proposals import Proposal

_TEXTS = ("purpose", "content", "place", "schedule", "expected_effect", "organization_structure")
_GIVEN = (OpinionState.SUBMITTED, OpinionState.WAIVED)
_STATEMENTS = ("is_nonprofit", "is_organized_by_applicant", "is_in_city", "states_no_other_subsidy")


def papers_of(session: Session, actor: Actor, proposal: Proposal) -> dict[str, Any]:
    """What the template draws; every row through its own scope. No contact persons."""

    def rows(model: Any, *order: Any) -> list[Any]:
        return list(session.scalars(scoped(model, actor).where(model.proposal_id == proposal.id).order_by(*order)))

    lines = rows(BudgetLine, BudgetLine.position, BudgetLine.id)
    columns = Proposal.__table__.c
    return {
        "facts": [
            ("応募団体", proposal.organization.name),
            ("課題・テーマ", proposal.challenge.title if proposal.challenge else None),
            ("担当課", proposal.department.name if proposal.department else None),
            ("希望額(税込)", format_yen(proposal.requested_yen) if proposal.requested_yen is not None else None),
            ("実施期間", _period(proposal)),
        ],
        "texts": [(columns[name].info["label"], getattr(proposal, name)) for name in _TEXTS if getattr(proposal, name)],
        "statements": [
            (columns[name].info["label"], {True: "はい", False: "いいえ", None: None}[getattr(proposal, name)])
            for name in _STATEMENTS
        ],
        "lines": [
            (one.category, one.label, format_yen(one.unit_price_yen), one.quantity, format_yen(one.amount_yen),
             one.tax.label, "対象" if one.is_eligible else "対象外")
            for one in lines
        ],
        "total": format_yen(sum_including_tax([line_facts(one) for one in lines])),
        "eligible": format_yen(eligible_cost([line_facts(one) for one in lines])),
        "partners": [(one.name, one.part) for one in rows(ProposalPartner, ProposalPartner.position, ProposalPartner.id)],
        "subsidies": [
            (one.giver, format_yen(one.amount_yen) if one.amount_yen is not None else "", one.note or "")
            for one in rows(OtherSubsidy, OtherSubsidy.position, OtherSubsidy.id)
        ],
        **opinions_of(session, actor, proposal),
        "overrides": [(one.message, one.reason) for one in rows(RuleOverride, RuleOverride.id)],
    }  # fmt: skip


def opinions_of(session: Session, actor: Actor, proposal: Proposal) -> dict[str, Any]:
    """What departments and the council said, as the reader may see it: {opinions, council}."""

    def rows(model: Any) -> list[Any]:
        return list(session.scalars(scoped(model, actor).where(model.proposal_id == proposal.id).order_by(model.id)))

    return {
        "opinions": [_opinion(one) for one in rows(DepartmentOpinion) if one.state in _GIVEN],
        "council": [(one.verdict.label if one.verdict else "", one.text) for one in rows(CouncilOpinion)],
    }


def _period(proposal: Proposal) -> str:
    first, last = proposal.starts_on, proposal.ends_on
    return f"{format_date(first) if first else ''}〜{format_date(last) if last else ''}" if first or last else ""


def _opinion(one: DepartmentOpinion) -> dict[str, Any]:
    waived = one.state is OpinionState.WAIVED
    return {
        "department": one.department.name,
        "verdict": "省略" if waived else one.verdict.label if one.verdict else "",
        "answers": [("省略の理由", one.waived_reason or "")]
        if waived
        else [(question["label"], one.answers.get(question["key"]) or "記載なし") for question in one.questions],
    }
