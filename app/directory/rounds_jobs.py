"""Long work of the directory's year: the ZIP of all forms, and an edition's booklet; each tells how far it is."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.access_notes import note_access
from app.audit.recorder import act
from app.config import Settings
from app.directory.edition_erasure import forget_booklets, forget_package
from app.directory.edition_files import edition_file, file_name
from app.directory.edition_views import difference_to_last, get_edition, printable
from app.directory.rounds_form import file_name as form_name
from app.directory.rounds_form import write_group_form
from app.directory.rounds_queries import field_choices, forms_to_write, get_round, request_of
from app.files.services import store_of
from app.japanese.dates import format_fiscal_year
from app.jobs.handle import JobHandle
from app.jobs.queue import ACTIVE, enqueue
from models.exchange import Job
from models.records import StoredFile

FORMS, BOOKLET = "confirmation_forms", "edition_booklet"
_ZIP = "application/zip"
_CHUNK = 50


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def request_forms(session: Session, *, actor: Actor, round_id: int) -> Job:
    """Ask for the ZIP of all forms of a round that are still awaited. One job at a time a round."""
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    one = get_round(session, actor, round_id)
    return _requested(session, actor, FORMS, "confirmation_round", one.id, "年次確認の様式の作成")


def request_booklet(session: Session, *, actor: Actor, edition_id: int) -> Job:
    """Ask for the booklet of an edition."""
    actor.require(Permission.EDITION_READ)
    edition = get_edition(session, actor, edition_id)
    return _requested(session, actor, BOOKLET, "edition", edition.id, "むすぶの冊子の作成")


def _requested(session: Session, actor: Actor, kind: str, table: str, key: int, label: str) -> Job:
    with act(session, actor, f"job:{kind}", label):
        job = active_job(session, kind, table, key)
        if job is None:
            job = enqueue(session, actor, kind, subject_table=table, subject_key=key)
    return job


def active_job(session: Session, kind: str, table: str, key: int) -> Job | None:
    """The job that waits or runs for that record."""
    return session.scalars(
        select(Job)
        .where(Job.kind == kind, Job.subject_table == table, Job.subject_key == str(key), Job.status.in_(ACTIVE))
        .order_by(Job.id.desc())
        .limit(1)
    ).one_or_none()


def last_job(session: Session, kind: str, table: str, key: int) -> Job | None:
    """The latest job for that record, whatever became of it."""
    return session.scalars(
        select(Job)
        .where(Job.kind == kind, Job.subject_table == table, Job.subject_key == str(key))
        .order_by(Job.id.desc())
        .limit(1)
    ).one_or_none()


def package_of(session: Session, round_id: int) -> StoredFile | None:
    """The ZIP of all forms of a round."""
    return session.scalars(
        select(StoredFile)
        .where(
            StoredFile.owner_table == "confirmation_round",
            StoredFile.owner_key == str(round_id),
            StoredFile.purpose == "forms",
        )
        .order_by(StoredFile.id.desc())
        .limit(1)
    ).one_or_none()


def booklet_of(session: Session, edition_id: int, fingerprint: str) -> StoredFile | None:
    """The stored booklet of an edition, if it shows exactly what may be shown now."""
    return session.scalars(
        select(StoredFile)
        .where(
            StoredFile.owner_table == "edition",
            StoredFile.owner_key == str(edition_id),
            StoredFile.purpose == _purpose(fingerprint),
        )
        .order_by(StoredFile.id.desc())
        .limit(1)
    ).one_or_none()


def _purpose(fingerprint: str) -> str:
    return f"booklet:{fingerprint[:40]}"


def run_forms(session: Session, actor: Actor, handle: JobHandle) -> dict[str, Any]:
    """Write every form that is awaited into one ZIP, kept with the round until it is closed."""
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    settings = _settings()
    round_id = int(handle.subject_key)
    one = get_round(session, actor, round_id)
    year, fiscal_year = format_fiscal_year(one.fiscal_year), one.fiscal_year
    ids = forms_to_write(session, actor, one)
    choices = field_choices(session)
    session.rollback()  # progress is told in transactions of its own
    note_access(actor, "export", "organization", None, len(ids), f"登録内容の年次確認({year})の様式の作成")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for start in range(0, len(ids), _CHUNK):
            for form, request in request_of(session, actor, round_id, ids[start : start + _CHUNK], choices):
                name = form_name(fiscal_year, form.organization_id, form.organization.name)
                package.writestr(name, write_group_form(request, settings.secret_key))
            session.rollback()
            handle.progress(min(start + _CHUNK, len(ids)), len(ids), "様式を作っています")
    with act(session, actor, "confirmation-round:forms", f"年次確認の様式の作成({len(ids):,}団体)"):
        forget_package(session, round_id)
        name = f"登録内容の確認_{year}_{len(ids)}団体.zip"
        file = _stored(settings, actor, target.getvalue(), name, _ZIP, "confirmation_round", round_id, "forms")
        session.add(file)
        session.flush()
        result = {"file_id": file.id, "forms": len(ids)}
        handle.finish(session, result, f"{len(ids):,}団体の様式を作りました。")
    return result


def run_booklet(session: Session, actor: Actor, handle: JobHandle) -> dict[str, Any]:
    """Set an edition's booklet and keep it, with the fingerprint of what it shows."""
    actor.require(Permission.EDITION_READ)
    edition_id = int(handle.subject_key)
    edition = get_edition(session, actor, edition_id)
    found = printable(session, actor, edition)
    difference = difference_to_last(session, actor, edition)
    name, total = file_name(edition, "pdf"), len(found.entries)
    fingerprint = found.fingerprint
    session.expunge_all()
    session.rollback()
    handle.progress(1, 3, f"{total:,}団体の内容を集めました。紙面を組んでいます")
    pdf = edition_file(found, "pdf", difference)
    handle._told_at = 0.0
    handle.progress(2, 3, "紙面ができました。保存しています")
    with act(session, actor, "edition:booklet", f"{edition}の冊子の作成"):
        forget_booklets(session, edition_id)
        file = _stored(_settings(), actor, pdf, name, "application/pdf", "edition", edition_id, _purpose(fingerprint))
        session.add(file)
        session.flush()
        result = {"file_id": file.id, "fingerprint": fingerprint, "bytes": len(pdf)}
        handle.finish(session, result, f"{total:,}団体の冊子ができました。")
    return result


def _stored(
    settings: Settings, actor: Actor, content: bytes, name: str, media_type: str, table: str, key: int, purpose: str
) -> StoredFile:
    """A row for a file that we made ourselves: uploads are looked at by `store_file`, which takes no archives."""
    return StoredFile(
        sha256=store_of(settings).put(content),
        name=name,
        media_type=media_type,
        size=len(content),
        owner_table=table,
        owner_key=str(key),
        purpose=purpose,
        uploaded_by_id=actor.user_id,
    )
