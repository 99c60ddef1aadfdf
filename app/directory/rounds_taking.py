"""Taking over a returned form, whole or in part, through the directory's own verbs; confirming without one."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.actor import Actor
from app.audit.recorder import act
from app.directory.edition_views import field_names
from app.directory.rounds_columns import SHEETS
from app.directory.rounds_queries import get_form, get_upload
from app.directory.rounds_reading import Answer
from app.directory.rounds_rules import Differences, answered_fields, differences, line_of
from app.directory.rounds_values import stored_profile
from app.directory.rows import KINDS, RowKind, save_rows
from app.directory.services import confirm_organization, record_consents, update_organization
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.japanese.text import TextError, check_length, clean_text
from app.problems import Conflict, Invalid
from models.base import Base, utc_now
from models.directory import Organization
from models.directory_profile import Audience, ConsentLevel, ConsentWay
from models.directory_rounds import ConfirmationForm, ConfirmationState, ConfirmationUpload, UploadState
from models.reference import ActivityField, Area


def answer_of(upload: ConfirmationUpload) -> Answer:
    """What was read of the file."""
    return Answer.from_json(upload.content)


def differences_of(session: Session, upload: ConfirmationUpload) -> Differences:
    """The form beside what is stored now."""
    assert upload.form is not None
    return differences(stored_profile(upload.form.organization), answer_of(upload), field_names(session))


def fingerprint(upload: ConfirmationUpload) -> str:
    """What the differences were reckoned from: the file, the group's version, its lines' versions."""
    assert upload.form is not None
    organization = upload.form.organization
    lines = [(row.id, row.version) for sheet in SHEETS for row in getattr(organization, sheet.key)]
    state = (upload.id, upload.state.value, organization.version, sorted(lines))
    return hashlib.sha256(repr(state).encode()).hexdigest()[:24]


def take(session: Session, *, actor: Actor, upload_id: int, chosen: Collection[str], seen: str) -> ConfirmationForm:
    """Take over the chosen differences and note that the group confirmed its record; the others are written down.

    chosen: keys of differences. seen: the fingerprint shown. Raises Conflict when something changed meanwhile.
    """
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    with act(session, actor, "confirmation-round:take", "年次確認の様式の取込み") as current:
        upload = get_upload(session, actor, upload_id)
        form = upload.form
        if form is None or upload.state is not UploadState.PENDING:
            raise Conflict("このファイルは、すでに取り込んだか、使わないことになっています。")
        if form.round.closed_at is not None:
            raise Conflict("この年次確認は終了しています。")
        if fingerprint(upload) != seen:
            raise Conflict("違いを表示したあとに、団体の内容が変更されました。もう一度確かめてから取り込んでください。")
        found, answer = differences_of(session, upload), answer_of(upload)
        keys = {one.key for one in found.items}
        if not set(chosen) <= keys:
            raise Conflict("選んだ項目が見つかりません。もう一度確かめてから取り込んでください。")
        _apply(session, actor, form.organization, answer, set(chosen), _answered_on(answer))
        _confirm(
            session, actor, form, _answered_on(answer), f"団体(年次確認 {format_fiscal_year(form.round.fiscal_year)})"
        )
        form.answered_by = _value(answer, "answered_by")
        form.answered_on = _answered_on(answer)
        stays = _value(answer, "stays")
        form.stays_registered = None if stays is None else stays == "yes"
        form.left_out = [one.label for one in found.items if one.key not in set(chosen)]
        upload.state = UploadState.TAKEN
        current.label = f"年次確認の様式の取込み: {form.organization}"
    return form


def confirm_without_form(
    session: Session, *, actor: Actor, form_id: int, note: str, seen_version: int
) -> ConfirmationForm:
    """The group confirmed its record by telephone or at the counter. note: how; required."""
    actor.require(Permission.CONFIRMATION_ROUND_MANAGE)
    try:
        words = clean_text(note or "")
        check_length(words, 1_000, "確認のしかた")
    except TextError as error:
        raise Invalid(str(error), fields={"note": str(error)}) from None
    if not words:
        raise Invalid("確認のしかたを入力してください。", fields={"note": "どのように確認したかを入力してください。"})
    form = get_form(session, actor, form_id)
    with act(session, actor, "confirmation-round:confirm", f"様式によらない年次確認: {form.organization}"):
        if form.version != seen_version or form.state is not ConfirmationState.WAITING:
            raise Conflict("この団体の様式は、すでに届いているか確認済みです。画面を開き直してください。")
        if form.round.closed_at is not None:
            raise Conflict("この年次確認は終了しています。")
        form.note = words
        _confirm(session, actor, form, today_in_tokyo(), "あすぴあが団体に聞き取り")
    return form


def _confirm(session: Session, actor: Actor, form: ConfirmationForm, on: dt.date, by: str) -> None:
    confirm_organization(session, actor=actor, organization=form.organization, on=on, by=by)
    form.state, form.accepted_at, form.accepted_by_id = ConfirmationState.ACCEPTED, utc_now(), actor.user_id


def _value(answer: Answer, name: str) -> Any:
    cell = answer.fields.get(name)
    return cell.value if cell else None


def _answered_on(answer: Answer) -> dt.date:
    """The day written on the form, when it is one that has been; today otherwise."""
    text = _value(answer, "answered_on")
    day = dt.date.fromisoformat(text) if text else today_in_tokyo()
    return min(day, today_in_tokyo())


# --- through the directory's verbs -----------------------------------------------------------------------------


def _apply(
    session: Session, actor: Actor, organization: Organization, answer: Answer, chosen: set[str], day: dt.date
) -> None:
    stored = stored_profile(organization)  # before anything changes: lines are found by what was shown
    fields = answered_fields(answer)
    values = {name: _settable(session, name, cell.value) for name, cell in fields.items() if f"field:{name}" in chosen}
    if values:
        update_organization(session, actor=actor, organization=organization, version=None, values=values)
    levels: dict[str, ConsentLevel | None] = {
        name: ConsentLevel(cell.value) for name, cell in answer.consents.items() if f"consent:{name}" in chosen
    }
    if levels:
        record_consents(
            session, actor=actor, organization=organization, levels=levels, given_on=day, way=ConsentWay.UPDATE_FORM
        )
    for sheet in SHEETS:
        lines = answer.lines.get(sheet.key, [])
        found = {key: line for key in sorted(chosen) if (line := line_of(sheet, stored, lines, key)) is not None}
        if found:
            kind = KINDS[sheet.key]
            rows = _rows_with(organization, kind, {key.partition(":")[2]: line.values for key, line in found.items()})
            save_rows(session, actor=actor, organization=organization, kind=kind, rows=rows)


def _rows_with(organization: Organization, kind: RowKind, changes: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows of the kind as `save_rows` takes them: those that stand, with the changes, and the new ones."""
    rows = [
        {name: getattr(row, name) for name in kind.columns} | {"id": row.id} | changes.get(str(row.id), {})
        for row in getattr(organization, kind.attribute)
    ]
    return [*rows, *(values for key, values in changes.items() if key.startswith("new:"))]


def _settable(session: Session, name: str, value: Any) -> Any:
    """A plain value as the directory's verbs take it: names of a list as ids. Raises Invalid for unknown ones."""
    if name == "fields":
        found = {row.number: row.id for row in session.scalars(select(ActivityField))}
        return [found[number] for number in value or () if number in found]
    if name in {"audiences", "areas"}:
        return _ids_of(session, Audience if name == "audiences" else Area, value or ())
    return value


def _ids_of(session: Session, model: type[Base], names: Collection[str]) -> list[int]:
    known: dict[str, int] = {}
    for row in session.scalars(select(model)):
        for name in (row.name, *(getattr(row, "variants", None) or ())):  # type: ignore[attr-defined]
            known.setdefault(str(name), row.id)  # type: ignore[attr-defined]
    unknown = [name for name in names if name not in known]
    if unknown:
        names_told = "".join(f"「{name[:30]}」" for name in unknown[:5])
        label = "対象" if model is Audience else "活動地域"
        raise Invalid(
            f"{label}の{names_told}は一覧にありません。この項目を外して取り込み、団体の画面で選んでください。"
        )
    return list(dict.fromkeys(known[name] for name in names))
