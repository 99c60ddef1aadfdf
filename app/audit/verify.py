"""Reads the whole chain in order and names the first broken link; memory stays flat whatever the number of entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, tuple_

from app.audit import anchor as anchors
from app.audit import chain
from app.audit.anchor import Anchor, BrokenAnchor
from app.audit.ddl import guard_problems
from app.audit.findings import Break, Finding, Report
from models.engine import reading
from models.records import AuditChange, AuditEntry, AuditHead

_ENTRY = AuditEntry.__table__
_CHANGE = AuditChange.__table__
_HEAD = AuditHead.__table__
_CHUNK = 500


def verify(engine: Engine, *, expected: tuple[int, str] | None = None, with_anchor: bool = True) -> Report:
    """Check chain, bodies, head, anchor and triggers in one snapshot; writers go on meanwhile.

    expected: (sequence, hash) that was noted elsewhere; the chain must still hold it.
    """
    report = Report()
    known = _read_anchor(report) if with_anchor else None  # before the snapshot: a later one could be ahead of it
    with reading():
        options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        with engine.connect().execution_options(**options) as connection, connection.begin():
            marks = {known.sequence: known.hash} if known else {}
            seen = _walk(connection, report, known, {*marks, *([expected[0]] if expected else [])})
            if report.findings and report.entries == 0 and report.findings[0].kind is Break.CHANGED:
                report.notes.append("最初の記録から一致しません。監査鍵(AUDIT_KEY)が作成時と違う可能性があります。")
            if not report.findings:
                _check_strays(connection, report)
                _check_head(connection, report)
            if known is not None:
                _check_noted(report, seen, known.sequence, known.hash, "控え")
            if expected is not None:
                _check_noted(report, seen, *expected, "指定された番号とハッシュ")
            if with_anchor:
                _check_anchor(report, known)
            report.findings += [Finding(Break.GUARD, None, problem) for problem in guard_problems(connection)]
    return report


# --- the chain -----------------------------------------------------------------------------------------------------


def _walk(connection: Connection, report: Report, known: Anchor | None, wanted: set[int]) -> dict[int, str]:
    """Follow the links up to the first broken one. Returns the hashes at the `wanted` places."""
    seen: dict[int, str] = {}
    for chunk, following in _chunks(connection):
        bodies = _bodies(connection, chunk)
        for position, row in enumerate(chunk):
            after = chunk[position + 1] if position + 1 < len(chunk) else following
            finding = _check_link(connection, report, row, after, known) or _check_body(report, row, bodies)
            if finding is not None:
                report.findings.append(finding)
                return seen
            report.entries += 1
            report.sequence, report.hash = row.sequence, row.hash
            if row.sequence in wanted:
                seen[row.sequence] = row.hash
    return seen


def _chunks(connection: Connection) -> Iterator[tuple[list[Row[Any]], Row[Any] | None]]:
    """Entries in the order of their places, some at a time, each time with the one that follows."""
    order = (_ENTRY.c.sequence, _ENTRY.c.id)
    statement = select(_ENTRY).order_by(*order).limit(_CHUNK + 1)
    rows = list(connection.execute(statement))
    while rows:
        chunk, following = rows[:_CHUNK], rows[_CHUNK] if len(rows) > _CHUNK else None
        yield chunk, following
        if following is None:
            return
        last = chunk[-1]
        rows = list(connection.execute(statement.where(tuple_(*order) > (last.sequence, last.id))))


def _bodies(connection: Connection, chunk: list[Row[Any]]) -> dict[str, chain.BodyDigest]:
    statement = (
        select(_CHANGE)
        .where(_CHANGE.c.entry_id.in_([row.id for row in chunk]))
        .order_by(_CHANGE.c.entry_id, _CHANGE.c.position, _CHANGE.c.id)
        .execution_options(yield_per=1000)
    )
    bodies: dict[str, chain.BodyDigest] = {}
    for row in connection.execute(statement).mappings():
        bodies.setdefault(row["entry_id"], chain.BodyDigest()).add(dict(row))
    return bodies


def _check_link(
    connection: Connection, report: Report, row: Row[Any], after: Row[Any] | None, known: Anchor | None
) -> Finding | None:
    before, place = report.hash, report.sequence + 1
    if row.sequence < place:
        return Finding(Break.INSERTED, row.sequence, "同じ番号の記録がほかにあります")
    if row.sequence > place:
        moved = _successor(connection, before, place)
        if moved is not None:
            return Finding(Break.REORDERED, place, f"{moved.sequence}番へ移されています")
        until = row.sequence - 1
        return Finding(
            Break.MISSING, place, f"{place}番から{until}番までがありません" if until > place else "ありません"
        )
    if _fits(row, before, place):
        if row.previous_hash == before:
            return None
        return Finding(Break.CHANGED, place, "一つ前のハッシュが書き換えられています")
    if after is not None and _fits(after, before, place):
        if _fits(row, after.hash, place + 1):
            return Finding(Break.REORDERED, place, "次の記録と入れ替わっています")
        return Finding(Break.INSERTED, place, "つながりの間に入れられた記録です")
    if row.previous_hash != before:
        moved = _successor(connection, before, place)
        if moved is not None and moved.sequence != place:
            return Finding(Break.REORDERED, place, f"ここにあるべき記録が{moved.sequence}番にあります")
        if row.hash == chain.hash_of(row.previous_hash, place + 1, row._asdict()):
            return Finding(Break.MISSING, place, "取り除かれ、後の記録の番号が詰められています")
        return Finding(Break.CHANGED, place, "内容もつながりも一致しません")
    if after is None and known is not None and known.sequence < place:
        return Finding(Break.INSERTED, place, "鍵なしで末尾に加えられた記録です")
    return Finding(Break.CHANGED, place, "内容がハッシュと一致しません")


def _fits(row: Row[Any], before: str, place: int) -> bool:
    return bool(row.hash == chain.hash_of(before, place, row._asdict()))


def _successor(connection: Connection, before: str, place: int) -> Row[Any] | None:
    """The true entry of that place, wherever it stands now."""
    for row in connection.execute(select(_ENTRY).where(_ENTRY.c.previous_hash == before)):
        if _fits(row, before, place):
            return row
    return None


def _check_body(report: Report, row: Row[Any], bodies: dict[str, chain.BodyDigest]) -> Finding | None:
    body = bodies.get(row.id) or chain.BodyDigest()
    if body.count != row.change_count:
        return Finding(Break.BODY, row.sequence, f"変更の行が{row.change_count}行のところ{body.count}行あります")
    if body.hexdigest() != row.body_digest:
        return Finding(Break.BODY, row.sequence, "変更の行の内容が書き換えられています")
    report.changes += body.count
    return None


# --- what stands around it -----------------------------------------------------------------------------------------


def _check_strays(connection: Connection, report: Report) -> None:
    stray = connection.execute(
        select(_CHANGE.c.id, _CHANGE.c.entry_id)
        .outerjoin(_ENTRY, _ENTRY.c.id == _CHANGE.c.entry_id)
        .where(_ENTRY.c.id.is_(None))
        .limit(1)
    ).first()
    if stray is not None:
        report.findings.append(Finding(Break.BODY, None, f"どの記録にも属さない変更の行があります(行{stray.id})"))


def _check_head(connection: Connection, report: Report) -> None:
    head = connection.execute(select(_HEAD.c.sequence, _HEAD.c.hash)).first()
    if head is None:
        report.findings.append(Finding(Break.HEAD, None, "最終番号の行がありません"))
    elif head.sequence > report.sequence:
        report.findings.append(
            Finding(
                Break.TAIL, report.sequence + 1, f"{head.sequence}番まであるはずが{report.sequence}番で終わっています"
            )
        )
    elif (head.sequence, head.hash) != (report.sequence, report.hash):
        report.findings.append(Finding(Break.HEAD, report.sequence, "最終番号の行が最後の記録と一致しません"))


def _check_noted(report: Report, seen: dict[int, str], sequence: int, link: str, name: str) -> None:
    """A place and hash that were noted outside the database must still be in the chain."""
    if sequence == 0:
        return
    found = seen.get(sequence)
    if found == link:
        return
    if found is not None:
        report.findings.append(Finding(Break.ANCHOR, sequence, f"{name}と異なる記録に置き換わっています"))
    elif not any(finding.sequence is not None for finding in report.findings):
        detail = f"{name}では{sequence}番まであるはずが{report.sequence}番で終わっています"
        report.findings.append(Finding(Break.TAIL, report.sequence + 1, detail))


def _read_anchor(report: Report) -> Anchor | None:
    try:
        return anchors.read()
    except BrokenAnchor:
        report.notes.append("控え(データベースの外に置く最終番号)のファイルが壊れているか、書き換えられています。")
        return None


def _check_anchor(report: Report, known: Anchor | None) -> None:
    if anchors.path() is None:
        report.notes.append("控えを置くファイルが設定されていません。末尾の欠落は最終番号の行でしか調べられません。")
    elif known is None and report.sequence > 0:
        report.findings.append(
            Finding(Break.ANCHOR, None, "控えがありません。理由が分かっていれば flask audit anchor で作り直します")
        )
    elif known is not None and known.is_restarted:
        detail = (
            f"控えが{known.since}番から作り直されています。理由が分かっていれば flask audit anchor で確認を残します"
        )
        report.findings.append(Finding(Break.ANCHOR, known.since, detail))
    elif known is not None and known.sequence < report.sequence:
        report.notes.append(
            f"控えは{known.sequence}番、記録は{report.sequence}番までです。検証中に書き込みがなかったのなら、"
            "古い控えに差し替えられたか、控えを書けなかった可能性があります。"
        )
