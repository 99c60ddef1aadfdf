"""Erasure erases: the marker strings stand in no table afterwards, the log included; the statistics stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.verify import verify
from app.extensions import db
from app.problems import NotAllowed
from app.talents import contacts, erasure, services
from app.talents.numbers import numbers_of
from app.talents.traces import clear_traces
from models.matches import ContactResult, ContactWay, Match, Outcome, Side, Stage
from models.talents import Talent, TalentStatus, TextVector
from tests.app.talents.rows import a_match, a_request, a_talent, step
from tests.factories import SYSTEM
from tests.support.people import make_user

NAME, PHONE = "消田 けし子", "042-555-9876"
MARKS = (
    "消田",
    "けし子",
    "けしだ",
    "555-9876",
    "kesu@",
    "消去対象の経験",
    "消去対象の覚書",
    "消去対象の通話",
    "消去対象の感想",
    "消去対象の技",
)


def _everything(session: Session) -> str:
    connection = session.connection()
    return "\n".join(
        repr([tuple(row) for row in connection.execute(select(*table.columns))]) for table in db.metadata.sorted_tables
    )


def _marked(session: Session) -> Talent:
    talent = a_talent(
        session, name=NAME, reading="けしだ けしこ", phone=PHONE, email="kesu@example.jp", note="消去対象の覚書",
        description=f"消去対象の経験。{NAME}より", free_skills=["消去対象の技"], capacity=3,
    )  # fmt: skip
    services.update_talent(session, actor=SYSTEM, talent=talent, version=None, values={"note": "消去対象の覚書その2"})
    done = a_match(session, talent, a_request(session), "approach", "accept", "introduce", "engage")
    contacts.log_contact(
        session, actor=SYSTEM, match_id=done.id, side=Side.TALENT, way=ContactWay.PHONE,
        result=ContactResult.ANSWERED, summary="消去対象の通話",
    )  # fmt: skip
    contacts.record_follow_up(
        session, actor=SYSTEM, match_id=done.id, side=Side.TALENT, outcome=Outcome.GOOD, comment="消去対象の感想"
    )
    step(session, done, "finish")
    a_match(session, talent, a_request(session), "approach")
    session.add(TextVector(talent_id=talent.id, text_hash="0" * 64, encoder="test", values=b"\0" * 16))
    session.commit()
    return talent


def test_nothing_of_the_person_is_left(any_app: Flask) -> None:
    with any_app.app_context():
        session = db.session()
        talent = _marked(session)
        before = _everything(session)
        assert all(mark in before for mark in MARKS)
        numbers = numbers_of(session, SYSTEM, _this_year())
        erasure.erase_talent(
            session, actor=SYSTEM, settings=any_app.extensions["settings"], talent=talent, version=talent.version
        )
        after = _everything(session)
        assert [mark for mark in MARKS if mark in after] == []
        assert talent.status is TalentStatus.ERASED
        assert session.scalar(select(TextVector.id).where(TextVector.talent_id == talent.id)) is None
        stages = session.scalars(select(Match.stage).where(Match.talent_id == talent.id).order_by(Match.id)).all()
        assert stages == [Stage.FINISHED, Stage.UNMATCHED]
        later = numbers_of(session, SYSTEM, _this_year())
        assert (later.engagements, later.approaches, later.outcomes) == (
            numbers.engagements,
            numbers.approaches,
            numbers.outcomes,
        )
        session.commit()
        assert verify(db.engine).findings == []


def test_not_a_byte_of_it_is_left_in_the_file(app: Flask) -> None:
    settings = app.extensions["settings"]
    with app.app_context():
        session = db.session()
        talent = a_talent(session, name="鼇鼈 鼇鼈子", description="鼇鼈の世話をします。", note="消去対象の覚書")
        session.commit()
        file = Path(db.engine.url.database or "")

        def told() -> list[str]:
            content = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
            return [mark for mark in ("鼈", "消去対象") if mark.encode() in content]

        assert told() == ["鼈", "消去対象"]
        erasure.erase_talent(session, actor=SYSTEM, settings=settings, talent=talent, version=None)
        session.commit()
        assert clear_traces(session, settings)
        assert told() == []
        assert not clear_traces(session, settings)
        session.rollback()


def test_the_log_never_held_a_value(session: Session) -> None:
    _marked(session)
    from models.records import AuditChange, AuditEntry

    told = repr([tuple(row) for row in session.execute(select(*AuditChange.__table__.columns))])
    told += repr([tuple(row) for row in session.execute(select(*AuditEntry.__table__.columns))])
    assert [mark for mark in MARKS if mark in told] == []


def test_only_the_centre_erases(session: Session) -> None:
    talent = a_talent(session)
    user = make_user(session, None)
    nobody = Actor(user.id, "試験", permissions=frozenset())
    with pytest.raises(NotAllowed):
        erasure.erase_talent(session, actor=nobody, settings=_settings(), talent=talent, version=None)
    assert session.get_one(Talent, talent.id).status is TalentStatus.ACTIVE


def _settings() -> object:
    from app.config import Settings

    return Settings(data_dir=Path("/nowhere"), database_url="sqlite://", secret_key="s", audit_key="a", testing=True)


def _this_year() -> int:
    from app.japanese.dates import fiscal_year_of, today_in_tokyo

    return fiscal_year_of(today_in_tokyo())
