"""All that is kept of one talent, for a person who asks what is held of them (開示請求): data, consents, matches, calls, log.

Who gets it decides what of it is handed out: notes of the staff and words of others stand in it, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.audit.access_notes import ACTIONS
from app.audit.words import history_of
from app.documents.pdf import render_pdf
from app.japanese.dates import format_date, format_datetime, today_in_tokyo
from app.talents.facts import times_in_words
from models.exchange import ImportRow, ImportRun
from models.matches import Match
from models.records import AccessNote
from models.talent_requests import TalentRequest
from models.talents import Talent, TalentFeatures, TextVector

HEADS = ["区分", "日時", "項目", "内容"]
#: Lines of the log in one record; older ones are counted.
MOST_LOGGED = 2_000
_KEPT = (
    "kind", "status", "name", "reading", "contact_person", "phone", "email", "address", "contact_note", "description",
    "free_skills", "audiences", "areas", "availability", "reward", "reward_note", "capacity", "consent_on",
    "consent_way", "valid_until", "consent_withdrawn_on", "is_adult", "has_guardian_consent", "is_insured", "note",
    "registered_on",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the record. `when` may be empty: what holds at present."""

    part: str
    when: str
    what: str
    text: str


def lines_of(session: Session, actor: Actor, talent: Talent) -> list[Line]:
    """Everything, in the order in which a person reads it. Raises NotAllowed without `contact:disclose`.

    Noted before it is read: see `app.audit.access_notes`.
    """
    actor.require(Permission.CONTACT_DISCLOSE)
    matches = session.scalars(
        scoped(Match, actor)
        .where(Match.talent_id == talent.id)
        .options(
            selectinload(Match.request).selectinload(TalentRequest.organization),
            *(
                selectinload(one)
                for one in (Match.steps, Match.contacts, Match.times, Match.follow_ups, Match.disclosures)
            ),
        )
        .order_by(Match.id)
    ).all()
    return [
        *_registered(talent),
        *_history(session, actor, talent),
        *(line for match in matches for line in _match(match)),
        *_copies(session, talent),
        *_seen(session, talent),
    ]


def as_pdf(talent: Talent, lines: list[Line]) -> bytes:
    """The record on paper."""
    parts = list(dict.fromkeys(line.part for line in lines))
    return render_pdf(
        "talent_record",
        {
            "title": f"{talent.number}について保有している記録",
            "author": "小平市民活動支援センターあすぴあ",
            "running_head": f"{talent.number}の記録(開示請求への対応用)",
            "footer": f"{format_date(today_in_tokyo(), weekday=False)}作成",
            "lead": "本人以外の人に関する情報や、職員の記録を含みます。渡す前に、開示できる範囲を確かめてください。",
            "parts": [
                {
                    "heading": part,
                    "rows": [[line.when, line.what, line.text] for line in lines if line.part == part],
                }
                for part in parts
            ],
        },
    )


def _registered(talent: Talent) -> Iterator[Line]:
    for name in _KEPT:
        label = Talent.__mapper__.columns[name].info["label"]
        yield Line("登録している内容", "", label, _in_words(name, getattr(talent, name)))
    skills, fields = (row.name for row in talent.skills), (row.name for row in talent.fields)
    yield Line("登録している内容", "", "技能の分類", "、".join(skills) or "なし")
    yield Line("登録している内容", "", "活動分野", "、".join(fields) or "なし")


def _in_words(name: str, value: Any) -> str:
    if name == "availability":
        return times_in_words(value) or "なし"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "、".join(value) or "なし"
    if isinstance(value, dt.date):
        return format_date(value, weekday=False)
    return str(getattr(value, "label", value)) if value not in (None, "") else "なし"


