"""The outbox against a real SMTP server: nothing is lost, nothing goes out twice, what is unknown is left to people."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.actor import system_actor
from app.audit.recorder import act
from app.config import PROJECT_ROOT
from app.extensions import db
from app.jobs.worker import run_pending
from app.notices import delivery, mail, outbox
from app.problems import Conflict, Invalid
from models.base import utc_now
from models.engine import writing
from models.notices import OutboxMessage, OutboxState
from models.people import Role
from tests.support.mail import Mailbox, mail_server, point_to

ACTOR = system_actor("試験")


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    with app.app_context(), writing():
        db.session.execute(text("DELETE FROM outbox_message"))
        db.session.commit()
    with mail_server(app) as found:
        yield found


def _queue(app: Flask, *titles: str) -> list[int]:
    with app.app_context(), writing():
        session = db.session()
        with act(session, ACTOR, "test:mail", "試験", keep_when_empty=True):
            keys = [
                outbox.queue_mail(
                    session,
                    actor=ACTOR,
                    issuer=Role.OFFICE,
                    to_name="架空の会",
                    to_address="hana@example.jp",
                    title=title,
                    body="本文です。\n.点で始まる行",
                ).id
                for title in titles
            ]
        db.session.remove()
    return keys


def _deliver(app: Flask) -> int:
    with app.app_context():
        return delivery.deliver_due(app.extensions["settings"])


def _state(app: Flask, key: int) -> tuple[OutboxState, int, str]:
    with app.app_context(), Session(db.engine) as session:
        mail = session.get_one(OutboxMessage, key)
        return mail.state, mail.attempts, mail.last_error


def _make_due(app: Flask) -> None:
    with app.app_context(), writing(), Session(db.engine) as session:
        session.execute(update(OutboxMessage).values(next_attempt_at=utc_now() - dt.timedelta(minutes=1)))
        session.commit()


def test_a_mail_goes_out_once_with_what_it_says(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "「架空の花壇づくり」の応募を受け付けました")
    assert (_deliver(app), _deliver(app)) == (1, 0)
    (mail,) = mailbox.mails
    assert mail["Subject"] == "「架空の花壇づくり」の応募を受け付けました"
    assert mail.get_content().replace("\r\n", "\n") == "本文です。\n.点で始まる行\n"
    assert (mail["From"], mail["To"], mailbox.recipients) == (
        "office@example.jp",
        "hana@example.jp",
        ["hana@example.jp"],
    )
    assert mail["Message-ID"].endswith("@example.jp>")
    assert _state(app, key) == (OutboxState.SENT, 1, "")


def test_the_worker_sends_what_was_put_in(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "働く人から")
    with app.app_context():
        run_pending(app)
    assert (len(mailbox.mails), _state(app, key)[0]) == (1, OutboxState.SENT)


def test_a_mail_of_an_act_that_fails_never_was(app: Flask, mailbox: Mailbox) -> None:
    def put_in_and_fail(session: Session) -> None:
        with act(session, ACTOR, "test:mail", "試験"):
            outbox.queue_mail(
                session, actor=ACTOR, issuer=Role.OFFICE, to_name="x", to_address="x@example.jp", title="x", body="x"
            )
            raise RuntimeError

    with app.app_context(), writing(), pytest.raises(RuntimeError):
        put_in_and_fail(db.session())
    assert (_deliver(app), mailbox.mails) == (0, [])


def test_nothing_is_lost_while_the_server_is_down(app: Flask, mailbox: Mailbox) -> None:
    keys = _queue(app, "一通目", "二通目")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        up, down = app.extensions["settings"].smtp_port, closed.getsockname()[1]
    point_to(app, down)
    assert _deliver(app) == 0
    first, second = (_state(app, key) for key in keys)
    assert first == (OutboxState.WAITING, 1, "メールサーバーに接続できません(断られました)。")
    assert second == (OutboxState.WAITING, 0, "")  # not even tried: the server is away for all
    point_to(app, up)
    _make_due(app)
    assert _deliver(app) == 2
    assert [mail["Subject"] for mail in mailbox.mails] == ["一通目", "二通目"]


def test_a_person_need_not_wait_for_the_next_attempt(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "待たずに")
    mailbox.rcpt_answer = "450 4.2.1 busy"
    assert (_deliver(app), _deliver(app)) == (0, 0)
    mailbox.rcpt_answer = None
    assert _deliver(app) == 0  # not due yet
    with app.app_context(), writing():
        outbox.send_again(db.session(), actor=ACTOR, message=db.session.get(OutboxMessage, key))
    assert (_deliver(app), _deliver(app), len(mailbox.mails)) == (1, 0, 1)


def test_a_message_keeps_its_id_over_attempts(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "もう一度")
    mailbox.data_answer = "451 4.3.0 try later"
    _deliver(app)
    with app.app_context(), Session(db.engine) as session:
        known = session.get_one(OutboxMessage, key).message_id
    mailbox.data_answer = "250 OK"
    _make_due(app)
    _deliver(app)
    assert [mail["Message-ID"] for mail in mailbox.mails] == [known]


def test_4xx_waits_longer_each_time_and_then_asks_a_person(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "あとで")
    mailbox.rcpt_answer = "450 4.2.1 hana@example.jp is busy"
    waits = []
    for _ in delivery.BACKOFF:
        _make_due(app)
        before = utc_now()
        _deliver(app)
        with app.app_context(), Session(db.engine) as session:
            waits.append(round((session.get_one(OutboxMessage, key).next_attempt_at - before).total_seconds() / 60))
    assert waits == [1, 5, 15, 60, 180, 360, 720, 1440, 1440, 1440]
    _make_due(app)
    _deliver(app)
    state, attempts, error = _state(app, key)
    assert (state, attempts) == (OutboxState.FAILED, 11)
    assert error == "宛先の段階で断られました(応答 450 4.2.1)。"  # the reply named the address: it is not kept


def test_5xx_is_final_until_a_person_decides(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "断られる")
    mailbox.rcpt_answer = "550 5.1.1 no such user"
    _deliver(app)
    _make_due(app)
    assert (_deliver(app), _state(app, key)[:2]) == (0, (OutboxState.FAILED, 1))
    mailbox.rcpt_answer = None
    with app.app_context(), writing():
        outbox.send_again(db.session(), actor=ACTOR, message=db.session.get(OutboxMessage, key))
    assert (_deliver(app), _state(app, key)[0]) == (1, OutboxState.SENT)


def test_a_line_that_breaks_after_the_words_is_unknown_and_never_sent_again(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "切れる")
    mailbox.hangs_up = True
    _deliver(app)
    mailbox.hangs_up = False
    _make_due(app)
    assert (_deliver(app), _state(app, key)[0], len(mailbox.mails)) == (0, OutboxState.UNKNOWN, 1)


def test_a_worker_killed_between_sending_and_marking_leaves_it_unknown(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "殺される")
    settings = app.extensions["settings"]
    code = (
        "from app.factory import create_app\n"
        "from app.notices import delivery\n"
        "app = create_app()\n"
        "with app.app_context(): delivery.deliver_due(app.extensions['settings'])\n"
    )
    environment = os.environ | {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "AUDIT_KEY": settings.audit_key,
        "SECRET_KEY": settings.secret_key,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(settings.smtp_port),
        "SMTP_FROM": "office@example.jp",
    }
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT_ROOT, env=environment)
    mailbox.on_data = lambda: worker.send_signal(signal.SIGKILL)
    assert worker.wait(60) == -signal.SIGKILL
    assert _state(app, key)[0] is OutboxState.SENDING
    mailbox.on_data = None
    _make_due(app)
    assert (_deliver(app), len(mailbox.mails)) == (0, 1)
    assert _state(app, key) == (OutboxState.UNKNOWN, 1, delivery.LOST)
    with app.app_context(), writing():
        outbox.mark_arrived(db.session(), actor=ACTOR, message=db.session.get(OutboxMessage, key))
    assert _state(app, key)[0] is OutboxState.SENT


def test_a_living_worker_keeps_its_claim(app: Flask, mailbox: Mailbox) -> None:
    (key,) = _queue(app, "送っている最中")
    seen: list[tuple[int, OutboxState]] = []
    mailbox.on_data = lambda: seen.append((_deliver(app), _state(app, key)[0]))
    assert _deliver(app) == 1
    assert seen == [(0, OutboxState.SENDING)]


def test_two_workers_never_send_the_same(any_app: Flask) -> None:
    app = any_app
    with app.app_context(), writing():
        db.session.execute(text("DELETE FROM outbox_message"))
        db.session.commit()
        db.session.remove()
    with mail_server(app) as mailbox:
        _queue(app, *(f"{number}通目" for number in range(12)))
        workers = [threading.Thread(target=_deliver, args=(app,)) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        _deliver(app)
        assert sorted(mail["Subject"] for mail in mailbox.mails) == sorted(f"{number}通目" for number in range(12))
        assert len({mail["Message-ID"] for mail in mailbox.mails}) == 12


def test_without_a_server_mail_is_to_be_copied(app: Flask, session: Session) -> None:
    with act(session, ACTOR, "test:mail", "試験", keep_when_empty=True):
        mail = outbox.queue_mail(
            session, actor=ACTOR, issuer=Role.OFFICE, to_name="x", to_address="x@example.jp", title="x", body="x"
        )
    assert mail.state is OutboxState.TO_COPY
    with pytest.raises(Conflict, match="メール送信が設定されていない"):
        outbox.send_again(session, actor=ACTOR, message=mail)
    outbox.mark_copied(session, actor=ACTOR, message=mail)
    assert mail.state is OutboxState.COPIED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "件名\r\nBcc: x@example.jp"),
        ("title", "件名\x0bBcc: x@example.jp"),
        ("to_name", "x\ny"),
        ("to_address", "x@example.jp\nBcc: y@example.jp"),
        ("to_address", "x@example.jp,y@example.jp"),
        ("body", "本文\x00"),
    ],
)
def test_what_could_forge_a_header_is_refused(session: Session, field: str, value: str) -> None:
    values = {"to_name": "x", "to_address": "x@example.jp", "title": "x", "body": "x"} | {field: value}
    with pytest.raises(Invalid), act(session, ACTOR, "test:mail", "試験"):
        outbox.queue_mail(session, actor=ACTOR, issuer=Role.OFFICE, **values)
    assert session.scalar(select(OutboxMessage.id).where(OutboxMessage.title == "x")) is None


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.1", False), ("mail", False)],
)
def test_a_password_goes_without_tls_only_to_this_machine(host: str, is_here: bool) -> None:
    assert mail.is_here(host) is is_here
