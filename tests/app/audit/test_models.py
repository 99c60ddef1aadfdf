"""Every model can be told in the log: labels, parents, and no row that the database would take away unseen."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
from sqlalchemy import Table
from sqlalchemy.orm import Mapper

import models
from app.audit.plans import audited_tables, model_of_table, plan_of
from models.base import Base

for _module in pkgutil.iter_modules(models.__path__):
    import_module(f"models.{_module.name}")
AUDITED: list[Mapper[Base]] = sorted(
    (mapper for mapper in Base.registry.mappers if mapper.class_.__audited__), key=lambda mapper: mapper.class_.__name__
)
#: Columns that the database itself may empty or delete by, and why that needs no line.
EXCEPTIONS = {
    "import_run.file_id": "the removal of the file is told; the run keeps its own name of it",
    "import_run.job_id": "jobs are technical and swept away in time",
    "saved_view.user_id": "users are made inactive, never deleted by the application",
}
NAMES = [mapper.class_.__name__ for mapper in AUDITED]


@pytest.mark.parametrize("mapper", AUDITED, ids=NAMES)
def test_every_logged_column_and_table_has_a_japanese_name(mapper: Mapper[Base]) -> None:
    assert mapper.class_.__label__
    assert [name for name, traits in plan_of(mapper.class_).columns.items() if traits.label == name] == []


@pytest.mark.parametrize("mapper", AUDITED, ids=NAMES)
def test_lines_name_the_record_on_whose_page_they_are_told(mapper: Mapper[Base]) -> None:
    parent = mapper.class_.__audit_parent__
    if parent is not None:
        relation = mapper.relationships[parent]
        assert not relation.uselist and len(relation.local_columns) == 1


@pytest.mark.parametrize("mapper", AUDITED, ids=NAMES)
def test_no_line_is_deleted_by_the_database_behind_the_log(mapper: Mapper[Base]) -> None:
    """ON DELETE CASCADE is a safety net only: the ORM deletes the lines, so that each is told."""
    assert isinstance(mapper.local_table, Table)
    unseen = []
    for key in mapper.local_table.foreign_keys:
        if key.ondelete not in ("CASCADE", "SET NULL") or str(key.parent) in EXCEPTIONS:
            continue
        parent = model_of_table(key.column.table.name)
        assert parent is not None
        is_told = any(
            relation.mapper.class_ is mapper.class_
            and not relation.passive_deletes
            and (key.ondelete == "SET NULL" or "delete" in relation.cascade)
            for relation in parent.__mapper__.relationships
        )
        if not is_told:
            unseen.append(f"{key.parent} → {parent.__name__}")
    assert unseen == []


def test_flags_that_make_a_row_personal_exist() -> None:
    for mapper in AUDITED:
        for traits in plan_of(mapper.class_).columns.values():
            if traits.personal_if is not None:
                assert hasattr(mapper.class_, traits.personal_if)


def test_link_tables_are_guarded_like_their_models() -> None:
    assert {"project_department", "project_principle", "project_effect", "project"} <= audited_tables()
    assert not {"audit_entry", "audit_change", "audit_head", "access_note", "login_session"} & audited_tables()
