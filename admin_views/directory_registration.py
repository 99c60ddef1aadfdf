"""Registration of a group with あすぴあ: its own page, each act a small form. The list stands in `directory_registrations`."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from wtforms import BooleanField
from wtforms.validators import InputRequired

from app.access.permissions import Permission
from app.access.scopes import as_key
from app.directory import registering, registration_mending
from app.directory.registering import rule_of, state_of
from app.directory.registration_numbers import next_number
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Problem
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, optional
from models.directory import Organization
from models.directory_registration import Registration

REQUIRED = "入力してください。"
_NUMBER_HELP = "英数字とハイフンは、全角で入力しても半角にそろえて保存します(「１２３」は「123」)。"


class RegisterForm(BackOfficeForm):
    """A first registration."""

    number = LineField("登録番号", [InputRequired(REQUIRED)], length=40, description=_NUMBER_HELP)
    issued_on = DateField("登録日", [InputRequired(REQUIRED)])


class RenewForm(BackOfficeForm):
    """A renewal."""

    renewed_on = DateField("更新日", [InputRequired(REQUIRED)])


class WithdrawForm(BackOfficeForm):
    """A withdrawal."""

    withdrawn_on = DateField("取下げ日", [InputRequired(REQUIRED)])
    reason = LongTextField("取下げの理由", [InputRequired(REQUIRED)], length=2_000)


def correct_form(registration: Registration) -> type[BackOfficeForm]:
    """What can be set right: number and days; a renewal or a withdrawal that was none, where there is one."""
    fields: dict[str, Any] = {
        "number": LineField("登録番号", [InputRequired(REQUIRED)], length=40, description=_NUMBER_HELP),
        "issued_on": DateField("登録日", [InputRequired(REQUIRED)]),
        "valid_until": DateField("有効期限", [InputRequired(REQUIRED)]),
    }
    if registration.renewals:
        last = format_date(registration.renewals[-1].renewed_on, weekday=False)
        fields["is_renewal_undone"] = BooleanField(
            f"最後の更新({last})を取り消す",
            description="取り消すと、有効期限はその前のものに戻ります(上で別の日に直したときは、その日になります)。",
        )
    if registration.withdrawn_on:
        fields["is_withdrawal_undone"] = BooleanField("取下げを取り消す")
    return type("CorrectForm", (BackOfficeForm,), fields)


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
    seen = {check.requirement_id for check in checks}
    unmet = "、".join(str(check) for check in checks if not check.is_met)
    unseen = "、".join(str(one) for one in registering.requirements(session) if one.id not in seen)
    left = "。".join(f"{what}: {names}" for what, names in (("満たさない", unmet), ("未確認", unseen)) if names)
    return [
        ("登録番号", registration.number),
        ("状態", state.label),
        ("登録日", format_date(registration.issued_on, weekday=False)),
        ("有効期限", format_date(registration.valid_until, weekday=False)),
        ("更新", "、".join(format_date(row.renewed_on, weekday=False) for row in registration.renewals) or "なし"),
        ("登録の要件", f"{len(wanted)}項目のうち{met}項目を確認" + (f"({left})" if left else "")),
        *(
            [("取下げ", f"{format_date(registration.withdrawn_on, weekday=False)} {registration.withdrawal_reason}")]
            if registration.withdrawn_on
            else []
        ),
        *([("備考", registration.note)] if registration.note else []),
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
                "correct": correct_form(registration)(obj=registration),
            }
        )
        if request.method == "POST":
            return self._registration_act(record, verb, forms)
        return self._registration_page(record, forms, []), 200

    def _registration_act(self: Any, record: Organization, verb: str, forms: Any) -> Any:
        if verb not in forms:
            return self._registration_page(record, forms, ["画面を開き直してから、もう一度行ってください。"]), 422
        form = forms[verb] = type(forms[verb])(request.form)
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
            return f"登録番号「{made.number}」で登録しました。有効期限は{format_date(made.valid_until)}です。"
        if verb == "renew":
            made = registering.renew(self.db_session, **common, renewed_on=form.renewed_on.data)
            return f"更新しました。有効期限は{format_date(made.valid_until)}です。"
        if verb == "withdraw":
            registering.withdraw(self.db_session, **common, on=form.withdrawn_on.data, reason=form.reason.data or "")
            return "取下げを記録しました。"
        if verb == "correct":
            made = registration_mending.correct(
                self.db_session, **common, version=as_key(request.form.get("version", "")), **form.data
            )
            return f"登録番号「{made.number}」、有効期限{format_date(made.valid_until)}に訂正しました。"
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
            version=record.registration.version if record.registration else 0,
            suggested=next_number(self.db_session) if record.registration is None else None,
        )
