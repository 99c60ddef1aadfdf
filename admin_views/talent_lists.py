"""Columns and filters of the lists of talents, requests and matches. Others than the centre get no column that names anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session, selectinload

from admin_views.columns import Column, Filter
from app.access.scopes import as_key, find_visible
from app.actor import Actor
from app.japanese.dates import format_date, to_tokyo, today_in_tokyo
from app.talents.facts import TIMES, times_in_short
from app.talents.matching import anonymous_texts
from models.directory import Organization
from models.matches import Match, Stage
from models.reference import ActivityField, Skill
from models.talent_requests import RequestStatus, TalentRequest, request_field
from models.talents import Reward, Talent, TalentKind, TalentStatus, talent_field, talent_skill


def skills_in_words(talent: Talent) -> str:
    """The skills of the list, then those in own words without what would tell a name."""
    return "、".join([*(skill.name for skill in talent.skills), *anonymous_texts(talent)[0]])


_SKILLS, _FIELDS = selectinload(Talent.skills), selectinload(Talent.fields)

TALENT_COLUMNS: Sequence[Column] = (
    Column("number", "番号", lambda row: row.number, sort=()),
    Column("name", "氏名・団体名", lambda row: row.name, sort=(Talent.reading,), attribute="name"),
    Column("reading", "よみ", lambda row: row.reading, attribute="reading", is_default=False),
    Column("kind", "個人・団体", lambda row: row.kind, is_default=False),
    Column("skills", "技能", skills_in_words, load=(_SKILLS,)),
    Column("fields", "活動分野", lambda row: [one.name for one in row.fields], is_default=False, load=(_FIELDS,)),
    Column("audiences", "対象", lambda row: row.audiences, is_default=False),
    Column("areas", "行ける地域", lambda row: row.areas),
    Column("times", "曜日・時間帯", lambda row: times_in_short(row.availability)),
    Column("reward", "希望する謝礼", lambda row: row.reward, is_default=False),
    Column("capacity", "同時に", lambda row: row.capacity, is_number=True, is_default=False),
    Column("status", "状態", lambda row: row.status),
    Column("valid_until", "有効期限", lambda row: row.valid_until, sort=(Talent.valid_until,)),
    Column("registered_on", "登録日", lambda row: row.registered_on, is_default=False),
)


def _key(value: str) -> int:
    key = as_key(value)
    if key is None:
        raise ValueError("no key")
    return key


def _in_field(value: str) -> ColumnElement[bool]:
    return Talent.id.in_(select(talent_field.c.talent_id).where(talent_field.c.field_id == _key(value)))


def _with_skill(value: str) -> ColumnElement[bool]:
    return Talent.id.in_(select(talent_skill.c.talent_id).where(talent_skill.c.skill_id == _key(value)))


def _at_time(value: str) -> ColumnElement[bool]:
    if value not in TIMES:
        raise ValueError("no time")
    return cast(Talent.availability, String).contains(f'"{value}"', autoescape=True)


def _expires(value: str) -> ColumnElement[bool]:
    if value not in {"0", "30", "60", "90"}:
        raise ValueError("no period")
    return Talent.valid_until <= today_in_tokyo() + dt.timedelta(days=int(value))


def field_options(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """The twenty fields."""
    rows = session.execute(select(ActivityField.id, ActivityField.name).order_by(ActivityField.number))
    return [(str(key), name) for key, name in rows]


def _name_of(model: type[Any]) -> Any:
    def words(session: Session, actor: Actor, value: str) -> str:
        found = find_visible(session, model, value, actor)
        return str(found) if found is not None else "(閲覧できない項目)"

    return words


TALENT_FILTERS: Sequence[Filter] = (
    Filter("field", "活動分野", _in_field, options=field_options),
    Filter("skill", "技能", _with_skill, kind="lookup", lookup="skill.lookup_view", words=_name_of(Skill)),
    Filter("time", "曜日・時間帯", _at_time, options=lambda session, actor: list(TIMES.items())),
    Filter(
        "reward",
        "希望する謝礼",
        lambda value: Talent.reward == Reward(value),
        options=lambda session, actor: Reward.choices(),
    ),
    Filter(
        "kind",
        "個人・団体",
        lambda value: Talent.kind == TalentKind(value),
        options=lambda session, actor: TalentKind.choices(),
    ),
    Filter(
        "status",
        "状態",
        lambda value: Talent.status == TalentStatus(value),
        options=lambda session, actor: [pair for pair in TalentStatus.choices() if pair[0] != TalentStatus.ERASED],
    ),
    Filter(
        "expires",
        "有効期限",
        _expires,
        options=lambda session, actor: [("0", "切れている"), *((n, f"{n}日以内に切れる") for n in ("30", "60", "90"))],
    ),
)

_ORGANIZATION = selectinload(TalentRequest.organization)
REQUEST_COLUMNS: Sequence[Column] = (
    Column("title", "件名", lambda row: row.title),
    Column("organization", "依頼団体", lambda row: str(row.organization), load=(_ORGANIZATION,)),
    Column("status", "状態", lambda row: row.status),
    Column("due_on", "期限", lambda row: row.due_on, sort=(TalentRequest.due_on,)),
    Column("headcount", "人数", lambda row: row.headcount, is_number=True),
    Column("times", "曜日・時間帯", lambda row: times_in_short(row.times)),
    Column("area", "場所", lambda row: row.area),
    Column("reward", "出せる謝礼", lambda row: row.reward_offered, is_default=False),
    Column("received_on", "受付日", lambda row: row.received_on, sort=(TalentRequest.received_on,), is_default=False),
    Column("reason", "見つからなかった理由", lambda row: row.unfilled_reason, is_default=False),
)


def _request_in_field(value: str) -> ColumnElement[bool]:
    return TalentRequest.id.in_(select(request_field.c.request_id).where(request_field.c.field_id == _key(value)))


REQUEST_FILTERS: Sequence[Filter] = (
    Filter(
        "status",
        "状態",
        lambda value: TalentRequest.status == RequestStatus(value),
        options=lambda session, actor: RequestStatus.choices(),
    ),
    Filter("field", "活動分野", _request_in_field, options=field_options),
    Filter(
        "organization",
        "依頼団体",
        lambda value: TalentRequest.organization_id == _key(value),
        kind="lookup",
        lookup="organization.lookup_view",
        words=_name_of(Organization),
    ),
)


def _day(moment: dt.datetime | None) -> str:
    return format_date(to_tokyo(moment).date()) if moment else ""


MATCH_COLUMNS: Sequence[Column] = (
    Column("title", "依頼", lambda row: row.request.title),
    Column("organization", "依頼団体", lambda row: str(row.request.organization)),
    Column("talent", "人財", lambda row: row.talent.name or row.talent.number),
    Column("stage", "段階", lambda row: row.stage),
    Column("since", "いつから", lambda row: row.stage_at, lambda row: _day(row.stage_at), sort=(Match.stage_at,)),
    Column("contact", "最後の連絡", lambda row: row.last_contact_at, lambda row: _day(row.last_contact_at)),
    Column("reason", "終わった理由", lambda row: row.close_reason),
)
MATCH_FILTERS: Sequence[Filter] = (
    Filter("stage", "段階", lambda value: Match.stage == Stage(value), options=lambda session, actor: Stage.choices()),
)
