"""Disclosure copies: masked, registered, made again the same, and never silent about corrections."""

from __future__ import annotations

import io
import json
from typing import Any

import pypdf
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.problems import Conflict, Invalid, NotAllowed
from app.reviews import disclosing
from app.reviews.corrections import add_correction
from app.reviews.redaction_marks import Ground, Mark
from models.records import AuditChange
from models.review_records import ReviewDisclosure
from tests.app.reviews.concluded import TODAY, confirmed, ready
from tests.app.reviews.support import Case


def _words(pdf: bytes) -> str:
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_disclosure_is_registered_and_the_copy_comes_out_the_same(any_session: Session) -> None:
    case = ready(any_session)
    marks = [
        Mark("member_names", Ground.PERSON, "第7条第2号"),
        Mark("member_scores", Ground.DELIBERATION, "第7条第5号"),
    ]
    values: dict[str, Any] = {"recipient": "請求 太郎", "basis": "受付第1号", "disclosed_on": TODAY, "marks": marks}
    with pytest.raises(Conflict, match="まだ確認されていない"):
        disclosing.disclose(any_session, actor=case.office, call_id=case.call.id, **values)
    any_session.rollback()
    confirmed(case)
    with pytest.raises(Invalid) as refused:
        disclosing.disclose(
            any_session, actor=case.office, call_id=case.call.id, recipient="", basis="", disclosed_on=None, marks=[]
        )
    assert set(refused.value.fields) == {"recipient", "basis", "disclosed_on"}
    with pytest.raises(NotAllowed):
        disclosing.disclose(any_session, actor=case.actor(0), call_id=case.call.id, **values)
    row = disclosing.disclose(any_session, actor=case.office, call_id=case.call.id, **values)
    _, copy = disclosing.disclosed_copy(any_session, actor=case.office, disclosure_id=row.id)
    told = copy.content.decode() + _words(
        disclosing.disclosed_paper(any_session, actor=case.office, disclosure_id=row.id)
    )
    assert not any(user.display_name in told for user in case.users)
    assert row.record_sha256 in told and "第7条第5号" in told and "審議・検討に関する情報" in told
    logged = any_session.scalars(select(AuditChange).where(AuditChange.table_name == "review_disclosure")).one()
    assert row.copy_sha256 in json.dumps(logged.values) and "請求 太郎" not in json.dumps(
        logged.values, ensure_ascii=False
    )
    for statement in ("UPDATE review_disclosure SET basis = 'x'", "DELETE FROM review_disclosure"):
        with pytest.raises(DBAPIError, match="stands still"):
            any_session.execute(text(statement))
        any_session.rollback()


def _disclose(session: Session, case: Case, *marks: Mark) -> ReviewDisclosure:
    return disclosing.disclose(
        session,
        actor=case.office,
        call_id=case.call.id,
        recipient="請求 太郎",
        basis="受付第1号",
        disclosed_on=TODAY,
        marks=marks,
    )


def _correct(session: Session, case: Case, words: str) -> None:
    add_correction(
        session,
        actor=case.office,
        call_id=case.call.id,
        proposal_id=case.proposals[0].id,
        text=words,
        reason="申出があったため",
    )


def test_a_copy_tells_of_the_corrections_that_stood_beside_the_record(session: Session) -> None:
    case = ready(session)
    confirmed(case)
    before = _disclose(session, case)
    member = case.users[0].display_name
    _correct(session, case, f"{member}は講師の謝礼を受けていた")
    named = _disclose(session, case)
    masked = _disclose(session, case, Mark("member_names", Ground.PERSON, "第7条第2号"))
    closed = _disclose(session, case, Mark("corrections", Ground.PERSON, "第7条第2号"))
    _correct(session, case, "あとの訂正")
    told = {}
    for row in (before, named, masked, closed):
        _, copy = disclosing.disclosed_copy(session, actor=case.office, disclosure_id=row.id)
        told[row.id] = copy.content.decode()
        paper = _words(disclosing.disclosed_paper(session, actor=case.office, disclosure_id=row.id))
        assert ("次の訂正が" in paper) == (row is not before)
        assert ("講師の謝礼" in paper) == ("講師の謝礼" in told[row.id]) == (row in (named, masked))
        assert "あとの訂正" not in told[row.id]
    assert member in told[named.id] and member not in told[masked.id]
    assert "corrections" not in json.loads(told[before.id])["content"]
    (entry,) = json.loads(told[closed.id])["content"]["corrections"]
    assert entry["text"].startswith("■") and len(entry["sha256"]) == 64


def test_a_copy_given_before_corrections_stood_in_copies_is_still_made_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ready(session)
    confirmed(case)
    _correct(session, case, "訂正の文")
    with monkeypatch.context() as older:
        older.setattr(disclosing, "corrections_beside", lambda *_: [])
        row = _disclose(session, case)
    found, copy = disclosing.disclosed_copy(session, actor=case.office, disclosure_id=row.id)
    assert "訂正の文" not in copy.content.decode() and copy.sha256 == found.copy_sha256
