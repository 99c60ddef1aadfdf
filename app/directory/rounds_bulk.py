"""Many returned forms at once: those that say nothing odd are taken whole together, the others one by one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from sqlalchemy.orm import Session, joinedload, selectinload

from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.audit.recorder import act
from app.directory.editions import PROFILE_OPTIONS
from app.directory.rounds_queries import get_upload
from app.directory.rounds_rules import EMPTIED, Differences
from app.directory.rounds_taking import answer_of, differences_of, fingerprint, take
from app.problems import Conflict, Invalid
from models.directory_rounds import ConfirmationForm, ConfirmationRound, ConfirmationUpload, UploadState

#: Forms looked through together.
MOST = 50


@dataclasses.dataclass(frozen=True)
class Returned:
    """A form that came back. why: what a person has to look at first; "" when it can be taken with others."""

    upload: ConfirmationUpload
    found: Differences
    seen: str
    why: str


def returned_forms(session: Session, actor: Actor, one: ConfirmationRound) -> list[Returned]:
    """The oldest forms that nobody has decided about, each with its differences and whether it is plain."""
    rows = session.scalars(
        scoped(ConfirmationUpload, actor)
        .where(ConfirmationUpload.round_id == one.id, ConfirmationUpload.state == UploadState.PENDING)
        .options(
            joinedload(ConfirmationUpload.form).options(
                selectinload(ConfirmationForm.uploads),
                joinedload(ConfirmationForm.organization).options(*PROFILE_OPTIONS),
            )
        )
        .order_by(ConfirmationUpload.id)
        .limit(MOST)
    )
    return [_told(session, upload) for upload in rows.unique()]


def _told(session: Session, upload: ConfirmationUpload) -> Returned:
    found = differences_of(session, upload)
    return Returned(upload, found, fingerprint(upload), _odd(upload, found))


def _odd(upload: ConfirmationUpload, found: Differences) -> str:
    """Why a person looks at this form alone."""
    answer = answer_of(upload)
    stays = answer.fields.get("stays")
    pending = [] if upload.form is None else [one for one in upload.form.uploads if one.state is UploadState.PENDING]
    if len(pending) > 1:
        return "同じ団体の様式が、ほかにも届いています。"
    if upload.problem:
        return upload.problem
    if stays is not None and stays.value == "no":
        return "登録をやめると書かれています。"
    if answer.problems:
        return f"読み取れないところが{len(answer.problems)}か所あります。"
    for sentence, is_so in (
        ("こちらでも変更した項目があります。", lambda one: not one.is_offered),
        ("空欄になった項目があります。", lambda one: one.kind == EMPTIED),
        ("団体名が変わっています。", lambda one: one.key == "field:name"),
    ):
        if any(is_so(one) for one in found.items):
            return sentence
    return answer.remarks[0] if answer.remarks else ""


def take_whole(session: Session, *, actor: Actor, round_id: int, seen: Mapping[int, str]) -> int:
    """Take all differences of these forms, in one act: all of them or none. Returns how many.

    seen: upload → the fingerprint that was shown. Raises Invalid for none, Conflict when one is no longer as shown.
    """
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    if not seen:
        raise Invalid("取り込む様式を選んでください。")
    with act(session, actor, "confirmation-round:take", "年次確認の様式の取込み") as current:
        for upload_id, shown in seen.items():
            upload = get_upload(session, actor, upload_id)
            if upload.round_id != round_id or upload.form is None or upload.state is not UploadState.PENDING:
                raise Conflict("選んだ様式のなかに、すでに取り込んだものがあります。もう一度確かめてください。")
            told = _told(session, upload)
            if told.why:
                raise Conflict(f"「{upload.form.organization}」の様式は、1つずつ確かめてください。{told.why}")
            take(session, actor=actor, upload_id=upload_id, chosen={one.key for one in told.found.items}, seen=shown)
        current.label = f"年次確認の様式の取込み({len(seen)}団体)"
    return len(seen)
