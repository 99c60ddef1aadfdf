"""Registration numbers have one writing, and what was typed wrongly of a registration can be set right."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.actor import Actor
from app.directory import registering, services
from app.directory.registration_mending import correct
from app.directory.registration_numbers import next_number, plain_number
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotAllowed, StaleRecord
from models.directory import Organization
from models.people import Role
from tests.factories import save
from tests.support.registry import actor

DAY = dt.date(2026, 5, 1)


@pytest.fixture
def center(session: Session) -> Actor:
    return actor(session, Role.CENTER)


def _group(session: Session, center: Actor, name: str) -> Organization:
    return services.create_organization(session, actor=center, values={"name": name})


def _registered(session: Session, center: Actor, number: str, name: str = "架空番号の会") -> Organization:
    group = _group(session, center, name)
    registering.register_group(session, actor=center, organization=group, number=number, issued_on=DAY)
    return group


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１２３", "123"),
        (" あ－１２ ", "あ-12"),
        ("A－12", "A-12"),
        ("Ａー１２", "A-12"),
        ("７‐３", "7-3"),
        ("7−3", "7-3"),
        ("ﾑｽﾌﾞ第１号", "ムスブ第1号"),
        ("センター1", "センター1"),
        ("む　12", "む 12"),
    ],
)
def test_a_number_has_one_writing(typed: str, kept: str) -> None:
    assert plain_number(typed) == kept
    assert plain_number(kept) == kept


@pytest.mark.parametrize("typed", ["", " \u3000", "1" * 41, "12\x0034", "9" * 5_000])
def test_no_number_and_one_too_long_are_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Invalid) as problem:
        plain_number(typed)
    assert problem.value.fields["number"].endswith("。")


@pytest.mark.parametrize("again", ["１２３", "123", " 123 "])
def test_two_groups_never_have_one_number(session: Session, center: Actor, again: str) -> None:
    first = _registered(session, center, "１２３")
    assert first.registration is not None and first.registration.number == "123"
    with pytest.raises(Invalid, match="内容") as problem:
        _registered(session, center, again, "架空べつの会")
    assert "「123」は、ほかの団体が使っています" in problem.value.fields["number"]


def test_a_number_kept_in_full_width_from_before_is_known(session: Session, center: Actor) -> None:
    first = _registered(session, center, "7")
    assert first.registration is not None
    first.registration.number = "Ａ－１２"  # as it was kept once
    save(session, first.registration)
    with pytest.raises(Invalid):
        _registered(session, center, "a-12", "架空べつの会")
    first.registration.number = "１２３"
    save(session, first.registration)
    assert next_number(session) == "124"


def test_a_day_far_ahead_is_a_slip_of_the_pen(session: Session, center: Actor) -> None:
    far = today_in_tokyo() + dt.timedelta(days=400)
    group = _group(session, center, "架空さきの会")
    with pytest.raises(Invalid) as problem:
        registering.register_group(session, actor=center, organization=group, number="1", issued_on=far)
    assert "1年より先" in problem.value.fields["issued_on"]
    registering.register_group(session, actor=center, organization=group, number="1", issued_on=DAY)
    with pytest.raises(Invalid):
        registering.renew(session, actor=center, organization=group, renewed_on=far)


def test_what_was_typed_wrongly_is_set_right(session: Session, center: Actor) -> None:
    group = _registered(session, center, "12")
    found = group.registration
    assert found is not None
    common = {"actor": center, "organization": group, "version": None}
    correct(session, **common, number="１３", issued_on=DAY, valid_until=dt.date(2028, 3, 31))
    assert (found.number, found.valid_until) == ("13", dt.date(2028, 3, 31))
    registering.renew(session, actor=center, organization=group, renewed_on=dt.date(2026, 11, 1))
    registering.withdraw(session, actor=center, organization=group, on=dt.date(2026, 11, 2), reason="取り違え")
    correct(
        session,
        **common,
        number="13",
        issued_on=DAY,
        valid_until=found.valid_until,
        is_renewal_undone=True,
        is_withdrawal_undone=True,
    )
    assert (found.renewals, found.valid_until, found.withdrawn_on) == ([], dt.date(2029, 3, 31), None)
    assert found.withdrawal_reason is None


def test_what_cannot_be_right_is_refused(session: Session, center: Actor) -> None:
    group, other = _registered(session, center, "12"), _registered(session, center, "34", "架空べつの会")
    found = group.registration
    assert found is not None and other.registration is not None
    values = {"number": "12", "issued_on": DAY, "valid_until": found.valid_until}
    refused = [
        ({"number": "３４"}, "number"),
        ({"number": " "}, "number"),
        ({"valid_until": dt.date(2026, 4, 30)}, "valid_until"),
    ]
    for change, field in refused:
        with pytest.raises(Invalid) as problem:
            correct(session, actor=center, organization=group, version=None, **values | change)
        assert field in problem.value.fields
    with pytest.raises(Conflict):
        correct(session, actor=center, organization=group, version=None, **values, is_renewal_undone=True)
    with pytest.raises(StaleRecord):
        correct(session, actor=center, organization=group, version=(found.version or 0) + 1, **values)
    with pytest.raises(NotAllowed):
        correct(session, actor=actor(session, Role.OFFICE), organization=group, version=None, **values)
    registering.renew(session, actor=center, organization=group, renewed_on=dt.date(2026, 11, 1))
    with pytest.raises(Invalid) as problem:
        correct(session, actor=center, organization=group, version=None, **values | {"issued_on": dt.date(2026, 11, 2)})
    assert "issued_on" in problem.value.fields


def test_what_was_seen_of_a_requirement_stays_while_it_is_not_asked(session: Session, center: Actor) -> None:
    group = _registered(session, center, "12")
    found = group.registration
    assert found is not None
    asked = registering.requirements(session)
    every = {one.id: True for one in asked}
    registering.set_checks(session, actor=center, organization=group, checks=every, note=None)
    asked[0].is_active = False
    save(session, asked[0])
    registering.set_checks(session, actor=center, organization=group, checks={asked[1].id: True}, note=None)
    assert {row.requirement_id for row in found.checks} == {asked[0].id, asked[1].id}
