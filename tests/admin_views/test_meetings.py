"""An item whose subject the reader may not see is not there, by no door; members see their own body's meetings."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import subjects
from app.access.subjects import register_subject
from app.actor import system_actor
from app.extensions import db
from app.japanese.dates import today_in_tokyo
from app.meetings import attendance, calling, members, minutes, queries, resolutions, services
from models.bodies import Body, MemberRole
from models.engine import writing
from models.meetings import AgendaItem, AttendanceState, Meeting, Resolution, ResolutionDecision
from models.people import Role
from models.registry import Project
from tests.support.pages import CheckingClient
from tests.support.people import make_user, sign_in_as

SYSTEM = system_actor("試験")
PREPARED = "調整で合意したこと"
MARKER, OPEN = "極秘の花壇", "ふつうの議題"


@pytest.fixture
def hidden(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A held meeting of the committee with an open item and one about a project that is not published."""
    monkeypatch.setattr(subjects, "_subjects", dict(subjects._subjects))
    register_subject("test_project", "事業", model=Project, endpoint="project.details_view")
    with app.app_context(), writing():
        session = db.session()
        project = Project(fiscal_year=2031, name=MARKER)
        from app.audit.recorder import act

        with act(session, SYSTEM, "test:make", "試験"):
            session.add(project)
        user = make_user(session, Role.COMMITTEE)
        made = _hold(session, project.id, user.id)
        session.rollback()
        db.session.remove()
    return made


def _hold(session: Session, project_id: int, user_id: int) -> dict[str, int]:
    body = queries.get_body(session, "committee")
    term = {"from_on": dt.date(2020, 4, 1), "until_on": None}
    for name, role, user in (("会長", MemberRole.CHAIR, None), ("委員", MemberRole.MEMBER, user_id)):
        values = term | {"name": name, "role": role, "user_id": user}
        members.add_member(session, actor=SYSTEM, body=body, values=values)
    meeting = services.plan_meeting(session, actor=SYSTEM, body=body, held_on=dt.date(2026, 5, 11))
    item = services.add_item(
        session,
        actor=SYSTEM,
        meeting=meeting,
        title=f"{MARKER}の審査",
        detail=f"{MARKER}の内容",
        subject_kind="test_project",
        subject_id=project_id,
    )
    seen = services.add_item(session, actor=SYSTEM, meeting=meeting, title=OPEN, detail=PREPARED, is_closed=False)
    services.call_meeting(session, actor=SYSTEM, meeting=meeting)
    notices = {
        notice.recipient_name: notice.id for notice in calling.draw_up_calls(session, actor=SYSTEM, meeting=meeting)
    }
    rows = {one.membership_id: {"state": AttendanceState.PRESENT} for one in meeting.attendances}
    attendance.set_attendance(session, actor=SYSTEM, meeting=meeting, rows=rows, presiding_id=None)
    concluded = resolutions.record_resolution(
        session, actor=SYSTEM, agenda_item=item, decision=ResolutionDecision.APPROVED, text=f"{MARKER}を認める。"
    )
    services.hold_meeting(session, actor=SYSTEM, meeting=meeting, today=meeting.held_on)
    record = meeting.minutes
    assert record is not None
    words = {item.id: f"{MARKER}を話し合った。", seen.id: "話し合った。"}
    minutes.write_minutes(
        session, actor=SYSTEM, minutes=record, version=None, text="開会", written_by="", discussions=words
    )
    minutes.circulate_minutes(session, actor=SYSTEM, minutes=record)
    minutes.confirm_minutes(session, actor=SYSTEM, minutes=record, note="紙")
    for about in (item, seen):
        minutes.correct_minutes(
            session, actor=SYSTEM, minutes=record, text=f"{about.title}の訂正", reason="誤記", item=about
        )
    return {
        "meeting": meeting.id,
        "item": item.id,
        "resolution": concluded.id,
        "user": user_id,
        "notice": notices["委員"],
    }


