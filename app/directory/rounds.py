"""Verbs of the yearly confirmation: open, change, ask further groups, receive what comes back, close."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.directory.edition_erasure import forget_package, forget_upload
from app.directory.rounds_queries import field_choices, get_round, not_asked
from app.directory.rounds_reading import Answer, open_form, read_answer
from app.files.kinds import TABLES
from app.files.services import store_file
from app.japanese.dates import format_fiscal_year
from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Conflict, Invalid, check_version
from models.base import utc_now
from models.directory_rounds import (
    ConfirmationForm,
    ConfirmationRound,
    ConfirmationState,
    ConfirmationUpload,
    UploadState,
)

#: Files taken at once.
MAX_FILES = 200


def open_round(
    session: Session, *, actor: Actor, fiscal_year: int, due_on: dt.date, message: str = ""
) -> ConfirmationRound:
    """Ask every registered group. Raises Conflict when the year has a round or one is still open."""
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    words = _message(message)
    year = format_fiscal_year(fiscal_year)
    with act(session, actor, "confirmation-round:open", f"登録内容の年次確認({year})の開始"):
        for one in session.scalars(select(ConfirmationRound)):
            if one.fiscal_year == fiscal_year:
                raise Conflict(f"{year}の年次確認は、すでにあります。年度は1度だけです。")
            if one.closed_at is None:
                raise Conflict(
                    f"{format_fiscal_year(one.fiscal_year)}の年次確認がまだ続いています。先に終了してください。"
                )
        opened = ConfirmationRound(fiscal_year=fiscal_year, due_on=due_on, message=words, opened_at=utc_now())
        session.add(opened)
        session.flush()
        if not _ask(session, opened):
            raise Invalid("あすぴあに登録している団体がありません。先に団体を登録してください。")
    return opened


def update_round(
    session: Session, *, actor: Actor, round_id: int, seen_version: int, due_on: dt.date, message: str
) -> None:
    """Change when answers are due, or what the forms say above."""
    words = _message(message)
    one = running_round(session, actor, round_id)
    check_version(one, seen_version)
    with act(session, actor, "confirmation-round:edit", "年次確認の案内と期限の変更"):
        one.due_on, one.message = due_on, words
        forget_package(session, one.id)


def ask_further(session: Session, *, actor: Actor, round_id: int) -> int:
    """Ask the groups that were registered since the round was opened. Returns how many."""
    one = running_round(session, actor, round_id)
    with act(session, actor, "confirmation-round:ask", "年次確認の対象の追加"):
        number = _ask(session, one)
    return number


def _ask(session: Session, one: ConfirmationRound) -> int:
    ids = list(session.scalars(not_asked(one)))
    session.add_all(ConfirmationForm(round_id=one.id, organization_id=organization_id) for organization_id in ids)
    session.flush()
    return len(ids)


def close_round(session: Session, *, actor: Actor, round_id: int) -> None:
    """End a round: files and cells that came back are forgotten, what became of them stays told."""
    one = running_round(session, actor, round_id)
    with act(
        session, actor, "confirmation-round:close", f"登録内容の年次確認({format_fiscal_year(one.fiscal_year)})の終了"
    ):
        pending = select(ConfirmationForm.id).where(
            ConfirmationForm.round_id == one.id, ConfirmationForm.state == ConfirmationState.RETURNED
        )
        if session.scalar(pending.limit(1)) is not None:
            raise Conflict(
                "届いたまま確かめていない様式があります。取り込むか、使わないことにしてから終了してください。"
            )
        one.closed_at = utc_now()
        for upload in session.scalars(select(ConfirmationUpload).where(ConfirmationUpload.round_id == one.id)):
            forget_upload(session, upload)
        forget_package(session, one.id)


def running_round(session: Session, actor: Actor, round_id: int) -> ConfirmationRound:
    """A round that is not closed, for those who run it. Raises NotFound, NotAllowed, Conflict."""
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    one = get_round(session, actor, round_id)
    if one.closed_at is not None:
        raise Conflict("この年次確認は終了しています。")
    return one


def _message(text: str) -> str:
    try:
        words = clean_text(text or "")
        check_length(words, 1_000, "団体への案内")
    except TextError as error:
        raise Invalid("入力の内容を確かめてください。", fields={"message": str(error)}) from None
    return words


# --- what comes back -------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Sent:
    """A file as it was chosen in the browser."""

    name: str
    content: bytes


def receive(
    session: Session, *, actor: Actor, settings: Settings, round_id: int, files: Sequence[Sent]
) -> list[ConfirmationUpload]:
    """Take in returned forms, many at once: each is kept, and matched by its number or told why it is not.

    Nothing of any group changes yet. Raises Invalid when there are no files or too many.
    """
    one = running_round(session, actor, round_id)
    if not files:
        raise Invalid("届いた様式のファイルを選んでください。")
    if len(files) > MAX_FILES:
        raise Invalid(f"一度に選べるのは{MAX_FILES}個までです。いま{len(files)}個あります。分けて選んでください。")
    with act(
        session, actor, "confirmation-round:receive", f"届いた様式の読み取り({len(files)}個)", keep_when_empty=True
    ):
        choices = field_choices(session)
        uploads = [_receive_one(session, actor, settings, one, sent, choices) for sent in files]
    return uploads


def _receive_one(
    session: Session,
    actor: Actor,
    settings: Settings,
    one: ConfirmationRound,
    sent: Sent,
    choices: Sequence[tuple[str, str]],
) -> ConfirmationUpload:
    upload = ConfirmationUpload(
        round_id=one.id,
        file_name=clean_line(sent.name, strip_controls=True)[-200:] or "(名称なし)",
        state=UploadState.UNREADABLE,
        uploaded_at=utc_now(),
        uploaded_by_id=actor.user_id,
        content={},
    )
    try:
        book = open_form(sent.content, settings.secret_key)
        form = _form_of(session, one, book.round_id, book.form_id)
        answer = read_answer(book, choices)
    except Invalid as problem:
        upload.problem = problem.message
    else:
        _match(upload, form, answer, sent)
    session.add(upload)
    session.flush()
    if upload.form is not None:
        session.expire(upload.form, ["uploads"])
    try:
        file = store_file(
            session,
            actor=actor,
            settings=settings,
            content=sent.content,
            name=sent.name,
            owner_table="confirmation_round",
            owner_key=one.id,
            purpose="returned",
            allowed=TABLES,
        )
        upload.file_id = file.id
    except Invalid:  # not even a table: its name and the sentence stay
        pass
    return upload


def _form_of(session: Session, one: ConfirmationRound, round_id: int, form_id: int) -> ConfirmationForm:
    if round_id != one.id:
        other = session.get(ConfirmationRound, round_id)
        year = format_fiscal_year(other.fiscal_year) if other is not None else "別の回"
        raise Invalid(
            f"{year}の年次確認の様式です。{format_fiscal_year(one.fiscal_year)}の様式に記入してもらってください。"
        )
    form = session.get(ConfirmationForm, form_id)
    if form is None or form.round_id != one.id:
        raise Invalid("この様式番号の団体は、今回の年次確認の対象にありません。団体の登録を確かめてください。")
    return form


def _match(upload: ConfirmationUpload, form: ConfirmationForm, answer: Answer, sent: Sent) -> None:
    digest = hashlib.sha256(sent.content).hexdigest()
    earlier = [one for one in form.uploads if one.state is UploadState.PENDING]
    upload.form_id, upload.content = form.id, answer.as_json() | {"sha256": digest}
    upload.state = UploadState.PENDING
    if any(one.content.get("sha256") == digest for one in earlier):
        upload.state, upload.problem, upload.content = UploadState.SET_ASIDE, "同じファイルがすでに届いています。", {}
        return
    if form.state is ConfirmationState.ACCEPTED:
        upload.problem = "この団体は確認済みです。もう一度取り込むと、違いのある項目だけが変わります。"
    elif earlier:
        names = "".join(f"「{one.file_name}」" for one in earlier[:3])
        upload.problem = f"同じ団体の様式がもう1つ届いています({names})。どちらを使うかを選んでください。"
    if form.state is not ConfirmationState.ACCEPTED:
        form.state, form.returned_at = ConfirmationState.RETURNED, utc_now()


def set_aside(session: Session, *, actor: Actor, upload_id: int) -> None:
    """Do not use a file that came back. The group is awaited again when it was its only one."""
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    with act(session, actor, "confirmation-round:set-aside", "届いた様式を使わないことにする", keep_when_empty=True):
        upload = session.get(ConfirmationUpload, upload_id)
        if upload is None or upload.state not in (UploadState.PENDING, UploadState.UNREADABLE):
            raise Conflict("このファイルは、すでに取り込んだか、使わないことになっています。")
        upload.state, upload.content = UploadState.SET_ASIDE, {}
        form = upload.form
        is_awaited = form is not None and form.state is ConfirmationState.RETURNED
        if form is not None and is_awaited and not any(one.state is UploadState.PENDING for one in form.uploads):
            form.state, form.returned_at = ConfirmationState.WAITING, None
