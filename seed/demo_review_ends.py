"""The last stages of the demonstration's reviews: the meeting, the confirmed conclusion, the city's decision, a correction."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.japanese.dates import business_day_from
from app.meetings import attendance, services
from app.reviews import concluding, confirming, corrections, deciding, letters, publication, setting_up
from app.reviews.conclusion_checks import LineValues
from app.reviews.deciding import DecisionValues
from app.reviews.hooks import agenda_of_committee, memberships_in_conflict
from models.bodies import Body, MemberRole
from models.meetings import AbsenceKind, AttendanceState, Meeting
from models.review_conflicts import InterestKind
from models.review_results import Conclusion, Outcome
from models.reviews import ReviewStage
from seed.demo_call_scene import DAY, Scene
from seed.demo_review_cases import Case, build, scan, settings

DOCUMENT = ReviewStage.DOCUMENT


def plan_meeting(case: Case, day: dt.date) -> Meeting:
    """The meeting at which the committee takes up this call: planned, its agenda from the proposals, called."""
    session, actor = case.session, case.scene.actor
    body = session.scalars(select(Body).where(Body.code == setting_up.COMMITTEE)).one()
    meeting = services.plan_meeting(
        session,
        actor=actor,
        body=body,
        held_on=_free_day(session, body, day),
        time_text="午後1時30分〜4時",
        place="第一会議室(架空)",
    )
    own = {one.id for one in case.proposals}
    for item in agenda_of_committee(session, body):
        if item.subject_id in own:
            services.add_item(
                session,
                actor=actor,
                meeting=meeting,
                title=item.title,
                subject_kind=item.subject_kind,
                subject_id=item.subject_id,
            )
    services.call_meeting(session, actor=actor, meeting=meeting)
    setting_up.update_setting(session, actor=actor, call_id=case.call.id, values={"meeting_id": meeting.id})
    return meeting


def _free_day(session: Session, body: Body, day: dt.date) -> dt.date:
    """The first working day from then on which the body does not meet already."""
    taken = set(session.scalars(select(Meeting.held_on).where(Meeting.body_id == body.id)))
    day = business_day_from(day)
    while day in taken:
        day = business_day_from(day + DAY)
    return day


def _hold(case: Case, meeting: Meeting, absent: str | None = None) -> None:
    """Everybody came but `absent`; who is in conflict left for that item (退席)."""
    session, actor = case.session, case.scene.actor
    away = case.members[absent].membership_id if absent else None
    rows = {
        one.membership_id: {
            "state": AttendanceState.ABSENT
            if one.membership_id == away or one.membership.role is MemberRole.SUBSTITUTE
            else AttendanceState.PRESENT
        }
        for one in meeting.attendances
    }
    attendance.set_attendance(session, actor=actor, meeting=meeting, rows=rows, presiding_id=None)
    listed = [one.membership for one in meeting.attendances]
    for item in meeting.items:
        out = memberships_in_conflict(session, item.subject_id or 0, listed) - {away}
        if out:
            attendance.note_absence(
                session, actor=actor, item=item, membership_ids=sorted(out), kind=AbsenceKind.CONFLICT
            )
    services.hold_meeting(session, actor=actor, meeting=meeting)


def _scored(
    scene: Scene, year: int, stage: str, label: str, budget_yen: int, rows: tuple[tuple[int, ...], ...]
) -> Case:
    """A review of the papers alone, all sheets sealed, its meeting held."""
    case = build(
        scene,
        stage,
        label,
        fiscal_year=year,
        budget_yen=budget_yen,
        keeps=(DOCUMENT,),
        dates={"declarations_due_on": scene.today - 30 * DAY, "document_due_on": scene.today - 12 * DAY},
    )
    for login in case.members:
        told = (1, InterestKind.MEMBER, "会員である(デモ)") if login == "committee7" else None
        case.declare(login, interest=told)
    case.seal_all(rows)
    _hold(case, plan_meeting(case, scene.today - 10 * DAY), absent="committee4" if stage == "decided" else None)
    return case


def _confirm(case: Case, *, by_minutes: bool = False) -> None:
    """As the rule gives it; by the chair's login, or with the signed minutes."""
    session = case.session
    conclusion = concluding.draft_conclusion(session, actor=case.office, call_id=case.call.id)
    concluding.save_conclusion(
        session,
        actor=case.office,
        call_id=case.call.id,
        seen_version=None,
        meeting_id=conclusion.meeting_id,
        concluded_on=conclusion.meeting.held_on if conclusion.meeting else case.scene.today,
        note="どの提案も、市民の参加の広がりを期待する(デモ)。",
        lines=[
            LineValues(
                line.proposal_id,
                line.outcome,
                line.amount_yen,
                reason=line.reason,
                votes=(5, 0, 1) if place == 0 else None,
            )
            for place, line in enumerate(conclusion.lines)
        ],
    )
    confirming.confirm(
        session,
        actor=case.office if by_minutes else case.acting("committee2"),
        call_id=case.call.id,
        seen_version=None,
        minutes=scan("minutes.png", "審査会の議事録(署名あり).png") if by_minutes else None,
        settings=settings() if by_minutes else None,
    )


