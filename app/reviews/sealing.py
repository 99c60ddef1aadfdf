"""The sealed record (rules.md 28): everything a conclusion rests on as one canonical JSON, and its check afterwards."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.config import Settings
from app.files.services import store_of
from app.problems import NotFound, Problem
from app.reviews.ballot_reading import ballot_from
from app.reviews.correction_digest import correction_digest
from app.reviews.record_content import content_of, facts_of, tallied_of
from app.reviews.tally import tally
from models.calls import Call
from models.records import AuditChange
from models.review_records import ReviewCorrection, SealedRecord

#: So many differences are told one by one.
MOST = 50


@dataclasses.dataclass(frozen=True)
class Difference:
    """One thing that is not as it was sealed: where, and what about it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def seal_record(session: Session, actor: Actor, call: Call) -> SealedRecord:
    """Inside the confirming act: write the record; its SHA-256 goes into the log's chain with the act."""
    content = rfc8785.dumps(content_of(session, call))
    last = session.scalar(select(func.max(SealedRecord.number)).where(SealedRecord.call_id == call.id)) or 0
    record = SealedRecord(
        call_id=call.id,
        number=last + 1,
        content=content.decode("utf-8"),
        sha256=hashlib.sha256(content).hexdigest(),
        made_by_id=actor.user_id,
    )
    session.add(record)
    session.flush()
    return record


def latest_record(session: Session, call_id: int) -> SealedRecord | None:
    """The sealed record of a call. Not scoped."""
    return session.scalars(
        select(SealedRecord).where(SealedRecord.call_id == call_id).order_by(SealedRecord.number.desc()).limit(1)
    ).one_or_none()


def verify_record(session: Session, call: Call, settings: Settings) -> list[Difference]:
    """Recompute hash and tally of the sealed record, and hold it against what stands in the database and the files.

    Empty when all is as it was sealed. Raises NotFound when the call has no sealed record.
    """
    record = latest_record(session, call.id)
    if record is None:
        raise NotFound(f"{call.name}には、まだ封印記録がありません。審査結果が確認されると作られます。")
    found: list[Difference] = []
    digest = hashlib.sha256(record.content.encode("utf-8")).hexdigest()
    if digest != record.sha256:
        found.append(Difference("封印記録", f"SHA-256が一致しません(記録{record.sha256}、計算{digest})。"))
    try:
        sealed = json.loads(record.content)
        if rfc8785.dumps(sealed).decode("utf-8") != record.content:
            found.append(Difference("封印記録", "正規の形のJSONではありません。"))
    except (ValueError, RecursionError):
        return [*found, Difference("封印記録", "JSONとして読めません。")]
    found += _in_the_chain(session, record)
    found += _tallied_again(sealed)
    found += _against_rows(session, call, sealed)[:MOST]
    return found + _files(sealed, settings) + _corrections(session, call)


def _in_the_chain(session: Session, record: SealedRecord) -> list[Difference]:
    """The log holds the hash as it was when the record was made."""
    changes = session.scalars(
        select(AuditChange).where(AuditChange.table_name == "sealed_record", AuditChange.record_key == str(record.id))
    ).all()
    told = json.dumps([change.values for change in changes], ensure_ascii=False)
    return [] if record.sha256 in told else [Difference("操作記録", "封印記録のSHA-256が操作記録にありません。")]


def _tallied_again(sealed: dict[str, Any]) -> list[Difference]:
    try:
        again = tally(ballot_from(sealed["ballot"])).as_json()
    except (Problem, KeyError, TypeError) as problem:
        return [Difference("集計", f"封印記録から集計し直せません({problem})。")]
    return _against(_figures(sealed.get("tally")), _figures(json.loads(rfc8785.dumps(again))), "集計")


def _against_rows(session: Session, call: Call, sealed: dict[str, Any]) -> list[Difference]:
    """The record beside what stands in the database: rows first, then what is reckoned from them."""
    reckoned = ("ballot", "tally")
    facts = {key: value for key, value in sealed.items() if key not in reckoned}
    found = _against(facts, json.loads(rfc8785.dumps(facts_of(session, call))), "")
    try:
        now = json.loads(rfc8785.dumps(tallied_of(session, call)))
    except Problem as problem:
        return [*found, Difference("集計", f"いまの記録からは集計できません({problem.message})")]
    return found + _against({key: _figures(sealed.get(key)) for key in reckoned}, _figures(now), "")


def _figures(tallied: Any) -> Any:
    """A tally without its sentences: a later version of this program may say the same figures in other words."""
    if isinstance(tallied, dict):
        return {key: _figures(value) for key, value in tallied.items() if key != "text"}
    return [_figures(one) for one in tallied] if isinstance(tallied, list) else tallied


def _against(sealed: Any, now: Any, where: str) -> list[Difference]:
    """Where two JSON values differ, by path. Rows with an id are matched by it."""
    if sealed == now:
        return []
    if isinstance(sealed, dict) and isinstance(now, dict):
        found = []
        for key in sorted(set(sealed) | set(now)):
            place = f"{where}/{key}" if where else str(key)
            if key not in now or key not in sealed:
                found.append(
                    Difference(place, "封印時にはありました。" if key in sealed else "封印時にはありませんでした。")
                )
            else:
                found += _against(sealed[key], now[key], place)
        return found
    if isinstance(sealed, list) and isinstance(now, list):
        pairs = _by_id(sealed), _by_id(now)
        if pairs[0] is not None and pairs[1] is not None:
            return _against(pairs[0], pairs[1], where)
        if len(sealed) == len(now):
            return [
                one
                for place, (was, is_) in enumerate(zip(sealed, now, strict=True))
                for one in _against(was, is_, f"{where}[{place}]")
            ]
        return [Difference(where, f"封印時は{len(sealed)}件、いまは{len(now)}件です。")]
    return [Difference(where, f"封印時は「{_short(sealed)}」、いまは「{_short(now)}」です。")]


def _by_id(rows: list[Any]) -> dict[str, Any] | None:
    if not all(isinstance(row, dict) and "id" in row for row in rows):
        return None
    return {str(row["id"]): row for row in rows}


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= 60 else text[:60] + "…"


def _corrections(session: Session, call: Call) -> list[Difference]:
    """The signed entries beside the record still say what was signed."""
    rows = session.scalars(
        select(ReviewCorrection).where(ReviewCorrection.call_id == call.id).order_by(ReviewCorrection.id)
    )
    return [
        Difference(f"訂正{row.id}", "署名したときのSHA-256と一致しません。")
        for row in rows
        if correction_digest(row) != row.sha256
    ]


def _files(sealed: dict[str, Any], settings: Settings) -> list[Difference]:
    """The papers themselves still have the bytes that were sealed."""
    store, found = store_of(settings), []
    for file in sealed.get("files", []):
        try:
            store.get(file["sha256"])
        except NotFound as problem:
            found.append(Difference(f"書類「{file['name']}」", problem.message))
    return found
