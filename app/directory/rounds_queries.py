"""Reads of the yearly confirmation: rounds, who has answered, what came back, what a form is written from."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.access.scopes import get_visible, scoped
from app.actor import Actor
from app.directory.editions import PROFILE_OPTIONS
from app.directory.rounds_form import FormRequest
from app.directory.rounds_reading import MAX_BYTES
from app.directory.rounds_values import stored_profile
from app.japanese.dates import today_in_tokyo
from models.directory import Organization
from models.directory_registration import Registration
from models.directory_rounds import (
    ConfirmationForm,
    ConfirmationRound,
    ConfirmationState,
    ConfirmationUpload,
    UploadState,
)
from models.reference import ActivityField

#: What is read of an uploaded file at most: one byte more than is taken.
MAX_READ_BYTES = MAX_BYTES + 1


def rounds(session: Session, actor: Actor) -> list[ConfirmationRound]:
    """All rounds, newest first."""
    return list(session.scalars(scoped(ConfirmationRound, actor).order_by(ConfirmationRound.fiscal_year.desc())))


def get_round(session: Session, actor: Actor, key: object) -> ConfirmationRound:
    """The round with that id. Raises NotFound."""
    return get_visible(session, ConfirmationRound, key, actor)


def get_form(session: Session, actor: Actor, key: object) -> ConfirmationForm:
    """The form with that id. Raises NotFound."""
    return get_visible(session, ConfirmationForm, key, actor)


def state_counts(session: Session, one: ConfirmationRound) -> dict[ConfirmationState, int]:
    """How many forms stand where. One query."""
    query = select(ConfirmationForm.state, func.count()).where(ConfirmationForm.round_id == one.id)
    found = {row[0]: row[1] for row in session.execute(query.group_by(ConfirmationForm.state))}
    return {state: found.get(state, 0) for state in ConfirmationState}


def registered(today: dt.date | None = None) -> ColumnElement[bool]:
    """SQL: groups whose registration is in force, as one body each."""
    day = today or today_in_tokyo()
    in_force = select(Registration.organization_id).where(
        or_(Registration.withdrawn_on.is_(None), Registration.withdrawn_on > day), Registration.valid_until >= day
    )
    return and_(Organization.id.in_(in_force), Organization.deleted_at.is_(None), Organization.merged_into_id.is_(None))


def not_asked(one: ConfirmationRound) -> Select[int]:
    """SELECT of the ids of registered groups that have no form in the round."""
    asked = select(ConfirmationForm.organization_id).where(ConfirmationForm.round_id == one.id)
    return select(Organization.id).where(registered(), Organization.id.not_in(asked)).order_by(Organization.id)


def count_not_asked(session: Session, one: ConfirmationRound) -> int:
    """How many registered groups have no form in the round."""
    return session.scalar(select(func.count()).select_from(not_asked(one).subquery())) or 0


@dataclasses.dataclass(frozen=True)
class FormPageOf:
    """One page of a round's forms, in 五十音 order."""

    forms: list[ConfirmationForm]
    total: int


def forms_page(
    session: Session,
    actor: Actor,
    one: ConfirmationRound,
    *,
    state: ConfirmationState | None = None,
    page: int = 1,
    per_page: int = 100,
) -> FormPageOf:
    """Forms of a round with their group and reminders."""
    criteria = [ConfirmationForm.round_id == one.id]
    if state is not None:
        criteria.append(ConfirmationForm.state == state)
    total = session.scalar(select(func.count()).select_from(ConfirmationForm).where(*criteria)) or 0
    query = (
        scoped(ConfirmationForm, actor)
        .where(*criteria)
        .join(Organization, Organization.id == ConfirmationForm.organization_id)
        .options(
            joinedload(ConfirmationForm.organization),
            joinedload(ConfirmationForm.accepted_by),
            selectinload(ConfirmationForm.reminders),
        )
        .order_by(Organization.reading, Organization.name, ConfirmationForm.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return FormPageOf(list(session.scalars(query).unique()), total)


def open_uploads(session: Session, actor: Actor, one: ConfirmationRound) -> list[ConfirmationUpload]:
    """What came back and nobody has decided about: to look through, or not readable. Oldest first, 500 at most."""
    return list(
        session.scalars(
            scoped(ConfirmationUpload, actor)
            .where(
                ConfirmationUpload.round_id == one.id,
                ConfirmationUpload.state.in_((UploadState.PENDING, UploadState.UNREADABLE)),
            )
            .options(joinedload(ConfirmationUpload.form).joinedload(ConfirmationForm.organization))
            .order_by(ConfirmationUpload.state, ConfirmationUpload.id)
            .limit(500)
        )
    )


def get_upload(session: Session, actor: Actor, key: object) -> ConfirmationUpload:
    """The upload with that id. Raises NotFound."""
    return get_visible(session, ConfirmationUpload, key, actor)


def last_form_of(session: Session, actor: Actor, organization_id: int) -> ConfirmationForm | None:
    """The group's form of the latest round."""
    return session.scalars(
        scoped(ConfirmationForm, actor)
        .join(ConfirmationRound, ConfirmationRound.id == ConfirmationForm.round_id)
        .where(ConfirmationForm.organization_id == organization_id)
        .order_by(ConfirmationRound.fiscal_year.desc())
        .limit(1)
    ).one_or_none()


# --- what a form is written from -------------------------------------------------------------------------------


def field_choices(session: Session) -> list[tuple[str, str]]:
    """(number, 「7 環境の保全」) of the activity fields."""
    rows = session.scalars(select(ActivityField).order_by(ActivityField.number))
    return [(str(row.number), f"{row.number} {row.name}") for row in rows]


def forms_to_write(session: Session, actor: Actor, one: ConfirmationRound) -> list[int]:
    """Ids of the forms that are still awaited, in 五十音 order."""
    query = (
        select(ConfirmationForm.id)
        .join(Organization, Organization.id == ConfirmationForm.organization_id)
        .where(ConfirmationForm.round_id == one.id, ConfirmationForm.state == ConfirmationState.WAITING)
        .order_by(Organization.reading, ConfirmationForm.id)
    )
    return list(session.scalars(query))


def request_of(
    session: Session, actor: Actor, round_id: int, form_ids: Sequence[int], choices: Sequence[tuple[str, str]]
) -> Iterator[tuple[ConfirmationForm, FormRequest]]:
    """Each form with what its workbook is written from, in the order of the ids."""
    query = (
        scoped(ConfirmationForm, actor)
        .where(ConfirmationForm.id.in_(form_ids), ConfirmationForm.round_id == round_id)
        .options(
            joinedload(ConfirmationForm.round),
            joinedload(ConfirmationForm.organization).options(*PROFILE_OPTIONS),
        )
    )
    found = {form.id: form for form in session.scalars(query).unique()}
    for form_id in form_ids:
        form = found.get(form_id)
        if form is not None:
            one = form.round
            stored = stored_profile(form.organization)
            yield form, FormRequest(one.id, form.id, one.fiscal_year, one.due_on, one.message, stored, choices)
