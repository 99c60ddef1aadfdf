"""The values of a project as callers give them: cleaned, checked one by one, put into the record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.japanese.text import TextError, check_length, clean_line, clean_text
from app.problems import Invalid
from models.base import Base, utc_now
from models.reference import PolicyBasis, Program, ProjectCategory
from models.registry import HostedBy, Project, ProjectStatus

M = TypeVar("M", bound=Base)

#: Long texts that a caller may set.
TEXTS = (
    "summary",
    "alone_or_together",
    "strengths",
    "not_pursued_reason",
    "why_collaborate",
    "why_this_partner",
    "selection_method",
    "form_reason",
    "committee_members",
    "common_goal",
    "group_role",
    "city_role",
    "agreement_note",
    "contract_note",
    "evaluation_plan",
    "publication_plan",
    "review_note",
    "reading_note",
)
DATES = ("agreed_on", "contract_on", "endorsement_applied_on", "endorsement_approved_on", "starts_on", "ends_on")
_REFERENCES: dict[str, type[Base]] = {
    "category_id": ProjectCategory,
    "policy_basis_id": PolicyBasis,
    "program_id": Program,
}
_PLAIN = ("fiscal_year", "cost_yen", "hosted_by", "status", *DATES)
#: Everything that `values` of create_project and update_project may hold.
SETTABLE = frozenset({"name", *TEXTS, *_PLAIN, *_REFERENCES})


def cleaned(session: Session, values: Mapping[str, Any], project: Project | None) -> dict[str, Any]:
    """The values as they are kept. Raises Invalid with a sentence per field."""
    unknown = set(values) - SETTABLE
    if unknown:
        raise ValueError(f"not settable: {sorted(unknown)}")
    clean = dict(values)
    wrong: dict[str, str] = {}
    for name in ("name", *TEXTS):
        if name in clean:
            try:
                text = (clean_line if name == "name" else clean_text)(clean[name] or "")
                check_length(text, 300 if name == "name" else 20_000, Project.__table__.c[name].info["label"])
                clean[name] = text or None
            except TextError as error:
                wrong[name] = str(error)
    if not (clean.get("name") if "name" in clean else project is not None and project.name):
        wrong.setdefault("name", "事業名称を入力してください。")
    year = clean.get("fiscal_year") if "fiscal_year" in clean else (project.fiscal_year if project else None)
    if year is None or not 1950 <= year <= 2200:
        wrong["fiscal_year"] = "年度を入力してください。"
    if (clean.get("cost_yen") or 0) < 0:
        wrong["cost_yen"] = "事業費は0円以上で入力してください。"
    starts, ends = (clean.get(name, getattr(project, name, None)) for name in ("starts_on", "ends_on"))
    if starts and ends and ends < starts:
        wrong["ends_on"] = "終了日は、開始日以後の日を入力してください。"
    for name, model in _REFERENCES.items():
        if clean.get(name) is not None and session.get(model, clean[name]) is None:
            wrong[name] = f"{Project.__table__.c[name].info['label']}を一覧から選び直してください。"
    if clean.get("hosted_by") is not None:
        clean["hosted_by"] = HostedBy(clean["hosted_by"])
    if "status" in clean:
        clean["status"] = ProjectStatus(clean["status"] or ProjectStatus.PLANNED)
    if wrong:
        raise Invalid("入力の内容を確かめてください。", fields=wrong)
    return clean


def put_values(project: Project, clean: Mapping[str, Any]) -> None:
    for name, value in clean.items():
        if getattr(project, name) != value:
            setattr(project, name, value)


def touch_after_lines(project: Project) -> None:
    """The record's version counts its lines too, so that two people editing them meet."""
    project.updated_at = utc_now()
    if not project.is_published:
        project.partners_as_published = None


def rows_of(session: Session, model: type[M], keys: Collection[int], label: str) -> list[M]:
    """The rows with these keys, in order of key. Raises Invalid when one does not exist."""
    wanted = sorted(set(keys))
    if not wanted:
        return []
    key: Any = model.__table__.c.id
    rows = list(session.scalars(select(model).where(key.in_(wanted)).order_by(key)))
    if len(rows) != len(wanted):
        raise Invalid(f"{label}が見つかりません。一覧から選び直してください。")
    return rows
