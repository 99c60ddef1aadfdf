"""How a proposal of the demonstration data is entered, taken a step further, asked about and talked over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from app.calls import coordination_services, findings, opinion_services, opinion_writing, services
from app.calls import proposal_services as proposals
from app.calls.coordination_services import TaskRow
from app.calls.proposal_values import BudgetRow, PartnerRow, SubsidyRow
from models.calls import Call, Challenge
from models.coordination import CoordinationMeans, DepartmentOpinion, Verdict
from models.directory import Organization
from models.proposal_lines import TaxKind
from models.proposal_story import PaperState, ProposalPaper
from models.proposals import Proposal
from seed.demo_call_scene import DAY, Scene
from seed.demo_call_texts import ANSWERS, Idea


def enter(
    scene: Scene,
    call: Call,
    idea: Idea,
    *,
    received_on: dt.date | None = None,
    papers: tuple[str, ...] = (),
    requested: int | None = None,
    group: str | None = None,
    starts: dt.date | None = None,
    subsidies: tuple[SubsidyRow, ...] = (),
    own: bool = True,
    predecessor: Proposal | None = None,
    partners: Sequence[PartnerRow] = (),
) -> Proposal:
    """A draft of the idea; `papers`: those that are missing."""
    assert call.period_from_on is not None and call.period_until_on is not None
    organization = scene.groups.get(group or idea.group) or next(iter(scene.groups.values()))
    budget = [
        BudgetRow(
            label,
            price,
            number,
            tax=TaxKind.EXCLUDED if rate == 10 and place == 0 else TaxKind.INCLUDED,
            tax_percent=rate,
        )
        for place, (label, price, number, rate) in enumerate(idea.budget)
    ]
    cost = sum(row.unit_price_yen * row.quantity for row in budget)
    cap = call.cap_yen or cost
    challenge: Challenge = call.challenges[idea.challenge % len(call.challenges)]
    first = max(call.period_from_on, min(scene.today + 60 * DAY, call.period_until_on - 40 * DAY))
    before = predecessor or _predecessor(scene, call, organization, idea.title)
    proposal = proposals.create_proposal(
        scene.session,
        actor=scene.actor,
        call=call,
        values={
            "title": idea.title,
            "organization_id": organization.id,
            "challenge_id": challenge.id,
            "purpose": idea.purpose,
            "content": idea.content,
            "place": idea.place,
            "schedule": "準備、実施、ふりかえりの順に進める。",
            "expected_effect": "参加した人が、次の担い手になる。",
            "organization_structure": f"{organization.name}の会員が企画し、運営する。",
            "starts_on": starts or first,
            "ends_on": call.period_until_on - 10 * DAY,
            "requested_yen": requested or min(cost, cap),
            "is_nonprofit": True,
            "is_organized_by_applicant": own,
            "is_in_city": True,
            "states_no_other_subsidy": not subsidies,
            "representative_name": "架空 代表",
            "contact_name": "架空 連絡",
            "contact_phone": "000-0000-0000",
            "contact_email": "renraku@example.jp",
            "received_on": received_on,
            "predecessor_id": before.id if before else None,
        },
        budget=budget,
        partners=partners or ([PartnerRow("架空マーケット", "会場の提供")] if idea.group == "kosodate" else []),
        other_subsidies=subsidies,
        is_demo=True,
    )
    if received_on is not None:
        states = {key: PaperState.RECEIVED for key in _required(proposal, scene) if key not in papers}
        proposals.set_papers(
            scene.session, actor=scene.actor, proposal=proposal, states=states, received_on=received_on
        )
    return proposal


def _required(proposal: Proposal, scene: Scene) -> list[str]:
    statement = select(ProposalPaper.key).where(ProposalPaper.proposal_id == proposal.id)
    return list(scene.session.scalars(statement.order_by(ProposalPaper.position)))


def _predecessor(scene: Scene, call: Call, organization: Organization, title: str) -> Proposal | None:
    return scene.session.scalars(
        select(Proposal)
        .join(Call, Call.id == Proposal.call_id)
        .where(
            Proposal.organization_id == organization.id,
            Proposal.title == title,
            Call.program_id == call.program_id,
            Call.fiscal_year < call.fiscal_year,
        )
        .order_by(Call.fiscal_year.desc())
        .limit(1)
    ).one_or_none()


#: What the office wrote where the record spoke against a step.
_REASONS = {
    "earlier_subsidy": "前年度までの補助は終わっていて、今年度はほかの補助を受けないことを、団体に確かめた。",
    "submission_window": "募集の日程を、この年度に限り変更したため。",
    "coordination_window": "市の行事と重なり、団体・担当課と合意のうえで調整の時期をずらした。",
    "decision_before_start": "開始日までに決定する見込みを、審査会の日程で確かめた。",
}


def take(
    scene: Scene, proposal: Proposal, step: str, *, reason: str | None = None, happened_on: dt.date | None = None
) -> None:
    """One step of the way; where the record speaks against it, with what the office wrote."""
    if reason is None and step in ("submit", "start_review"):
        broken = {finding.rule for finding in findings.check_proposal(scene.session, proposal).open}
        reason = "".join(sentence for rule, sentence in _REASONS.items() if rule in broken) or None
    services.advance(
        scene.session, actor=scene.actor, proposal=proposal, step=step, reason=reason, happened_on=happened_on
    )


def ask(scene: Scene, proposal: Proposal, codes: tuple[str, ...], due_on: dt.date) -> list[DepartmentOpinion]:
    """Ask departments, by code, for their 所見書."""
    ids = [scene.department(code).id for code in codes]
    made = opinion_services.request_opinions(
        scene.session, actor=scene.actor, proposal=proposal, department_ids=ids, due_on=due_on
    )
    return sorted(made, key=lambda one: ids.index(one.department_id))


def submit(scene: Scene, opinion: DepartmentOpinion, verdict: Verdict) -> None:
    """A department's opinion, as it comes in."""
    opinion_writing.submit_opinion(scene.session, actor=scene.actor, opinion=opinion, answers=ANSWERS, verdict=verdict)


def note(scene: Scene, proposal: Proposal, held_on: dt.date, *tasks: TaskRow) -> None:
    """A conversation with its tasks."""
    coordination_services.add_note(
        scene.session,
        actor=scene.actor,
        proposal=proposal,
        held_on=held_on,
        means=CoordinationMeans.MEETING,
        participants="団体の代表、推進担当",
        content="日程と、市との役割分担を話し合った。",
        agreed="広報は市が手伝う。",
        changes="初回の時期を見直す。",
        tasks=tasks,
    )
