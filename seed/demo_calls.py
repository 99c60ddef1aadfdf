"""Demonstration data of the calls: three fiscal years, both programs, proposals in every state up to the review.

Years that are over are decisions taken over from paper. One call of 提示型 stands before the committee with six
proposals; another takes proposals today.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.calls import call_services, challenge_services, coordination_services, findings, opinion_services, services
from app.calls import proposal_services as proposals
from app.calls.coordination_services import TaskRow
from app.calls.proposal_values import BudgetRow, PartnerRow, SubsidyRow
from app.japanese.dates import fiscal_year_of, format_fiscal_year
from models.calls import Call, Challenge, ProjectKind
from models.coordination import CoordinationMeans, DepartmentOpinion, Verdict
from models.directory import Organization
from models.proposal_lines import TaxKind
from models.proposal_story import PaperState
from models.proposals import Proposal, ProposalState
from models.reference import Department, Program
from seed.demo_call_texts import ANSWERS, CHALLENGES, IKIIKI, SUGGESTED, THEMES, Idea
from seed.demo_registry import GROUPS

S = ProposalState
DAY = dt.timedelta(days=1)


@dataclasses.dataclass
class Scene:
    """What every part of the set needs."""

    session: Session
    actor: Actor
    today: dt.date
    departments: dict[str, Department]
    programs: dict[str, Program]
    groups: dict[str, Organization]

    def department(self, code: str) -> Department:
        """The department of that code; another city's folder may not have it: then the first one."""
        return self.departments.get(code) or next(iter(self.departments.values()))


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Within the act of the whole set. Deterministic; days are told from `today`."""
    names = {key: group[0] for key, group in GROUPS.items()}
    known = {
        row.name: row
        for row in session.scalars(
            select(Organization).where(Organization.name.in_(names.values())).order_by(Organization.id.desc())
        )
    }
    scene = Scene(
        session,
        actor,
        today,
        {row.code: row for row in session.scalars(select(Department).order_by(Department.id))},
        {row.code: row for row in session.scalars(select(Program).order_by(Program.id))},
        {key: known[name] for key, name in names.items() if name in known},
    )
    if {"suggested", "ikiiki"} - scene.programs.keys() or not scene.groups:
        return
    _suggested(scene)
    _ikiiki(scene)
    _next_year(scene)


# --- calls -----------------------------------------------------------------------------------------------------------


def _call(
    scene: Scene, program: str, fiscal_year: int, titles: list[str], dates: dict[str, Any], copied_from: Call | None
) -> Call:
    """A call that was opened, with its challenges and dates."""
    call = call_services.prepare_call(
        scene.session,
        actor=scene.actor,
        program=scene.programs[program],
        fiscal_year=fiscal_year,
        copied_from=copied_from,
        is_demo=True,
    )
    rows = THEMES if program == "suggested" else CHALLENGES
    shown = []
    for place, (title, department, background, expectation, *kind) in enumerate(rows):
        challenge = challenge_services.draft_challenge(
            scene.session,
            actor=scene.actor,
            values={
                "program_id": call.program_id,
                "fiscal_year": fiscal_year,
                "department_id": scene.department(department).id,
                "title": title,
                "background": background,
                "expectation": expectation,
                "kind": ProjectKind(kind[0]) if kind else ProjectKind.NEW,
                "position": place + 1,
            },
            is_demo=True,
        )
        challenge_services.submit_challenge(scene.session, actor=scene.actor, challenge=challenge)
        decided = min(dates["opens_on"] - 14 * DAY, scene.today)
        challenge_services.decide_challenge(
            scene.session,
            actor=scene.actor,
            challenge=challenge,
            is_chosen=True,
            decided_on=decided,
            note=f"{format_fiscal_year(fiscal_year)}第1回 協働推進庁内検討会議",
        )
        if title in titles or not titles:
            shown.append(challenge)
    call_services.show_challenges(scene.session, actor=scene.actor, call=call, challenges=shown)
    texts = {
        "purpose_text": scene.programs[program].rules.get("purpose", ""),
        "application_text": "申請書などの書類を、期間内に市民協働・男女参画推進課の窓口へお持ちください(デモ)。",
        "contact_text": "市民協働・男女参画推進課 市民協働・市民活動推進担当(デモ)",
    }
    call_services.update_call(
        scene.session,
        actor=scene.actor,
        call=call,
        version=None,
        values=dates | texts,
        settings={"rounding_unit_yen": 1} if program == "suggested" else {},
    )
    return call_services.open_call(scene.session, actor=scene.actor, call=call)


def _suggested(scene: Scene) -> None:
    today = scene.today
    # From January on the year's period is nearly over: what runs now is the next year's call.
    year = fiscal_year_of(today) + (1 if today.month in (1, 2, 3) else 0)
    earlier = None
    for back in (2, 1):
        earlier = _paper_year(scene, "suggested", year - back, earlier)
    in_review = _call(
        scene,
        "suggested",
        year,
        [],
        {
            "opens_on": today - 90 * DAY,
            "closes_on": today - 50 * DAY,
            "opinions_due_on": today - 20 * DAY,
            "review_on": today + 12 * DAY,
            "decision_on": today + 25 * DAY,
            "budget_yen": 400_000,
        },
        earlier,
    )
    for place, idea in enumerate(SUGGESTED[:6]):
        _into_review(scene, in_review, idea, place)
    gone = _enter(scene, in_review, SUGGESTED[7], received_on=today - 60 * DAY)
    _take(scene, gone, "submit", happened_on=today - 60 * DAY)
    _take(scene, gone, "withdraw", reason="団体の都合により、来年度に改めて応募するとの申出があった。")
    _open_now(scene, year, in_review)


def _open_now(scene: Scene, year: int, earlier: Call) -> None:
    """The second call of the year takes proposals today."""
    today = scene.today
    call = _call(
        scene,
        "suggested",
        year,
        [],
        {
            "opens_on": today - 20 * DAY,
            "closes_on": today + 10 * DAY,
            "opinions_due_on": today + 9 * DAY,
            "review_on": today + 40 * DAY,
            "decision_on": today + 50 * DAY,
            "budget_yen": 200_000,
        },
        earlier,
    )
    draft = _enter(scene, call, SUGGESTED[8], requested=100_001)
    _enter(
        scene, call, SUGGESTED[9], group="market" if "market" in scene.groups else "mizube", starts=dt.date(year, 6, 30)
    )
    _enter(scene, call, SUGGESTED[0], subsidies=(SubsidyRow("架空県", 30_000),), predecessor=None)
    submitted = _enter(scene, call, SUGGESTED[7], received_on=today - 5 * DAY, papers=("bylaws",))
    _take(scene, submitted, "submit", happened_on=today - 5 * DAY)
    coordinating = _enter(scene, call, SUGGESTED[6], received_on=today - 8 * DAY, own=False)
    _take(
        scene,
        coordinating,
        "submit",
        happened_on=today - 8 * DAY,
        reason="2団体の実行委員会で行うため。役割分担を書面で確認した。",
    )
    _take(scene, coordinating, "start_coordination")
    opinions = _ask(scene, coordinating, ("kankyo-seisaku", "kominkan", "toshokan"), today + 4 * DAY)
    opinion_services.save_draft(
        scene.session,
        actor=scene.actor,
        opinion=opinions[0],
        answers={"need": "物を長く使う取組は、当課の計画とも合っています。"},
    )
    _submit(scene, opinions[1], Verdict.CONDITIONAL)
    opinion_services.return_opinion(
        scene.session, actor=scene.actor, opinion=opinions[1], reason="会場の使用条件を、具体的に書いてください。"
    )
    _note(
        scene,
        coordinating,
        today - 3 * DAY,
        TaskRow("会場の空き状況を確かめる", scene.department("kominkan").id, today + 6 * DAY),
    )
    del draft


def _into_review(scene: Scene, call: Call, idea: Idea, place: int) -> None:
    """From the paper to the committee's door."""
    assert call.opens_on is not None
    day = call.opens_on + (5 + place * 4) * DAY
    late = place == 5
    if late:
        day = scene.today - 48 * DAY
    proposal = _enter(scene, call, idea, received_on=day, papers=("officers",) if place == 3 else ())
    _take(scene, proposal, "submit", happened_on=day, reason="郵便の遅れが消印で確かめられた。" if late else None)
    _take(scene, proposal, "start_coordination", reason="総会の後に提出すると約束があった。" if place == 3 else None)
    codes = (("kankyo-seisaku", "kominkan"), ("kominkan", "toshokan"), ("kosodate-shien", "kankyo-seisaku"))[place % 3]
    opinions = _ask(scene, proposal, codes, scene.today)
    _submit(scene, opinions[0], (Verdict.FAVOURABLE, Verdict.CONDITIONAL, Verdict.UNFAVOURABLE)[place % 3])
    if place == 4:
        opinion_services.waive_opinion(
            scene.session, actor=scene.actor, opinion=opinions[1], reason="内容が変わり、当該課に関わりがなくなった。"
        )
    else:
        _submit(scene, opinions[1], Verdict.FAVOURABLE)
    _note(scene, proposal, scene.today - 25 * DAY)
    if place % 2 == 0:
        proposals.update_proposal(
            scene.session,
            actor=scene.actor,
            proposal=proposal,
            version=None,
            values={"schedule": "調整の結果、初回を1か月遅らせる。"},
        )
        proposals.freeze_version(scene.session, actor=scene.actor, proposal=proposal, label="調整後")
    if place == 3:
        proposals.set_papers(
            scene.session,
            actor=scene.actor,
            proposal=proposal,
            states={"officers": PaperState.RECEIVED},
            received_on=scene.today - 21 * DAY,
        )
    _take(scene, proposal, "start_review")