def _text(client: CheckingClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    if response.mimetype == "application/pdf":
        pages = PdfReader(io.BytesIO(response.data)).pages
        return "".join("".join(page.extract_text().split()) for page in pages)
    return (
        response.get_data(as_text=True)
        if "html" in response.mimetype or "csv" in response.mimetype
        else str(response.data)
    )


def _doors(made: dict[str, int]) -> list[str]:
    key = made["meeting"]
    return [
        "/",
        "/meeting/",
        f"/meeting/{key}/",
        f"/meeting/{key}/history/",
        f"/meeting/{key}/minutes/",
        f"/meeting/{key}/call.pdf",
        f"/meeting/{key}/minutes.pdf",
        "/meeting/export/csv/",
        "/agenda-item/",
        "/agenda-item/?f-title=極秘",
        "/agenda-item/export/csv/",
        "/agenda-item/lookup/?query=極秘",
        "/resolution/",
        "/resolution/export/csv/",
        "/body/2/",
    ]


def test_a_hidden_item_is_behind_no_door(app: Flask, client: CheckingClient, hidden: dict[str, int]) -> None:
    sign_in_as(client, hidden["user"])
    for path in _doors(hidden):
        assert MARKER not in _text(client, path).replace("極秘</", ""), path
    for path in (f"/agenda-item/{hidden['item']}/", f"/resolution/{hidden['resolution']}/"):
        assert client.get(path).status_code == 404
    assert client.get(f"/agenda-item/{hidden['item']}/history/").status_code == 404
    page = _text(client, f"/meeting/{hidden['meeting']}/")
    assert "議題(1件)" in page and OPEN in page
    assert f"議題1{OPEN}" in _text(client, f"/meeting/{hidden['meeting']}/minutes.pdf")
    minutes_page = _text(client, f"/meeting/{hidden['meeting']}/minutes/")
    assert f"議題1 {OPEN}" in minutes_page and f"{OPEN}の訂正" in minutes_page
    assert "1件中" in _text(client, "/agenda-item/?f-body=2")


def test_the_office_sees_it_and_the_members_call_leaves_it_out(
    app: Flask, client: CheckingClient, login: Callable[..., int], hidden: dict[str, int]
) -> None:
    login(client, Role.OFFICE)
    assert f"{MARKER}の審査" in _text(client, f"/meeting/{hidden['meeting']}/")
    assert MARKER in _text(client, f"/meeting/{hidden['meeting']}/minutes.pdf")
    notice = _text(client, f"/notice/{hidden['notice']}/")
    assert f"1 {OPEN}" in notice and MARKER not in notice
    assert f"/meeting/{hidden['meeting']}/edit/" not in _text(client, f"/meeting/{hidden['meeting']}/")
    assert client.get(f"/meeting/{hidden['meeting']}/edit/").status_code == 403  # the minutes are confirmed
    public = _text(client, f"/meeting/{hidden['meeting']}/public-minutes.pdf")
    assert MARKER not in public and "非公開の理由" in public
    assert f"議題2{OPEN}" in public and "話し合った。" in public
    # What an item was prepared with quotes coordination notes: for the members, not for the public.
    assert PREPARED not in public and PREPARED in _text(client, f"/meeting/{hidden['meeting']}/minutes.pdf")


def test_a_member_of_another_body_sees_no_meeting_of_it(
    client: CheckingClient, login: Callable[..., int], hidden: dict[str, int]
) -> None:
    for role in (Role.COMMITTEE, Role.AGENCY, Role.CENTER):
        login(client, role)
        assert client.get(f"/meeting/{hidden['meeting']}/").status_code == 404
    login(client, Role.ADMINISTRATOR)
    assert client.get(f"/meeting/{hidden['meeting']}/").status_code == 403


def test_a_meeting_in_preparation_is_the_offices_alone(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context(), writing():
        session = db.session()
        body = session.scalars(select(Body).where(Body.code == "akvs")).one()
        key = services.plan_meeting(session, actor=SYSTEM, body=body, held_on=dt.date(2031, 5, 1)).id
        item = services.add_item(session, actor=SYSTEM, meeting=session.get_one(Meeting, key), title="準備中の議題").id
        db.session.remove()
    login(client, Role.AGENCY)
    assert client.get(f"/meeting/{key}/").status_code == 404
    assert client.get(f"/agenda-item/{item}/").status_code == 404
    with app.app_context(), writing():
        session = db.session()
        services.call_meeting(session, actor=SYSTEM, meeting=session.get_one(Meeting, key))
        db.session.remove()
    assert "準備中の議題" in client.get(f"/meeting/{key}/").get_data(as_text=True)
    assert client.post(f"/meeting/{key}/reply/", data={"answer": "coming"}).status_code == 303
    assert "今の返事は「出席します」です" in client.get(f"/meeting/{key}/").get_data(as_text=True)


def _version(client: CheckingClient, key: int) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', client.get(f"/meeting/{key}/edit/").get_data(as_text=True))
    assert found is not None
    return found[1]


def test_the_office_takes_a_meeting_from_plan_to_minutes(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    login(client, Role.OFFICE)
    with app.app_context():
        body = db.session.scalars(select(Body).where(Body.code == "akvs")).one()
        body_id, seats = body.id, [one.id for one in body.memberships]
        db.session.rollback()
    form = {
        "body": str(body_id),
        "held_on": today_in_tokyo().isoformat(),
        "time_text": "午後",
        "place": "会議室",
    }
    assert client.post("/meeting/new/", data=form).status_code == 303
    with app.app_context():
        key = db.session.scalars(select(Meeting.id).order_by(Meeting.id.desc()).limit(1)).one()
        db.session.rollback()
    assert client.post(f"/meeting/{key}/call/").status_code == 409
    assert client.post(f"/meeting/{key}/agenda/", data={"own": "1", "title": ""}).status_code == 422
    assert client.post(f"/meeting/{key}/agenda/", data={"own": "1", "title": "情報交換"}).status_code == 303
    assert client.post(f"/meeting/{key}/call/").status_code == 303
    for place, is_stale in (("会議室", False), ("別の会議室", False), ("会議室", True)):
        if is_stale:
            client.post(f"/meeting/{key}/notices/")
        client.post(f"/meeting/{key}/edit/", data=form | {"place": place, "version": _version(client, key)})
        page = client.get(f"/meeting/{key}/").get_data(as_text=True)
        assert place in page and ("前の日時・場所の開催通知があります" in page) is is_stale
    rows = {f"state-{seat}": "present" for seat in seats} | {f"state-{seats[0]}": "represented"}
    assert client.post(f"/meeting/{key}/attendance/", data=rows).status_code == 422
    rows[f"representative-{seats[0]}"] = "代理の人"
    assert client.post(f"/meeting/{key}/attendance/", data=rows).status_code == 303
    with app.app_context():
        item = db.session.scalars(select(AgendaItem.id).where(AgendaItem.meeting_id == key)).one()
        db.session.rollback()
    wrong = {"decision": "noted", "text": "了承した。", "votes_for": "3"}
    assert client.post(f"/agenda-item/{item}/resolve/", data=wrong).status_code == 422
    right = wrong | {"votes_for": ""}
    assert client.post(f"/agenda-item/{item}/resolve/", data=right).status_code == 303
    with app.app_context():
        made = db.session.scalars(select(Resolution.id).where(Resolution.agenda_item_id == item)).one()
        db.session.rollback()
    back = f"/resolution/{made}/take-back/"
    assert "課題の決定や提案への意見も、もとに戻ります" in client.get(back).get_data(as_text=True)
    assert client.post(back, data={"reason": ""}).status_code == 422
    assert client.post(back, data={"reason": "別の議題のものだった"}).location.endswith(f"/agenda-item/{item}/")
    assert client.get(f"/resolution/{made}/").status_code == 404
    assert client.post(f"/agenda-item/{item}/resolve/", data=right).status_code == 303
    assert client.post(f"/agenda-item/{item}/absence/", data={"out": str(seats[1])}).status_code == 303
    assert client.post(f"/meeting/{key}/hold/").status_code == 303
    assert client.get(f"/meeting/{key}/minutes/edit/").status_code == 200
    assert client.post(f"/meeting/{key}/minutes/confirm/", data={"note": ""}).status_code == 422
    assert client.post(f"/meeting/{key}/minutes/confirm/", data={"note": "署名"}).status_code == 303
    page = client.get(f"/meeting/{key}/minutes/").get_data(as_text=True)
    assert "今の内容と一致しています" in page and "代理出席(代理の人)" in page
    assert "定足数は未設定です" in page
