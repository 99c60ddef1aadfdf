"""Screens of choosing a partner: the searches, the ranked groups, the five items side by side, the choice."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, url_for
from flask_admin import expose
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.datastructures import MultiDict

from admin_views.base import GuardedView
from admin_views.columns import Column
from admin_views.home import link_waiting
from admin_views.pages import DetailsPage
from admin_views.partnering_acts import PartnerActs
from admin_views.partnering_forms import GROUPS, ProblemForm, SearchForm, form_data
from admin_views.partnering_page import category_help, followed_by, form_help, sections_of
from admin_views.registry_form import short_list
from app.access.permissions import Permission
from app.japanese.dates import fiscal_year_of, format_fiscal_year, today_in_tokyo
from app.partnering import services
from app.partnering.beside import talents_beside
from app.partnering.evidence import evidence_of
from app.partnering.matching import Ranking, rank_groups, reading_level
from app.partnering.queries import find_search, possible_partners, projects_of_partners
from app.partnering.rules import is_called, missing_for_choice, steps_of
from models.partnering import PartnerCandidate, PartnerSearch
from models.reference import Department

_TOP = 12
#: So many groups stand side by side on a page.
_SIDE_BY_SIDE = 4


def _state_of(search: PartnerSearch) -> tuple[str, str]:
    if search.project_id is not None:
        return "協働事業にした", "success"
    if is_called(search):
        return "課題・テーマにした", "success"
    return ("選定した", "success") if search.decided_on else ("検討中", "info")


class PartnerSearchView(PartnerActs, GuardedView):
    """パートナー選び."""

    model = PartnerSearch
    resource = "partner-search"
    title = "パートナー選び"
    lead = "課題を3つの文で書くと、合いそうな団体を根拠とともに並べます。候補・基準・選んだ理由を残せます。"
    singular = "パートナー選び"
    columns = (
        Column("title", "件名", lambda row: row.title),
        Column("department", "担当課", lambda row: row.department.name, load=(joinedload(PartnerSearch.department),)),
        Column("fiscal_year", "年度", lambda row: format_fiscal_year(row.fiscal_year)),
        Column("state", "状況", lambda row: _state_of(row)[0], load=(joinedload(PartnerSearch.challenge),)),
        Column(
            "candidates",
            "候補",
            lambda row: len(row.candidates),
            is_number=True,
            load=(selectinload(PartnerSearch.candidates),),
        ),
        Column(
            "chosen",
            "選んだ団体",
            lambda row: "、".join(str(one) for one in row.chosen),
            load=(selectinload(PartnerSearch.candidates).joinedload(PartnerCandidate.organization),),
        ),
    )
    default_order = (PartnerSearch.id,)
    is_default_descending = True
    form_class = SearchForm
    form_groups = GROUPS
    can_remove = True
    details_template = "partnering/search.html"
    empty = ("まだありません。", "「登録する」から、困っていることを書いてください。")

    def may(self, action: str) -> bool:
        """Who may edit may also write a new one down and delete it."""
        return super().may("edit" if action in {"create", "delete"} else action)

    # --- the form ------------------------------------------------------------------------------------------

    def make_form(self, *, posted: Any = None, record: Any = None) -> Any:
        if record is None:
            own = [key for key, _ in short_list(Department, Department.id) if key in self.actor.departments]
            blank = {"fiscal_year": fiscal_year_of(today_in_tokyo()) + 1, "department_id": own[0] if own else None}
            return ProblemForm(MultiDict(posted)) if posted is not None else ProblemForm(data=blank)
        form = SearchForm(MultiDict(posted)) if posted is not None else SearchForm(data=form_data(record))
        form.categories.description = category_help(self.db_session, record)
        form.form_id.description = form_help(self.db_session, record)
        return form

    def insert(self, form: Any) -> PartnerSearch:
        made = services.create_search(
            self.db_session, actor=self.actor, values=form.values(), field_ids=form.fields.data or []
        )
        self._warn(made)
        return made

    def change(self, record: PartnerSearch, form: Any, version: int | None) -> None:
        services.update_search(
            self.db_session,
            actor=self.actor,
            search=record,
            version=version,
            values=form.values(),
            field_ids=form.fields.data or [],
            category_ids=form.categories.data or [],
        )
        self._warn(record)

    @staticmethod
    def _warn(record: PartnerSearch) -> None:
        sentence = services.warning_of(record)
        if sentence:
            flash(sentence, "warning")

    def remove(self, record: PartnerSearch, reason: str) -> None:
        services.delete_search(self.db_session, actor=self.actor, search=record, reason=reason or None)

    def put_back(self, key: int) -> PartnerSearch:
        search = self.db_session.get(PartnerSearch, key)
        services.restore_search(self.db_session, actor=self.actor, search=search)
        found: PartnerSearch = search
        return found

    def hanging(self, record: PartnerSearch) -> list[tuple[str, str, str | None]]:
        return [("候補の団体", f"{len(record.candidates)}件", None)]

    # --- the page ------------------------------------------------------------------------------------------

    def one(self, key: str) -> PartnerSearch:
        found: PartnerSearch = self.found(find_search(self.db_session, self.actor, key))
        return found

    def may_edit(self, record: Any) -> bool:
        return record.decided_on is None and super().may_edit(record)

    def may_work_on(self, record: PartnerSearch) -> bool:
        """Whether the actor may change it at all, decided or not."""
        return super().may_edit(record)

    def sections(self, record: PartnerSearch) -> list[tuple[str, list[tuple[str, Any]]]]:
        return sections_of(record)

    def details_page(self, record: PartnerSearch) -> DetailsPage:
        page = super().details_page(record)
        page.status = _state_of(record)
        page.lead = f"{format_fiscal_year(record.fiscal_year)} {record.department.name}"
        page.steps = [
            (step.name, "done" if step.is_done else "missing", list(step.missing)) for step in steps_of(record)
        ]
        page.papers = [("検討の記録(PDF)", url_for(".pdf_view", key=record.id), "候補・基準・選んだ理由")]
        page.related += [(heading, [(name, url)]) for heading, name, url in followed_by(record)]
        return page

    def next_steps(self, record: PartnerSearch) -> list[tuple[str, str, str, str | None]]:
        steps: list[tuple[str, str, str, str | None]] = [
            (f"{heading}を開く", url, "get", None) for heading, _, url in followed_by(record)
        ]
        steps.append(("合う団体を見る", url_for(".groups_view", key=record.id), "get", None))
        if record.candidates:
            steps.append(("5つの項目を並べて比べる", url_for(".compare_view", key=record.id), "get", None))
        if not self.may_work_on(record):
            return steps
        if is_called(record):
            return steps
        if record.decided_on is None:
            why = " ".join(missing_for_choice(record)) or None
            steps.append(("相手を選定する", url_for(".decide_view", key=record.id), "get", why))
            if self.actor.may(Permission.CHALLENGE_EDIT):
                steps.append(
                    ("公募の課題・テーマの下書きにする", url_for(".challenge_view", key=record.id), "get", None)
                )
        elif record.project_id is None:
            if self.actor.may(Permission.PROJECT_CREATE):
                steps.insert(0, ("協働事業として登録する", url_for(".project_view", key=record.id), "post", None))
            steps.append(("選定を取り消す", url_for(".reopen_view", key=record.id), "get", None))
        return steps

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        return self.render(
            self.details_template,
            page=self.details_page(record),
            record=record,
            may_edit=self.may_edit(record),
        )

    # --- ranked and compared -------------------------------------------------------------------------------

    @expose("/<key>/groups/")
    def groups_view(self, key: str) -> Any:
        record = self.one(key)
        ranking = self.ranking(record, _TOP)
        level = reading_level(self.actor)
        return self.render(
            "partnering/groups.html",
            record=record,
            ranking=ranking,
            evidence={
                fit.organization.id: evidence_of(fit.organization, level, fit.projects) for fit in ranking.fits[:_TOP]
            },
            taken={candidate.organization_id for candidate in record.candidates},
            may_edit=self.may_edit(record),
            talents=talents_beside(self.db_session, current_app.extensions["settings"], self.actor, record),
        )

    @expose("/<key>/compare/")
    def compare_view(self, key: str) -> Any:
        record = self.one(key)
        ids = [candidate.organization_id for candidate in record.candidates]
        groups = {group.id: group for group in possible_partners(self.db_session, self.actor, ids)}
        past = projects_of_partners(self.db_session, self.actor)
        level = reading_level(self.actor)
        shown = [candidate for candidate in record.candidates if candidate.organization_id in groups]
        parts = [shown[start : start + _SIDE_BY_SIDE] for start in range(0, len(shown), _SIDE_BY_SIDE)]
        evidence = {key: evidence_of(group, level, past.get(key, ())) for key, group in groups.items()}
        return self.render(
            "partnering/compare.html", record=record, parts_of=parts, evidence=evidence, may_edit=self.may_edit(record)
        )

    def ranking(self, record: PartnerSearch, top: int) -> Ranking:
        """The groups that fit the problem."""
        return rank_groups(self.db_session, current_app.extensions["settings"], self.actor, record, top=top)


link_waiting("partner-search", lambda line: url_for("partner-search.details_view", key=line.key))


def screens() -> list[Any]:
    """Views of this module, in the order of the menu."""
    return [PartnerSearchView()]
