"""What stands on the page of a request: what was asked for, and who is at work on it."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.actor import Actor
from app.japanese.dates import format_date, to_tokyo
from app.talents import queries
from app.talents.facts import times_in_short
from models.talent_requests import TalentRequest


def sections_of(record: TalentRequest) -> list[tuple[str, list[tuple[str, Any]]]]:
    """What was asked for."""
    wanted = [skill.name for skill in record.skills] + list(record.free_skills)
    needs = [
        label
        for label, is_set in (
            ("18歳以上", record.requires_adult),
            ("ボランティア保険", record.requires_insurance),
            ("18歳未満は保護者の同意", record.requires_guardian_consent),
        )
        if is_set
    ]
    return [
        (
            "依頼の内容",
            [
                ("依頼団体", str(record.organization)),
                ("内容", record.description),
                ("希望する技能", "、".join(wanted)),
                ("活動分野", "、".join(one.name for one in record.fields)),
                ("対象", "、".join(record.audiences)),
                ("希望する曜日・時間帯", times_in_short(record.times)),
                ("日程の補足", record.schedule_note),
                ("場所", record.area + (f"({record.place_note})" if record.place_note else "")),
                ("出せる謝礼", record.reward_offered.label),
                ("必要な人数", f"{record.headcount}人"),
                ("確認が必要なこと", "、".join(needs) or "特にありません"),
                ("決めたい期限", format_date(record.due_on) if record.due_on else None),
                ("受付日", format_date(record.received_on)),
            ],
        )
    ]


def missing_of(record: TalentRequest, edit: str) -> list[tuple[str, str | None]]:
    """(what is not there yet, where it is entered): without it nobody can be found."""
    wanting = [
        (not record.times, "希望する曜日・時間帯(ないと候補を探せません)"),
        (not record.audiences, "対象(ないと候補を探せません)"),
    ]
    return [(label, edit) for is_missing, label in wanting if is_missing]


def in_a_line(record: TalentRequest) -> str:
    """What stands above the candidates, so that nobody has to scroll to the content."""
    text = " ".join((record.description or "").split())
    told = [str(record.organization), text if len(text) <= 120 else f"{text[:119]}…"]
    when = f"{times_in_short(record.times) or '日時は未定'}・{record.area}・謝礼は{record.reward_offered.label}"
    return " / ".join(part for part in (*told, f"{when}・{record.headcount}人") if part)


def matches_of(session: Session, actor: Actor, record: TalentRequest) -> list[dict[str, Any]]:
    """The request's matches as its page lists them."""
    return [
        {
            "url": url_for("match.details_view", key=match.id),
            "talent": match.talent.name or match.talent.number,
            "number": match.talent.number,
            "stage": match.stage.label,
            "since": format_date(to_tokyo(match.stage_at).date()),
            "reason": match.close_reason.label if match.close_reason else "",
            "contacts": len(match.contacts),
        }
        for match in queries.matches_of_request(session, actor, record)
    ]