def _ikiiki(scene: Scene) -> None:
    today = scene.today
    year = fiscal_year_of(today)
    if today < dt.date(year, 8, 1):  # this year's proposals are still to come
        year -= 1
    earlier = None
    for back in (2, 1):
        earlier = _paper_year(scene, "ikiiki", year - back, earlier)
    call = _call(
        scene,
        "ikiiki",
        year,
        [],
        {
            "opens_on": dt.date(year, 6, 1),
            "closes_on": dt.date(year, 7, 31),
            "review_on": today + 20 * DAY,
            "budget_yen": 2_000_000,
        },
        earlier,
    )
    outside = "担当課との日程が合わず、調整の期間の外に行った。"
    for place, idea in enumerate(IKIIKI[:4]):
        day = dt.date(year, 7, 1 + place * 5)
        proposal = _enter(scene, call, idea, received_on=day)
        _take(scene, proposal, "submit", happened_on=day)
        if place == 3:
            continue
        _take(scene, proposal, "start_coordination", reason=outside)
        assert proposal.department_id is not None
        _note(
            scene, proposal, today - 10 * DAY, TaskRow("役割分担の案を直す", proposal.department_id, today + 12 * DAY)
        )
        if place == 0:
            opinion_services.record_council_opinion(
                scene.session,
                actor=scene.actor,
                proposal=proposal,
                given_on=today - 7 * DAY,
                verdict=Verdict.CONDITIONAL,
                text="実現性は高い。量の記録の方法を、担当課とそろえること。",
                source_note="第3回 協働推進庁内検討会議(デモ)",
            )
            _take(scene, proposal, "start_review")
    late = _enter(scene, call, IKIIKI[4], received_on=today)
    del late


