"""Rows of a group, bad input, completeness: a sentence each, nothing lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.directory import rows, services
from app.directory.affiliations import organizations_of_user, register_affiliation_hook
from app.directory.completeness import CRITERIA, Level, assess
from app.directory.derived import folded_phone, web_key
from app.directory.fields import BY_NAME, FIELDS
from app.problems import Invalid, NotAllowed, StaleRecord
from models.directory import Organization, OrganizationKind
from models.directory_records import AffiliationRole
from models.people import Role
from tests.support.registry import actor

STATEMENTS, RECORDS, MEMBERS = rows.KINDS["statements"], rows.KINDS["activity_records"], rows.KINDS["member_counts"]


def _group(session: Session, **values: Any) -> Organization:
    known = {"name": "架空記録の会", "kind": OrganizationKind.CIVIC_GROUP} | values
    return services.create_organization(session, actor=actor(session, Role.CENTER), values=known)


def _save(session: Session, group: Organization, kind: rows.RowKind, *lines: dict[str, Any], seen: Any = None) -> None:
    rows.save_rows(session, actor=actor(session, Role.CENTER), organization=group, kind=kind, rows=lines, seen=seen)


def test_rows_are_added_changed_and_removed_together(any_session: Session) -> None:
    session, group = any_session, _group(any_session)
    one = {"fiscal_year": 2025, "income_yen": 100, "expenditure_yen": 90}
    _save(session, group, STATEMENTS, one, {"fiscal_year": 2024, "income_yen": 1, "expenditure_yen": 2})
    session.refresh(group)
    held = {row.fiscal_year: row for row in group.statements}
    assert held[2024].is_deficit and not held[2025].is_deficit
    _save(session, group, STATEMENTS, one | {"id": held[2025].id, "expenditure_yen": 120})
    session.refresh(group)
    assert [(row.fiscal_year, row.expenditure_yen) for row in group.statements] == [(2025, 120)]


@pytest.mark.parametrize(
    ("kind", "lines", "sentence"),
    [
        (STATEMENTS, [{"fiscal_year": 2025, "income_yen": -1, "expenditure_yen": 0}], "負の数は入力できません"),
        (STATEMENTS, [{"fiscal_year": 2025, "income_yen": 1, "expenditure_yen": 1}] * 2, "1行目にもあります"),
        (STATEMENTS, [{"fiscal_year": 2025, "income_yen": 10**15, "expenditure_yen": 1}], "桁が多すぎます"),
        (STATEMENTS, [{"fiscal_year": 2025, "income_yen": 1}], "「支出」を入力してください"),
        (RECORDS, [{"fiscal_year": 2025, "heading": "あ" * 201}], "200文字まで"),
        (RECORDS, [{"fiscal_year": 2025, "heading": "祭", "description": "あ" * 10_000_000}], "長すぎるため"),
        (RECORDS, [{"fiscal_year": 99999, "heading": "祭"}], "年度として読み取れません"),
        (MEMBERS, [{"fiscal_year": 2025, "members": 5, "in_city": 6}], "会員数(5人)より多く"),
    ],
)
def test_bad_rows_get_a_sentence_and_nothing_is_written(
    session: Session, kind: rows.RowKind, lines: list[dict[str, Any]], sentence: str
) -> None:
    group = _group(session)
    with pytest.raises(Invalid) as problem:
        _save(session, group, kind, *lines)
    assert any(sentence in text for text in problem.value.fields.values())
    session.refresh(group)
    assert getattr(group, kind.attribute) == []


def test_somebody_faster_is_noticed(session: Session) -> None:
    group = _group(session)
    seen = rows.seen_of(group, RECORDS)
    _save(session, group, RECORDS, {"fiscal_year": 2025, "heading": "先の人"})
    session.refresh(group)
    with pytest.raises(StaleRecord):
        _save(session, group, RECORDS, {"fiscal_year": 2025, "heading": "後の人"}, seen=seen)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.DEPARTMENT, Role.ADMINISTRATOR], ids=str)
def test_only_the_centre_keeps_rows(session: Session, role: Role) -> None:
    group = _group(session)
    with pytest.raises(NotAllowed):
        rows.save_rows(session, actor=actor(session, role), organization=group, kind=RECORDS, rows=[])


def test_an_affiliation_tells_the_rooms_above(session: Session) -> None:
    told: list[tuple[int, int]] = []
    register_affiliation_hook(lambda _, __, one: told.append((one.user_id, one.organization_id)))
    member = actor(session, Role.COMMITTEE)
    group = _group(session)
    kind = rows.KINDS["affiliations"]
    line = {"user_id": member.user_id, "role": AffiliationRole.OFFICER, "until_on": dt.date(2026, 3, 31)}
    _save(session, group, kind, line)
    assert told == [(member.user_id, group.id)]
    assert member.user_id is not None
    assert session.scalars(organizations_of_user(member.user_id)).all() == [group.id]
    assert session.scalars(organizations_of_user(member.user_id, dt.date(2026, 4, 1))).all() == []
    session.refresh(group)
    _save(session, group, kind)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "あ" * 301}, "name"),
        ({"purpose": "あ" * 10_000_000}, "purpose"),
        ({"founded_year": 12}, "founded_year"),
        ({"member_count": -1}, "member_count"),
        ({"member_count": 3, "member_count_in_city": 4}, "member_count_in_city"),
        ({"fields": [987654]}, "fields"),
        ({"name": "会\x00"}, "name"),
    ],
)
def test_bad_values_of_a_group_get_a_sentence(session: Session, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as problem:
        _group(session, **values)
    assert field in problem.value.fields


def test_emoji_and_variation_selectors_stay_as_typed(session: Session) -> None:
    assert _group(session, name="架空👨‍👩‍👧の葛\U000e0100会").name == "架空👨‍👩‍👧の葛\U000e0100会"


def test_every_criterion_names_a_field_and_every_level_is_reached() -> None:
    assert {name for one in CRITERIA for name in one.fields} <= set(BY_NAME)
    assert assess(()).level is Level.NAME
    assert assess(BY_NAME).level is Level.FULL
    assert assess({"purpose", "activities", "fields", "areas"}).level is Level.BASIC
    assert [one.label for one in assess(set(BY_NAME) - {"purpose"}).missing] == ["活動目的"]


@given(st.sets(st.sampled_from([field.name for field in FIELDS])), st.sampled_from([field.name for field in FIELDS]))
def test_more_never_lowers_the_level(filled: set[str], more: str) -> None:
    assert assess(filled | {more}).level >= assess(filled).level


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("042-341-0000", "0423410000"),
        ("(042)341ー0000", "0423410000"),
        ("+81 42 341 0000", "0423410000"),
        ("なし", None),
        ("内線12", None),
    ],
)
def test_numbers_are_compared_by_their_digits(typed: str, folded: str | None) -> None:
    assert folded_phone(typed) == folded


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("https://www.example.jp/", "example.jp"),
        ("Example.JP/dan/", "example.jp/dan"),
        ("なし", None),
        ("http://[::1", None),
    ],
)
def test_addresses_are_compared_by_host_and_path(typed: str, key: str | None) -> None:
    assert web_key(typed) == key
