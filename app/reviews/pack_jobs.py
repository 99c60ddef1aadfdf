"""Packs as background work, kept for whoever asked: 審査資料 (of all, or of one member) and 結果資料. A member gets the own one alone.

A pack is handed out only while it still holds what its reader may see: a conflict found since closes it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.config import Settings
from app.files.policy import register_owner
from app.files.services import Download, store_of
from app.jobs.handle import JobHandle
from app.jobs.queue import ACTIVE, enqueue
from app.problems import Conflict as Refusal
from app.problems import NotAllowed, NotFound
from app.reviews import queries
from app.reviews.clearance import is_office
from app.reviews.concluding import find_conclusion
from app.reviews.packs import Material, Progress, bind, collect, proposals_for
from app.reviews.result_pack import render_result, result_data
from models.base import utc_now
from models.calls import Call
from models.exchange import Job
from models.records import StoredFile
from models.reviews import ReviewMember, ReviewSetting, ReviewStage

KIND, OWNER = "review_pack", "review_pack"
RESULT = "result"
#: Then they are made anew: what they show may have been corrected, and erased data goes with them.
KEPT = dt.timedelta(days=14)


@dataclasses.dataclass(frozen=True)
class PackKey:
    """Which pack: of a call, "document", "interview" or "result", of everybody (0) or one member."""

    call_id: int
    what: str
    member_id: int

    def __str__(self) -> str:
        return f"{self.call_id}:{self.what}:{self.member_id}"

    @classmethod
    def read(cls, text: str) -> PackKey:
        """Raises NotFound."""
        call_id, _, rest = text.partition(":")
        what, _, member_id = rest.partition(":")
        if not (call_id.isdigit() and member_id.isdigit()) or what not in (*ReviewStage, RESULT):
            raise NotFound
        return cls(int(call_id), what, int(member_id))


def check_reader(session: Session, actor: Actor, key: PackKey) -> tuple[Call, ReviewMember | None]:
    """The office, when not of the list, all; a member the own papers. Raises NotAllowed, NotFound."""
    actor.require(Permission.SCORE_READ)
    setting = session.scalars(select(ReviewSetting).where(ReviewSetting.call_id == key.call_id)).one_or_none()
    if setting is None:
        raise NotFound
    own = queries.find_own_member(session, actor, key.call_id)
    if own is not None or not is_office(actor):
        if own is None or key.what == RESULT or key.member_id != own.id:
            raise NotFound
        return setting.call, own
    if queries.is_listed(session, actor, key.call_id):
        raise NotFound
    if not key.member_id:
        return get_visible(session, Call, key.call_id, actor), None
    member = get_visible(session, ReviewMember, key.member_id, actor)
    if member.call_id != key.call_id or key.what == RESULT:
        raise NotFound
    return setting.call, member


def request_pack(session: Session, *, actor: Actor, key: PackKey) -> Job:
    """Ask for it; one job at a time a pack and person."""
    call, member = check_reader(session, actor, key)
    if key.what != RESULT and not proposals_for(session, actor, call, member):
        raise Refusal("この資料に載せる提案がありません。利害関係の申告が済むと作れます。")
    if key.what == RESULT and find_conclusion(session, call.id) is None:
        raise Refusal(
            "審査結果がまだ書かれていないため、結果資料は作れません。先に、審査結果の下書きを作ってください。"
        )
    with act(session, actor, "review-pack:request", f"{call.name}の資料の作成"):
        job = find_job(session, actor, key, only_active=True)
        if job is None:
            job = enqueue(session, actor, KIND, subject_table=OWNER, subject_key=str(key))
    return job


def find_job(session: Session, actor: Actor, key: PackKey, *, only_active: bool = False) -> Job | None:
    """The person's own latest job for it."""
    statement = select(Job).where(
        Job.kind == KIND, Job.subject_table == OWNER, Job.subject_key == str(key), Job.user_id == actor.user_id
    )
    if only_active:
        statement = statement.where(Job.status.in_(ACTIVE))
    return session.scalars(statement.order_by(Job.id.desc()).limit(1)).one_or_none()


