"""Triggers that keep the log append-only in the database itself, whoever writes.

An entry or a note of access is never updated or deleted; an entry takes the next place of the chain and no other;
changes are added to an entry only before it is there; the head moves by one, onto an entry that exists.
SQLite: `INSERT OR REPLACE` passes delete triggers unless recursive_triggers is on, so inserting over an existing key
is refused too. PostgreSQL: TRUNCATE is refused, and the triggers fire ALWAYS (in replica mode as well).
Who owns the tables can drop the triggers: what is done then is found by the chain (`app.audit.verify`).
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

GENESIS = "0" * 64
#: Never updated nor deleted.
APPEND_ONLY = ("audit_entry", "audit_change", "access_note")

# What a new row may not be: (table, rule, condition that refuses it). Both databases say it in the same words.
_INSERT_RULES = (
    (
        "audit_entry",
        "takes_the_next_place",
        (
            "NOT EXISTS (SELECT 1 FROM audit_head WHERE audit_head.id = 1 AND audit_head.sequence = NEW.sequence - 1"
            " AND audit_head.hash = NEW.previous_hash)"
        ),
    ),
    (
        "audit_change",
        "comes_before_its_entry",
        "EXISTS (SELECT 1 FROM audit_entry WHERE audit_entry.id = NEW.entry_id)",
    ),
)
_HEAD_MOVES = (
    "NEW.id <> 1 OR NEW.sequence <> OLD.sequence + 1 OR NOT EXISTS (SELECT 1 FROM audit_entry"
    " WHERE audit_entry.sequence = NEW.sequence AND audit_entry.hash = NEW.hash AND audit_entry.previous_hash = OLD.hash)"
)
# SQLite only: a key that is there already would be replaced.
_EXISTING_KEY = {
    "audit_entry": "id = NEW.id OR sequence = NEW.sequence OR hash = NEW.hash",
    "audit_change": "id = NEW.id OR (entry_id = NEW.entry_id AND position = NEW.position)",
    "access_note": "id = NEW.id",
}


def create_guards(connection: Connection) -> None:
    """Make the head's row and the triggers; those that are there already are made anew. Runs after each migration."""
    drop_guards(connection)
    connection.exec_driver_sql(
        f"INSERT INTO audit_head (id, sequence, hash) SELECT 1, 0, '{GENESIS}'"
        " WHERE NOT EXISTS (SELECT 1 FROM audit_head)"
    )
    for statement in _statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def drop_guards(connection: Connection) -> None:
    """Take the triggers off: before a migration copies a table (SQLite refuses to rename one that a trigger reads)."""
    for name, table in _names(connection.dialect.name).items():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        elif connection.exec_driver_sql(f"SELECT to_regclass('{table}')").scalar() is not None:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    if connection.dialect.name != "sqlite":
        for name in _functions():
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")


def guard_problems(connection: Connection) -> list[str]:
    """What is missing or was changed, a line each; empty when every trigger stands as it is made here."""
    problems = _sqlite_problems(connection) if connection.dialect.name == "sqlite" else _pg_problems(connection)
    heads = connection.exec_driver_sql("SELECT count(*) FROM audit_head").scalar()
    if heads != 1:
        problems.append(f"audit_head: {heads} rows instead of 1")
    return problems


# --- the statements ------------------------------------------------------------------------------------------------


def _sqlite_triggers() -> dict[str, tuple[str, str]]:
    """{trigger: (table, CREATE TRIGGER)}."""
    made: dict[str, tuple[str, str]] = {}

    def add(table: str, rule: str, moment: str, condition: str | None = None) -> None:
        name = f"trg_{table}_{rule}"
        when = f" WHEN {condition}" if condition else ""
        refusal = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {rule}'); END"
        made[name] = (table, f"CREATE TRIGGER {name} BEFORE {moment} ON {table} FOR EACH ROW{when} {refusal}")

    for table in APPEND_ONLY:
        add(table, "no_update", "UPDATE")
        add(table, "no_delete", "DELETE")
        add(table, "no_replace", "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE {_EXISTING_KEY[table]})")
    for table, rule, condition in _INSERT_RULES:
        add(table, rule, "INSERT", condition)
    add("audit_head", "no_delete", "DELETE")
    add("audit_head", "one_row", "INSERT", "EXISTS (SELECT 1 FROM audit_head)")
    add("audit_head", "moves_by_one", "UPDATE", _HEAD_MOVES)
    return made


