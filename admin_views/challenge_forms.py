"""Forms of challenges: the draft of a department, what was decided, why it goes back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from wtforms.validators import InputRequired

from admin_views.base import resolver
from admin_views.proposal_form import REQUIRED
from app.lookup_fields import RelationField, RelationsField
from app.webforms import BackOfficeForm, ChoiceField, DateField, FiscalYearField, LineField, LongTextField, optional
from models.calls import Challenge, ProjectKind
from models.reference import Department, Program
from models.registry import Project


def programs() -> list[tuple[int, str]]:
    """The programs that are called."""
    from app.extensions import db

    rows = db.session.execute(select(Program.id, Program.name).where(Program.is_closed.is_(False)).order_by(Program.id))
    return [(row.id, row.name) for row in rows]


def label_of(name: str) -> str:
    """The word of a challenge's column."""
    return str(Challenge.__table__.c[name].info["label"])


class ChallengeForm(BackOfficeForm):
    """A challenge as it is drafted."""

    title = LineField(label_of("title"), [InputRequired(REQUIRED)], length=200)
    program_id = ChoiceField(
        label_of("program_id"), [InputRequired("公募制度を選んでください。")], choices=programs, coerce=int
    )
    fiscal_year = FiscalYearField("募集する年度", [InputRequired(REQUIRED)], description="例: 令和8年度、R8、2026")
    department_id = RelationField(
        label_of("department_id"),
        [InputRequired("担当課を選んでください。")],
        lookup="department.lookup_view",
        resolve=resolver(Department),
    )
    related_departments = RelationsField(
        "関連課", [optional()], lookup="department.lookup_view", resolve=resolver(Department)
    )
    kind = ChoiceField(label_of("kind"), choices=ProjectKind.choices(), coerce=ProjectKind, empty=None)
    project_id = RelationField(
        label_of("project_id"),
        [],
        lookup="project.lookup_view",
        resolve=resolver(Project),
        description="既存の事業から始めるときに選びます。",
    )
    background = LongTextField(label_of("background"), [optional()], length=5_000)
    current_situation = LongTextField(label_of("current_situation"), [optional()], length=5_000)
    expectation = LongTextField(label_of("expectation"), [optional()], length=5_000)

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: field.data for name, field in self._fields.items() if name != "related_departments"}


class DecisionForm(BackOfficeForm):
    """What was decided."""

    decision = ChoiceField(
        "決定", [InputRequired("決定を選んでください。")], choices=[("chosen", "提示する"), ("declined", "見送る")]
    )
    decided_on = DateField("決定日", [InputRequired(REQUIRED)])
    note = LongTextField(
        "決定の理由・根拠",
        [optional()],
        length=5_000,
        description="会議の回や文書番号など、決定がどこに記録されているかを書きます。見送るときは理由を書きます。",
    )


class ReturnForm(BackOfficeForm):
    """Why."""

    reason = LongTextField("理由", [InputRequired(REQUIRED)], length=5_000)
