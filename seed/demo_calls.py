"""Demonstration data of the calls: three fiscal years, both programs, proposals in every state up to the review.

Years that are over are decisions taken over from paper. One call of 提示型 stands before the committee with six
proposals; another takes proposals today.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.calls import (
    call_opening,
    call_questions,
    challenge_services,
    council_opinions,
    opinion_services,
    opinion_writing,
    services,
)
from app.calls import proposal_services as proposals
from app.calls.coordination_services import TaskRow
from app.calls.proposal_values import SubsidyRow
from app.japanese.dates import business_day_from, fiscal_year_of, format_fiscal_year
from models.calls import Call
from models.coordination import Verdict
from models.directory import Organization
from models.proposal_story import PaperState
from models.proposals import ProposalState
from models.reference import Department, Program
from seed.demo_call_scene import DAY, Scene, call_of
from seed.demo_call_texts import IKIIKI, QUESTIONS, SUGGESTED, Idea
from seed.demo_proposals import ask, enter, note, submit, take
from seed.demo_registry import GROUPS

S = ProposalState


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


def _suggested(scene: Scene) -> None:
    today = scene.today
    # From January on the year's period is nearly over: what runs now is the next year's call.
    year = fiscal_year_of(today) + (1 if today.month in (1, 2, 3) else 0)
    earlier = None
    for back in (2, 1):
        earlier = _paper_year(scene, "suggested", year - back, earlier)
    in_review = call_of(
        scene,
        "suggested",
        year,
        [],
        {
            "opens_on": today - 90 * DAY,
            "closes_on": today - 50 * DAY,
            "opinions_due_on": today - 20 * DAY,
            "review_on": business_day_from(today + 12 * DAY),
            "decision_on": business_day_from(today + 25 * DAY),
            "budget_yen": 400_000,
        },
        earlier,
    )
    for place, idea in enumerate(SUGGESTED[:6]):
        _into_review(scene, in_review, idea, place)
    gone = enter(scene, in_review, SUGGESTED[7], received_on=today - 60 * DAY)
    take(scene, gone, "submit", happened_on=today - 60 * DAY)
    take(scene, gone, "withdraw", reason="団体の都合により、来年度に改めて応募するとの申出があった。")
    _open_now(scene, year, in_review)


def _open_now(scene: Scene, year: int, earlier: Call) -> None:
    """The second call of the year takes proposals today."""
    today = scene.today
    call = call_of(
        scene,
        "suggested",
        year,
        [],
        {
            "opens_on": today - 20 * DAY,
            "closes_on": today + 10 * DAY,
            "opinions_due_on": today + 9 * DAY,
            "review_on": business_day_from(today + 40 * DAY),
            "decision_on": business_day_from(today + 50 * DAY),
            "budget_yen": 200_000,
        },
        earlier,
    )
    call_questions.add_briefing(
        scene.session,
        actor=scene.actor,
        call=call,
        held_on=today - 12 * DAY,
        hours="14:00〜15:30",
        place="市役所 601会議室(デモ)",
        note="申込みは要りません。",
    )
    for days, question, answer in QUESTIONS:
        call_questions.add_question(
            scene.session,
            actor=scene.actor,
            call=call,
            asked_on=today - days * DAY,
            question=question,
            answer=answer,
            answered_on=today - (days - 2) * DAY if answer else None,
            is_public=answer is not None,
        )
    draft = enter(scene, call, SUGGESTED[8], requested=100_001)
    enter(
        scene, call, SUGGESTED[9], group="market" if "market" in scene.groups else "mizube", starts=dt.date(year, 6, 30)
    )
    enter(scene, call, SUGGESTED[0], subsidies=(SubsidyRow("架空県", 30_000),), predecessor=None)
    submitted = enter(scene, call, SUGGESTED[7], received_on=today - 5 * DAY, papers=("bylaws",))
    take(scene, submitted, "submit", happened_on=today - 5 * DAY)
    coordinating = enter(scene, call, SUGGESTED[6], received_on=today - 8 * DAY, own=False)
    take(
        scene,
        coordinating,
        "submit",
        happened_on=today - 8 * DAY,
        reason="2団体の実行委員会で行うため。役割分担を書面で確認した。",
    )
    take(scene, coordinating, "start_coordination")
    opinions = ask(scene, coordinating, ("kankyo-seisaku", "kominkan", "toshokan"), today + 4 * DAY)
    opinion_writing.save_draft(
        scene.session,
        actor=scene.actor,
        opinion=opinions[0],
        answers={"need": "物を長く使う取組は、当課の計画とも合っています。"},
    )
    submit(scene, opinions[1], Verdict.CONDITIONAL)
    opinion_services.return_opinion(
        scene.session, actor=scene.actor, opinion=opinions[1], reason="会場の使用条件を、具体的に書いてください。"
    )
    note(
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
    proposal = enter(scene, call, idea, received_on=day, papers=("officers",) if place == 3 else ())
    take(scene, proposal, "submit", happened_on=day, reason="郵便の遅れが消印で確かめられた。" if late else None)
    take(scene, proposal, "start_coordination", reason="総会の後に提出すると約束があった。" if place == 3 else None)
    codes = (("kankyo-seisaku", "kominkan"), ("kominkan", "toshokan"), ("kosodate-shien", "kankyo-seisaku"))[place % 3]
    opinions = ask(scene, proposal, codes, scene.today)
    submit(scene, opinions[0], (Verdict.FAVOURABLE, Verdict.CONDITIONAL, Verdict.UNFAVOURABLE)[place % 3])
    if place == 4:
        opinion_services.waive_opinion(
            scene.session, actor=scene.actor, opinion=opinions[1], reason="内容が変わり、当該課に関わりがなくなった。"
        )
    else:
        submit(scene, opinions[1], Verdict.FAVOURABLE)
    note(scene, proposal, scene.today - 25 * DAY)
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
    take(scene, proposal, "start_review")


def _ikiiki(scene: Scene) -> None:
    today = scene.today
    year = fiscal_year_of(today)
    if today < dt.date(year, 8, 1):  # this year's proposals are still to come
        year -= 1
    earlier = None
    for back in (2, 1):
        earlier = _paper_year(scene, "ikiiki", year - back, earlier)
    call = call_of(
        scene,
        "ikiiki",
        year,
        [],
        {
            "opens_on": dt.date(year, 6, 1),
            "closes_on": dt.date(year, 7, 31),
            "review_on": business_day_from(today + 20 * DAY),
            "budget_yen": 2_000_000,
        },
        earlier,
    )
    outside = "担当課との日程が合わず、調整の期間の外に行った。"
    for place, idea in enumerate(IKIIKI[:4]):
        day = dt.date(year, 7, 1 + place * 5)
        proposal = enter(scene, call, idea, received_on=day)
        take(scene, proposal, "submit", happened_on=day)
        if place == 3:
            continue
        take(scene, proposal, "start_coordination", reason=outside)
        assert proposal.department_id is not None
        note(scene, proposal, today - 10 * DAY, TaskRow("役割分担の案を直す", proposal.department_id, today + 12 * DAY))
        if place == 0:
            council_opinions.record_council_opinion(
                scene.session,
                actor=scene.actor,
                proposal=proposal,
                given_on=today - 7 * DAY,
                verdict=Verdict.CONDITIONAL,
                text="実現性は高い。量の記録の方法を、担当課とそろえること。",
                source_note="第3回 協働推進庁内検討会議(デモ)",
            )
            take(scene, proposal, "start_review")
    late = enter(scene, call, IKIIKI[4], received_on=today)
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
    call = call_of(scene, program, year, [], dates, earlier)
    back = 2 if earlier is None else 1
    decided = dt.date(year, 6, 25) if program == "suggested" else dt.date(year, 11, 20)
    for place, target in _PAPER[program, back]:
        idea = (SUGGESTED if program == "suggested" else IKIIKI)[place]
        proposal = enter(scene, call, idea, received_on=dates["closes_on"])
        services.take_over(
            scene.session,
            actor=scene.actor,
            proposal=proposal,
            target=target,
            reason=f"{format_fiscal_year(year)}の簿冊にある決定を引き継いだ(デモ)。",
            decided_on=min(decided, scene.today),
            decided_yen=None if target is S.REJECTED else proposal.requested_yen,
        )
    return call_opening.finish_call(scene.session, actor=scene.actor, call=call)