def run_pack(session: Session, actor: Actor, handle: JobHandle) -> dict[str, Any]:
    """Make it for the one who asked, and forget the one before. May be done again from the start."""
    settings: Settings = current_app.extensions["settings"]
    key = PackKey.read(handle.subject_key)
    call, member = check_reader(session, actor, key)
    mark = fingerprint(session, actor, key)
    if key.what == RESULT:
        name, make = f"結果資料_{call.name}.pdf", _result(session, call)
    else:
        stage = ReviewStage(key.what)
        whose = f"_{member.name}" if member is not None else ""
        name = f"審査資料_{call.name}_{stage.label}{whose}.pdf"
        make = _papers(settings, collect(session, actor, call, stage=stage, member=member))
    session.expunge_all()
    session.rollback()  # nothing is held while the pages are set, and progress is told in transactions of its own
    content = make(lambda done, total: handle.progress(done, total, "資料をまとめています"))
    with act(session, actor, "review-pack:make", f"{name}の作成", keep_when_empty=True):
        for old in _files(session, actor, key):
            session.delete(old)
        file = StoredFile(
            sha256=store_of(settings).put(content),
            name=name,
            media_type="application/pdf",
            size=len(content),
            owner_table=OWNER,
            owner_key=str(key),
            purpose=mark,
            uploaded_by_id=actor.user_id,
        )
        session.add(file)
        session.flush()
        result = {"file_id": file.id}
        handle.finish(session, result, "資料ができました。")
    return result


def _papers(settings: Settings, material: Material) -> Callable[[Progress], bytes]:
    return lambda progress: bind(settings, material, progress)


def _result(session: Session, call: Call) -> Callable[[Progress], bytes]:
    data = result_data(session, call)
    return lambda progress: render_result(data)


def fingerprint(session: Session, actor: Actor, key: PackKey) -> str:
    """Of what its reader may see now: a pack made for another set is not handed out."""
    call, member = check_reader(session, actor, key)
    ids = [one.id for one in proposals_for(session, actor, call, member)]
    return "pack:" + hashlib.sha256(repr(ids).encode()).hexdigest()[:40]


def find_pack(session: Session, actor: Actor, key: PackKey) -> StoredFile | None:
    """The person's own pack, if it still holds what they may see. Raises NotAllowed, NotFound like `check_reader`."""
    check_reader(session, actor, key)
    files = _files(session, actor, key)
    if not files:
        return None
    mark = fingerprint(session, actor, key)
    return next((one for one in files if one.purpose == mark), None)


def download_pack(session: Session, *, actor: Actor, settings: Settings, key: PackKey) -> Download:
    """Hand it out, and log that. Raises NotFound when there is none, or it is out of date."""
    file = find_pack(session, actor, key)
    if file is None:
        raise NotFound("資料はまだ作られていないか、作った後に見られる提案が変わりました。もう一度作ってください。")
    with act(session, actor, "review-pack:download", f"{file.name}の受取り", keep_when_empty=True):
        return Download(file.name, file.media_type, store_of(settings).get(file.sha256))


def _files(session: Session, actor: Actor, key: PackKey) -> list[StoredFile]:
    return list(
        session.scalars(
            select(StoredFile)
            .where(
                StoredFile.owner_table == OWNER,
                StoredFile.owner_key == str(key),
                StoredFile.uploaded_by_id == actor.user_id,
            )
            .order_by(StoredFile.id.desc())
        )
    )


def forget_packs(session: Session, settings: Settings) -> int:
    """Housekeeping: packs older than two weeks go. Returns how many."""
    rows = session.scalars(
        select(StoredFile).where(StoredFile.owner_table == OWNER, StoredFile.created_at < utc_now() - KEPT)
    ).all()
    if rows:
        with act(session, system_actor("資料の片づけ"), "review-pack:forget", f"古い資料{len(rows)}件の削除"):
            for row in rows:
                session.delete(row)
    return len(rows)


def _may_read(session: Session, actor: Actor, owner_key: str) -> bool:
    """The rule of stored files: whoever may have the pack itself."""
    try:
        return find_pack(session, actor, PackKey.read(owner_key)) is not None
    except (NotFound, NotAllowed):
        return False


register_owner(OWNER, _may_read)
