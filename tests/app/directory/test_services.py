"""Creating, changing and finding organisations; private persons stay among staff."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.scopes import visible_to
from app.directory import queries, services
from app.directory.waiting import directory_waiting
from app.problems import Invalid, NotAllowed, StaleRecord
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.directory_profile import ConsentLevel, ConsentWay
from models.people import Role
from models.records import AuditChange
from tests.support.registry import actor

TODAY = dt.date(2026, 6, 1)


def _create(session: Session, name: str = "NPO法人架空の森", **more: object) -> Organization:
    values = {"name": name, "kind": OrganizationKind.CIVIC_GROUP} | more
    return services.create_organization(session, actor=actor(session, Role.CENTER), values=values, aliases=["もりの会"])


def test_an_organisation_is_registered_with_its_folded_name_and_legal_form(session: Session) -> None:
    found = _create(session, reading="カクウノモリ")
    assert (found.reading, found.folded_name, found.legal_form, found.source) == (
        "かくうのもり",
        "架空の森",
        "NPO法人",
        OrganizationSource.ENTERED,
    )
    assert [alias.name for alias in found.aliases] == ["もりの会"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CENTER], ids=str)
def test_only_the_centre_keeps_the_directory(session: Session, role: Role) -> None:
    other = actor(session, role)
    with pytest.raises(NotAllowed):
        services.create_organization(session, actor=other, values={"name": "会"})
    found = _create(session)
    with pytest.raises(NotAllowed):
        services.update_organization(session, actor=other, organization=found, version=None, values={"name": "別"})
    with pytest.raises(NotAllowed):
        services.delete_organization(session, actor=other, organization=found)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a" * 301}, "name"),
        ({"reading": "森"}, "reading"),
        ({"name": "\x00"}, "name"),
    ],
)
def test_what_cannot_be_kept_gets_a_sentence(session: Session, values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        _create(session, **{"name": "会"} | values)  # type: ignore[arg-type]
    assert list(caught.value.fields) == [field]


def test_who_saves_second_is_told(session: Session) -> None:
    center, found = actor(session, Role.CENTER), _create(session)
    seen = found.version
    services.update_organization(session, actor=center, organization=found, version=seen, values={"purpose": "森"})
    with pytest.raises(StaleRecord):
        services.update_organization(session, actor=center, organization=found, version=seen, values={"purpose": "林"})


def test_who_records_consent_second_is_told(session: Session) -> None:
    center, found = actor(session, Role.CENTER), _create(session)
    said: dict[str, Any] = {"actor": center, "organization": found, "given_on": TODAY, "way": ConsentWay.APPLICATION}
    seen = found.version
    services.record_consents(session, **said, levels={"purpose": ConsentLevel.CENTER}, version=seen)
    with pytest.raises(StaleRecord):
        services.record_consents(session, **said, levels={"purpose": None}, version=seen)
    assert [row.level for row in found.consents] == [ConsentLevel.CENTER]


def test_aliases_that_stay_keep_their_rows(session: Session) -> None:
    center, found = actor(session, Role.CENTER), _create(session)
    kept = found.aliases[0].id
    services.update_organization(
        session,
        actor=center,
        organization=found,
        version=None,
        values={},
        aliases=["もりの会", "架空森林会", "", "もりの会"],
    )
    assert [alias.name for alias in found.aliases] == ["もりの会", "架空森林会"]
    assert found.aliases[0].id == kept
    services.add_alias(session, actor=center, organization=found, name="森会")
    assert [alias.name for alias in found.aliases] == ["もりの会", "架空森林会", "森会"]


@pytest.mark.parametrize(
    "written", ["特定非営利活動法人 架空の森", "（特非）架空の森", "架空の森", "もりの会", "ﾓﾘの会"]
)
def test_a_name_is_found_however_it_is_written(session: Session, written: str) -> None:
    found = _create(session)
    center = actor(session, Role.CENTER)
    assert queries.only_organization_named(session, center, [written]) == {written: found}


def test_a_text_of_several_bodies_names_none(session: Session) -> None:
    center = actor(session, Role.CENTER)
    assert len(queries.organizations_named(session, center, ["事業企画委員会"])["事業企画委員会"]) == 11
    assert queries.only_organization_named(session, center, ["事業企画委員会"]) == {}


def test_a_deleted_one_comes_back(session: Session) -> None:
    center, found = actor(session, Role.CENTER), _create(session)
    services.delete_organization(session, actor=center, organization=found)
    seen = select(func.count()).select_from(Organization).where(visible_to(Organization, center))
    assert session.scalar(seen) == 126
    services.restore_organization(session, actor=center, organization=found)
    assert session.scalar(seen) == 127


def test_a_private_persons_name_stays_out_of_the_log(session: Session) -> None:
    found = _create(session, "架空 花子", kind=OrganizationKind.PERSON, is_person=True)
    services.update_organization(
        session, actor=actor(session, Role.CENTER), organization=found, version=None, values={"name": "架空 桃子"}
    )
    told = [str(change.values) + change.record_label for change in session.scalars(select(AuditChange))]
    assert [text for text in told if "架空 花子" in text or "架空 桃子" in text] == []


def test_the_centre_is_reminded_of_what_nobody_confirmed(session: Session) -> None:
    [line] = list(directory_waiting(session, actor(session, Role.CENTER)))
    assert "126件" in line.detail
    assert list(directory_waiting(session, actor(session, Role.OFFICE))) == []


def test_changed_aliases_count_as_a_change_of_the_organisation(session: Session) -> None:
    center, found = actor(session, Role.CENTER), _create(session)
    seen = found.version
    services.update_organization(
        session, actor=center, organization=found, version=seen, values={}, aliases=["もりの仲間"]
    )
    assert found.version == seen + 1
    with pytest.raises(StaleRecord):
        services.update_organization(session, actor=center, organization=found, version=seen, values={}, aliases=[])
    [change] = session.scalars(select(AuditChange).order_by(AuditChange.id.desc()).limit(1))
    assert change.values == {"name": ["もりの会", "もりの仲間"]}
