"""The history of a record in words."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.access.actors import permissions_of
from app.access.scopes import register_scope
from app.actor import Actor, system_actor
from app.audit import words
from app.audit.recorder import act
from app.audit.values import difference, sentence_of
from app.audit.words import history_of
from models.base import db
from models.directory import Organization, OrganizationAlias
from models.partnering import PartnerSearch
from models.people import Role
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner
from models.talent_requests import TalentRequest

ACTOR = system_actor("試験")
READER = Actor(user_id=1, label="読む人", roles=frozenset({Role.OFFICE}), permissions=permissions_of([Role.OFFICE]))


def first_department(session: Session, offset: int = 0) -> Department:
    return session.scalars(select(Department).order_by(Department.id).offset(offset).limit(1)).one()


def form(session: Session, name: str) -> CollaborationForm:
    return session.scalars(select(CollaborationForm).where(CollaborationForm.name == name)).one()


@pytest.fixture
def project(any_session: Session) -> Project:
    session = any_session
    with act(session, ACTOR, "project:create", "協働事業の登録"):
        project = Project(fiscal_year=2024, name="花いっぱい運動", cost_yen=100_000)
        project.departments.append(first_department(session))
        project.partners.append(ProjectPartner(name_as_published="花の会", form=form(session, "協力"), position=1))
        session.add(project)
    return project


def sentences(session: Session, project: Project, actor: Actor = READER) -> list[list[str]]:
    return [line.sentences for line in history_of(session, actor, "project", str(project.id))]


def test_codes_in_a_list_are_told_in_words() -> None:
    assert sentence_of(TalentRequest, "times", [[], ["sat-am", "old"]]) == (
        "希望する曜日・時間帯: 「土曜午前」「old」を追加"
    )
    assert sentence_of(PartnerSearch, "gains", [["cost"], []]) == "一緒に行うとよくなる点: 「費用対効果」を除外"


def test_many_lines_of_a_kind_are_counted_and_a_few_are_named(any_session: Session, project: Project) -> None:
    with act(any_session, ACTOR, "project:edit", "協働の相手の追加"):
        for place in range(2, 7):
            project.partners.append(ProjectPartner(name_as_published=f"相手{place}", position=place))
        project.cost_yen = 90_000
    with act(any_session, ACTOR, "project:edit", "協働の相手の削除"):
        del project.partners[1:4]
    assert sentences(any_session, project)[0] == [f"協働相手「相手{place}」を削除" for place in (2, 3, 4)]
    assert sorted(sentences(any_session, project)[1]) == ["事業費(円): ¥100,000 → ¥90,000", "協働相手5件を追加"]


def test_columns_lines_and_many_to_many_sides_are_told(any_session: Session, project: Project) -> None:
    session = any_session
    added, removed = first_department(session, 1), first_department(session)
    with act(session, ACTOR, "project:edit", "協働事業の変更", reason="年度の途中で変わったため"):
        project.name = "花と緑の運動"
        project.cost_yen = 1_200_000
        project.starts_on = dt.date(2024, 4, 1)
        project.is_published = True
        project.departments = [added]
        project.partners[0].form = form(session, "共催")
        project.partners.append(ProjectPartner(name_as_published="緑の会", position=2))
    lines = history_of(session, READER, "project", str(project.id))
    assert [(line.who, line.label, line.reason) for line in lines] == [
        ("試験", "協働事業の変更", "年度の途中で変わったため"),
        ("試験", "協働事業の登録", None),
    ]
    assert sorted(lines[0].sentences) == sorted(
        [
            "事業名称: 花いっぱい運動 → 花と緑の運動",
            "事業費(円): ¥100,000 → ¥1,200,000",
            "開始日: (なし) → 令和6年4月1日",
            "公表済み: いいえ → はい",
            f"課名: 「{added.name}」を追加、「{removed.name}」を除外",
            "協働相手「花の会」の形態: 協力 → 共催",
            "協働相手「緑の会」を追加",
        ]
    )
    assert lines[1].sentences == ["「花いっぱい運動」を登録", "協働相手「花の会」を追加"]


def test_a_removed_line_is_told(any_session: Session, project: Project) -> None:
    with act(any_session, ACTOR, "project:edit", "変更"):
        project.partners.clear()
    assert sentences(any_session, project)[0] == ["協働相手「花の会」を削除"]


def test_long_texts_are_counted_not_told(any_session: Session, project: Project) -> None:
    with act(any_session, ACTOR, "project:edit", "変更"):
        project.summary = "あ" * 200
    with act(any_session, ACTOR, "project:edit", "変更"):
        project.summary = "い" * 300
    assert sentences(any_session, project)[:2] == [
        ["事業の概要: 書き換え(200字 → 300字)"],
        [f"事業の概要: 入力(200字)「{'あ' * 39}…」"],
    ]


def test_the_name_of_a_private_person_is_told_as_changed_only(any_session: Session) -> None:
    session = any_session
    with act(session, ACTOR, "organization:create", "団体の登録"):
        person = Organization(name="小平花子個人名", is_person=True)
        person.aliases.append(OrganizationAlias(name="花子先生別名"))
        session.add(person)
    with act(session, ACTOR, "organization:edit", "小平花子個人名 の変更"):
        person.name = "小平はな子個人名"
    lines = history_of(session, READER, "organization", str(person.id))
    text = "\n".join(sentence for line in lines for sentence in [line.label, *line.sentences])
    assert "団体名: 変更あり" in text
    for secret in ("花子", "はな子"):
        assert secret not in text


def test_pages_go_on_before_a_sequence(any_session: Session, project: Project) -> None:
    for year in range(2010, 2016):
        with act(any_session, ACTOR, "project:edit", f"変更 {year}"):
            project.fiscal_year = year
    first = history_of(any_session, READER, "project", str(project.id), limit=3)
    second = history_of(any_session, READER, "project", str(project.id), limit=3, before=first[-1].sequence)
    assert [line.label for line in first + second] == [f"変更 {year}" for year in range(2015, 2009, -1)]
    assert first[0].sentences == ["年度: 平成26年度 → 平成27年度"]


def test_lines_out_of_scope_are_not_told(
    any_session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.access import scopes

    other = "見えない会"
    with act(any_session, ACTOR, "project:edit", "相手の追加"):
        project.partners.append(ProjectPartner(name_as_published=other, position=2))
    monkeypatch.setattr(scopes, "_visible", {**scopes._visible})
    monkeypatch.setitem(scopes._visible, ProjectPartner, [])
    register_scope(ProjectPartner, visible=lambda actor: ProjectPartner.name_as_published != other)
    told = sentences(any_session, project)
    assert all(other not in sentence for line in told for sentence in line)
    assert [line.label for line in history_of(any_session, READER, "project", str(project.id))] == ["協働事業の登録"]


def test_a_history_takes_few_queries_however_long(any_session: Session, project: Project) -> None:
    for number in range(12):
        with act(any_session, ACTOR, "project:edit", "変更"):
            project.partners.append(ProjectPartner(name_as_published=f"会{number}", position=number + 2))
    any_session.rollback()
    key = str(project.id)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    history_of(any_session, READER, "project", key, limit=50)
    statements = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(statements) <= 4  # entries, changes; of the lines: which are there, which may be read


def test_what_lost_its_model_is_still_told() -> None:
    assert sentence_of(None, "old_column", ["a", "b"]) == "old_column: a → b"
    assert sentence_of(None, "old_column", []) == "old_column: 変更あり"  # type: ignore[arg-type]


def test_the_difference_of_two_texts_is_told_word_by_word() -> None:
    parts = difference("公園の清掃を行う。", "公園の植栽を行う。")
    assert parts == [("same", "公園の"), ("removed", "清掃"), ("added", "植栽"), ("same", "を行う。")]
    assert difference("a" * 15_000, "b" * 15_000) == [("removed", "a" * 15_000), ("added", "b" * 15_000)]
    assert "".join(text for kind, text in difference("甲乙", "丙") if kind != "added") == "甲乙"


def test_who_acts_for_whom() -> None:
    assert words.who_of("山田", "佐藤") == "山田(佐藤の代理)"
