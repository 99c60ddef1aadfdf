"""Groups ranked for a problem: by words and past, never by what the reader may not read."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.access.actors import actor_of
from app.access.levels import STAFF
from app.audit.recorder import act
from app.directory import rows
from app.directory.fields import Item
from app.partnering.beside import talents_beside
from app.partnering.evidence import evidence_of
from app.partnering.matching import Ranking, rank_groups
from app.partnering.paper import find_paper, paper_data
from app.partnering.profiles import profile_of
from models.directory import Organization
from models.directory_profile import ConsentLevel, ConsentWay, FieldConsent
from models.directory_records import FinancialStatement
from models.people import Role
from models.registry import ProjectPartner, ProjectStatus
from tests.app.partnering.support import a_search
from tests.factories import SYSTEM, a_department, a_project, a_user, an_organization

WORDS = "蓄音機で古いレコードの鑑賞"


@pytest.fixture(autouse=True)
def _without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENT_VECTORS", "off")


def ranked(
    app: Flask, session: Session, problem: str = "蓄音機でレコードの鑑賞がしたい", role: Role = Role.OFFICE
) -> Ranking:
    department = a_department(session)
    search = a_search(session, department.id, title="蓄音機", problem=problem, goal=None)
    user = a_user(session, role, department=department if role is Role.DEPARTMENT else None)
    return rank_groups(session, app.extensions["settings"], actor_of(session, user), search, top=5)


def say(session: Session, group: Organization, field: str, level: ConsentLevel) -> None:
    with act(session, SYSTEM, "test:edit", "試験"):
        group.consents.append(
            FieldConsent(field=field, level=level, given_on=dt.date(2026, 1, 1), way=ConsentWay.PAPER)
        )
        group.updated_at = dt.datetime.now(dt.UTC)


def test_the_group_that_does_it_stands_first_with_its_reasons(app: Flask, session: Session) -> None:
    group = an_organization(session, name="架空ちくおんの会", activities=WORDS, member_count=30)
    found = ranked(app, session)
    assert found.fits[0].organization is group
    assert found.fits[0].position == 1 and "会員30人" in found.fits[0].reasons
    assert (found.has_vectors, found.is_preparing) == (False, False)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.DEPARTMENT])
def test_what_city_staff_may_not_read_neither_moves_nor_shows(app: Flask, session: Session, role: Role) -> None:
    group = an_organization(session, name="架空の会甲", activities=WORDS)
    assert ranked(app, session, role=role).fits[0].organization is group
    say(session, group, "activities", ConsentLevel.CENTER)
    assert profile_of(group, STAFF).texts == ()
    assert all(fit.organization is not group for fit in ranked(app, session, role=role).fits)
    assert WORDS not in str(evidence_of(group, STAFF))


def test_a_record_taken_away_is_no_reason_any_more(app: Flask, session: Session) -> None:
    """Rows are kept beside the group: its own version does not tell of them."""
    group = an_organization(session, name="架空の会己")
    kind, center = rows.KINDS["activity_records"], SYSTEM

    def keep(*lines: dict[str, object]) -> None:
        rows.save_rows(session, actor=center, organization=group, kind=kind, rows=lines)

    keep({"fiscal_year": 2025, "heading": "総会"})
    assert ranked(app, session).fits[0].organization is not group
    keep({"fiscal_year": 2025, "heading": WORDS[:60], "id": group.activity_records[0].id})
    assert ranked(app, session).fits[0].organization is group
    keep({"fiscal_year": 2025, "heading": "例会"})
    assert ranked(app, session).fits[0].organization is not group


def test_persons_merged_and_deleted_groups_are_no_partners(app: Flask, session: Session) -> None:
    head = an_organization(session, name="架空の会乙", activities=WORDS)
    an_organization(session, name="架空の人", activities=WORDS, is_person=True)
    an_organization(session, name="架空の会丙", activities=WORDS, merged_into_id=head.id)
    names = [fit.organization.name for fit in ranked(app, session).fits]
    assert names[0] == "架空の会乙" and not {"架空の人", "架空の会丙"} & set(names)
    with act(session, SYSTEM, "test:edit", "試験"):
        head.deleted_at = dt.datetime.now(dt.UTC)
    assert head not in [fit.organization for fit in ranked(app, session).fits]


def test_a_past_with_the_city_lifts_also_under_a_merged_name(app: Flask, session: Session) -> None:
    known = an_organization(session, name="架空の会丁", activities=WORDS)
    an_organization(session, name="架空の会戊", activities=WORDS)
    old = an_organization(session, name="架空の会丁の旧名", merged_into_id=known.id)
    line = ProjectPartner(position=1, name_as_published="旧名", organization=old)
    a_project(session, name="蓄音機の鑑賞", partners=[line], is_published=True, status=ProjectStatus.FINISHED)
    plan = ProjectPartner(position=1, name_as_published="予定", organization=known)
    a_project(session, name="まだ計画", partners=[plan], is_published=True, status=ProjectStatus.PLANNED)
    first = ranked(app, session).fits[0]
    assert (first.organization, first.projects) == (known, ((2026, "蓄音機の鑑賞"),))
    assert "市との協働の実績が1件(最近は蓄音機の鑑賞)" in first.reasons


def test_the_five_items_stand_in_the_handbooks_order_with_what_is_missing(session: Session) -> None:
    group = an_organization(session, purpose="里山を守る", bookkeeping="会計係が帳簿をつける")
    with act(session, SYSTEM, "test:edit", "試験"):
        group.statements.append(FinancialStatement(fiscal_year=2025, income_yen=120_000, expenditure_yen=100_000))
    found = evidence_of(group, STAFF, [(2024, "森の手入れ")])
    assert [item.item for item in found] == list(Item)
    assert found[0].found == (("活動目的", "里山を守る"),)
    assert ("市との協働", "令和6年度 森の手入れ") in found[1].found
    assert ("経理処理の方法", "会計係が帳簿をつける") in found[3].found
    assert "令和7年度 収入¥120,000 支出¥100,000" in str(found[3].found)
    assert "規約・会則" in found[4].missing


def test_talents_stand_beside_without_their_names(app: Flask, session: Session) -> None:
    search = a_search(session, a_department(session).id, title="包丁を研ぐ", problem="パソコンの使い方を教えてほしい")
    settings = app.extensions["settings"]
    department = actor_of(session, a_user(session, Role.DEPARTMENT))
    found = talents_beside(session, settings, department, search)
    assert found and all(one.number.startswith("人財") for one in found)
    committee = actor_of(session, a_user(session, Role.COMMITTEE))
    assert talents_beside(session, settings, committee, search) == []


def test_the_record_is_printed_with_what_is_not_written_yet(session: Session) -> None:
    search = a_search(session, a_department(session).id)
    data = paper_data(session, SYSTEM, search)
    assert data["mark"] == "検討中"
    assert data["sections"][0]["rows"][0] == ["困っていること", "落ち葉が積もって人が滑ります。"]
    assert ["見極めの結果", "未記入"] in data["sections"][1]["rows"]
    assert find_paper(session, SYSTEM, search).startswith(b"%PDF-")
