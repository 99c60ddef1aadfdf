"""What a project's page shows: its sections in the order of the six steps, and its partner lines."""

from __future__ import annotations

from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from admin_views.columns import shown
from admin_views.registry_columns import partner_names
from app.actor import Actor
from app.japanese.dates import format_fiscal_year
from app.japanese.money import format_yen
from app.registry.cells import PERSON
from app.registry.policy import reads_persons
from app.registry.published import department_cell, form_name
from app.registry.steps import Step
from models.registry import Project, ProjectPartner

Section = tuple[str, list[tuple[str, Any]]]

_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("可能性検討", ("alone_or_together", "strengths", "why_collaborate", "category", "not_pursued_reason")),
    (
        "形態選択",
        ("form_reason", "hosted_by", "endorsement_applied_on", "endorsement_approved_on", "committee_members"),
    ),
    ("パートナー選択", ("why_this_partner", "selection_method", "effects")),
    (
        "ブラッシュアップ",
        (
            "common_goal",
            "group_role",
            "city_role",
            "agreed_on",
            "agreement_note",
            "contract_on",
            "contract_note",
            "evaluation_plan",
            "publication_plan",
            "principles",
            "policy_basis",
            "program",
        ),
    ),
    ("実施", ("starts_on", "ends_on", "cost_yen")),
    ("振り返り・評価", ("review_note",)),
)


def _label_of(name: str) -> str:
    columns = Project.__table__.c
    column = columns.get(name) if name in columns else columns.get(f"{name}_id")
    if column is not None:
        return str(column.info["label"])
    return str(Project.__mapper__.relationships[name].info["label"])


#: Fields of a finding → field of the form.
FORM_FIELDS = {"category": "category_id", "is_published": "status"}
#: Fields of a finding that are no column with a label of its own.
_FIELD_NAMES = {"partners": "協働相手と形態", "is_published": "一覧での公表"}


def notes_of(step: Step, *, in_full: bool) -> list[str]:
    """What is missing in a step: sentences for those who can do something about it, else the names of the fields."""
    if in_full:
        return [str(one) for one in step.missing]
    return list(dict.fromkeys(_FIELD_NAMES.get(one.field) or _label_of(one.field) for one in step.missing))


def sections_of(record: Project, actor: Actor) -> list[Section]:
    """(heading, [(label, value)]): the basics, then each step in which something is written."""
    basics: list[tuple[str, Any]] = [
        ("年度", format_fiscal_year(record.fiscal_year)),
        ("番号", record.number if record.number is not None else "公表前"),
        ("課名", department_cell(record)),
        ("事業の概要", record.summary),
        ("登録の経緯", record.source.label),
    ]
    if record.reading_note:
        basics.append(("読み取りの注記", record.reading_note))
    if record.is_published and record.partners_as_published is not None:
        is_hidden = record.names_a_person and not reads_persons(actor)
        cell = partner_names(record) if is_hidden else record.partners_as_published.replace("\n", " / ")
        basics.append(("公表時の協働相手", cell))
    parts: list[Section] = [("基本の項目", basics)]
    for heading, names in _SECTIONS:
        rows = [(_label_of(name), _value(record, name)) for name in names]
        if any(value for _, value in rows):
            parts.append((heading, rows))
    return parts


def _value(record: Project, name: str) -> Any:
    if name == "cost_yen":
        return format_yen(record.cost_yen) if record.cost_yen is not None else None
    return shown(getattr(record, name)) or None


def line_cells(line: ProjectPartner, may_read: bool) -> dict[str, Any]:
    """A partner line as the page's table shows it: name (with a link), form, kind, note."""
    is_hidden = line.is_person and not may_read
    organization = None if is_hidden else line.organization
    name: Any = PERSON if is_hidden else line.name_as_published
    if organization is not None and (may_read or not organization.is_person):
        url = url_for("organization.details_view", key=organization.id)
        name = Markup('<a href="{}">{}</a>').format(url, line.name_as_published)
        if organization.name != line.name_as_published:
            name += Markup('<br><span class="text-quiet">団体: {}</span>').format(organization.name)
    as_published = line.form_as_published if line.form_as_published != form_name(line) else None
    notes = [
        "総称" if line.is_generic else "",
        "個人名を含む" if line.is_person and may_read else "",
        f"公表時の形態: {as_published}" if as_published else "",
        (line.note or "") if may_read else "",
    ]
    return {
        "name": escape(name),
        "form": form_name(line),
        "kind": line.kind.label if line.kind else "",
        "note": "。".join(note.rstrip("。") for note in notes if note),
    }