def _pg_triggers() -> dict[str, tuple[str, str, str]]:
    """{trigger: (table, moment, function)}."""
    made: dict[str, tuple[str, str, str]] = {}

    def add(table: str, rule: str, moment: str, function: str, level: str = "ROW") -> None:
        made[f"trg_{table}_{rule}"] = (table, f"BEFORE {moment} ON {table} FOR EACH {level}", function)

    for table in APPEND_ONLY:
        add(table, "no_update", "UPDATE", "audit_refuse")
        add(table, "no_delete", "DELETE", "audit_refuse")
        add(table, "no_truncate", "TRUNCATE", "audit_refuse", "STATEMENT")
    for table, rule, _ in _INSERT_RULES:
        add(table, rule, "INSERT", f"{table}_{rule}")
    add("audit_head", "no_delete", "DELETE", "audit_refuse")
    add("audit_head", "no_truncate", "TRUNCATE", "audit_refuse", "STATEMENT")
    add("audit_head", "one_row", "INSERT", "audit_head_one_row")
    add("audit_head", "moves_by_one", "UPDATE", "audit_head_moves_by_one")
    return made


def _functions() -> dict[str, str]:
    """{function: plpgsql body}."""

    def body(condition: str | None) -> str:
        refusal = "RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_NAME, ERRCODE = '42501';"
        if condition is None:
            return f"BEGIN {refusal} END"
        return f"BEGIN IF {condition} THEN {refusal} END IF; RETURN NEW; END"

    return {
        "audit_refuse": body(None),
        **{f"{table}_{rule}": body(condition) for table, rule, condition in _INSERT_RULES},
        "audit_head_one_row": body("EXISTS (SELECT 1 FROM audit_head)"),
        "audit_head_moves_by_one": body(_HEAD_MOVES),
    }


def _statements(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [statement for _, statement in _sqlite_triggers().values()]
    functions = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$"
        for name, body in _functions().items()
    ]
    triggers = []
    for name, (table, moment, function) in _pg_triggers().items():
        triggers.append(f"CREATE TRIGGER {name} {moment} EXECUTE FUNCTION {function}()")
        triggers.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    return [*functions, *triggers]


def _names(dialect: str) -> dict[str, str]:
    triggers = _sqlite_triggers() if dialect == "sqlite" else _pg_triggers()
    return {name: made[0] for name, made in triggers.items()}


# --- are they there? -----------------------------------------------------------------------------------------------


def _sqlite_problems(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    problems = []
    for name, (_, statement) in _sqlite_triggers().items():
        if name not in found:
            problems.append(f"{name}: missing")
        elif _plain(found[name]) != _plain(statement):
            problems.append(f"{name}: changed")
    return problems


def _pg_problems(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT t.tgname, t.tgenabled, pg_get_triggerdef(t.oid), p.proname, p.prosrc"
        " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
    ).all()
    found = {row[0]: row for row in rows}
    bodies = _functions()
    problems = []
    for name, (_, moment, function) in _pg_triggers().items():
        row = found.get(name)
        if row is None:
            problems.append(f"{name}: missing")
        elif row[1] not in ("A", b"A"):
            problems.append(f"{name}: switched off")
        elif (
            row[3] != function
            or row[4] != bodies[function]
            # PostgreSQL names the schema in the definition: "ON public.audit_entry FOR EACH ROW EXECUTE …"
            or f"{moment} EXECUTE" not in re.sub(r" ON \w+\.", " ON ", row[2])
        ):
            problems.append(f"{name}: changed")
    return problems


def _plain(statement: str) -> str:
    return " ".join(statement.split())
