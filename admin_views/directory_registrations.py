"""The list of registrations with あすぴあ, and how many groups are registered now."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import url_for
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter
from admin_views.directory_columns import notice_days
from admin_views.home import register_figures
from app.access.permissions import Permission
from app.access.scopes import visible_to
from app.actor import Actor
from app.directory import registering
from app.directory.registering import RegistrationState, state_of
from app.japanese.dates import today_in_tokyo
from models.directory import Organization
from models.directory_registration import RegisteredCount, Registration


def _state_filter(value: str) -> ColumnElement[bool]:
    today = today_in_tokyo()
    state = RegistrationState(value)
    if state is RegistrationState.NONE:
        raise ValueError("no such row")
    return Registration.organization_id.in_(
        select(Organization.id).where(registering.state_criterion(state, today, notice_days()))
    )


def _state_text(row: Registration) -> str:
    return state_of(row, today_in_tokyo(), notice_days()).label


class RegistrationView(GuardedView):
    """あすぴあの登録の一覧."""

    model = Registration
    resource = "registration"
    title = "あすぴあの登録"
    lead = "登録団体の番号と有効期限です。登録・更新・取下げは、団体の画面で行います。"
    singular = "あすぴあの登録"
    columns: ClassVar[Any] = (
        Column(
            "organization", "団体名", lambda row: str(row.organization), load=(joinedload(Registration.organization),)
        ),
        Column("number", "登録番号", lambda row: row.number, sort=(Registration.number,)),
        Column("issued_on", "登録日", lambda row: row.issued_on),
        Column("valid_until", "有効期限", lambda row: row.valid_until, sort=(Registration.valid_until,)),
        Column("state", "状態", _state_text),
        Column("withdrawn_on", "取下げ日", lambda row: row.withdrawn_on, is_default=False),
    )
    filters: ClassVar[Any] = (
        Filter(
            "state",
            "状態",
            _state_filter,
            options=lambda session, actor: [
                (state.value, state.label) for state in RegistrationState if state is not RegistrationState.NONE
            ],
        ),
    )
    default_order = (Registration.valid_until,)
    lookup_attribute = "number"

    def __init__(self) -> None:
        super().__init__(name=self.title, endpoint="registration")

    def may(self, action: str) -> bool:
        """The list is read; what changes a registration stands on its group's page."""
        return action == "read" and super().may(action)

    def url_of(self, record: Registration) -> str | None:
        return url_for("organization.details_view", key=record.organization_id)

    def label_of(self, record: Registration) -> str:
        return f"{record.organization}({record.number})"


#: The states of the groups that the figure on the home page counts.
_IN_FORCE = [RegistrationState.ACTIVE.value, RegistrationState.LAPSING.value]


def _figures(session: Any, actor: Actor) -> list[tuple[str, str, str | None]]:
    """Groups registered now, beside the numbers that the handbook gives."""
    if not actor.may(Permission.REGISTRATION_READ):
        return []
    today = today_in_tokyo()
    kept = or_(Registration.withdrawn_on.is_(None), Registration.withdrawn_on > today)
    now = session.scalar(
        select(func.count(Registration.id)).where(
            visible_to(Registration, actor), and_(kept, Registration.valid_until >= today)
        )
    )
    earlier = session.scalars(
        select(RegisteredCount).order_by(RegisteredCount.fiscal_year.desc(), RegisteredCount.id).limit(2)
    ).all()
    told = "、".join(f"{row}は{row.number}団体" for row in earlier)
    return [
        (
            "あすぴあの登録団体" + (f"({told})" if told else ""),
            f"{now:,}団体",
            url_for("registration.index_view", **{"f-state": _IN_FORCE}),
        )
    ]


register_figures(_figures)
