"""Answers beside what the registry already has of the year: nothing of either is lost or quietly changed."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.words import history_of
from app.extensions import db
from app.problems import NotAllowed
from app.registry import publication, survey_closing
from app.registry.published import printed_lines
from app.registry.services import carry_over, update_project
from app.registry.survey_making import Beside, Closing
from app.registry.survey_queries import content_of_row
from app.registry.survey_rules import Line
from models.people import Role
from models.registry import Project, ProjectStatus
from models.survey import Intention, SurveyRound
from tests.app.registry.survey_support import SYSTEM, accept_everything, actor, open_2019, row_of, save
from tests.support.queries import counted_statements


def _carried(session: Session, number: int) -> Project:
    """The project of 2019 that goes on from that number of 2018, registered before any survey."""
    before = session.scalars(select(Project).where(Project.fiscal_year == 2018, Project.number == number)).one()
    return carry_over(session, actor=SYSTEM, project=before, fiscal_year=2019)


def test_an_answer_begins_with_what_is_registered_of_the_year(session: Session) -> None:
    project = _carried(session, 2)
    update_project(
        session,
        actor=SYSTEM,
        project=project,
        version=None,
        values={"name": "各種善行事業(新)", "contract_note": "覚書", "contract_on": dt.date(2019, 4, 1)},
    )
    open_2019(session)
    content = content_of_row(row_of(session, 2))
    assert (content.name, content.intention) == ("各種善行事業(新)", Intention.CHANGED)
    assert (content.contract_note, content.contract_on) == ("覚書", dt.date(2019, 4, 1))
    assert row_of(session, 3).intention is Intention.CONTINUES


def test_each_answer_that_differs_is_taken_or_told(session: Session) -> None:
    same, ended, lines, later = (_carried(session, number) for number in (2, 3, 11, 43))
    untouched = [(one.id, one.organization_id) for one in same.partners]
    opened = open_2019(session)
    save(session, SYSTEM, row_of(session, 3), intention=Intention.ENDED, note="団体が解散した")
    save(session, SYSTEM, row_of(session, 11), lines=(Line("津田塾大学、新しい大学", "共催"),), summary="あらまし")
    save(session, SYSTEM, row_of(session, 43), name="回答の名称")
    update_project(session, actor=SYSTEM, project=later, version=None, values={"name": "一覧で直した名称"})
    accept_everything(session, opened)
    cells = (
        ("協働相手(団体名)", "津田塾大学、武蔵野美術大学、文化学園大学", "津田塾大学、新しい大学"),
        ("協働形態", "協力", "共催"),
        ("事業の概要", lines.summary or "", "あらまし"),
    )
    expected = Closing(
        created=164,
        already_there=1,
        ended=1,
        mended=(Beside(lines.name, lines.id, cells),),
        kept=(Beside("一覧で直した名称", later.id, (("事業名称", "一覧で直した名称", "回答の名称"),)),),
        lasting=(Beside(ended.name, ended.id),),
    )
    assert survey_closing.outlook(session, SYSTEM, opened) == expected
    assert survey_closing.close_round(session, actor=SYSTEM, round_id=opened.id) == expected
    session.expire_all()
    assert [(one.name_as_published, one.organization is not None, one.form.name) for one in lines.partners] == [
        ("津田塾大学", True, "共催"),
        ("新しい大学", False, "共催"),
    ]
    assert printed_lines(lines) == [["津田塾大学、新しい大学", "共催"]]
    assert (lines.summary, later.name, ended.deleted_at) == ("あらまし", "一覧で直した名称", None)
    assert [(one.id, one.organization_id) for one in same.partners] == untouched
    assert row_of(session, 11).project_id == lines.id
    told = history_of(session, SYSTEM, "project", str(lines.id))[0]
    assert told.label == "取組調査(令和元年度)を一覧に反映"
    assert "事業の概要: (なし) → あらまし" in told.sentences


@pytest.mark.parametrize(
    ("cells", "label"),
    [
        ({"contract_note": "契約書"}, "協定・契約の内容と役割"),
        ({"contract_on": dt.date(2019, 5, 1)}, "協定・契約の日"),
        ({"other_departments": ("総務課",)}, "共同の課"),
        ({"lines": (Line("津田塾大学、武蔵野美術大学、文化学園大学", "協力", True),)}, "個人名"),
    ],
)
def test_no_cell_of_an_answer_is_left_out(session: Session, cells: dict[str, object], label: str) -> None:
    project = _carried(session, 11)
    opened = open_2019(session)
    save(session, SYSTEM, row_of(session, 11), **cells)
    accept_everything(session, opened)
    (mended,) = survey_closing.close_round(session, actor=SYSTEM, round_id=opened.id).mended
    assert [one for one, _, _ in mended.cells] == [label]
    session.expire_all()
    assert survey_closing.outlook(session, SYSTEM, opened).mended == ()
    assert mended.project_id == project.id


def test_what_was_published_stays_as_it_was_published(session: Session) -> None:
    project = _carried(session, 2)
    project_name = project.name
    publication.publish_list(session, actor=SYSTEM, fiscal_year=2019)
    opened = open_2019(session)
    save(session, SYSTEM, row_of(session, 2), name="回答の名称")
    accept_everything(session, opened)
    done = survey_closing.close_round(session, actor=SYSTEM, round_id=opened.id)
    assert [one.project_id for one in done.kept] == [project.id]
    assert (done.mended, project.name) == ((), project_name)


def test_only_the_office_looks_ahead(session: Session) -> None:
    opened = open_2019(session)
    with pytest.raises(NotAllowed):
        survey_closing.outlook(session, actor(session, Role.DEPARTMENT, "総務課"), opened)


def test_what_was_given_up_is_told_when_the_answer_goes_on(session: Session) -> None:
    going_on, ended = _carried(session, 2), _carried(session, 3)
    for project in (going_on, ended):
        values = {"status": ProjectStatus.NOT_PURSUED, "not_pursued_reason": "相手が決まらない"}
        update_project(session, actor=SYSTEM, project=project, version=None, values=values)
    opened = open_2019(session)
    save(session, SYSTEM, row_of(session, 3), intention=Intention.ENDED)
    accept_everything(session, opened)
    done = survey_closing.close_round(session, actor=SYSTEM, round_id=opened.id)
    assert done.kept == (Beside(going_on.name, going_on.id, (("状況", "見送り", "継続"),)),)
    assert (done.lasting, done.mended, going_on.status) == ((), (), ProjectStatus.NOT_PURSUED)


def test_looking_ahead_takes_as_many_queries_for_many_projects_as_for_one(app: Flask) -> None:
    with app.app_context():
        session = db.session()
        opened = open_2019(session)
        counts = []
        for numbers in ((2,), (11, 43, 65, 100, 121)):
            for number in numbers:
                _carried(session, number)
            session.expire_all()
            key = opened.id
            with counted_statements(app) as statements:
                survey_closing.outlook(session, SYSTEM, session.get_one(SurveyRound, key))
            counts.append(len(statements))
        session.rollback()
    assert counts[0] == counts[1], counts
