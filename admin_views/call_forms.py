"""Forms of a call: preparing one, its values, what it shows, the reason at its opening; its questions and briefings."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField
from wtforms.validators import InputRequired

from admin_views.challenge_forms import programs
from admin_views.proposal_form import REQUIRED
from app.calls import call_services
from app.calls.call_settings import SETTINGS, settings_of
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    ChoicesField,
    DateField,
    FiscalYearField,
    LineField,
    LongTextField,
    YenField,
    optional,
)
from models.calls import Call


def label_of(name: str) -> str:
    """The label of a call's column."""
    return str(Call.__table__.c[name].info["label"])


class PrepareForm(BackOfficeForm):
    """A new call: of which program and year, copied from which."""

    program_id = ChoiceField("公募制度", [InputRequired("公募制度を選んでください。")], choices=programs, coerce=int)
    fiscal_year = FiscalYearField("年度", [InputRequired(REQUIRED)], description="例: 令和8年度、R8、2026")
    copied_from_id = ChoiceField(
        "写し元の募集",
        [optional()],
        coerce=int,
        empty="(写さずに、制度の規則から始める)",
        description="日付は年数だけずらして写します。文面・金額・設定値も写します。",
    )


class CountField(YenField):
    """A whole number that is no money."""

    kind = "text"


_SETTING_FIELDS = {
    "yen": lambda label: YenField(label, [optional()]),
    "number": lambda label: CountField(label, [optional()]),
    "percent": lambda label: CountField(label, [optional()]),
    "yesno": lambda label: ChoiceField(
        label, [optional()], choices=[("yes", "はい"), ("no", "いいえ")], empty="未設定"
    ),
    "text": lambda label: LineField(label, [optional()], length=2000),
}


class CallForm(BackOfficeForm):
    """A call. Settings that the handbook does not give are added by `form_for`."""

    name = LineField(label_of("name"), [InputRequired(REQUIRED)], length=200)
    cap_yen = YenField(label_of("cap_yen"), [optional()])
    rate = LineField(f"{label_of('rate')}(例: 10/10)", [optional()], length=20)
    budget_yen = YenField(label_of("budget_yen"), [optional()])
    reason = LineField(
        "変更の理由",
        [optional()],
        description="公開した後に日付を変えるとき、制度の時期と違う日程にするときに書きます。",
    )


for _name in call_services.DATES:
    setattr(CallForm, _name, DateField(label_of(_name), [optional()]))
for _name in call_services.TEXTS:
    setattr(CallForm, _name, LongTextField(label_of(_name), [optional()], length=10_000))


#: The dates of the form, beginnings beside their ends in rows of two and of four.
DATES_IN_PAIRS = (
    *("opens_on", "closes_on", "coordination_from_on", "coordination_until_on"),
    *("opinions_due_on", "review_on", "decision_on", "report_due_on"),
    *("period_from_on", "period_until_on"),
)
#: How the values that are no texts are drawn.
SETTING_OPTIONS: dict[str, dict[str, str]] = {
    f"s_{name}": {"unit": {"number": "年" if "years" in name else "回", "percent": "%"}[one.kind], "width": "short"}
    for name, one in SETTINGS.items()
    if one.kind in ("number", "percent")
}


def form_for(call: Call, posted: Any = None) -> CallForm:
    """The form of a call, with one field for each value that its program leaves open."""
    fields = {f"s_{name}": _SETTING_FIELDS[one.kind](one.label) for name, one in settings_of(call).items()}
    kind = type("CallFormWithSettings", (CallForm,), fields)
    values = {
        name: getattr(call, name)
        for name in ("name", *call_services.AMOUNTS, *call_services.DATES, *call_services.TEXTS)
    }
    for name, one in settings_of(call).items():
        value = (call.settings or {}).get(name)
        values[f"s_{name}"] = {True: "yes", False: "no"}.get(value) if one.kind == "yesno" else value
    form: CallForm = kind(MultiDict(posted) if posted is not None else None, data=values)
    return form


class ShowForm(BackOfficeForm):
    """Which challenges a call shows."""

    challenges = ChoicesField("課題・テーマ", coerce=int)


class OpenForm(BackOfficeForm):
    """Opening: why the dates leave the months of the program, where they do."""

    reason = LongTextField(
        "制度の時期と違う理由",
        [optional()],
        length=2_000,
        description="募集のページに残ります。例: 庁内検討会議の日程に合わせ、今年度に限り2週間遅らせた。",
    )


class QuestionForm(BackOfficeForm):
    """A question with its answer, which may follow later."""

    asked_on = DateField("受けた日", [InputRequired(REQUIRED)])
    question = LongTextField(
        "質問",
        [InputRequired(REQUIRED)],
        length=5_000,
        description="公開できることばに直して入力します。質問した方の名前は書きません。",
    )
    answer = LongTextField("回答", [optional()], length=10_000)
    answered_on = DateField("回答日", [optional()], description="空のときは、回答を入力した日になります。")
    is_public = BooleanField("「質問と回答」のページで公開する")


class BriefingForm(BackOfficeForm):
    """A briefing."""

    held_on = DateField("開催日", [InputRequired(REQUIRED)])
    hours = LineField("時間", [optional()], length=60, description="例: 14:00〜15:30")
    place = LineField("会場", [optional()], length=200)
    note = LongTextField("備考", [optional()], length=2_000, description="申込みの方法、持ち物など")


class RemovalForm(BackOfficeForm):
    """Why it is taken out."""

    reason = LineField("削除の理由", [InputRequired(REQUIRED)], length=300)
