"""A meeting from plan to confirmed minutes; what follows from resolutions; what is frozen."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import actor_holding, actor_of
from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.audit.words import history_of
from app.japanese.dates import today_in_tokyo
from app.meetings import attendance, calling, members, minutes, queries, resolutions, services
from app.problems import Conflict, Invalid, NotAllowed, StaleRecord
from app.work import waiting_for
from models.bodies import Body, MemberRole, Membership, QuorumKind
from models.meetings import AgendaItem, AttendanceState, Meeting, MeetingState, Reply, ResolutionDecision
from models.minutes import MinutesState
from models.people import Role
from models.records import AuditChange
from tests.support.people import make_user

SYSTEM = system_actor("試験")
DAY = dt.date(2031, 7, 1)
PRESENT, ABSENT = AttendanceState.PRESENT, AttendanceState.ABSENT


def _seat(session: Session, name: str, role: MemberRole = MemberRole.MEMBER, **more: object) -> Membership:
    values: dict[str, object] = {"name": name, "role": role, "from_on": dt.date(2031, 4, 1)}
    body = queries.get_body(session, "committee")
    return members.add_member(
        session, actor=SYSTEM, body=body, values=values | {"until_on": dt.date(2033, 3, 31)} | more
    )


def _committee(session: Session) -> tuple[Body, list[Membership]]:
    """Chair, deputy, three members, and a substitute for the chair."""
    chair = _seat(session, "会長", MemberRole.CHAIR)
    rest = [_seat(session, "副会長", MemberRole.DEPUTY), *(_seat(session, f"委員{number}") for number in (1, 2, 3))]
    spare = _seat(session, "補欠", MemberRole.SUBSTITUTE, replaces_id=chair.id)
    body = queries.get_body(session, "committee")
    members.update_body(session, actor=SYSTEM, body=body, version=None, values={"quorum_kind": QuorumKind.MAJORITY})
    return body, [chair, *rest, spare]


def _called(session: Session, body: Body, *titles: str) -> tuple[Meeting, list[AgendaItem]]:
    meeting = services.plan_meeting(session, actor=SYSTEM, body=body, held_on=DAY)
    items = [services.add_item(session, actor=SYSTEM, meeting=meeting, title=title) for title in titles or ("議題",)]
    services.call_meeting(session, actor=SYSTEM, meeting=meeting)
    return meeting, items


def _attend(session: Session, meeting: Meeting, *states: AttendanceState) -> None:
    keys = [one.membership_id for one in sorted(meeting.attendances, key=lambda one: one.membership_id)]
    rows = {key: {"state": state} for key, state in zip(keys, states, strict=True)}
    attendance.set_attendance(session, actor=SYSTEM, meeting=meeting, rows=rows, presiding_id=None)


def test_a_meeting_needs_an_agenda_and_members_before_it_is_called(session: Session) -> None:
    body = queries.get_body(session, "committee")
    meeting = services.plan_meeting(session, actor=SYSTEM, body=body, held_on=DAY)
    with pytest.raises(Conflict, match="議題がありません"):
        services.call_meeting(session, actor=SYSTEM, meeting=meeting)
    meeting = session.get_one(Meeting, meeting.id)
    services.add_item(session, actor=SYSTEM, meeting=meeting, title="議題")
    with pytest.raises(Conflict, match="任期のある委員がいません"):
        services.call_meeting(session, actor=SYSTEM, meeting=meeting)


def test_a_meeting_waits_on_home_until_it_is_called_and_then_until_it_was_held(session: Session) -> None:
    office = actor_of(session, make_user(session, Role.OFFICE))
    today = today_in_tokyo()
    body = queries.get_body(session, "committee")
    meeting = services.plan_meeting(session, actor=SYSTEM, body=body, held_on=today)
    _seat(session, "委員", from_on=today, until_on=None)
    services.add_item(session, actor=SYSTEM, meeting=meeting, title="議題")

    def lines() -> list[tuple[str, dt.date | None]]:
        return [
            (one.kind, one.due_on)
            for one in waiting_for(session, office)
            if one.kind.startswith("meeting") and one.key == str(meeting.id)
        ]

    assert lines() == [("meeting_prepare", today - dt.timedelta(days=14))]
    services.call_meeting(session, actor=SYSTEM, meeting=meeting)
    assert lines() == [("meeting_hold", today)]


def test_meetings_are_numbered_by_body_and_year(session: Session) -> None:
    body = queries.get_body(session, "council")
    days = (DAY, dt.date(2032, 3, 31), dt.date(2032, 4, 1))
    made = [services.plan_meeting(session, actor=SYSTEM, body=body, held_on=day) for day in days]
    assert [(one.fiscal_year, one.number) for one in made] == [(2031, 1), (2031, 2), (2032, 1)]


def test_the_deputy_leads_and_the_substitute_fills_the_chairs_seat(session: Session) -> None:
    body, seats = _committee(session)
    meeting, _ = _called(session, body)
    rows = {seat.id: {"state": PRESENT} for seat in seats}
    rows[seats[0].id] = {"state": ABSENT}
    rows[seats[5].id] = {"state": PRESENT, "stands_in_for_id": seats[0].id}  # type: ignore[dict-item]
    attendance.set_attendance(session, actor=SYSTEM, meeting=meeting, rows=rows, presiding_id=None)
    assert attendance.count_of(meeting).text == "委員5人中5人出席"
    assert meeting.presiding_id == seats[1].id


@pytest.mark.parametrize(
    ("who", "seat", "sentence"),
    [
        (2, 0, "出席した補欠委員だけが、ほかの委員の代わりを務められます。"),
        (5, 1, "「副会長」は欠席ではないため、代わりを務められません。"),
        (5, 5, "代わりを務める相手は、委員の中から選んでください。"),
    ],
)
def test_nobody_sits_in_a_wrong_place(session: Session, who: int, seat: int, sentence: str) -> None:
    body, seats = _committee(session)
    meeting, _ = _called(session, body)
    rows = {one.id: {"state": PRESENT} for one in seats}
    rows[seats[who].id] = {"state": PRESENT, "stands_in_for_id": seats[seat].id}  # type: ignore[dict-item]
    with pytest.raises(Invalid) as refused:
        attendance.set_attendance(session, actor=SYSTEM, meeting=meeting, rows=rows, presiding_id=None)
    assert refused.value.fields == {f"m{seats[who].id}": sentence}


def test_without_the_quorum_of_the_item_nothing_is_resolved(session: Session) -> None:
    body, seats = _committee(session)
    meeting, (item,) = _called(session, body)
    _attend(session, meeting, PRESENT, PRESENT, PRESENT, ABSENT, ABSENT, ABSENT)
    attendance.note_absence(session, actor=SYSTEM, item=item, membership_ids=[seats[2].id])
    values = {"decision": ResolutionDecision.APPROVED, "text": "可とする。"}
    with pytest.raises(Conflict, match=r"定足数に達していないため、決議できません\(委員5人中2人出席\)"):
        resolutions.record_resolution(session, actor=SYSTEM, agenda_item=item, **values)  # type: ignore[arg-type]
    item = session.get_one(AgendaItem, item.id)
    attendance.note_absence(session, actor=SYSTEM, item=item, membership_ids=[])
    with pytest.raises(Invalid, match="票数の合計"):
        resolutions.record_resolution(session, actor=SYSTEM, agenda_item=item, votes=(2, 1, 1), **values)  # type: ignore[arg-type]
    item = session.get_one(AgendaItem, item.id)
    done = resolutions.record_resolution(session, actor=SYSTEM, agenda_item=item, votes=(2, 1, 0), **values)  # type: ignore[arg-type]
    assert (done.decided_on, done.votes_for) == (DAY, 2)


def test_held_meetings_keep_the_rule_of_their_day(session: Session) -> None:
    body, _ = _committee(session)
    meeting, _ = _called(session, body)
    with pytest.raises(Conflict, match="出欠が未確認の人がいます"):
        services.hold_meeting(session, actor=SYSTEM, meeting=meeting, today=meeting.held_on)
    meeting = session.get_one(Meeting, meeting.id)
    _attend(session, meeting, PRESENT, PRESENT, PRESENT, ABSENT, ABSENT, ABSENT)
    with pytest.raises(Conflict, match="開催日になっていません"):
        services.hold_meeting(session, actor=SYSTEM, meeting=meeting, today=DAY - dt.timedelta(days=1))
    meeting = session.get_one(Meeting, meeting.id)
    services.hold_meeting(session, actor=SYSTEM, meeting=meeting, today=DAY)
    members.update_body(session, actor=SYSTEM, body=body, version=None, values={"quorum_kind": None})
    assert (meeting.state, meeting.quorum_kind) == (MeetingState.HELD, QuorumKind.MAJORITY)
    assert attendance.count_of(meeting).is_met is True


def _held(session: Session) -> Meeting:
    body, _ = _committee(session)
    meeting, (item,) = _called(session, body)
    _attend(session, meeting, ABSENT, PRESENT, PRESENT, PRESENT, ABSENT, ABSENT)
    services.hold_meeting(session, actor=SYSTEM, meeting=meeting, today=meeting.held_on)
    assert meeting.minutes is not None
    minutes.write_minutes(
        session,
        actor=SYSTEM,
        minutes=meeting.minutes,
        version=None,
        text="開会した。",
        written_by="担当",
        discussions={item.id: "話し合った。"},
    )
    return meeting


def test_confirmed_minutes_are_frozen_and_corrected_beside(session: Session) -> None:
    meeting = _held(session)
    record = meeting.minutes
    assert record is not None
    with pytest.raises(Invalid, match="会長がどのように確認したか"):
        minutes.confirm_minutes(session, actor=SYSTEM, minutes=record)
    minutes.confirm_minutes(session, actor=SYSTEM, minutes=record, note="署名のある紙")
    assert (record.state, minutes.is_intact(record)) == (MinutesState.CONFIRMED, True)
    item = meeting.items[0]
    attempts = (
        lambda: services.update_item(session, actor=SYSTEM, item=item, version=None, values={"title": "別の題"}),
        lambda: services.add_item(session, actor=SYSTEM, meeting=meeting, title="もう一つ"),
        lambda: services.remove_item(session, actor=SYSTEM, item=item),
        lambda: services.update_meeting(session, actor=SYSTEM, meeting=meeting, version=None, values={"place": "別"}),
        lambda: attendance.note_absence(session, actor=SYSTEM, item=item, membership_ids=[]),
        lambda: _attend(session, meeting, *[PRESENT] * 6),
        lambda: minutes.write_minutes(session, actor=SYSTEM, minutes=record, version=None, text="別", written_by="別"),
        lambda: resolutions.record_resolution(
            session, actor=SYSTEM, agenda_item=item, decision=ResolutionDecision.NOTED, text="あとから"
        ),
    )
    for attempt in attempts:
        with pytest.raises(Conflict, match="確定"):
            attempt()
        meeting = session.get_one(Meeting, meeting.id)
        item, record = meeting.items[0], meeting.minutes
        assert record is not None
    minutes.correct_minutes(session, actor=SYSTEM, minutes=record, text="読み替える。", reason="誤記", item=item)
    assert minutes.is_intact(record)
    assert [one.text for one in record.corrections] == ["読み替える。"]


def test_only_who_led_or_the_office_confirms(session: Session) -> None:
    meeting = _held(session)
    record = meeting.minutes
    assert record is not None
    seats = {one.membership.name: one.membership for one in meeting.attendances}
    actors: dict[str, Actor] = {}
    for name in ("副会長", "委員1"):
        user = make_user(session, Role.COMMITTEE)
        members.update_member(session, actor=SYSTEM, member=seats[name], version=None, values={"user_id": user.id})
        actors[name] = actor_holding(session, user.id, name, [(Role.COMMITTEE, None)])
    with pytest.raises(NotAllowed):
        minutes.confirm_minutes(session, actor=actors["委員1"], minutes=record)
    record = session.get_one(Meeting, meeting.id).minutes
    assert record is not None
    minutes.confirm_minutes(session, actor=actors["副会長"], minutes=record)
    assert record.confirmed_by == "副会長"


def test_two_writers_of_minutes_hear_of_each_other(session: Session) -> None:
    meeting = _held(session)
    record = meeting.minutes
    assert record is not None
    seen, item_id = record.version, meeting.items[0].id
    minutes.write_minutes(
        session,
        actor=SYSTEM,
        minutes=record,
        version=seen,
        text="開会した。",
        written_by="担当",
        discussions={item_id: "甲"},
    )
    with pytest.raises(StaleRecord):
        minutes.write_minutes(
            session,
            actor=SYSTEM,
            minutes=record,
            version=seen,
            text="開会した。",
            written_by="担当",
            discussions={item_id: "乙"},
        )


def test_members_answer_for_their_own_seat_only(session: Session) -> None:
    body, seats = _committee(session)
    user, stranger = make_user(session, Role.COMMITTEE), make_user(session, Role.COMMITTEE)
    members.update_member(session, actor=SYSTEM, member=seats[2], version=None, values={"user_id": user.id})
    meeting, _ = _called(session, body)
    actor = actor_holding(session, user.id, "委員1", [(Role.COMMITTEE, None)])
    attendance.reply(session, actor=actor, meeting=meeting, answer=Reply.NOT_COMING)
    assert [one.membership_id for one in meeting.attendances if one.reply] == [seats[2].id]
    other = actor_holding(session, stranger.id, "よその人", [(Role.COMMITTEE, None)])
    with pytest.raises(NotAllowed):
        attendance.reply(session, actor=other, meeting=meeting, answer=Reply.COMING)


def test_a_successor_takes_the_rest_of_the_term(session: Session) -> None:
    _, seats = _committee(session)
    heir = _seat(session, "後任", replaces_id=seats[3].id, from_on=dt.date(2032, 1, 1), until_on=None)
    assert (seats[3].until_on, heir.until_on) == (dt.date(2031, 12, 31), dt.date(2033, 3, 31))
    assert seats[0].until_on == dt.date(2033, 3, 31)  # the substitute waits, and ends nobody's term


def test_one_chair_at_a_time(session: Session) -> None:
    _committee(session)
    with pytest.raises(Invalid) as refused:
        _seat(session, "もう一人の会長", MemberRole.CHAIR)
    assert refused.value.fields["role"].endswith("「会長」が登録されています。")


def test_next_years_roster_is_carried_over_once(session: Session) -> None:
    body, _ = _committee(session)
    made = members.renew_terms(session, actor=SYSTEM, body=body, fiscal_year=2033)
    assert [(one.name, one.from_on, one.until_on) for one in made][:1] == [
        ("会長", dt.date(2033, 4, 1), dt.date(2034, 3, 31))
    ]
    assert [one.replaces for one in made if one.role is MemberRole.SUBSTITUTE] == [made[0]]
    with pytest.raises(Conflict):
        members.renew_terms(session, actor=SYSTEM, body=body, fiscal_year=2033)


def test_each_member_gets_one_call(session: Session) -> None:
    body, _ = _committee(session)
    meeting, _ = _called(session, body, "一つ目", "二つ目")
    notices = calling.draw_up_calls(session, actor=SYSTEM, meeting=meeting)
    assert [notice.recipient_name for notice in notices] == ["会長", "副会長", "委員1", "委員2", "委員3", "補欠"]
    assert "議題\n1 一つ目\n2 二つ目" in notices[0].body
    assert calling.draw_up_calls(session, actor=SYSTEM, meeting=meeting) == []


def test_the_history_of_a_meeting_names_its_members_though_an_act_writes_to_them(session: Session) -> None:
    body, _ = _committee(session)
    with act(session, SYSTEM, "demo:load", "一つの操作"):  # a notice holds names as personal data
        meeting, _ = _called(session, body)
        calling.draw_up_calls(session, actor=SYSTEM, meeting=meeting)
    lines = history_of(session, SYSTEM, "meeting", str(meeting.id))
    attended = [str(one.id) for one in meeting.attendances]
    labels = session.scalars(
        select(AuditChange.record_label).where(
            AuditChange.table_name == "attendance", AuditChange.record_key.in_(attended)
        )
    ).all()
    assert set(labels) == {f"{name}の出欠" for name in ("会長", "副会長", "委員1", "委員2", "委員3", "補欠")}
    assert lines and "●●" not in str(lines)


def test_calling_off_needs_a_reason(session: Session) -> None:
    body, _ = _committee(session)
    meeting, _ = _called(session, body)
    with pytest.raises(Invalid):
        services.cancel_meeting(session, actor=SYSTEM, meeting=meeting, reason=" ")
    services.cancel_meeting(session, actor=SYSTEM, meeting=meeting, reason="台風のため")
    with pytest.raises(Conflict):
        services.cancel_meeting(session, actor=SYSTEM, meeting=meeting, reason="もう一度")