def _next_year(scene: Scene) -> None:
    """What departments draft for the next year's ikiiki call."""
    year = fiscal_year_of(scene.today) + 1
    for title, code, is_submitted in (
        ("公園の樹名板づくり", "kankyo-seisaku", False),
        ("公民館まつりの担い手づくり", "kominkan", True),
        ("家庭の生ごみを土に返す", "shigen-junkan", True),
    ):
        challenge = challenge_services.draft_challenge(
            scene.session,
            actor=scene.actor,
            values={
                "program_id": scene.programs["ikiiki"].id,
                "fiscal_year": year,
                "department_id": scene.department(code).id,
                "title": title,
                "background": "担い手が減っている。",
                "expectation": "団体の知恵を借り、続けられる形をつくる。",
            },
            is_demo=True,
        )
        if is_submitted:
            challenge_services.submit_challenge(scene.session, actor=scene.actor, challenge=challenge)


# --- years that were decided on paper --------------------------------------------------------------------------------

_PAPER = {
    ("suggested", 2): ((0, S.CLOSED), (1, S.CLOSED), (2, S.REJECTED)),
    ("suggested", 1): ((0, S.CLOSED), (3, S.SETTLED), (4, S.REPORTED), (5, S.DISCONTINUED), (6, S.REVOKED)),
    ("ikiiki", 2): ((0, S.EVALUATED), (1, S.PUBLISHED), (2, S.REJECTED)),
    ("ikiiki", 1): ((0, S.IN_PROGRESS), (1, S.AGREED), (4, S.REJECTED)),
}


