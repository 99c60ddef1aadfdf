"""The six steps and the rules behind them: pure, without a database."""

from __future__ import annotations

import datetime as dt

import pytest

from app.registry.rules import blocking_start, findings, reported_status
from app.registry.steps import steps_of
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, ProjectSource, ProjectStatus


def _project(form: str, **values: object) -> Project:
    project = Project(
        fiscal_year=2026,
        name="花壇づくり",
        source=ProjectSource.ENTERED,
        status=ProjectStatus.PLANNED,
        is_published=False,
        departments=[Department(code="koen", name="公園課")],
    )
    line = ProjectPartner(position=1, name_as_published="架空みどりの会", is_generic=False, is_person=False)
    line.form = CollaborationForm(code=form, name=form)
    project.partners.append(line)
    for name, value in values.items():
        setattr(project, name, value)
    return project


def _fields(project: Project) -> list[str]:
    return [finding.field for finding in findings(project)]


def test_the_steps_carry_the_handbooks_names() -> None:
    steps = steps_of(_project("cooperation"))
    assert [step.name for step in steps] == [
        "可能性検討",
        "形態選択",
        "パートナー選択",
        "ブラッシュアップ",
        "実施",
        "振り返り・評価",
    ]
    assert [step.state for step in steps] == ["current", "waiting", "waiting", "waiting", "waiting", "waiting"]


def test_a_project_under_way_shows_what_it_skipped() -> None:
    steps = steps_of(_project("cooperation", status=ProjectStatus.IN_PROGRESS))
    assert [step.state for step in steps] == ["missing", "missing", "missing", "missing", "current", "waiting"]
    assert [finding.field for finding in steps[4].missing] == ["starts_on", "ends_on"]


def test_what_a_published_list_did_not_write_down_is_unrecorded_not_missing() -> None:
    project = _project("cooperation", status=ProjectStatus.IN_PROGRESS, is_published=True)
    states = [step.state for step in steps_of(project)]
    assert states == ["unrecorded", "unrecorded", "unrecorded", "unrecorded", "current", "waiting"]
    project.status = ProjectStatus.FINISHED
    assert {step.state for step in steps_of(project)} == {"unrecorded"}


def test_a_finished_and_published_project_is_done_when_it_was_looked_back_on() -> None:
    project = _project("cooperation", status=ProjectStatus.FINISHED, is_published=True, review_note="来年も続ける")
    assert steps_of(project)[5].state == "done"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("cooperation", "hosted_by"),
        ("endorsement", "endorsement_applied_on"),
        ("executive_committee", "committee_members"),
        ("council", "committee_members"),
    ],
)
def test_single_forms_ask_for_what_they_carry(form: str, field: str) -> None:
    asked = {"hosted_by", "endorsement_applied_on", "committee_members"}
    assert asked.intersection(_fields(_project(form))) == {field}


def test_a_commission_needs_its_contract_before_it_starts() -> None:
    stops = {finding.field for finding in blocking_start(_project("commission", source=ProjectSource.SURVEY))}
    assert stops == {"contract_on", "contract_note", "group_role", "city_role"}
    contract = {"contract_on": dt.date(2026, 4, 1), "contract_note": "相談", "group_role": "相談", "city_role": "広報"}
    assert blocking_start(_project("commission", source=ProjectSource.SURVEY, **contract)) == []


def test_the_published_list_of_earlier_years_is_exempt() -> None:
    assert blocking_start(_project("commission", is_published=True)) == []


def test_a_form_that_belongs_to_commission_is_one() -> None:
    project = _project("special_commission", source=ProjectSource.SURVEY)
    project.partners[0].form.parent = CollaborationForm(code="commission", name="委託")
    assert [finding.clause for finding in blocking_start(project)] == ["実践編1(2)"] * 4


@pytest.mark.parametrize(
    ("form", "status"), [("commission", ProjectStatus.PLANNED), ("cooperation", ProjectStatus.IN_PROGRESS)]
)
def test_a_reported_row_goes_on_unless_a_contract_is_missing(form: str, status: ProjectStatus) -> None:
    assert reported_status(_project(form)) is status


def test_what_is_over_waits_to_be_looked_back_on_and_published() -> None:
    project = _project("cooperation", status=ProjectStatus.FINISHED)
    assert {"review_note", "is_published"} <= set(_fields(project))
