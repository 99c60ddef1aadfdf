"""Forms of choosing a partner, and what they say to the services."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from wtforms.validators import InputRequired

from admin_views.registry_form import form_choices, short_list
from app.extensions import db
from app.webforms import (
    BackOfficeForm,
    ChoiceField,
    ChoicesField,
    DateField,
    FiscalYearField,
    LineField,
    LongTextField,
    optional,
)
from models.partnering import Gain, Lead, PartnerCandidate, PartnerSearch, Support, Verdict
from models.reference import ActivityField, Department, Program, ProjectCategory

REQUIRED = "入力してください。"
_YES_NO = (("yes", "はい"), ("no", "いいえ"))


def _label(name: str, model: Any = PartnerSearch) -> str:
    return str(model.__table__.c[name].info["label"])


def _departments() -> list[tuple[int, str]]:
    from app.access.login import current_actor
    from models.people import Role

    actor = current_actor()
    rows = short_list(Department, Department.id, only=Department.successor_id.is_(None))
    return rows if actor.has(Role.OFFICE) else [row for row in rows if row[0] in actor.departments]


def _programs() -> list[tuple[int, str]]:
    return short_list(Program, Program.id, only=Program.is_closed.is_(False))


def category_choices() -> list[tuple[int, Any]]:
    """The five categories with their examples (基礎編(7))."""
    words = Markup('{} <span class="text-quiet text-small">例: {}</span>')
    rows = db.session.query(ProjectCategory).order_by(ProjectCategory.number)
    return [(row.id, words.format(row.name, "、".join(row.examples.split("\n")))) for row in rows]


class ProblemForm(BackOfficeForm):
    """A new search: the problem in three sentences."""

    title = LineField(_label("title"), [InputRequired(REQUIRED)], length=200, description="例: 落ち葉の多い通りの清掃")
    fiscal_year = FiscalYearField(_label("fiscal_year"), [InputRequired(REQUIRED)], description="実施したい年度")
    department_id = ChoiceField(_label("department_id"), [InputRequired(REQUIRED)], choices=_departments, coerce=int)
    problem = LongTextField(
        _label("problem"),
        [InputRequired(REQUIRED)],
        length=5_000,
        description="誰が、どこで、何に困っているか。ふだんの言葉で書いてください。この文から、合う団体を探します。",
    )
    goal = LongTextField(_label("goal"), [optional()], length=5_000, description="どうなればよいか。")
    wanted = LongTextField(_label("wanted"), [optional()], length=5_000, description="相手の団体に何をしてほしいか。")
    fields = ChoicesField("関連する分野", choices=lambda: short_list(ActivityField, ActivityField.number), coerce=int)

    def values(self) -> dict[str, Any]:
        """Plain attributes of the search."""
        return {name: self[name].data for name in _NAMES if name in self}


class SearchForm(ProblemForm):
    """All of a search but its shortlist."""

    gains = ChoicesField(_label("gains"), choices=Gain.choices())
    gains_note = LongTextField(
        _label("gains_note"), [optional()], length=5_000, description="市だけ、団体だけで行う場合と比べて。"
    )
    group_strengths = LongTextField(_label("group_strengths"), [optional()], length=5_000)
    city_strengths = LongTextField(_label("city_strengths"), [optional()], length=5_000)
    categories = ChoicesField("協働に適した事業の分類", choices=category_choices, coerce=int)
    verdict = ChoiceField(_label("verdict"), [optional()], choices=Verdict.choices(), coerce=Verdict)
    verdict_reason = LongTextField(_label("verdict_reason"), [optional()], length=5_000)
    lead = ChoiceField(_label("lead"), [optional()], choices=Lead.choices(), coerce=Lead)
    supports = ChoicesField(_label("supports"), choices=Support.choices())
    form_id = ChoiceField(_label("form_id"), [optional()], choices=form_choices, coerce=int)
    form_reason = LongTextField(_label("form_reason"), [optional()], length=5_000)
    method = LongTextField(
        _label("method"), [optional()], length=5_000, description="例: むすぶで3団体を挙げ、話を聞いて比べる。"
    )
    criteria = LongTextField(
        _label("criteria"), [optional()], length=5_000, description="例: 同じ目的で3年以上の実績があること。"
    )


_NAMES = (
    "title", "fiscal_year", "department_id", "problem", "goal", "wanted", "gains", "gains_note", "group_strengths",
    "city_strengths", "verdict", "verdict_reason", "lead", "supports", "form_id", "form_reason", "method", "criteria",
)  # fmt: skip

GROUPS: list[tuple[str, list[str]]] = [
    ("課題", ["title", "fiscal_year", "department_id", "problem", "goal", "wanted", "fields"]),
    (
        "可能性の検討",
        ["gains", "gains_note", "group_strengths", "city_strengths", "categories", "verdict", "verdict_reason"],
    ),
    ("形態の選択", ["lead", "supports", "form_id", "form_reason"]),
    ("相手の選び方", ["method", "criteria"]),
]


def form_data(search: PartnerSearch) -> dict[str, Any]:
    """What the form of a stored search opens with."""
    return {name: getattr(search, name) for name in _NAMES} | {
        "fields": [row.id for row in search.fields],
        "categories": [row.id for row in search.categories],
    }


class CandidateForm(BackOfficeForm):
    """What was found of a candidate (実践編1(3))."""

    has_common_purpose = ChoiceField(
        _label("has_common_purpose", PartnerCandidate), [optional()], choices=_YES_NO, empty="(まだ確かめていない)"
    )
    purpose_note = LongTextField(_label("purpose_note", PartnerCandidate), [optional()], length=5_000)
    has_workable_method = ChoiceField(
        _label("has_workable_method", PartnerCandidate), [optional()], choices=_YES_NO, empty="(まだ確かめていない)"
    )
    method_note = LongTextField(_label("method_note", PartnerCandidate), [optional()], length=5_000)
    note = LongTextField(_label("note", PartnerCandidate), [optional()], length=5_000)

    def values(self) -> dict[str, Any]:
        """Attributes of the candidate."""
        said = {"yes": True, "no": False}
        questions = ("has_common_purpose", "has_workable_method")
        return {name: said.get(self[name].data) for name in questions} | {
            name: self[name].data for name in ("purpose_note", "method_note", "note")
        }


def candidate_data(candidate: PartnerCandidate) -> dict[str, Any]:
    """What the form of a stored candidate opens with."""
    words = {True: "yes", False: "no", None: None}
    return {
        "has_common_purpose": words[candidate.has_common_purpose],
        "has_workable_method": words[candidate.has_workable_method],
        "purpose_note": candidate.purpose_note,
        "method_note": candidate.method_note,
        "note": candidate.note,
    }


class DecideForm(BackOfficeForm):
    """The choice. `candidates` gets its choices from the shortlist."""

    candidates = ChoicesField("選ぶ団体", [InputRequired("選ぶ団体を選んでください。")], coerce=int)
    reason = LongTextField("選んだ理由", [InputRequired(REQUIRED)], length=5_000)
    decided_on = DateField("選定日", [InputRequired(REQUIRED)])


class ReopenForm(BackOfficeForm):
    """Taking the choice back."""

    reason = LongTextField("取り消す理由", [InputRequired(REQUIRED)], length=2_000)


class ChallengeForm(BackOfficeForm):
    """Which program shows the challenge."""

    program_id = ChoiceField("公募制度", [InputRequired("公募制度を選んでください。")], choices=_programs, coerce=int)
