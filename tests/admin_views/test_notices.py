"""Writing, issuing, withdrawing notices on the screen; the centre's and the office's stay apart."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from models.notices import Notice, NoticeState, NoticeTemplate, OutboxMessage, OutboxState
from models.people import Role
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page


def _last(app: Flask) -> Notice:
    with app.app_context():
        notice = db.session.scalars(select(Notice).order_by(Notice.id.desc()).limit(1)).one()
        db.session.expunge_all()
        db.session.rollback()
    return notice


def _write(client: CheckingClient, **changes: str) -> int:
    form = {
        "template": "opinion_reminder",
        "recipient_name": "公民館",
        "honorific": "group",
        "recipient_email": "kominkan@example.jp",
        "p0": "架空の花壇づくり",
        "p1": "令和8年7月1日",
    }
    return client.post("/notice/write/", data=form | changes).status_code


def test_a_notice_is_written_issued_and_withdrawn(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    login(client, Role.OFFICE)
    assert client.get("/notice/write/").status_code == 200
    assert client.get("/notice/write/?template=opinion_reminder").status_code == 200
    assert _write(client) == 303
    notice = _last(app)
    assert (notice.state, notice.recipient_name) == (NoticeState.DRAFT, "公民館")
    assert "架空の花壇づくりの所見書が、まだ提出されていません。" in notice.body
    assert client.get(f"/notice/{notice.id}/issue/").status_code == 200
    assert client.post(f"/notice/{notice.id}/issue/").status_code == 303
    assert client.post(f"/notice/{notice.id}/issue/").status_code == 409
    page = client.get(f"/notice/{notice.id}/").get_data(as_text=True)
    assert "公民館 御中" in page and "写して送る" in page
    assert client.get(f"/notice/{notice.id}/edit/").status_code == 403
    assert client.post(f"/notice/{notice.id}/withdraw/", data={"reason": ""}).status_code == 422
    assert client.post(f"/notice/{notice.id}/withdraw/", data={"reason": "宛先の誤り"}).status_code == 303
    with app.app_context():
        mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.notice_id == notice.id)).one()
        assert mail.state is OutboxState.CANCELLED


def test_a_wrong_address_is_a_sentence_at_its_field(client: CheckingClient, login: Callable[..., int]) -> None:
    login(client, Role.OFFICE)
    assert _write(client, recipient_email="a@example.jp, b@example.jp") == 422
    assert _write(client, honorific="lord") == 422
    assert _write(client, recipient_name=" 様") == 422


def test_the_centre_does_not_read_the_offices_notices_nor_the_other_way(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        keys = {notice.issuer: notice.id for notice in db.session.scalars(select(Notice).order_by(Notice.id))}
        mails = {mail.issuer: mail.id for mail in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))}
        db.session.rollback()
    for role, other in ((Role.OFFICE, Role.CENTER), (Role.CENTER, Role.OFFICE)):
        login(client, role)
        own = client.get(f"/notice/{keys[role]}/").status_code, client.get(f"/outbox/{mails[role]}/").status_code
        foreign = client.get(f"/notice/{keys[other]}/").status_code, client.get(f"/outbox/{mails[other]}/").status_code
        assert (own, foreign) == ((200, 200), (404, 404))
        assert client.post(f"/notice/{keys[other]}/issue/").status_code == 404
        assert client.post(f"/outbox/{mails[other]}/copied/").status_code == 404
        assert client.get("/notice/write/?template=talent_inquiry").get_data(as_text=True).count("差し込む内容") == (
            role is Role.CENTER
        )


def test_words_of_a_template_are_checked_and_kept_as_editions(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        template = db.session.scalars(select(NoticeTemplate).where(NoticeTemplate.code == "receipt")).one()
        key, version, before = template.id, template.version, template.body
        db.session.rollback()
    login(client, Role.OFFICE)
    form = {"version": version, "seen": "{}", "name": "受理通知", "title": "{事業名}の受付", "is_active": "y"}
    refused = client.post(f"/notice-template/{key}/edit/", data=form | {"body": "{受付番}です。"})
    assert refused.status_code == 422
    assert "「{受付番}」という差込み項目はありません" in refused.get_data(as_text=True)
    assert client.post(f"/notice-template/{key}/edit/", data=form | {"body": "{受付番号}です。"}).status_code == 303
    with app.app_context():
        template = db.session.get_one(NoticeTemplate, key)
        assert (template.edition, [one.body for one in template.editions]) == (2, [before])
    assert f"/notice-template/{key}/edit/?edition=1" in client.get(f"/notice-template/{key}/").get_data(as_text=True)
    page = check_page(client.get(f"/notice-template/{key}/edit/?edition=1").get_data(as_text=True))
    again = form_to(page, f"/notice-template/{key}/edit/")
    assert client.post(f"/notice-template/{key}/edit/", data=again.data()).status_code == 303
    with app.app_context():
        template = db.session.get_one(NoticeTemplate, key)
        assert (template.edition, template.body) == (3, before)
