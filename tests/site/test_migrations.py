"""The migrations lead from an empty database to the models, back, and up again, on both databases."""

from __future__ import annotations

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, inspect, text

from app.audit import ddl as audit_ddl
from app.config import PROJECT_ROOT
from app.extensions import db
from app.search import ddl as search_ddl
from models.engine import writing


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    return ScriptDirectory.from_config(config)


def _include(name: str | None, kind: str, parents: object) -> bool:
    return not search_ddl.is_own(name, kind)


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_name": _include, "target_metadata": db.metadata}
    )
    return list(compare_metadata(context, db.metadata))


def test_revisions_have_one_head_and_number_in_order() -> None:
    revisions = [script.revision for script in reversed(list(_script().walk_revisions()))]
    assert len(_script().get_heads()) == 1
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]


def test_migrated_tables_are_what_the_models_say(any_app: Flask) -> None:
    with any_app.app_context(), db.engine.connect() as connection:
        assert _differences(connection) == []


def test_log_is_guarded_after_the_migrations(any_app: Flask) -> None:
    with any_app.app_context(), db.engine.connect() as connection:
        assert audit_ddl.guard_problems(connection) == []


def test_down_to_nothing_and_up_again(any_app: Flask) -> None:
    with any_app.app_context():
        flask_migrate.downgrade(revision="base")
        left = set(inspect(db.engine).get_table_names())
        assert left == {"alembic_version"}
        db.engine.dispose()
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert _differences(connection) == []
            assert audit_ddl.guard_problems(connection) == []


def test_batch_migration_of_a_parent_keeps_its_children_and_the_guards(app: Flask) -> None:
    """SQLite copies a table to change it; with foreign keys on that would take the children with it."""
    from alembic.operations import Operations

    with app.app_context(), writing(), db.engine.connect() as connection:
        children = connection.execute(text("SELECT count(*) FROM project_department")).scalar_one()
        connection.rollback()
        assert children > 0
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            operations = Operations(MigrationContext.configure(connection))
            audit_ddl.drop_guards(connection)
            for table in ("department", "audit_entry"):
                with operations.batch_alter_table(table, recreate="always"):
                    pass
            audit_ddl.create_guards(connection)
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        driver.execute("PRAGMA foreign_keys = ON")
        assert connection.execute(text("SELECT count(*) FROM project_department")).scalar_one() == children
        assert audit_ddl.guard_problems(connection) == []


def test_migrating_again_changes_nothing(any_app: Flask) -> None:
    with any_app.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert audit_ddl.guard_problems(connection) == []


@pytest.mark.parametrize("command", ["check", "current", "heads"])
def test_commands_that_only_look_leave_the_guards_alone(app: Flask, command: str) -> None:
    with app.app_context(), db.engine.connect() as connection:
        before = connection.execute(text("SELECT name, rowid, sql FROM sqlite_master ORDER BY rowid")).all()
        connection.rollback()
        getattr(flask_migrate, command)()
        after = connection.execute(text("SELECT name, rowid, sql FROM sqlite_master ORDER BY rowid")).all()
    assert [tuple(row) for row in after] == [tuple(row) for row in before]
