"""Registration with あすぴあ (rules 32): number, how long the card runs, renewals, requirements, withdrawal."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.directory.registration_numbers import flush_number, plain_number, require_free
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from app.japanese.text import TextError, check_length, clean_text
from app.problems import Conflict, Invalid, NotAllowed
from models.directory import Organization
from models.directory_registration import (
    Registration,
    RegistrationCheck,
    RegistrationRenewal,
    RegistrationRequirement,
    RegistrationRule,
)
from models.moment import remembered

#: Where no rule was seeded: the city's own, to be confirmed (facts.md).
_VALID_YEARS, _NOTICE_DAYS = 2, 90


class RegistrationState(enum.StrEnum):
    """How a group stands with あすぴあ."""

    ACTIVE = "active"
    LAPSING = "lapsing"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    NONE = "none"

    @property
    def label(self) -> str:
        """As screens name it."""
        return {
            "active": "登録中",
            "lapsing": "まもなく期限",
            "lapsed": "期限切れ",
            "withdrawn": "取下げ",
            "none": "登録なし",
        }[self.value]


def rule_of(session: Session) -> tuple[int, int]:
    """(valid years, days of notice) as the city set them."""
    rule = RegistrationRule
    wanted = select(rule.valid_years, rule.notice_days).order_by(rule.id).limit(1)

    def read() -> tuple[int, int]:
        row = session.execute(wanted).one_or_none()
        return (row.valid_years, row.notice_days) if row is not None else (_VALID_YEARS, _NOTICE_DAYS)

    return remembered(session, "registration rule", read)


def valid_until_of(issued_on: dt.date, valid_years: int) -> dt.date:
    """31 March that ends the fiscal year so many years after the year of issue: 2026-05-01 and 2 give 2029-03-31."""
    return dt.date(fiscal_year_of(issued_on) + valid_years + 1, 3, 31)


def state_of(registration: Registration | None, today: dt.date, notice_days: int) -> RegistrationState:
    """How a registration stands on a day."""
    if registration is None:
        return RegistrationState.NONE
    if registration.withdrawn_on is not None and registration.withdrawn_on <= today:
        return RegistrationState.WITHDRAWN
    if registration.valid_until < today:
        return RegistrationState.LAPSED
    if registration.valid_until <= today + dt.timedelta(days=notice_days):
        return RegistrationState.LAPSING
    return RegistrationState.ACTIVE


def state_criterion(state: RegistrationState, today: dt.date, notice_days: int) -> ColumnElement[bool]:
    """SQL over Organization of `state_of`."""
    mine = select(Registration.id).where(Registration.organization_id == Organization.id)
    if state is RegistrationState.NONE:
        return ~mine.exists()
    gone = and_(Registration.withdrawn_on.is_not(None), Registration.withdrawn_on <= today)
    if state is RegistrationState.WITHDRAWN:
        return mine.where(gone).exists()
    soon = today + dt.timedelta(days=notice_days)
    when = {
        RegistrationState.LAPSED: Registration.valid_until < today,
        RegistrationState.LAPSING: and_(Registration.valid_until >= today, Registration.valid_until <= soon),
        RegistrationState.ACTIVE: Registration.valid_until > soon,
    }[state]
    return mine.where(~gone | Registration.withdrawn_on.is_(None), when).exists()


def register_group(
    session: Session,
    *,
    actor: Actor,
    organization: Organization,
    number: str,
    issued_on: dt.date,
    checks: Mapping[int, bool] | None = None,
    note: str | None = None,
) -> Registration:
    """Register a group; the card runs as the rule says, the number is kept in half width. Raises Invalid, Conflict."""
    require_registrar(session, actor, organization)
    text = plain_number(number)
    _require_near(issued_on, "issued_on")
    if organization.registration is not None:
        raise Conflict("この団体は、すでに登録があります。更新してください。")
    if organization.merged_into_id is not None:
        raise Conflict("統合された団体です。統合先の団体で登録してください。")
    require_free(session, text)
    years, _ = rule_of(session)
    with act(session, actor, "registration:create", f"あすぴあの登録: {organization}"):
        registration = Registration(
            number=text,
            issued_on=issued_on,
            valid_until=valid_until_of(issued_on, years),
            note=_text(note),
        )
        organization.registration = registration
        flush_number(session, text)
        _set_checks(session, registration, checks or {}, issued_on)
    return registration


def renew(session: Session, *, actor: Actor, organization: Organization, renewed_on: dt.date) -> Registration:
    """Renew a registration, a lapsed or withdrawn one too: the card runs anew from that day. Raises Invalid, Conflict."""
    require_registrar(session, actor, organization)
    registration = held_registration(organization)
    _require_near(renewed_on, "renewed_on")
    if renewed_on < registration.issued_on:
        raise Invalid(
            "入力の内容を確かめてください。",
            fields={"renewed_on": "更新日が登録日より前です。日付を確かめてください。"},
        )
    years, _ = rule_of(session)
    until = valid_until_of(renewed_on, years)
    if until < registration.valid_until:
        raise Invalid(
            "入力の内容を確かめてください。",
            fields={"renewed_on": "この日付では、有効期限がいまより短くなります。日付を確かめてください。"},
        )
    with act(session, actor, "registration:renew", f"あすぴあの登録の更新: {organization}"):
        registration.renewals.append(RegistrationRenewal(renewed_on=renewed_on, valid_until=until))
        registration.valid_until = until
        registration.withdrawn_on = None
        registration.withdrawal_reason = None
    return registration


def withdraw(session: Session, *, actor: Actor, organization: Organization, on: dt.date, reason: str) -> Registration:
    """Note that a group withdrew its registration, or lost it. Raises Invalid, Conflict."""
    require_registrar(session, actor, organization)
    registration = held_registration(organization)
    text = _text(reason)
    wrong = {}
    if not text:
        wrong["reason"] = "取下げの理由を入力してください。"
    if on < registration.issued_on:
        wrong["withdrawn_on"] = "取下げ日が登録日より前です。日付を確かめてください。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    with act(session, actor, "registration:withdraw", f"あすぴあの登録の取下げ: {organization}"):
        registration.withdrawn_on, registration.withdrawal_reason = on, text
    return registration


def set_checks(
    session: Session, *, actor: Actor, organization: Organization, checks: Mapping[int, bool], note: str | None
) -> None:
    """Note which requirements a group meets (those left out: not looked at)."""
    require_registrar(session, actor, organization)
    registration = held_registration(organization)
    with act(session, actor, "registration:check", f"登録の要件の確認: {organization}"):
        _set_checks(session, registration, checks, today_in_tokyo())
        registration.note = _text(note)


def requirements(session: Session) -> Sequence[RegistrationRequirement]:
    """The checklist in its order."""
    return session.scalars(
        select(RegistrationRequirement)
        .where(RegistrationRequirement.is_active.is_(True))
        .order_by(RegistrationRequirement.position, RegistrationRequirement.id)
    ).all()


def _set_checks(session: Session, registration: Registration, checks: Mapping[int, bool], on: dt.date) -> None:
    """What was seen of a requirement that is no longer asked stays as it is."""
    held = {row.requirement_id: row for row in registration.checks}
    asked = {one.id for one in requirements(session)}
    for row in list(registration.checks):
        if row.requirement_id in asked and row.requirement_id not in checks:
            registration.checks.remove(row)
    for key, is_met in checks.items():
        known = held.get(key)
        if known is None:
            registration.checks.append(RegistrationCheck(requirement_id=key, is_met=is_met, checked_on=on))
        elif known.is_met != is_met:
            known.is_met, known.checked_on = is_met, on


def require_registrar(session: Session, actor: Actor, organization: Organization) -> None:
    """Raise NotAllowed unless the actor keeps registrations, and this group's."""
    actor.require(Permission.REGISTRATION_EDIT)
    if not is_editable(session, organization, actor):
        raise NotAllowed("この団体の登録は変更できません。あすぴあへご連絡ください。")


def held_registration(organization: Organization) -> Registration:
    """A group's registration. Raises Conflict where there is none."""
    if organization.registration is None:
        raise Conflict("この団体は、まだ登録されていません。先に登録してください。")
    return organization.registration


def _require_near(on: dt.date, field: str) -> None:
    """A day far ahead is a slip of the pen: the card would run for longer than anybody meant."""
    if on > today_in_tokyo() + dt.timedelta(days=366):
        raise Invalid("入力の内容を確かめてください。", fields={field: "1年より先の日付です。年を確かめてください。"})


def _text(value: str | None) -> str | None:
    try:
        text = clean_text(value or "")
        check_length(text, 2_000, "備考・理由")
    except TextError as error:
        raise Invalid(str(error)) from None
    return text or None
