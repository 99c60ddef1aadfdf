"""What stands on the page of a talent: what it offers, its consent, its matches, the requests that fit."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from admin_views.columns import shown
from app.actor import Actor
from app.japanese.dates import format_date
from app.talents import advice, queries
from app.talents.facts import times_in_short, times_in_words
from app.talents.matching import anonymous_texts
from app.talents.stages import DISCLOSED
from models.talents import Talent


def sections_of(record: Talent, *, with_names: bool) -> list[tuple[str, list[tuple[str, Any]]]]:
    words, description = anonymous_texts(record)
    if with_names:
        words, description = list(record.free_skills), record.description or ""
    flags = [
        label
        for label, is_set in (
            ("18歳以上", record.is_adult),
            ("保護者の同意あり", record.has_guardian_consent),
            ("ボランティア保険に加入", record.is_insured),
        )
        if is_set
    ]
    able = [
        ("個人・団体", record.kind.label),
        ("技能", "、".join([*(skill.name for skill in record.skills), *words])),
        ("できること・経験", description),
        ("活動分野", "、".join(one.name for one in record.fields)),
        ("対象", "、".join(record.audiences)),
    ]
    conditions = [
        ("行ける地域", "、".join(record.areas)),
        ("活動できる曜日・時間帯", times_in_short(record.availability)),
        ("希望する謝礼", record.reward.label + _reward_note(record, with_names=with_names)),
        ("同時に引き受けられる件数", f"{record.capacity}件"),
        ("確認していること", "、".join(flags)),
    ]
    found: list[tuple[str, list[tuple[str, Any]]]] = [("できること", able), ("条件", conditions)]
    if with_names:
        found.insert(0, ("本人", [("氏名・団体名", record.name), ("よみ", record.reading)]))
        found.append(
            (
                "同意と登録",
                [
                    ("登録への同意日", _day(record.consent_on)),
                    ("同意の方法", record.consent_way.label if record.consent_way else None),
                    ("登録の有効期限", _day(record.valid_until)),
                    ("同意の撤回日", _day(record.consent_withdrawn_on) or "撤回されていません"),
                    ("登録日", _day(record.registered_on)),
                    ("職員の覚え書き", record.note or "ありません"),
                ],
            )
        )
    return found


def _reward_note(record: Talent, *, with_names: bool) -> str:
    return f"({record.reward_note})" if record.reward_note and with_names else ""


def _day(day: Any) -> str | None:
    return format_date(day) if day else None


def missing_of(record: Talent, edit: str) -> list[tuple[str, str | None]]:
    """(what is not there yet, where it is entered)."""
    wanting = [
        (not record.availability, "活動できる曜日・時間帯(ないと候補になりません)"),
        (not record.areas, "行ける地域(ないと候補になりません)"),
        (not record.audiences, "対象(ないと候補になりません)"),
        (not record.description and not record.skills and not record.free_skills, "できること"),
        (not record.phone and not record.email, "電話番号かメールアドレス"),
    ]
    return [(label, edit) for is_missing, label in wanting if is_missing]


def matches_of(session: Session, actor: Actor, record: Talent) -> list[dict[str, Any]]:
    return [
        {
            "url": url_for("match.details_view", key=match.id),
            "title": match.request.title,
            "group": str(match.request.organization),
            "stage": match.stage.label,
            "since": shown(match.stage_at),
            "reason": match.close_reason.label if match.close_reason else "",
            "times": times_in_words(line.code for line in match.times),
            "is_disclosed": match.stage in DISCLOSED,
        }
        for match in queries.matches_of_talent(session, actor, record)
    ]


def fitting_of(session: Session, actor: Actor, record: Talent) -> dict[str, Any]:
    """What talents/_fitting.html shows."""
    found = advice.of_talent(session, current_app.extensions["settings"], actor, record)
    fitting = [
        {
            "url": url_for("talent-request.details_view", key=one.id),
            "title": one.title,
            "group": str(one.organization),
            "position": position,
            "due": format_date(one.due_on) if one.due_on else "",
        }
        for one, position, _ in found.fitting
    ]
    return {"fitting": fitting, "considered": found.considered, "barriers": found.barriers}
