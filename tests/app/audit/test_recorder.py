"""The recorder: what an act leaves in the log, and what it refuses."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.audit.acts import MASK, Change, UnloggedChange
from app.audit.guarding import AppendOnly
from app.audit.recorder import act, describe
from app.audit.verify import verify
from models.base import db, utc_now
from models.directory import Organization, OrganizationAlias
from models.engine import reading
from models.people import Role, RoleAssignment, User
from models.records import AccessNote, AuditChange, AuditEntry, AuditHead, ChangeKind
from models.reference import Area, Department, Skill
from models.registry import Project, ProjectPartner, project_department
from tests.app.audit.conftest import ACTOR, all_text, last_place, told

Told = list[tuple[str, list[tuple[str, str, str, dict[str, object]]]]]


@pytest.fixture
def session(any_session: Session) -> Session:
    """A session over either database."""
    return any_session


@pytest.fixture
def start(session: Session) -> int:
    """The last place in the chain before the test."""
    return last_place(session)


@pytest.fixture
def area(session: Session) -> Area:
    with act(session, ACTOR, "area:create", "登録"):
        made = Area(name="試験町", variants=["試験"], position=5)
        session.add(made)
    return made


def changes(found: Told) -> list[tuple[str, str, str, dict[str, object]]]:
    return [change for _, rows in found for change in rows]


def test_a_new_row_an_update_and_a_deletion(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:create", "登録"):
        area = Area(name="試験町", position=5)
        session.add(area)
    with act(session, ACTOR, "area:edit", "変更"):
        area.position = 6
    with act(session, ACTOR, "area:delete", "削除"):
        session.delete(area)
    assert told(session, start) == [
        (
            "area:create",
            [
                (
                    "created",
                    "area",
                    "試験町",
                    {"name": [None, "試験町"], "reading": [None, ""], "variants": [None, []], "position": [None, 5]},
                )
            ],
        ),
        ("area:edit", [("updated", "area", "試験町", {"position": [5, 6]})]),
        (
            "area:delete",
            [
                (
                    "deleted",
                    "area",
                    "試験町",
                    {"name": ["試験町", None], "reading": ["", None], "variants": [[], None], "position": [6, None]},
                )
            ],
        ),
    ]
    assert verify(db.engine).is_ok


def test_the_entry_says_who_when_whence_for_whom_and_why(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:create", "登録", reason="新しい町", on_behalf_of="佐藤") as current:
        session.add(Area(name="試験町"))
        current.label = "町名「試験町」の登録"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.sequence == start + 1)).one()
    assert (entry.actor_label, entry.channel, entry.label, entry.reason, entry.on_behalf_of, entry.change_count) == (
        "試験",
        "cli",
        "町名「試験町」の登録",
        "新しい町",
        "佐藤",
        1,
    )
    assert abs(entry.at - utc_now()) < dt.timedelta(minutes=1)


def test_setting_the_same_value_leaves_nothing(session: Session, start: int, area: Area) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        area.position = 5
        area.name = "試験町"
    assert last_place(session) == start + 1


def test_the_old_value_is_known_though_the_row_was_not_loaded(session: Session, start: int, area: Area) -> None:
    session.expire_all()
    with act(session, ACTOR, "area:edit", "変更"):
        area.position = 9
    assert changes(told(session, start + 1)) == [("updated", "area", "試験町", {"position": [5, 9]})]


def test_an_expired_row_is_deleted_with_its_values(session: Session, start: int, area: Area) -> None:
    key = area.id
    session.expunge_all()
    with act(session, ACTOR, "area:delete", "削除"):
        found = session.get_one(Area, key)
        session.expire(found)
        session.delete(found)
    assert changes(told(session, start + 1))[0][3]["position"] == [5, None]


def test_versions_and_stamps_are_not_told(session: Session, start: int) -> None:
    with act(session, ACTOR, "project:create", "登録"):
        project = Project(fiscal_year=2024, name="事業")
        session.add(project)
    with act(session, ACTOR, "project:edit", "変更"):
        project.name = "別の事業"
    assert project.version == 2
    for _, _, _, values in changes(told(session, start)):
        assert not {"version", "updated_at", "created_at", "id"} & values.keys()


def test_json_changed_in_place_and_marked_is_told_with_its_old_value(session: Session, start: int, area: Area) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        area.variants.append("シケン")
        flag_modified(area, "variants")
    assert changes(told(session, start + 1))[0][3] == {"variants": [["試験"], ["試験", "シケン"]]}


def test_json_changed_in_place_alone_is_neither_saved_nor_told(session: Session, start: int, area: Area) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        area.variants.append("シケン")
    session.expire_all()
    assert (area.variants, last_place(session)) == (["試験"], start + 1)


def test_an_sql_expression_is_told_as_the_value_that_it_gave(session: Session, start: int, area: Area) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        area.position = Area.position + 10
        session.add(Area(name=func.upper(literal("abc")), position=1))
    assert sorted((row[0], row[3]["position"], row[3].get("name")) for row in changes(told(session, start + 1))) == [
        ("created", [None, 1], [None, "ABC"]),
        ("updated", [5, 15], None),
    ]


def test_many_to_many_sides_are_told(session: Session, start: int) -> None:
    one, two, three = session.scalars(select(Department).order_by(Department.id).limit(3)).all()
    with act(session, ACTOR, "project:create", "登録"):
        project = Project(fiscal_year=2024, name="事業", departments=[one, two])
        session.add(project)
    session.expire_all()
    with act(session, ACTOR, "project:edit", "変更"):
        project.departments.append(three)
        project.departments.remove(one)
    with act(session, ACTOR, "project:edit", "変更"):
        project.departments = [three, two]  # another order is no change
    with act(session, ACTOR, "project:delete", "削除"):
        session.delete(project)
    rows = changes(told(session, start))
    names = {department.id: department.name for department in (one, two, three)}

    def side(*keys: int) -> tuple[list[int], list[str]]:
        return sorted(keys), [names[key] for key in sorted(keys)]

    def pair(old: tuple[list[int], list[str]], new: tuple[list[int], list[str]]) -> list[object]:
        return [old[0], new[0], old[1], new[1]]

    assert [row[3]["departments"] for row in rows] == [
        pair(side(), side(one.id, two.id)),
        pair(side(one.id, two.id), side(two.id, three.id)),
        pair(side(two.id, three.id), side()),
    ]


def test_lines_are_told_on_the_page_of_their_record(session: Session, start: int) -> None:
    with act(session, ACTOR, "project:create", "登録"):
        project = Project(fiscal_year=2024, name="事業")
        project.partners.append(ProjectPartner(name_as_published="花の会", position=1))
        session.add(project)
    session.expire_all()
    with act(session, ACTOR, "project:edit", "変更"):
        project.partners.clear()  # orphans: the session's own list of deletions does not know them
    rows = session.execute(
        select(AuditChange.kind, AuditChange.table_name, AuditChange.root_table, AuditChange.root_key)
        .join(AuditEntry)
        .where(AuditEntry.sequence > start)
        .order_by(AuditEntry.sequence, AuditChange.position)
    ).all()
    key = str(project.id)
    assert [tuple(row) for row in rows] == [
        ("created", "project", "project", key),
        ("created", "project_partner", "project", key),
        ("deleted", "project_partner", "project", key),
    ]
    assert changes(told(session, start + 1))[0][3]["name_as_published"] == ["花の会", None]


def test_a_record_and_what_it_names_may_be_made_in_one_flush(session: Session, start: int) -> None:
    with act(session, ACTOR, "project:create", "登録"):
        organization = Organization(name="みどりの会")
        project = Project(fiscal_year=2024, name="事業")
        project.partners.append(ProjectPartner(name_as_published="みどり", organization=organization, position=1))
        session.add(project)
    partner = next(row for row in changes(told(session, start)) if row[1] == "project_partner")
    assert partner[3]["organization_id"] == [None, organization.id, None, "みどりの会"]


def test_labels_of_what_rows_name_take_one_query_a_model(session: Session, start: int) -> None:
    with act(session, ACTOR, "organization:create", "登録"):
        organizations = [Organization(name=f"会{number}") for number in range(40)]
        session.add_all(organizations)
    keys = [organization.id for organization in organizations]
    session.expunge_all()
    statements: list[str] = []
    from sqlalchemy import event

    def listen(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", listen)
    with act(session, ACTOR, "project:create", "登録"):
        project = Project(fiscal_year=2024, name="事業")
        for number, key in enumerate(keys):
            project.partners.append(ProjectPartner(name_as_published="x", organization_id=key, position=number))
        session.add(project)
        session.flush()
        event.remove(db.engine, "before_cursor_execute", listen)
    assert len([statement for statement in statements if "FROM organization" in statement]) <= 2


# --- what leaves nothing -------------------------------------------------------------------------------------------


def fail(session: Session, *names: str) -> None:
    """A body that adds areas, flushes and fails."""
    session.add_all([Area(name=name) for name in names])
    session.flush()
    raise ZeroDivisionError


def test_a_failing_body_leaves_neither_change_nor_entry(session: Session, start: int) -> None:
    with pytest.raises(ZeroDivisionError), act(session, ACTOR, "area:create", "登録"):
        fail(session, "試験町")
    assert last_place(session) == start
    assert session.scalar(select(Area).where(Area.name == "試験町")) is None
    with act(session, ACTOR, "area:create", "登録"):  # the session works on
        session.add(Area(name="試験町"))
    assert last_place(session) == start + 1


def test_a_constraint_that_fails_leaves_nothing_and_the_session_works_on(
    session: Session, start: int, area: Area
) -> None:
    with pytest.raises(IntegrityError), act(session, ACTOR, "area:create", "登録"):
        session.add(Area(name="試験町"))
    assert last_place(session) == start + 1
    with act(session, ACTOR, "area:edit", "変更"):
        area.position = 7
    assert last_place(session) == start + 2


def test_an_act_without_changes_leaves_nothing_unless_it_is_kept(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        pass
    assert last_place(session) == start
    with act(session, ACTOR, "export:run", "書き出し", keep_when_empty=True):
        pass
    assert told(session, start) == [("export:run", [])]


def test_what_is_made_and_unmade_in_one_act_is_nothing(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        area = Area(name="試験町")
        session.add(area)
        session.flush()
        area.position = 3
        session.flush()
        session.delete(area)
        session.flush()
    assert last_place(session) == start


def test_there_and_back_in_one_act_is_nothing(session: Session, start: int, area: Area) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        area.position = 6
        session.flush()
        area.position = 5
    assert last_place(session) == start + 1


def test_several_flushes_are_one_net_change(session: Session, start: int, area: Area) -> None:
    with act(session, ACTOR, "area:edit", "変更"):
        for position in (6, 7, 8):
            area.position = position
            session.flush()
        area.name = "改名町"
    assert changes(told(session, start + 1)) == [
        ("updated", "area", "改名町", {"position": [5, 8], "name": ["試験町", "改名町"]})
    ]


# --- savepoints and nested acts ------------------------------------------------------------------------------------


def test_nested_acts_join_the_outermost(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:merge", "統合"):
        session.add(Area(name="甲町"))
        with act(session, ACTOR, "area:create", "登録", reason="内側の理由"):
            session.add(Area(name="乙町"))
    found = told(session, start)
    assert [(verb, [row[2] for row in rows]) for verb, rows in found] == [("area:merge", ["甲町", "乙町"])]
    assert session.scalar(select(AuditEntry.reason).where(AuditEntry.sequence == start + 1)) == "内側の理由"


def test_a_failing_nested_act_takes_the_outer_with_it(session: Session, start: int) -> None:
    def nested() -> None:
        session.add(Area(name="甲町"))
        with act(session, ACTOR, "area:create", "登録"):
            fail(session, "乙町")

    with pytest.raises(ZeroDivisionError), act(session, ACTOR, "area:merge", "統合"):
        nested()
    assert last_place(session) == start


def released_and_failing(session: Session) -> None:
    with session.begin_nested():
        session.add(Area(name="丙町"))
    fail(session, "乙町")


def test_a_savepoint_that_is_rolled_back_takes_its_changes_out_of_the_log(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:create", "登録"):
        session.add(Area(name="甲町"))
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            released_and_failing(session)
        with session.begin_nested():
            session.add(Area(name="丁町"))
    assert [row[2] for row in changes(told(session, start))] == ["甲町", "丁町"]
    assert set(session.scalars(select(Area.name).where(Area.name.in_(["甲町", "乙町", "丙町", "丁町"])))) == {
        "甲町",
        "丁町",
    }


def test_a_constraint_that_fails_in_a_savepoint(session: Session, start: int, area: Area) -> None:
    with act(session, ACTOR, "area:create", "登録"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(Area(name="試験町"))
        session.add(Area(name="乙町"))
    assert [row[2] for row in changes(told(session, start + 1))] == ["乙町"]


def test_a_rollback_inside_an_act_takes_all_before_it_out_of_the_log(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:create", "登録"):
        session.add(Area(name="甲町"))
        session.flush()
        session.rollback()
        session.add(Area(name="乙町"))
    assert [row[2] for row in changes(told(session, start))] == ["乙町"]
    assert session.scalar(select(Area).where(Area.name == "甲町")) is None


def test_a_commit_inside_an_act_is_refused(session: Session, start: int) -> None:
    def commit_too_early() -> None:
        session.add(Area(name="甲町"))
        session.commit()

    with pytest.raises(UnloggedChange), act(session, ACTOR, "area:create", "登録"):
        commit_too_early()
    assert session.scalar(select(Area).where(Area.name == "甲町")) is None
    assert last_place(session) == start


# --- what is refused -----------------------------------------------------------------------------------------------


def test_a_change_outside_an_act_is_refused(session: Session, start: int, area: Area) -> None:
    session.add(Area(name="外の町"))
    with pytest.raises(UnloggedChange):
        session.commit()
    session.rollback()
    area.position = 99
    with pytest.raises(UnloggedChange):
        session.flush()
    session.rollback()
    session.delete(area)
    with pytest.raises(UnloggedChange):
        session.flush()
    session.rollback()
    assert session.scalar(select(Area.position).where(Area.name == "試験町")) == 5
    assert last_place(session) == start + 1


def test_an_act_in_a_reading_transaction_is_refused(session: Session) -> None:
    with reading(), pytest.raises(UnloggedChange), act(session, ACTOR, "area:edit", "変更"):
        pass


def test_bulk_statements_need_a_note_for_their_table(session: Session, start: int, area: Area) -> None:
    statements = [
        update(Area).values(position=1),
        delete(Area).where(Area.name == "x"),
        insert(Area).values(name="x"),
        Area.__table__.update().values(position=1),  # type: ignore[attr-defined]
        insert(project_department).values(project_id=1, department_id=1),
        delete(project_department),
    ]
    for statement in statements:
        with pytest.raises(UnloggedChange):
            session.execute(statement)
        with act(session, ACTOR, "area:edit", "変更") as current:
            current.note_bulk([Change(ChangeKind.UPDATED, "skill", "1", "x", "skill", "1", {"name": ["a", "b"]})])
            with pytest.raises(UnloggedChange):
                session.execute(statement)
            session.rollback()
    start = last_place(session) - 1
    with act(session, ACTOR, "area:edit", "まとめて変更") as current:
        current.note_bulk([describe(area, ChangeKind.UPDATED, {"position": [5, 1]})])
        session.execute(update(Area).where(Area.id == area.id).values(position=1))
    assert changes(told(session, start + 1)) == [("updated", "area", "試験町", {"position": [5, 1]})]


def test_a_note_for_a_table_allows_its_link_tables(session: Session, start: int) -> None:
    department = session.scalars(select(Department.id).limit(1)).one()
    with act(session, ACTOR, "project:create", "登録"):
        project = Project(fiscal_year=2024, name="事業")
        session.add(project)
    with act(session, ACTOR, "project:edit", "変更") as current:
        current.note_bulk([describe(project, ChangeKind.UPDATED, {"departments": [[], [department], [], ["課"]]})])
        session.execute(insert(project_department).values(project_id=project.id, department_id=department))
    assert changes(told(session, start + 1))[0][3] == {"departments": [[], [department], [], ["課"]]}


def test_the_log_is_written_by_the_recorder_alone(session: Session, start: int, area: Area) -> None:
    entry = session.scalars(select(AuditEntry).limit(1)).one()
    with pytest.raises(AppendOnly), act(session, ACTOR, "x:y", "x"):
        entry.label = "別の操作"
    entry = session.scalars(select(AuditEntry).limit(1)).one()
    with pytest.raises(AppendOnly), act(session, ACTOR, "x:y", "x"):
        session.delete(entry)
    with pytest.raises(AppendOnly), act(session, ACTOR, "x:y", "x"):
        session.add(AccessNote(actor_label="x", action="x", table_name="x", purpose="x"))
    for model in (AuditEntry, AuditChange, AuditHead, AccessNote):
        for statement in (update(model).values(id=1), delete(model)):
            with pytest.raises(AppendOnly), act(session, ACTOR, "x:y", "x"):
                session.execute(statement)
    assert verify(db.engine).is_ok


def test_a_primary_key_is_not_changed(session: Session, area: Area) -> None:
    with pytest.raises(UnloggedChange), act(session, ACTOR, "area:edit", "変更"):
        area.id = 999_999


# --- what must not be told -----------------------------------------------------------------------------------------

MARKERS = ("marker-mail@example.jp", "marker-hash-9999", "marker-999", "目印の個人名", "目印の別名", "marker-totp")


def test_personal_and_secret_values_appear_nowhere_in_the_log(session: Session, start: int) -> None:
    mail, password, number, person, alias, totp = MARKERS
    with act(session, ACTOR, "user:create", f"利用者 {mail} の登録", reason=f"{person}さんから", on_behalf_of=person):
        user = User(email=mail, staff_number=number, display_name="山田", password_hash=password, totp_secret=totp)
        user.assignments.append(RoleAssignment(role=Role.OFFICE, from_on=dt.date(2024, 4, 1)))
        organization = Organization(name=person, reading=person, is_person=True)
        organization.aliases.append(OrganizationAlias(name=alias))
        project = Project(fiscal_year=2024, name="事業")
        project.partners.append(
            ProjectPartner(name_as_published=person, is_person=True, organization=organization, position=1)
        )
        session.add_all([user, organization, project])
    with act(session, ACTOR, "organization:alias", f"別名 {alias} の追加"):
        session.add(OrganizationAlias(organization_id=organization.id, name=alias))
    with act(session, ACTOR, "organization:edit", f"{person} の変更"):
        organization.name = "団体になった名"
        organization.is_person = False
        user.email = "marker-mail@example.jp.second"
        user.password_hash = None
    with act(session, ACTOR, "organization:delete", "削除"):
        session.delete(project)
        session.delete(user)
    text = all_text(session)
    for marker in MARKERS:
        assert marker not in text
    rows = changes(told(session, start))
    assert next(row for row in rows if row[1] == "user")[3]["email"] == [None, MASK]
    assert next(row for row in rows if row[1] == "user" and row[0] == "updated")[3] == {
        "email": [MASK, MASK],
        "password_hash": [MASK, None],
    }


def test_nul_and_odd_values_do_not_break_the_log(session: Session, start: int) -> None:
    with act(session, ACTOR, "skill:create", "登録\x00と" + "長" * 400, reason="理由\x00"):
        session.add(Skill(code="odd", name="変な値", group="x", synonyms=["a", {"b": 1.5, "ü": None}, 2**60, "𠮷"]))
    assert changes(told(session, start))[0][3]["synonyms"] == [None, ["a", {"b": 1.5, "ü": None}, 2**60, "𠮷"]]
    assert verify(db.engine).is_ok
    label = session.scalar(select(AuditEntry.label).where(AuditEntry.sequence == start + 1))
    assert label is not None and len(label) == 300 and label.startswith("登録と長")


def test_other_sessions_see_change_and_entry_together_or_neither(session: Session, start: int) -> None:
    with act(session, ACTOR, "area:create", "登録"):
        session.add(Area(name="試験町"))
        session.flush()
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect() as other:
                assert other.execute(text("SELECT count(*) FROM area WHERE name = '試験町'")).scalar_one() == 0
    with reading(), db.engine.connect() as other:
        assert other.execute(text("SELECT count(*) FROM area WHERE name = '試験町'")).scalar_one() == 1
        assert other.execute(text("SELECT sequence FROM audit_head")).scalar_one() == start + 1
