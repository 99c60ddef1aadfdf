"""Registration of groups with あすぴあ: a group's own page, and the list of what lapses."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload
from wtforms.validators import InputRequired

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter
from admin_views.directory_columns import notice_days
from admin_views.home import register_figures
from app.access.permissions import Permission
from app.access.scopes import visible_to
from app.actor import Actor
from app.directory import registering
from app.directory.registering import RegistrationState, rule_of, state_of
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Problem
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, optional
from models.directory import Organization
from models.directory_registration import RegisteredCount, Registration

REQUIRED = "入力してください。"


class RegisterForm(BackOfficeForm):
    """A first registration."""

    number = LineField("登録番号", [InputRequired(REQUIRED)], length=40)
    issued_on = DateField("登録日", [InputRequired(REQUIRED)])


class RenewForm(BackOfficeForm):
    """A renewal."""

    renewed_on = DateField("更新日", [InputRequired(REQUIRED)])


class WithdrawForm(BackOfficeForm):
    """A withdrawal."""

    withdrawn_on = DateField("取下げ日", [InputRequired(REQUIRED)])
    reason = LongTextField("取下げの理由", [InputRequired(REQUIRED)], length=2_000)


def checks_form(session: Any) -> type[BackOfficeForm]:
    """The checklist as a form: one select a requirement."""
    choices = [("1", "満たす"), ("0", "満たさない")]
    fields: dict[str, Any] = {
        f"check_{one.id}": ChoiceField(one.wording, [optional()], choices=choices, coerce=str, empty="未確認")
        for one in registering.requirements(session)
    }
    fields["note"] = LongTextField("備考", [optional()], length=2_000)
    return type("ChecksForm", (BackOfficeForm,), fields)


def registration_facts(session: Any, registration: Registration | None) -> list[tuple[str, Any]]:
    """(label, value) of a registration for those who read registrations."""
    if registration is None:
        return [("登録", "登録されていません")]
    state = state_of(registration, today_in_tokyo(), rule_of(session)[1])
    wanted = {one.id for one in registering.requirements(session)}
    checks = [check for check in registration.checks if check.requirement_id in wanted]
    met = sum(check.is_met for check in checks)
    unmet = "、".join(str(check) for check in checks if not check.is_met)
    return [
        ("登録番号", registration.number),
        ("状態", state.label),
        ("登録日", format_date(registration.issued_on, weekday=False)),
        ("有効期限", format_date(registration.valid_until, weekday=False)),
        ("更新", "、".join(format_date(row.renewed_on, weekday=False) for row in registration.renewals) or "なし"),
        ("登録の要件", f"{len(wanted)}項目のうち{met}項目を確認" + (f"(満たさない: {unmet})" if unmet else "")),
        *(
            [("取下げ", f"{format_date(registration.withdrawn_on, weekday=False)} {registration.withdrawal_reason}")]
            if registration.withdrawn_on
            else []
        ),
    ]


class RegistrationPages:
    """Mixed into OrganizationView: one group's registration, each act a small form of its own."""

    @expose("/<key>/registration/", methods=("GET", "POST"))
    def registration_view(self: Any, key: str) -> Any:
        """Register, renew, check the requirements, withdraw."""
        self.require(Permission.REGISTRATION_EDIT)
        record = self.one(key)
        registration = record.registration
        verb = request.form.get("verb", "")
        is_first = registration is None
        checks_class = checks_form(self.db_session)
        held = (
            {f"check_{row.requirement_id}": "1" if row.is_met else "0" for row in registration.checks}
            if registration
            else {}
        )
        today = today_in_tokyo()
        forms: dict[str, BackOfficeForm] = (
            {"register": RegisterForm(data={"issued_on": today})}
            if is_first
            else {
                "renew": RenewForm(data={"renewed_on": today}),
                "check": checks_class(data=held | {"note": registration.note}),
                "withdraw": WithdrawForm(),
            }
        )
        if request.method == "POST":
            return self._registration_act(record, verb, forms, checks_class)
        return self._registration_page(record, forms, []), 200

    def _registration_act(self: Any, record: Organization, verb: str, forms: Any, checks_class: Any) -> Any:
        classes = {"register": RegisterForm, "renew": RenewForm, "withdraw": WithdrawForm, "check": checks_class}
        if verb not in forms:
            return self._registration_page(record, forms, ["画面を開き直してから、もう一度行ってください。"]), 422
        form = forms[verb] = classes[verb](request.form)
        errors: list[str] = []
        if form.validate():
            try:
                sentence = self._registration_done(record, verb, form)
            except Problem as problem:
                errors = form.told(problem)
            else:
                return self.go(f"{self.endpoint}.details_view", sentence, key=record.id)
        return self._registration_page(record, forms, errors, form), 422

    def _registration_done(self: Any, record: Organization, verb: str, form: Any) -> str:
        common = {"actor": self.actor, "organization": record}
        if verb == "register":
            made = registering.register_group(
                self.db_session, **common, number=form.number.data, issued_on=form.issued_on.data
            )
            return f"登録しました。有効期限は{format_date(made.valid_until)}です。"
        if verb == "renew":
            made = registering.renew(self.db_session, **common, renewed_on=form.renewed_on.data)
            return f"更新しました。有効期限は{format_date(made.valid_until)}です。"
        if verb == "withdraw":
            registering.withdraw(self.db_session, **common, on=form.withdrawn_on.data, reason=form.reason.data or "")
            return "取下げを記録しました。"
        checks = {
            int(name.removeprefix("check_")): field.data == "1"
            for name, field in form._fields.items()
            if name.startswith("check_") and field.data in {"0", "1"}
        }
        registering.set_checks(self.db_session, **common, checks=checks, note=form.note.data)
        return "登録の要件の確認を保存しました。"

    def _registration_page(self: Any, record: Organization, forms: Any, errors: list[str], bad: Any = None) -> Any:
        years, _notice_days = rule_of(self.db_session)
        return self.render(
            "directory/registration.html",
            title=f"あすぴあの登録: {self.label_of(record)}",
            back=(self.label_of(record), url_for(f"{self.endpoint}.details_view", key=record.id)),
            facts=registration_facts(self.db_session, record.registration),
            entry_forms=forms,
            bad_form=bad,
            errors=errors,
            action_url=url_for(f"{self.endpoint}.registration_view", key=record.id),
            rule=f"有効期限は、登録・更新の日の年度から{years}年度後の年度末(3月31日)です。",
            suggested=next_number(self.db_session) if record.registration is None else None,
        )


def next_number(session: Any) -> str | None:
    """The number after the highest numeric one, as a suggestion."""
    numbers = [
        int(number)
        for number in session.scalars(select(Registration.number).order_by(Registration.id.desc()).limit(500))
        if number.isascii() and number.isdecimal()
    ]
    return str(max(numbers) + 1) if numbers else None


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
