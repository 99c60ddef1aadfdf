"""What of the directory waits for あすぴあ: groups unconfirmed, registrations lapsing, duplicates, consent missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import editable_by, visible_to
from app.actor import Actor
from app.directory.consent import consent_is_missing
from app.directory.merging import COUNT_LIMIT, count_open_pairs
from app.directory.registering import rule_of
from app.japanese.dates import today_in_tokyo
from app.work import Waiting, register_waiting
from models.directory import Organization
from models.directory_registration import Registration

CAP = 1_000


def _count(session: Session, statement: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(statement.limit(CAP).subquery())) or 0


def _told(number: int, unit: str = "件") -> str:
    return f"{CAP:,}{unit}以上" if number >= CAP else f"{number}{unit}"


@register_waiting
def directory_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """For those who keep the directory."""
    if not actor.may(Permission.ORGANIZATION_EDIT):
        return
    mine = select(Organization.id).where(editable_by(Organization, actor), Organization.merged_into_id.is_(None))
    number = _count(session, mine.where(Organization.is_confirmed.is_(False)))
    if number:
        yield Waiting(
            "organization_list",
            "f-confirmed=0",
            "公表された一覧から登録した団体の確認",
            detail=f"まだ確認していない団体が{_told(number)}あります。",
        )
    number = _count(session, mine.where(consent_is_missing()))
    if number:
        yield Waiting(
            "organization_list",
            "f-consent=missing",
            "公開範囲の同意の記録",
            detail=f"確認済みで、公開の同意が記録されていない団体が{_told(number)}あります。",
        )


@register_waiting
def registrations_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Registrations that lapse soon, by the first day; and those that have lapsed without a word."""
    if not actor.may(Permission.REGISTRATION_EDIT):
        return
    today = today_in_tokyo()
    soon = today + dt.timedelta(days=rule_of(session)[1])
    stands = or_(Registration.withdrawn_on.is_(None), Registration.withdrawn_on > today)
    kept = (visible_to(Registration, actor), stands)
    lapsing = (*kept, Registration.valid_until >= today, Registration.valid_until <= soon)
    number = _count(session, select(Registration.id).where(*lapsing))
    if number:
        first = session.scalar(select(func.min(Registration.valid_until)).where(*lapsing))
        yield Waiting(
            "organization_registrations",
            "f-state=lapsing",
            "登録の更新の案内",
            due_on=first,
            detail=f"まもなく有効期限が来る登録団体が{_told(number, '団体')}あります。",
        )
    number = _count(session, select(Registration.id).where(*kept, Registration.valid_until < today))
    if number:
        yield Waiting(
            "organization_registrations",
            "f-state=lapsed",
            "期限の切れた登録の確認",
            detail=f"有効期限が過ぎた登録団体が{_told(number, '団体')}あります。更新か取下げを記録してください。",
        )


@register_waiting
def duplicates_waiting(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Pairs that nobody has judged."""
    if not actor.may(Permission.ORGANIZATION_MERGE):
        return
    number = count_open_pairs(session)
    if number:
        told = f"{COUNT_LIMIT:,}組以上" if number > COUNT_LIMIT else f"{number}組"
        yield Waiting(
            "organization_duplicates", "", "重複の候補の判定", detail=f"同じ団体かもしれない記録が{told}あります。"
        )