def _history(session: Session, actor: Actor, talent: Talent) -> Iterator[Line]:
    """Consents and changes, as the log tells them: that a personal value changed, never from what."""
    for line in reversed(history_of(session, actor, "talent", str(talent.id), limit=MOST_LOGGED)):
        told = "。".join(line.sentences)
        yield Line(
            "同意と変更の経過", format_datetime(line.at), line.label, f"{told}({line.who})" if told else line.who
        )


def _match(match: Match) -> Iterator[Line]:
    part = f"コーディネート{match.id}: {match.request.title}({match.request.organization})"
    yield Line(part, format_datetime(match.stage_at), "現在の段階", match.stage.label)
    for step in match.steps:
        yield Line(part, format_datetime(step.at), "段階", f"{step.stage.label}({step.by_label})")
    if match.close_reason is not None:
        yield Line(part, "", "終わった理由", match.close_reason.label)
    if match.times:
        yield Line(part, "", "決まった曜日・時間帯", times_in_words(line.code for line in match.times))
    for said in match.contacts:
        told = f"{said.side.label}・{said.way.label}・{said.result.label} {said.summary or ''}".rstrip()
        yield Line(part, format_datetime(said.contacted_at), "連絡の記録", f"{told}({said.by_label})")
    for given in match.disclosures:
        told = f"{given.to_side.label}へ {'、'.join(given.items)} 目的: {given.purpose}({given.by_label})"
        yield Line(part, format_datetime(given.disclosed_at), "連絡先の開示", told)
    for asked in match.follow_ups:
        told = f"{asked.side.label}: {asked.outcome.label} {asked.comment or ''}".rstrip()
        yield Line(part, format_date(asked.asked_on, weekday=False), "その後の聞き取り", told)
    for label, text in (("候補にした根拠", match.why), ("経過の覚え書き", match.note)):
        if text:
            yield Line(part, "", label, text)


def _copies(session: Session, talent: Talent) -> Iterator[Line]:
    """What is made of the data, and where it came in."""
    has_vector = session.scalar(select(TextVector.id).where(TextVector.talent_id == talent.id)) is not None
    has_features = session.get(TalentFeatures, talent.id) is not None
    part = "登録内容から作ったもの・写し"
    yield Line(part, "", "候補を探すための数値(文の意味、ことばの数)", "あり" if has_vector or has_features else "なし")
    yield Line(part, "", "検索用の索引", "あり(氏名は、あすぴあの職員だけが検索できます)")
    rows = session.execute(
        select(ImportRun.created_at, ImportRow.row_number)
        .join(ImportRun, ImportRun.id == ImportRow.run_id)
        .where(ImportRun.spec_name == "talents", ImportRow.record_key == str(talent.id))
        .order_by(ImportRun.created_at)
    ).all()
    for moment, number in rows:
        yield Line(part, format_datetime(moment), "取込みのファイルに残っている行", f"{number}行目(保存期限に消えます)")


def _seen(session: Session, talent: Talent) -> Iterator[Line]:
    """Who looked at what names the talent: its own pages and its matches; lists name nobody and are only counted."""
    part = "閲覧の記録"
    mine = (AccessNote.table_name == "talent") & (AccessNote.record_key == str(talent.id))
    total = session.scalar(select(func.count()).select_from(AccessNote).where(mine)) or 0
    for note in session.scalars(select(AccessNote).where(mine).order_by(AccessNote.id.desc()).limit(MOST_LOGGED)):
        told = f"{ACTIONS.get(note.action, note.action)} 目的: {note.purpose}"
        yield Line(part, format_datetime(note.at), note.actor_label, told)
    if total > MOST_LOGGED:
        yield Line(part, "", "これより前の閲覧", f"{total - MOST_LOGGED:,}件")
    several = (AccessNote.table_name == "talent") & AccessNote.record_key.is_(None)
    lists = session.scalar(
        select(func.count()).select_from(AccessNote).where(several, AccessNote.at >= talent.created_at)
    )
    yield Line(part, "", "人財の一覧などの表示(登録以降。だれが載っていたかは記録しません)", f"{lists or 0:,}回")