def _paper_year(scene: Scene, program: str, year: int, earlier: Call | None) -> Call:
    month = 5 if program == "suggested" else 6
    dates: dict[str, Any] = {"opens_on": dt.date(year, month, 1), "closes_on": dt.date(year, month, 28)}
    call = _call(scene, program, year, [], dates, earlier)
    back = 2 if earlier is None else 1
    decided = dt.date(year, 6, 25) if program == "suggested" else dt.date(year, 11, 20)
    for place, target in _PAPER[program, back]:
        idea = (SUGGESTED if program == "suggested" else IKIIKI)[place]
        proposal = _enter(scene, call, idea, received_on=dates["closes_on"])
        services.take_over(
            scene.session,
            actor=scene.actor,
            proposal=proposal,
            target=target,
            reason=f"{format_fiscal_year(year)}の簿冊にある決定を引き継いだ(デモ)。",
            decided_on=min(decided, scene.today),
            decided_yen=None if target is S.REJECTED else proposal.requested_yen,
        )
    return call_services.finish_call(scene.session, actor=scene.actor, call=call)


# --- proposals -------------------------------------------------------------------------------------------------------


def _enter(
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
        partners=[PartnerRow("架空マーケット", "会場の提供")] if idea.group == "kosodate" else [],
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
    from models.proposal_story import ProposalPaper

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


def _take(
    scene: Scene, proposal: Proposal, step: str, *, reason: str | None = None, happened_on: dt.date | None = None
) -> None:
    if reason is None and step in ("submit", "start_review"):
        broken = {finding.rule for finding in findings.check_proposal(scene.session, proposal).open}
        reason = "".join(sentence for rule, sentence in _REASONS.items() if rule in broken) or None
    services.advance(
        scene.session, actor=scene.actor, proposal=proposal, step=step, reason=reason, happened_on=happened_on
    )


def _ask(scene: Scene, proposal: Proposal, codes: tuple[str, ...], due_on: dt.date) -> list[DepartmentOpinion]:
    ids = [scene.department(code).id for code in codes]
    made = opinion_services.request_opinions(
        scene.session, actor=scene.actor, proposal=proposal, department_ids=ids, due_on=due_on
    )
    return sorted(made, key=lambda one: ids.index(one.department_id))


def _submit(scene: Scene, opinion: DepartmentOpinion, verdict: Verdict) -> None:
    opinion_services.submit_opinion(scene.session, actor=scene.actor, opinion=opinion, answers=ANSWERS, verdict=verdict)


def _note(scene: Scene, proposal: Proposal, held_on: dt.date, *tasks: TaskRow) -> None:
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