def _decide(case: Case, place: int, line: Conclusion, outcome: Outcome, conditions: str = "") -> None:
    proposal = case.proposals[place]
    deciding.save_decision(
        case.session,
        actor=case.office,
        proposal_id=proposal.id,
        values=DecisionValues(
            outcome,
            line.amount_yen if outcome is not Outcome.REJECTED else 0,
            conditions=conditions,
            reason="予算の残りの範囲で採択する。" if line.outcome is Outcome.RESERVE else line.reason,
            departure_reason="市の予算の執行のため、条件を付ける。" if conditions else "",
            drafted_on=case.scene.today,
            decided_on=case.scene.today,
            decision_class="部長決裁",
            document_number=f"架協第{100 + place}号",
        ),
    )
    deciding.decide(case.session, actor=case.office, proposal_id=proposal.id)


def concluded(scene: Scene, year: int) -> None:
    """Confirmed by the chair's own login; the city has still to decide."""
    case = _scored(scene, year, "concluded", "審査結果の確認まで", 150_000, ((4, 4, 4, 5), (3, 4, 3, 3)))
    _confirm(case)


def decided(scene: Scene, year: int) -> None:
    """Confirmed with the signed minutes, one member absent; decided: with a condition, within the remainder, refused.

    The notices, with the means of each criterion, are drawn up; what is adopted is public.
    """
    rows = ((5, 4, 4, 4), (4, 4, 3, 4), (2, 2, 1, 2))
    case = _scored(scene, year, "decided", "市の決定まで", 150_000, rows)
    told = {"tells_criterion_means": True}
    setting_up.update_setting(scene.session, actor=scene.actor, call_id=case.call.id, values=told)
    _confirm(case, by_minutes=True)
    lines = _lines(case)
    _decide(case, 0, lines[0], Outcome.ADOPTED_WITH_CONDITIONS, "実施の前に、担当課と会場を決めること(デモ)。")
    deciding.hold_in_reserve(case.session, actor=case.office, proposal_id=case.proposals[1].id)
    _decide(case, 1, lines[1], Outcome.ADOPTED)
    _decide(case, 2, lines[2], Outcome.REJECTED)
    letters.draw_up_all(scene.session, actor=case.office, call=case.call)
    publication.publish_parts(
        scene.session,
        actor=case.office,
        call_id=case.call.id,
        parts=("adopted", "amounts", "means"),
        proposal_id=None,
        public_from_on=scene.today,
        place="市ホームページ(架空)",
    )


def corrected(scene: Scene, year: int) -> None:
    """Decided; afterwards an interest came to be known: a signed entry beside the record, which stays as it is."""
    case = _scored(scene, year, "corrected", "決定の後の訂正", 150_000, ((4, 4, 3, 4), (4, 3, 3, 3)))
    _confirm(case)
    lines = _lines(case)
    for place in range(2):
        _decide(case, place, lines[place], Outcome.ADOPTED)
    corrections.add_correction(
        case.session,
        actor=case.office,
        call_id=case.call.id,
        proposal_id=case.proposals[0].id,
        text="架空 花子委員は、この団体の催しで講師の謝礼を受けていた。この委員の採点を除いて集計しても、順位と結果は変わらない(デモ)。",
        reason="決定の後に、本人から申出があったため(デモ)",
    )


def _lines(case: Case) -> list[Conclusion]:
    found = concluding.find_conclusion(case.session, case.call.id)
    assert found is not None
    return list(found.lines)
