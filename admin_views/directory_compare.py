"""The page that puts up to five groups side by side, for the screen and for paper."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.datastructures import MultiDict

from admin_views.base import resolver
from admin_views.directory_parts import paper_note
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.directory.comparing import MOST, Comparison, compare
from app.directory.policy import reads_persons
from app.japanese.dates import format_date, format_fiscal_year
from app.lookup_fields import RelationsField
from app.problems import Invalid
from app.registry import queries
from app.registry.published import forms_of
from app.webforms import BackOfficeForm, optional
from models.directory import Organization

_PROJECTS = 6


class ChooseForm(BackOfficeForm):
    """Which groups."""

    organization = RelationsField(
        "比べる団体",
        [optional()],
        lookup="organization.lookup_view",
        resolve=resolver(Organization),
        description=f"名称の一部を入力して選びます。{MOST}団体まで比べられます。",
    )


class CompareScreen(Screen):
    """団体を比べる."""

    permission = Permission.ORGANIZATION_COMPARE

    def __init__(self) -> None:
        super().__init__(name="団体を比べる", endpoint="organization-compare", url="/organization-compare")

    @expose("/")
    def index(self) -> Any:
        form = ChooseForm(MultiDict(request.args))
        form.validate()
        keys = [key for value in request.args.getlist("organization") if (key := as_key(value)) is not None]
        keys = list(dict.fromkeys([*keys, *(form.organization.data or [])]))
        error, found = "", None
        try:
            found = compare(self.db_session(), self.actor, keys) if keys else None
        except Invalid as problem:
            error = problem.message
        names = [self._name(one) for one in found.organizations] if found else []
        return self.render(
            "directory/compare.html",
            form=form,
            error=error or "".join(str(one) for one in form.organization.errors),
            groups=self._heads(found, names) if found else [],
            names=names,
            sections=self._sections(found) if found else [],
            missing=len(keys) - len(names) if found else 0,
            most=MOST,
            printed=paper_note(self.actor),
        )

    def _name(self, one: Organization) -> str:
        return one.name if reads_persons(self.actor) or not one.is_person else str(one)

    def _heads(self, found: Comparison, names: list[str]) -> list[dict[str, Any]]:
        ids = [one.id for one in found.organizations]
        return [
            {
                "name": name,
                "url": url_for("organization.details_view", key=one.id),
                "confirmed": f"最終確認 {format_date(one.confirmed_on, weekday=False)}"
                if one.confirmed_on
                else ("確認済み" if one.is_confirmed else "未確認"),
                "without_url": url_for(".index", organization=[key for key in ids if key != one.id]),
            }
            for one, name in zip(found.organizations, names, strict=True)
        ]

    def _sections(self, found: Comparison) -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
        sections = [("団体の概要", [(line.label, line.texts) for line in found.identity])]
        for item, lines in found.items:
            rows = [(line.label, line.texts) for line in lines]
            if item.value == "record":
                rows.append(("市との協働や連携の取組", tuple(self._projects(one) for one in found.organizations)))
            sections.append((item.label, rows))
        return sections

    def _projects(self, one: Organization) -> str:
        projects = queries.projects_of_organization(self.db_session(), self.actor, one)
        lines = [
            f"{format_fiscal_year(project.fiscal_year)} {project.name}({'、'.join(forms_of(project))})"
            for project in projects[:_PROJECTS]
        ]
        if len(projects) > _PROJECTS:
            lines.append(f"ほか{len(projects) - _PROJECTS}件")
        return "\n".join(lines) or "なし"


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    return [CompareScreen()]
