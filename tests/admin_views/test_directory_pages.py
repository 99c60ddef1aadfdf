"""A group's page and the comparison as people read them: names, one identity, what other rooms keep, paper."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.directory import merging, rows, services
from app.extensions import db
from models.coordination import CoordinationNote
from models.directory import Organization
from models.directory_profile import ConsentLevel, ConsentWay
from models.people import Role
from models.proposals import Proposal
from models.records import AccessNote
from models.reference import ActivityField
from models.talent_requests import TalentRequest
from tests.support.pages import CheckingClient, check_page
from tests.support.registry import actor

Login = Callable[..., int]


def _group(name: str, **values: object) -> Organization:
    return services.create_organization(
        db.session(), actor=actor(db.session(), Role.CENTER), values={"name": name} | values
    )


def test_fields_are_told_by_name(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        fields = db.session.scalars(select(ActivityField).order_by(ActivityField.number).limit(2)).all()
        group = _group("名前でわかる会", fields=[row.id for row in fields]).id
        names = [row.name for row in fields]
    page = client.get(f"/organization/{group}/").text
    assert all(name in page for name in names) and "1番目" not in page.split("変更の記録")[0]


def test_a_merged_name_is_read_under_one_identity_and_undone(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        into = _group("もとの会")
        absorbed = _group("まとめる会", purpose="まとめられた目的。")
        ids = into.id, absorbed.id
        merging.merge(db.session(), actor=actor(db.session(), Role.CENTER), absorbed=absorbed, into=into)
    page = client.get(f"/organization/{ids[0]}/").text
    assert "まとめられた目的。" in page and "「まとめる会」の記録" in page
    assert "統合を取り消す" in client.get(f"/organization/{ids[1]}/").text
    done = client.post(f"/organization/{ids[1]}/unmerge/", follow_redirects=True)
    check_page(done.text)
    assert "統合を取り消しました。" in done.text and "統合された団体です" not in done.text
    assert "まとめられた目的。" not in client.get(f"/organization/{ids[0]}/").text


def test_contacts_of_a_merged_record_stand_with_those_of_the_group(
    app: Flask, client: CheckingClient, login: Login
) -> None:
    login(client, Role.CENTER)
    with app.app_context():
        session, center = db.session(), actor(db.session(), Role.CENTER)
        into, absorbed = _group("連絡先のない会"), _group("連絡先のある会", phone="042-555-0003", email="a@example.jp")
        services.record_consents(
            session,
            actor=center,
            organization=absorbed,
            levels={"email": ConsentLevel.PUBLIC},
            given_on=dt.date(2026, 6, 1),
            way=ConsentWay.APPLICATION,
        )
        key, other = into.id, absorbed.id
        merging.merge(session, actor=center, absorbed=absorbed, into=into)
    page = client.get(f"/organization/{key}/").text
    assert "a@example.jp" in page and "042-555-0003" not in page and "公開していない連絡先: 電話" in page
    told = client.post(f"/organization/{key}/contact/", data={"purpose": "事業の相談"}).text
    assert "同じ団体の記録「連絡先のある会」の連絡先" in told and "042-555-0003" in told
    with app.app_context():
        noted = select(AccessNote.record_key).where(AccessNote.purpose == "事業の相談")
        assert set(db.session.scalars(noted)) == {str(key), str(other)}


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (Role.CENTER, ["人財の森への依頼"]),
        (Role.OFFICE, ["人財の森への依頼", "応募・提案", "話し合いの記録"]),
        (Role.AGENCY, []),
        (Role.ADMINISTRATOR, []),
    ],
)
def test_what_other_rooms_keep_of_a_group_stands_on_its_page(
    app: Flask, client: CheckingClient, login: Login, role: Role, told: list[str]
) -> None:
    login(client, role)
    with app.app_context():
        talked = select(Proposal.organization_id).join(CoordinationNote)
        group = db.session.scalars(
            select(TalentRequest.organization_id).where(TalentRequest.organization_id.in_(talked)).limit(1)
        ).one()
    page = client.get(f"/organization/{group}/").text
    headings = [text for text in ("人財の森への依頼", "応募・提案", "話し合いの記録") if f">{text}</h2>" in page]
    assert headings == told


def test_the_figure_of_registered_groups_leads_to_just_these(client: CheckingClient, login: Login) -> None:
    login(client, Role.CENTER)
    figure = re.search(r'<dt>あすぴあの登録団体.*?href="([^"]+)">([\d,]+)団体<', client.get("/").text, re.DOTALL)
    assert figure is not None
    shown = client.get(html.unescape(figure[1])).text
    assert f"{figure[2]}件" in shown and "取下げ</td>" not in shown


def test_paper_says_its_day_and_up_to_whom_it_is_open(app: Flask, client: CheckingClient, login: Login) -> None:
    with app.app_context():
        group = _group("紙に出す会")
        kind = rows.KINDS["statements"]
        lines = [
            {"id": None, "fiscal_year": 2018 + place, "income_yen": 100, "expenditure_yen": 90 + place * 3}
            for place in range(7)
        ]
        rows.save_rows(db.session(), actor=actor(db.session(), Role.CENTER), organization=group, kind=kind, rows=lines)
        number = group.id
    login(client, Role.CENTER)
    page = client.get(f"/organization-compare/?organization={number}").text
    assert "センターと推進担当だけに公開されている内容を含みます。" in page
    assert "支出 ¥108(収入を超過)" in page and "ほか2件" in page
    login(client, Role.COMMITTEE)
    assert "現在。公開されている内容です。" in client.get(f"/organization/{number}/").text
