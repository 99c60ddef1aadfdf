"""The yearly survey: who answers what, the steps, the closing, against the 168 rows of 平成30年度."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.words import history_of
from app.problems import Conflict, Invalid, NotAllowed, NotFound
from app.registry import publication, survey_closing, survey_queries, survey_rounds, survey_rows, survey_services
from app.registry.published import departments_in_order, printed_lines
from app.registry.survey_queries import content_of_row, lines_of_project
from app.registry.survey_rules import Line, RowContent
from app.registry.survey_waiting import survey_lines
from models.people import Role
from models.records import AuditEntry
from models.registry import Project, ProjectSource, ProjectStatus
from models.survey import Intention, SurveyReminder, SurveyRow, SurveyState
from tests.app.registry.survey_support import (
    DUE,
    SYSTEM,
    accept_everything,
    actor,
    open_2019,
    response_of,
    row_of,
    save,
    submit,
)


def test_opening_lays_last_years_rows_before_every_department(session: Session) -> None:
    opened = open_2019(session)
    responses = survey_queries.responses_of(session, SYSTEM, opened)
    rows = session.scalars(select(SurveyRow)).all()
    assert (opened.base_year, len(responses), len(rows)) == (2018, 27, 168)
    assert {row.intention for row in rows} == {Intention.CONTINUES}
    for row in rows:
        assert content_of_row(row).lines == lines_of_project(row.predecessor)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (entry.verb, entry.label) == ("survey:open", "取組調査(令和元年度)の開始")


def test_a_project_of_two_departments_stands_once_in_the_first_and_both_see_it(session: Session) -> None:
    open_2019(session)
    row = row_of(session, 4)  # 防災危機管理課・地域安全課
    assert row.response.department.name == "防災危機管理課"
    assert [one.name for one in row.other_departments] == ["地域安全課"]
    second = actor(session, Role.DEPARTMENT, "地域安全課")
    own = response_of(session, "地域安全課")
    assert [one.id for one in survey_queries.shared_rows(session, second, own)] == [row.id]
    assert survey_queries.get_row(session, second, row.id).id == row.id
    with pytest.raises(NotFound):
        survey_queries.get_response(session, second, row.response_id)
    with pytest.raises((NotAllowed, NotFound)):
        save(session, second, row, name="書き換え")


def test_the_base_year_may_lie_further_back_and_a_year_opens_once(session: Session) -> None:
    assert survey_rounds.open_round(session, actor=SYSTEM, fiscal_year=2026, due_on=DUE).base_year == 2018
    with pytest.raises(Conflict, match="もう始まっています"):
        survey_rounds.open_round(session, actor=SYSTEM, fiscal_year=2026, due_on=DUE)


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.CENTER, Role.COMMITTEE, Role.AGENCY, Role.ADMINISTRATOR])
def test_only_the_office_opens_and_closes(session: Session, role: Role) -> None:
    who = actor(session, role)
    with pytest.raises(NotAllowed):
        survey_rounds.open_round(session, actor=who, fiscal_year=2019, due_on=DUE)
    opened = open_2019(session)
    with pytest.raises(NotAllowed):
        survey_closing.close_round(session, actor=who, round_id=opened.id)


def test_the_cells_decide_between_continued_and_changed(session: Session) -> None:
    open_2019(session)
    who = actor(session, Role.DEPARTMENT, "総務課")
    row = row_of(session, 2)
    assert save(session, who, row, name="各種善行事業(拡充)").intention is Intention.CHANGED
    assert save(session, who, row, name="各種善行事業", intention=Intention.CHANGED).intention is Intention.CONTINUES
    assert response_of(session, "総務課").state is SurveyState.IN_PROGRESS


def test_a_row_that_breaks_a_rule_is_refused_whole(session: Session) -> None:
    open_2019(session)
    row = row_of(session, 2)
    seen = row.version
    for changes, field in [
        ({"name": " "}, "name"),
        ({"lines": ()}, "lines"),
        ({"lines": (Line("団体", ""),)}, "lines"),
        ({"lines": (Line("", "協力"),)}, "lines"),
        ({"lines": (Line("団体", "応援"),)}, "lines"),
        ({"intention": Intention.NEW}, "intention"),
        ({"name": "あ" * 301}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"other_departments": ("ない課",)}, "other_departments"),
    ]:
        with pytest.raises(Invalid) as refused:
            save(session, SYSTEM, row, **changes)
        assert field in refused.value.fields, changes
    session.expire_all()
    assert (row.name, row.version, row.response.state) == ("各種善行事業", seen, SurveyState.NOT_STARTED)


def test_other_departments_answers_stay_closed(session: Session) -> None:
    open_2019(session)
    stranger = actor(session, Role.DEPARTMENT, "下水道課")
    response, row = response_of(session, "総務課"), row_of(session, 2)
    for attempt in (
        lambda: survey_queries.get_response(session, stranger, response.id),
        lambda: save(session, stranger, row, name="乗っ取り"),
        lambda: survey_rows.add_row(
            session, actor=stranger, response_id=response.id, content=RowContent(Intention.NEW, "x")
        ),
        lambda: survey_services.submit(session, actor=stranger, response_id=response.id, seen_version=response.version),
        lambda: survey_rows.reset_row(session, actor=stranger, row_id=row.id, seen_version=row.version),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotAllowed):
        survey_services.accept(session, actor=stranger, response_id=response.id, seen_version=response.version)


def test_the_office_edits_on_behalf_and_the_log_says_so(session: Session) -> None:
    open_2019(session)
    office = actor(session, Role.OFFICE)
    save(session, office, row_of(session, 2), name="代わりに直した")
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert entry.on_behalf_of == "総務課"


def test_submitting_twice_and_editing_after_submission_are_refused(session: Session) -> None:
    open_2019(session)
    who = actor(session, Role.DEPARTMENT, "総務課")
    response = submit(session, response_of(session, "総務課"), who)
    assert (response.state, response.submitted_by_id) == (SurveyState.SUBMITTED, who.user_id)
    with pytest.raises(Conflict, match="提出済み"):
        survey_services.submit(session, actor=who, response_id=response.id, seen_version=response.version)
    with pytest.raises(Conflict, match="変更できません"):
        save(session, who, row_of(session, 2), name="あとから")
    survey_services.withdraw(session, actor=who, response_id=response.id, seen_version=response.version)
    assert save(session, who, row_of(session, 2), name="取り下げてから").intention is Intention.CHANGED


def test_nothing_to_report_must_fit_the_rows(session: Session) -> None:
    open_2019(session)
    who = actor(session, Role.DEPARTMENT, "総務課")
    response = response_of(session, "総務課")
    row = row_of(session, 2)
    survey_rows.save_response(
        session, actor=who, response_id=response.id, seen_version=response.version, has_nothing_to_report=True, note=""
    )
    with pytest.raises(Invalid, match="終了ではない事業が1件"):
        submit(session, response, who)
    save(session, who, row, intention=Intention.ENDED)
    assert submit(session, response, who).state is SurveyState.SUBMITTED


def test_two_people_at_one_row_meet(session: Session) -> None:
    open_2019(session)
    row = row_of(session, 2)
    first = row.version
    save(session, SYSTEM, row, name="一人目")
    content = dataclasses.replace(content_of_row(row), name="二人目")
    with pytest.raises(Conflict, match="ほかの人が先に保存しました"):
        survey_rows.save_row(session, actor=SYSTEM, row_id=row.id, seen_version=first, content=content)
    assert row_of(session, 2).name == "一人目"


def test_a_change_of_partner_lines_alone_is_a_new_version_too(session: Session) -> None:
    open_2019(session)
    row = row_of(session, 43)
    assert len(row.lines) == 2
    before = row.version
    save(session, SYSTEM, row, lines=content_of_row(row).lines[:1])
    assert (row.version > before, len(row.lines), row.intention) == (True, 1, Intention.CHANGED)
    survey_rows.reset_row(session, actor=SYSTEM, row_id=row.id, seen_version=row.version)
    assert (len(row_of(session, 43).lines), row_of(session, 43).intention) == (2, Intention.CONTINUES)


def test_a_new_row_comes_and_goes_but_one_of_last_time_only_ends(session: Session) -> None:
    open_2019(session)
    response = response_of(session, "総務課")
    content = RowContent(Intention.NEW, "新しい取組", (Line("市民の会、学生の会", "協力"),))
    new = survey_rows.add_row(session, actor=SYSTEM, response_id=response.id, content=content)
    assert (new.position, new.intention) == (2, Intention.NEW)
    survey_rows.remove_row(session, actor=SYSTEM, row_id=new.id, seen_version=new.version)
    with pytest.raises(Conflict, match="終了"):
        survey_rows.remove_row(
            session, actor=SYSTEM, row_id=row_of(session, 2).id, seen_version=row_of(session, 2).version
        )


def test_handing_back_needs_a_reason_and_reopens(session: Session) -> None:
    open_2019(session)
    office = actor(session, Role.OFFICE)
    response = submit(session, response_of(session, "総務課"))
    with pytest.raises(Invalid, match="理由"):
        survey_services.hand_back(
            session, actor=office, response_id=response.id, seen_version=response.version, reason=" "
        )
    survey_services.hand_back(
        session,
        actor=office,
        response_id=response.id,
        seen_version=response.version,
        reason="相手の名称を確かめてください。",
    )
    assert (response.state, response.return_reason, response.submitted_at) == (
        SurveyState.RETURNED,
        "相手の名称を確かめてください。",
        None,
    )
    assert submit(session, response).state is SurveyState.SUBMITTED


def test_reminders_are_kept_and_only_for_those_who_have_not_answered(session: Session) -> None:
    open_2019(session)
    office = actor(session, Role.OFFICE)
    response, answered = response_of(session, "総務課"), submit(session, response_of(session, "下水道課"))
    sent = survey_services.remind(session, actor=office, response_ids=[response.id, answered.id])
    assert [one.response_id for one in sent] == [response.id]
    assert "総務課 御中" in sent[0].text
    assert session.scalar(select(func.count()).select_from(SurveyReminder)) == 1
    with pytest.raises(Invalid, match="提出済み"):
        survey_services.remind(session, actor=office, response_ids=[answered.id])


def test_what_waits_for_whom(session: Session) -> None:
    opened = open_2019(session)
    who, office = actor(session, Role.DEPARTMENT, "総務課"), actor(session, Role.OFFICE)
    lines = list(survey_lines(session, who))
    assert [(line.kind, line.label, line.due_on) for line in lines] == [
        ("survey_answer", "取組調査(令和元年度)に回答する: 総務課", DUE)
    ]
    submit(session, response_of(session, "総務課"))
    assert list(survey_lines(session, who)) == []
    assert [(line.kind, line.key) for line in survey_lines(session, office)] == [("survey_check", str(opened.id))]
    assert list(survey_lines(session, actor(session, Role.CENTER))) == []


def test_closing_and_publishing_wait_for_all_answers(session: Session) -> None:
    opened = open_2019(session)
    office = actor(session, Role.OFFICE)
    submit(session, response_of(session, "総務課"))
    for attempt in (survey_closing.close_round, survey_closing.publish_round):
        with pytest.raises(Conflict, match="確認済みでない回答が27課あります"):
            attempt(session, actor=office, round_id=opened.id)
    with pytest.raises(Conflict, match="取組調査が終わっていません"):
        publication.publish_list(session, actor=office, fiscal_year=2019)
    assert session.scalar(select(func.count()).select_from(Project).where(Project.fiscal_year == 2019)) == 0


def test_the_round_becomes_the_years_projects(session: Session) -> None:
    opened = open_2019(session)
    office = actor(session, Role.OFFICE)
    save(session, SYSTEM, row_of(session, 2), name="各種善行事業(拡充)")
    save(session, SYSTEM, row_of(session, 3), intention=Intention.ENDED)
    save(session, SYSTEM, row_of(session, 11), lines=(Line("津田塾大学、文化学園大学、新しい大学", "共催"),))
    survey_rows.add_row(
        session,
        actor=SYSTEM,
        response_id=response_of(session, "総務課").id,
        content=RowContent(
            Intention.NEW, "新しい取組", (Line("山田 太郎さん", "協力", True), Line("市民の会", "委託"))
        ),
    )
    accept_everything(session, opened, office)
    assert survey_closing.close_round(session, actor=office, round_id=opened.id) == survey_closing.Closing(168, 0, 1)
    made = session.scalars(select(Project).where(Project.fiscal_year == 2019)).all()
    by_before = {project.predecessor.number: project for project in made if project.predecessor}
    assert 3 not in by_before
    assert {project.source for project in made} == {ProjectSource.SURVEY}
    assert by_before[2].name == "各種善行事業(拡充)"
    assert [one.name for one in departments_in_order(by_before[4])] == ["防災危機管理課", "地域安全課"]
    assert by_before[4].department_as_published == "防災危機管理課・地域安全課"
    # The organisations that were known stay linked; what is new is left to a person.
    eleven = [(one.name_as_published, one.organization is not None, one.form.name) for one in by_before[11].partners]
    assert eleven == [("津田塾大学", True, "共催"), ("文化学園大学", True, "共催"), ("新しい大学", False, "共催")]
    assert printed_lines(by_before[43]) == [["武蔵野美術大学彫刻学科研究室", "共催"], ["小平市文化振興財団", "共催"]]
    new = next(project for project in made if project.predecessor is None)
    assert [(one.printed_line, one.is_person, one.form.name) for one in new.partners] == [
        (1, True, "協力"),
        (2, False, "委託"),
    ]
    assert new.status is ProjectStatus.PLANNED  # 委託 without its contract (rule 2)
    # And once more is refused, as is any edit.
    with pytest.raises(Conflict, match="反映されています"):
        survey_closing.close_round(session, actor=office, round_id=opened.id)
    with pytest.raises(Conflict, match="反映されています"):
        save(session, SYSTEM, row_of(session, 2), name="あとから")


def test_what_was_registered_before_is_not_registered_again(session: Session) -> None:
    from app.registry.services import carry_over

    opened = open_2019(session)
    before = session.scalars(select(Project).where(Project.fiscal_year == 2018, Project.number == 2)).one()
    kept = carry_over(session, actor=SYSTEM, project=before, fiscal_year=2019)
    accept_everything(session, opened)
    done = survey_closing.close_round(session, actor=SYSTEM, round_id=opened.id)
    assert done == survey_closing.Closing(167, 1, 0)
    assert row_of(session, 2).project_id == kept.id


def test_unchanged_rows_give_the_same_list_and_its_publication_is_frozen(session: Session) -> None:
    opened = open_2019(session)
    accept_everything(session, opened)
    survey_closing.close_round(session, actor=SYSTEM, round_id=opened.id)
    published = survey_closing.publish_round(session, actor=SYSTEM, round_id=opened.id)
    old = {project.id: project for project in session.scalars(select(Project).where(Project.fiscal_year == 2018))}
    new = {project.id: project for project in session.scalars(select(Project).where(Project.fiscal_year == 2019))}
    assert len(published.snapshot) == 168
    different = []
    for row in published.snapshot:
        before = old[new[row["project_id"]].predecessor_id]
        if (row["name"], row["lines"], row["department"]) != (
            before.name,
            printed_lines(before),
            before.department_as_published,
        ):
            different.append(before.number)
    assert different == [65]  # 「協力 協力」 is printed once
    forms = Counter(row["forms"][0] for row in published.snapshot)
    assert forms == {"協力": 95, "共催": 36, "実行委員会": 14, "委託": 12, "協議会": 10, "連絡会": 1}


def test_changed_partners_are_told_on_the_answers_page_but_persons_only_as_changed(session: Session) -> None:
    open_2019(session)
    row, with_person = row_of(session, 2), row_of(session, 97)
    save(session, SYSTEM, row, lines=(Line("市民の会", "共催"),))
    save(session, SYSTEM, with_person, lines=(Line("写真家 鈴木 花子さん", "協力", True),))
    told = [
        sentence
        for one in (row, with_person)
        for line in history_of(session, SYSTEM, "survey_response", str(one.response_id))
        for sentence in line.sentences
    ]
    text = " ".join(told)
    assert "協働相手・協働形態: 一般社団法人 日本善行会 小平支部(協力) → 市民の会(共催)" in text
    assert "協働相手・協働形態: 変更あり" in text
    assert "瀬戸" not in text
    assert "鈴木" not in text


def test_the_office_moves_a_row_to_the_department_that_took_it_over(session: Session) -> None:
    open_2019(session)
    office, who = actor(session, Role.OFFICE), actor(session, Role.DEPARTMENT, "防災危機管理課")
    row, target = row_of(session, 4), response_of(session, "地域安全課")
    before = len(target.rows)
    with pytest.raises(NotAllowed):
        survey_rows.move_row(session, actor=who, row_id=row.id, seen_version=row.version, response_id=target.id)
    with pytest.raises(Conflict, match="別の課"):
        survey_rows.move_row(
            session, actor=office, row_id=row.id, seen_version=row.version, response_id=row.response_id
        )
    survey_rows.move_row(session, actor=office, row_id=row.id, seen_version=row.version, response_id=target.id)
    assert (row.response.department.name, row.other_departments, len(target.rows)) == ("地域安全課", [], before + 1)
    submit(session, response_of(session, "総務課"))
    with pytest.raises(Conflict, match="提出済み"):
        survey_rows.move_row(
            session,
            actor=office,
            row_id=row.id,
            seen_version=row.version,
            response_id=response_of(session, "総務課").id,
        )
