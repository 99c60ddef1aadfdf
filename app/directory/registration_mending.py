"""Mending what was entered wrongly of a registration: its number, its days, a renewal or withdrawal that was none."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.directory.registering import held_registration, require_registrar, rule_of, valid_until_of
from app.directory.registration_numbers import flush_number, plain_number, require_free
from app.problems import Conflict, Invalid, check_version
from models.directory import Organization
from models.directory_registration import Registration


def correct(
    session: Session,
    *,
    actor: Actor,
    organization: Organization,
    version: int | None,
    number: str,
    issued_on: dt.date,
    valid_until: dt.date,
    is_renewal_undone: bool = False,
    is_withdrawal_undone: bool = False,
) -> Registration:
    """Set right what was typed wrongly; the log keeps what stood there.

    version: as the actor saw the registration, None to skip the check. is_renewal_undone: the last renewal was none;
    the card then runs as it did before, unless another day was typed. Raises Invalid, Conflict, StaleRecord.
    """
    require_registrar(session, actor, organization)
    registration = held_registration(organization)
    check_version(registration, version)
    if is_renewal_undone and not registration.renewals:
        raise Conflict("更新の記録がありません。画面を開き直してください。")
    kept = registration.renewals[:-1] if is_renewal_undone else list(registration.renewals)
    text = plain_number(number)
    require_free(session, text, held_by=registration.id)
    if is_renewal_undone and valid_until == registration.valid_until:
        valid_until = kept[-1].valid_until if kept else valid_until_of(issued_on, rule_of(session)[0])
    wrong = {}
    if valid_until < issued_on:
        wrong["valid_until"] = "有効期限が登録日より前です。日付を確かめてください。"
    if kept and issued_on > kept[0].renewed_on:
        wrong["issued_on"] = "登録日が、更新した日より後です。日付を確かめてください。"
    if registration.withdrawn_on and not is_withdrawal_undone and issued_on > registration.withdrawn_on:
        wrong["issued_on"] = "登録日が、取下げ日より後です。日付を確かめてください。"
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    with act(session, actor, "registration:correct", f"あすぴあの登録の訂正: {organization}"):
        if is_renewal_undone:
            registration.renewals.remove(registration.renewals[-1])
        if is_withdrawal_undone:
            registration.withdrawn_on, registration.withdrawal_reason = None, None
        registration.number, registration.issued_on, registration.valid_until = text, issued_on, valid_until
        flush_number(session, text)
    return registration
