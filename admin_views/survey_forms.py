"""Forms of the yearly survey, and what a row's form says to the services."""

from __future__ import annotations

from typing import Any

from flask import g
from wtforms import BooleanField, FieldList, FormField
from wtforms.validators import InputRequired

from admin_views.base import resolver
from app.extensions import db
from app.lookup_fields import RelationsField
from app.registry.survey_queries import form_names
from app.registry.survey_rules import MAX_LINES, Line, RowContent
from app.webforms import BackOfficeForm, ChoiceField, DateField, FiscalYearField, LineField, LongTextField, optional
from models.reference import Department
from models.survey import Intention

REQUIRED = "入力してください。"
_PARTNERS_HELP = "一覧に載せる名称です。同じ形態の相手が複数あるときは「、」で区切ります。"


class RoundForm(BackOfficeForm):
    """What can be changed while a round runs."""

    due_on = DateField("回答期限", [InputRequired(REQUIRED)])
    message = LongTextField(
        "各課への案内", [optional()], length=5_000, description="各課の回答画面の上に表示されます。"
    )


class OpenForm(BackOfficeForm):
    """A new round."""

    fiscal_year = FiscalYearField("調査する年度", [InputRequired(REQUIRED)], description="例: 令和8年度、R8、2026")
    due_on = DateField("回答期限", [InputRequired(REQUIRED)])
    base_year = FiscalYearField(
        "前回の年度",
        [optional()],
        description="この年度の一覧を「継続」として各課に示します。空欄のときは、登録のある直近の年度を使います。",
    )
    message = LongTextField(
        "各課への案内", [optional()], length=5_000, description="各課の回答画面の上に表示されます。"
    )


class ReturnForm(BackOfficeForm):
    """Why a submission goes back."""

    reason = LongTextField(
        "差戻しの理由",
        [InputRequired(REQUIRED)],
        length=5_000,
        description="担当課の画面に表示されます。何を直すとよいかを書いてください。",
    )


class NoteForm(BackOfficeForm):
    """What stands beside the rows of a response."""

    has_nothing_to_report = BooleanField("該当なし(この年度に協働や連携の取組はない)")
    note = LongTextField("推進担当への連絡", [optional()], length=2_000)


def _form_choices() -> list[tuple[str, str]]:
    """The maintained forms; a row's own printed form with a remark stays choosable (`RowForm` adds it)."""
    if "survey_forms" not in g:
        g.survey_forms = form_names(db.session())
    return [(name, name) for name in [*g.survey_forms, *g.get("survey_more_forms", [])]]


class LineForm(BackOfficeForm):
    """A printed line: partners and their form."""

    partners = LineField("協働相手(団体名)", [optional()], length=1_000, description=_PARTNERS_HELP)
    form = ChoiceField("協働形態", [optional()], choices=_form_choices)
    is_person = BooleanField("個人か、個人の氏名を含む(公開する情報に出さない)")


class RowForm(BackOfficeForm):
    """A row. `content()` gives what the services take."""

    intention = ChoiceField("区分", [InputRequired("区分を選んでください。")], coerce=Intention, empty=None)
    name = LineField("事業名称", [InputRequired(REQUIRED)])
    other_departments = RelationsField(
        "共同の課",
        [optional()],
        lookup="department.lookup_view",
        resolve=resolver(Department),
        description="いっしょに行う課があれば選びます。この行は、その課にも表示されます。",
    )
    lines = FieldList(FormField(LineForm, "協働相手"), "協働相手", min_entries=1, max_entries=MAX_LINES)
    summary = LongTextField("事業の概要", [optional()], length=10_000)
    note = LongTextField("変更・終了の理由など", [optional()], length=10_000)
    contract_note = LongTextField(
        "協定・契約の内容と役割",
        [optional()],
        length=10_000,
        description="委託のときに、協定・契約の内容と、団体・市の役割を書きます(実践編1(2))。",
    )
    contract_on = DateField("協定・契約の日", [optional()])

    def content(self) -> RowContent:
        """The row as typed."""
        ids = self.other_departments.data or []
        labels = self.other_departments.resolve(ids) if ids else {}
        return RowContent(
            intention=self.intention.data,
            name=self.name.data or "",
            lines=tuple(
                Line(line["partners"] or "", line["form"] or "", bool(line["is_person"])) for line in self.lines.data
            ),
            other_departments=tuple(labels[key] for key in ids if key in labels),
            summary=self.summary.data or "",
            note=self.note.data or "",
            contract_note=self.contract_note.data or "",
            contract_on=self.contract_on.data,
        )


def row_form(data: Any, content: RowContent, department_ids: list[int], *, is_new: bool) -> RowForm:
    """The form of a row, filled from `data` (a POST) or from what is stored."""
    known = form_names(db.session())
    g.survey_forms = known
    g.survey_more_forms = list(
        dict.fromkeys(line.form for line in content.lines if line.form and line.form not in known)
    )
    form = RowForm(
        data,
        intention=content.intention,
        name=content.name,
        other_departments=department_ids,
        lines=[vars(line) for line in content.lines],
        summary=content.summary,
        note=content.note,
        contract_note=content.contract_note,
        contract_on=content.contract_on,
    )
    wanted = [Intention.NEW] if is_new else [Intention.CONTINUES, Intention.CHANGED, Intention.ENDED]
    form.intention.choices = [(one.value, one.label) for one in wanted]
    return form
