"""Disclosure copies of a sealed record (開示): parts masked each for a ground, and a register of what was given to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.scopes import get_visible, scoped
from app.actor import Actor
from app.audit.recorder import act
from app.documents.pdf import render_pdf
from app.japanese.dates import format_date, format_datetime
from app.problems import Conflict as Refusal
from app.problems import Invalid
from app.reviews.concluding import require_secretariat
from app.reviews.disclosure_copy import Copy, copy_of, corrections_beside
from app.reviews.paper_parts import section, table
from app.reviews.record_paper import RecordPaper
from app.reviews.redaction_marks import BY_KEY, Ground, Mark
from app.reviews.sealing import latest_record
from app.reviews.texts import checked_text
from models.base import utc_now
from models.calls import Call
from models.reference import Department
from models.review_records import ReviewDisclosure, SealedRecord

#: A shorter word would be found inside of others.
SHORTEST_WORD = 2
MOST_WORDS = 100


def checked_marks(rows: Sequence[tuple[str, str, str]], words: str) -> list[Mark]:
    """Marks from (part, ground, text), as typed; words: one a line. Raises Invalid with fields `text_<part>`, `words`."""
    wrong: dict[str, str] = {}
    marks = []
    for part, ground, text in rows:
        missing = f"「{BY_KEY[part].label}」を非開示とする根拠(条・号)を書いてください。"
        try:
            clean = checked_text(text, "根拠", field=f"text_{part}", length=300, required=missing, is_line=True)
        except Invalid as problem:
            wrong |= problem.fields
            continue
        marks.append(Mark(part, Ground(ground), clean, _checked_words(words, wrong) if part == "words" else ()))
    if words.strip() and not any(part == "words" for part, _, _ in rows):
        wrong["words"] = "語を隠すときは、「その他の語」の非開示の理由も選んでください。"
    if wrong:
        raise Invalid("非開示とする部分を確かめてください。", fields=wrong)
    return marks


def _checked_words(typed: str, wrong: dict[str, str]) -> tuple[str, ...]:
    try:
        text = checked_text(typed, "隠す語", field="words", required="隠す語を1行に1つずつ書いてください。")
    except Invalid as problem:
        wrong.update(problem.fields)
        return ()
    words = tuple(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))
    if any(len("".join(word.split())) < SHORTEST_WORD for word in words):
        wrong["words"] = f"隠す語は{SHORTEST_WORD}文字以上にしてください。"
    elif len(words) > MOST_WORDS:
        wrong["words"] = f"隠す語は{MOST_WORDS}語までにしてください。"
    return words


def preview(session: Session, *, actor: Actor, call_id: int, marks: Sequence[Mark]) -> bytes:
    """The copy as PDF, marked 「案」; nothing is kept. Raises Conflict without a sealed record."""
    require_secretariat(session, actor, call_id)
    record = _record(session, call_id)
    return _paper(session, record, copy_of(record, marks, corrections_beside(session, record)), facts=[], mark="案")


def disclose(
    session: Session,
    *,
    actor: Actor,
    call_id: int,
    recipient: str,
    basis: str,
    disclosed_on: dt.date | None,
    marks: Sequence[Mark],
) -> ReviewDisclosure:
    """Enter into the register, and the log, which parts were given to whom. Raises Invalid with a sentence a field."""
    call = require_secretariat(session, actor, call_id)
    record = _record(session, call_id)
    wrong: dict[str, str] = {}
    clean: dict[str, str] = {}
    for field, value, label, length in (
        ("recipient", recipient, "開示の相手", 200),
        ("basis", basis, "請求の番号・内容", 300),
    ):
        try:
            clean[field] = checked_text(
                value, label, field=field, length=length, required=f"{label}を入力してください。", is_line=True
            )
        except Invalid as problem:
            wrong |= problem.fields
    if disclosed_on is None:
        wrong["disclosed_on"] = "開示日を入力してください。"
    if wrong:
        raise Invalid("開示の内容を確かめてください。", fields=wrong)
    with act(
        session, actor, "conclusion:disclose", f"{call.name}の審査記録の開示を記録しました", reason=clean["basis"]
    ):
        session.execute(select(Call.id).where(Call.id == call_id).with_for_update())  # numbers are given in turn
        last = session.scalar(select(func.max(ReviewDisclosure.number)).where(ReviewDisclosure.call_id == call_id))
        row = ReviewDisclosure(
            call_id=call_id,
            record_id=record.id,
            number=(last or 0) + 1,
            disclosed_on=disclosed_on,
            marks=[mark.as_json(with_words=True) for mark in marks],
            record_sha256=record.sha256,
            copy_sha256=copy_of(record, marks, corrections_beside(session, record)).sha256,
            made_at=utc_now(),
            made_by_id=actor.user_id,
            **clean,
        )
        session.add(row)
        session.flush()
    return row


def disclosures_of(session: Session, actor: Actor, call_id: int) -> Sequence[ReviewDisclosure]:
    """The register of a call, newest first."""
    return session.scalars(
        scoped(ReviewDisclosure, actor).where(ReviewDisclosure.call_id == call_id).order_by(ReviewDisclosure.id.desc())
    ).all()


def disclosed_copy(session: Session, *, actor: Actor, disclosure_id: int) -> tuple[ReviewDisclosure, Copy]:
    """A copy that was given, made again. Raises Conflict when it is no longer the same, NotFound."""
    row = get_visible(session, ReviewDisclosure, disclosure_id, actor)
    marks = [Mark.of_json(mark) for mark in row.marks]
    # Copies that were given before corrections stood in them are made again without.
    for corrections in (corrections_beside(session, row.record, row.made_at), ()):
        copy = copy_of(row.record, marks, corrections)
        if copy.sha256 == row.copy_sha256:
            return row, copy
    raise Refusal("作り直した写しが、開示したときの写しと一致しません。封印記録を確かめてください。")


def disclosed_paper(session: Session, *, actor: Actor, disclosure_id: int) -> bytes:
    """The same as PDF."""
    row, copy = disclosed_copy(session, actor=actor, disclosure_id=disclosure_id)
    facts: list[tuple[str, object]] = [
        ("開示番号", f"第{row.number}号"),
        ("開示日", format_date(row.disclosed_on)),
        ("請求", row.basis),
    ]
    return _paper(session, row.record, copy, facts=facts)


def _record(session: Session, call_id: int) -> SealedRecord:
    record = latest_record(session, call_id)
    if record is None:
        raise Refusal("審査結果がまだ確認されていないため、開示用の写しは作れません。")
    return record


def _paper(
    session: Session, record: SealedRecord, copy: Copy, *, facts: list[tuple[str, object]], mark: str = ""
) -> bytes:
    departments = {row.id: row.name for row in session.execute(select(Department.id, Department.name))}
    data = copy.data
    rows = [(one["label"], Ground(one["ground"]).label, one["text"]) for one in data["marks"]]
    head = section(
        "この写しについて",
        facts=[
            *facts,
            ("原本", f"審査の封印記録 第{record.number}号({format_datetime(record.made_at)}作成)"),
            ("原本のSHA-256", record.sha256),
            ("写し(JSON)のSHA-256", copy.sha256),
        ],
        paragraphs=["「■」は、非開示とした部分です。" if rows else "非開示とした部分はありません。"],
        tables=[table(["非開示とした部分", "理由", "根拠"], rows, widths=(3, 3, 5))],
    )
    name = data["content"]["call"]["name"]
    return render_pdf(
        "review_paper",
        {
            "title": "審査記録の写し(開示用)",
            "running_head": f"審査記録の写し(開示用) {name}",
            "subtitle": [name],
            "footer": f"原本 SHA-256 {record.sha256[:16]}…",
            "mark": mark,
            "landscape": True,
            "contents": False,
            "sections": [head, *RecordPaper(data["content"], departments).sections()],
        },
    )
