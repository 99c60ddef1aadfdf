"""Who sees which import: each their own; the administrator that they exist, without a cell of them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import Session

from app.access.scopes import as_key, register_scope
from app.actor import Actor
from app.files.policy import register_owner
from models.exchange import ImportRow, ImportRun
from models.people import Role
from models.records import StoredFile


def own_runs(actor: Actor) -> ColumnElement[bool]:
    """Imports that the actor started."""
    if actor.is_system:
        return true()
    return ImportRun.user_id == actor.user_id if actor.user_id is not None else false()


def visible_runs(actor: Actor) -> ColumnElement[bool]:
    """Own imports; all of them for the administrator."""
    return true() if actor.has(Role.ADMINISTRATOR) else own_runs(actor)


def own_rows(actor: Actor) -> ColumnElement[bool]:
    """Rows of own imports: what was in the cells is for the one who brought the file."""
    return ImportRow.run_id.in_(select(ImportRun.id).where(own_runs(actor)))


def _own_files(actor: Actor) -> ColumnElement[bool]:
    return StoredFile.id.in_(select(ImportRun.file_id).where(own_runs(actor)))


def _may_read_file(session: Session, actor: Actor, owner_key: str) -> bool:
    key = as_key(owner_key)
    return (
        key is not None and session.scalar(select(ImportRun.id).where(ImportRun.id == key, own_runs(actor))) is not None
    )


register_scope(ImportRun, visible=visible_runs, editable=own_runs)
register_scope(ImportRow, visible=own_rows)
register_owner("import_run", _may_read_file, _own_files)
