"""The demonstration's yearly confirmation: forms accepted, forms to look through, a file nobody can read, a reminder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.directory.rounds import open_round
from app.directory.rounds_columns import SHEETS
from app.directory.rounds_reading import Answer, Cell, Line
from app.directory.rounds_reminding import remind
from app.directory.rounds_taking import confirm_without_form, differences_of, fingerprint, take
from app.directory.rounds_values import StoredProfile, mark_of, stored_profile
from app.japanese.dates import fiscal_year_of, format_fiscal_year
from models.base import utc_now
from models.directory import Organization
from models.directory_rounds import (
    ConfirmationForm,
    ConfirmationRound,
    ConfirmationState,
    ConfirmationUpload,
    UploadState,
)

#: Accepted: group → what its form changed.
_TAKEN: dict[str, dict[str, Any]] = {
    "ibasho": {},
    "kaatsu": {"member_count": 37},
    "gakushu": {"pr": "「これを話してみたい」という人を募集しています。準備は一緒に行います。見学もどうぞ。"},
    "machizukuri": {},
    "kanko": {"member_count": 34},
    "noen": {},
    "sports": {"regular_place": "市内の体育館、学校、架空の森公園"},
    "bosai": {},
    "kokusai": {"member_count": 101},
    "kodomoshokudo": {
        "activities": "月3回の食堂、長い休みの昼ごはん会、食材の受渡し、学習の見守り。1回におよそ70食をつくる。"
    },
    "chukan": {},
    "shohisha": {},
}
#: Came back, not looked through yet.
_PENDING: dict[str, dict[str, Any]] = {
    "mizube2": {"member_count": 36, "regular_day": "第1・第3日曜日 9時から12時"},
    "midori": {"phone": "042-000-2019", "pr": None},
    "yomigatari": {"member_count": 21},
    "wakamono": {},
}


def load_round(session: Session, *, actor: Actor, today: dt.date, groups: Mapping[str, Organization]) -> None:
    """Open this year's round; some groups answered. groups: key of the file → group."""
    year = fiscal_year_of(today)
    due = today + dt.timedelta(days=10)
    opened = open_round(
        session,
        actor=actor,
        fiscal_year=year,
        due_on=due,
        message="記入した様式は、メールに付けて送るか、あすぴあの窓口にお持ちください。(デモ)",
    )
    forms = {
        form.organization_id: form
        for form in session.scalars(select(ConfirmationForm).where(ConfirmationForm.round_id == opened.id))
    }
    for key, changes in _TAKEN.items():
        upload = _returned(session, actor, opened, forms[groups[key].id], changes, today)
        chosen = {one.key for one in differences_of(session, upload).items}
        take(session, actor=actor, upload_id=upload.id, chosen=chosen, seen=fingerprint(upload))
    for key, changes in _PENDING.items():
        _returned(session, actor, opened, forms[groups[key].id], changes, today)
    form = forms[groups["danjo"].id]
    note = "電話で、登録内容に変わりがないことを聞き取った。(デモ)"
    confirm_without_form(session, actor=actor, form_id=form.id, note=note, seen_version=form.version)
    _unreadable(session, actor, opened)
    late = [forms[groups[key].id].id for key in ("pasokon", "kyuen", "tentai") if groups[key].id in forms]
    remind(session, actor=actor, round_id=opened.id, form_ids=late)


def _returned(
    session: Session,
    actor: Actor,
    opened: ConfirmationRound,
    form: ConfirmationForm,
    changes: Mapping[str, Any],
    today: dt.date,
) -> ConfirmationUpload:
    """A form as it would have been read: every cell as written, but for the changes and last year's line."""
    stored = stored_profile(form.organization)
    with act(session, actor, "confirmation-round:receive", "届いた様式の読み取り(デモ)"):
        upload = ConfirmationUpload(
            round_id=opened.id,
            form=form,
            file_name=f"登録内容の確認_{format_fiscal_year(opened.fiscal_year)}_{form.organization.name}.xlsx",
            state=UploadState.PENDING,
            content=_answer(stored, changes, today).as_json(),
        )
        session.add(upload)
        form.state, form.returned_at = ConfirmationState.RETURNED, utc_now()
    return upload


def _answer(stored: StoredProfile, changes: Mapping[str, Any], today: dt.date) -> Answer:
    fields = {
        name: Cell(changes.get(name, value), mark_of(value))
        for name, value in stored.values.items()
        if name != "fields"
    }
    fields |= {
        f"fields_{place}": Cell(str(number), mark_of(str(number)))
        for place, number in enumerate(stored.values["fields"], start=1)
    }
    fields |= {
        "stays": Cell("yes"),
        "answered_by": Cell("デモ 連絡係"),
        "answered_on": Cell((today - dt.timedelta(days=5)).isoformat()),
    }
    lines = {
        sheet.key: [
            Line(f"{sheet.title}の{number}行目", row_id, dict(values), mark_of(values))
            for number, (row_id, values) in enumerate(stored.lines[sheet.key].items(), start=7)
        ]
        for sheet in SHEETS
    }
    consents = {name: Cell(level, mark_of(level)[:4]) for name, level in stored.consents.items()}
    return Answer(fields, consents, lines)


def _unreadable(session: Session, actor: Actor, opened: ConfirmationRound) -> None:
    with act(session, actor, "confirmation-round:receive", "届いた様式の読み取り(デモ)", keep_when_empty=True):
        session.add(
            ConfirmationUpload(
                round_id=opened.id,
                file_name="登録内容(手直し).xlsx",
                state=UploadState.UNREADABLE,
                problem="様式番号が正しくありません。このシステムからダウンロードした様式を、そのまま使ってください"
                "(様式番号のセルは変更しないでください)。",
            )
        )
