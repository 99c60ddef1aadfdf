"""Demonstration data of meetings: fictitious members, meetings before and ahead of today."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import roles, users
from app.actor import Actor
from app.japanese.dates import business_day_from, fiscal_year_bounds, fiscal_year_of, to_tokyo
from app.meetings import attendance, members, minutes, resolutions, services
from app.meetings.queries import find_body, members_on
from app.notices import services as notices
from app.notices.templates import update_sender
from models.base import utc_now
from models.bodies import Body, MemberRole, Membership, QuorumKind
from models.meetings import AgendaItem, AttendanceState, Meeting, ResolutionDecision
from models.minutes import Minutes
from models.people import Role, User
from seed import demo_notices

#: The committee: (name, where from, role in the body, the user's e-mail before the @). All invented.
COMMITTEE: tuple[tuple[str, str, MemberRole, str], ...] = (
    ("架空 一郎", "学識経験者", MemberRole.CHAIR, "committee2"),
    ("デモ 委員", "公募市民", MemberRole.DEPUTY, "committee"),
    ("架空 花子", "公募市民", MemberRole.MEMBER, "committee3"),
    ("見本 太郎", "市民活動の経験者", MemberRole.MEMBER, "committee4"),
    ("見本 桜子", "市民活動の経験者", MemberRole.MEMBER, "committee5"),
    ("例示 次郎", "市の職員", MemberRole.MEMBER, "committee6"),
    ("例示 梅子", "市の職員", MemberRole.MEMBER, "committee7"),
)
#: No demonstration meeting lies further ahead.
_AHEAD = dt.timedelta(days=90)
SUBSTITUTE = ("架空 三郎", "学識経験者(補欠)")


@dataclasses.dataclass(frozen=True)
class Item:
    """An item of a meeting that was held: (decision, words) when something was concluded."""

    title: str
    discussion: str
    conclusion: tuple[ResolutionDecision, str] | None = None


def load(session: Session, *, actor: Actor, today: dt.date) -> None:
    """Members, meetings and notices. Nothing where the city has no such bodies."""
    council, committee, akvs = (find_body(session, code) for code in ("council", "committee", "akvs"))
    if council is None or committee is None or akvs is None:
        return
    seat_committee(session, actor, committee, today)
    _set_rules(session, actor, council, committee)
    _name_chair(session, actor, council, today)
    _past_meetings(session, actor, council, akvs, today)
    _committee_meeting(session, actor, committee, today)
    _meetings_ahead(session, actor, council, akvs, today)
    demo_notices.load(session, actor=actor, today=today)


def seat_committee(session: Session, actor: Actor, body: Body, today: dt.date) -> None:
    """Two terms of two years, the present one until the end of this fiscal year; every member has a login. Where meetings
    ahead lie in the next fiscal year, the members are named again for it."""
    year = fiscal_year_of(today)
    logins = {user.email: user for user in session.scalars(select(User).where(User.is_demo))}
    is_named_again = fiscal_year_of(today + _AHEAD) > year
    for first_year in (year - 3, year - 1, *((year + 1,) if is_named_again else ())):
        first, last = fiscal_year_bounds(first_year)[0], fiscal_year_bounds(first_year + 1)[1]
        chair: Membership | None = None
        for place, (name, title, role, login) in enumerate(COMMITTEE, start=1):
            user = logins.get(f"{login}@demo.example.jp") or _make_user(session, actor, login, name, year)
            logins[f"{login}@demo.example.jp"] = user
            values = {"name": name, "title": title, "role": role, "position": place, "user_id": user.id}
            member = members.add_member(
                session, actor=actor, body=body, values=values | {"from_on": first, "until_on": last}
            )
            chair = chair or member
        assert chair is not None
        name, title = SUBSTITUTE
        values = {"name": name, "title": title, "role": MemberRole.SUBSTITUTE, "position": 8, "replaces_id": chair.id}
        members.add_member(session, actor=actor, body=body, values=values | {"from_on": first, "until_on": last})


def _make_user(session: Session, actor: Actor, login: str, name: str, year: int) -> User:
    user = users.create_user(
        session,
        actor=actor,
        display_name=name,
        email=f"{login}@demo.example.jp",
        password=f"demo-kodaira-{login}",
        is_demo=True,
    )
    first, last = fiscal_year_bounds(year)[0], fiscal_year_bounds(year + 1)[1]
    roles.assign(session, actor=actor, user=user, role=Role.COMMITTEE, department=None, from_on=first, until_on=last)
    return user


def _set_rules(session: Session, actor: Actor, council: Body, committee: Body) -> None:
    for body, kind in ((council, QuorumKind.HALF_OR_MORE), (committee, QuorumKind.MAJORITY)):
        members.update_body(session, actor=actor, body=body, version=None, values={"quorum_kind": kind})
    office = notices.sender_of(session, Role.OFFICE)
    if office is not None:
        values = {
            "name": "架空市長 見本 太郎",
            "office": office.office,
            "contact": "電話 000-000-0000(デモ)",
            "number_pattern": "{年}架協第{番号}号",
        }
        update_sender(session, actor=actor, sender=office, version=None, values=values)


def _name_chair(session: Session, actor: Actor, council: Body, today: dt.date) -> None:
    """Who leads the council: the handbook does not say; here the first two departments of its list (デモ)."""
    seats = members_on(session, council.id, today)
    for member, role in zip(seats, (MemberRole.CHAIR, MemberRole.DEPUTY), strict=False):
        values = {"role": role, "note": "デモ: 会長と副会長は手引にないため、仮に決めています。"}
        members.update_member(session, actor=actor, member=member, version=None, values=values)


def _past_meetings(session: Session, actor: Actor, council: Body, akvs: Body, today: dt.date) -> None:
    held = _hold(
        session,
        actor,
        council,
        business_day_from(today - dt.timedelta(days=210)),
        "第一会議室(架空)",
        [
            Item(
                "今年度の協働の進め方について",
                "推進担当が今年度の予定を説明した。\n各課から、団体との連絡の取り方について質問があった。",
                (ResolutionDecision.APPROVED, "案のとおり進める。"),
            ),
            Item("職員研修について", "昨年度の研修の感想を共有した。", (ResolutionDecision.NOTED, "報告を了承した。")),
        ],
        absent=3,
    )
    _confirm(session, actor, held, days_after=21)
    minutes.correct_minutes(
        session,
        actor=actor,
        minutes=_minutes_of(held),
        text="「昨年度の研修の感想」を「昨年度の研修の参加者の感想」と読み替える。",
        reason="言葉が足りなかったため",
    )
    held = _hold(
        session,
        actor,
        akvs,
        business_day_from(today - dt.timedelta(days=90)),
        "架空会館",
        [
            Item(
                "合同の催しについて",
                "ボランティア入門講座を4者で開くことにし、役割を分けた。",
                (ResolutionDecision.APPROVED, "4者で共催し、次回までに案内を作る。"),
            ),
            Item("最近の相談から", "団体の会計についての相談が増えていることを共有した。"),
        ],
        absent=0,
    )
    _confirm(session, actor, held, days_after=14)


def _hold(
    session: Session, actor: Actor, body: Body, day: dt.date, place: str, items: list[Item], *, absent: int
) -> Meeting:
    """A meeting as it went: the last `absent` members of the roster did not come."""
    meeting = services.plan_meeting(
        session, actor=actor, body=body, held_on=day, time_text="午後2時〜3時30分", place=place
    )
    laid = [services.add_item(session, actor=actor, meeting=meeting, title=item.title) for item in items]
    services.call_meeting(session, actor=actor, meeting=meeting, called_at=_noon(day - dt.timedelta(days=14)))
    names = [one.id for one in members_on(session, body.id, day)]
    away = set(names[len(names) - absent :]) if absent else set()
    rows = {
        key: {"state": AttendanceState.ABSENT if key in away else AttendanceState.PRESENT, "note": ""} for key in names
    }
    attendance.set_attendance(session, actor=actor, meeting=meeting, rows=rows, presiding_id=names[0])
    _conclude(session, actor, meeting, laid, items)
    return meeting


def _conclude(session: Session, actor: Actor, meeting: Meeting, laid: list[AgendaItem], items: list[Item]) -> None:
    for row, item in zip(laid, items, strict=True):
        if item.conclusion is not None:
            decision, text = item.conclusion
            resolutions.record_resolution(session, actor=actor, agenda_item=row, decision=decision, text=text)
    services.hold_meeting(session, actor=actor, meeting=meeting)
    minutes.write_minutes(
        session,
        actor=actor,
        minutes=_minutes_of(meeting),
        version=None,
        text="開会のあいさつのあと、議題に入った。",
        written_by="デモ 推進担当",
        discussions={row.id: item.discussion for row, item in zip(laid, items, strict=True)},
    )


def _minutes_of(meeting: Meeting) -> Minutes:
    assert meeting.minutes is not None
    return meeting.minutes


def _confirm(session: Session, actor: Actor, meeting: Meeting, *, days_after: int) -> None:
    minutes.circulate_minutes(session, actor=actor, minutes=_minutes_of(meeting))
    minutes.confirm_minutes(
        session,
        actor=actor,
        minutes=_minutes_of(meeting),
        note="構成員に回覧して確認",
        confirmed_at=_noon(meeting.held_on + dt.timedelta(days=days_after)),
    )


def _noon(day: dt.date) -> dt.datetime:
    now = to_tokyo(utc_now())
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=now.tzinfo)


def _committee_meeting(session: Session, actor: Actor, body: Body, today: dt.date) -> None:
    """The chair was ill: the deputy led, the substitute sat in the chair's place; the minutes wait for the deputy."""
    day = business_day_from(today - dt.timedelta(days=30))
    items = [
        Item(
            "審査の進め方について",
            "審査基準と日程を確かめた。副会長が職務を代理した。",
            (ResolutionDecision.APPROVED, "案のとおりとする。"),
        ),
        Item("利害関係の申告について", "申告の時期と方法を説明し、質問に答えた。"),
    ]
    meeting = services.plan_meeting(
        session, actor=actor, body=body, held_on=day, time_text="午前10時〜11時30分", place="第二会議室(架空)"
    )
    laid = [services.add_item(session, actor=actor, meeting=meeting, title=item.title) for item in items]
    services.call_meeting(session, actor=actor, meeting=meeting, called_at=_noon(day - dt.timedelta(days=14)))
    rows: dict[int, dict[str, object]] = {}
    chair = next(one.membership_id for one in meeting.attendances if one.membership.role is MemberRole.CHAIR)
    for one in meeting.attendances:
        is_away = one.membership_id == chair or one.membership.position == 6
        rows[one.membership_id] = {"state": AttendanceState.ABSENT if is_away else AttendanceState.PRESENT}
        if one.membership.role is MemberRole.SUBSTITUTE:
            rows[one.membership_id]["stands_in_for_id"] = chair
    attendance.set_attendance(session, actor=actor, meeting=meeting, rows=rows, presiding_id=None)
    leaver = next(one.membership_id for one in meeting.attendances if one.membership.position == 7)
    attendance.note_absence(session, actor=actor, item=laid[1], membership_ids=[leaver])
    _conclude(session, actor, meeting, laid, items)
    minutes.circulate_minutes(session, actor=actor, minutes=_minutes_of(meeting))


def _meetings_ahead(session: Session, actor: Actor, council: Body, akvs: Body, today: dt.date) -> None:
    called = services.plan_meeting(
        session,
        actor=actor,
        body=akvs,
        held_on=business_day_from(today + dt.timedelta(days=9)),
        time_text="午後1時30分〜3時",
        place="架空会館",
        call_text="催しの案内の案をお持ちください。",
    )
    services.add_item(session, actor=actor, meeting=called, title="合同の催しの準備について")
    services.add_item(session, actor=actor, meeting=called, title="情報交換", detail="各組織から5分ずつ")
    services.call_meeting(session, actor=actor, meeting=called)
    planned = services.plan_meeting(
        session,
        actor=actor,
        body=council,
        held_on=business_day_from(today + dt.timedelta(days=21)),
        time_text="午前10時〜11時",
        place="第一会議室(架空)",
    )
    services.add_item(session, actor=actor, meeting=planned, title="協働事業の調整の状況について")
