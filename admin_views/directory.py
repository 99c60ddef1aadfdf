"""Screens of the directory: the list with search and facets, a group's page, its form, registrations, duplicates."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request, url_for
from flask_admin import expose
from markupsafe import Markup, escape
from sqlalchemy import false, select

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter, identity_of
from admin_views.directory_columns import COLUMNS, FILTERS, notice_days
from admin_views.directory_duplicates import DuplicateScreen, MergePages
from admin_views.directory_form import GROUPS, NEW_GROUPS, NewOrganizationForm, OrganizationForm, form_data
from admin_views.directory_inner import GroupPages
from admin_views.directory_page import PageBuilder, merged_names
from admin_views.directory_parts import paper_note
from admin_views.directory_registration import RegistrationPages, registration_facts
from admin_views.directory_registrations import RegistrationView
from admin_views.directory_related import further_sections
from admin_views.directory_rows_form import ROW_FORMS, rows_data
from admin_views.home import link_waiting
from admin_views.listing import ListQuery, ListState
from admin_views.pages import DetailsPage, FormPage, Lines, ListPage
from app.access.levels import level_of
from app.access.permissions import Permission
from app.directory import finding, papers, rows, services
from app.directory.completeness import CRITERIA, Level
from app.directory.duplicates import likely_duplicates
from app.directory.fields import CENTER
from app.directory.matching import Match, matches_of_page
from app.directory.policy import reads_persons
from app.japanese.dates import format_fiscal_year, today_in_tokyo
from app.problems import Conflict
from app.registry import queries
from app.registry.published import department_cell, forms_of
from app.search.criteria import join_hits
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.moment import remembered

#: From this likeness on a new group is not registered without a word that it is another one.
_SURE = 88
_PARTLY_RANKED = (
    f"見つかった団体が多いため、団体名にことばがある団体から{finding.RANKED_OF_MANY}件だけを、合う順に並べています。"
    "そのあとは団体名の順です。ことばを足すか、絞り込むと、探しやすくなります。"
)


@dataclasses.dataclass
class RankedQuery(ListQuery):
    """A list that, while words are looked for and no order was chosen, begins with the best hits."""

    is_ranked: bool = False

    def page(self, offset: int, size: int, total: int | None) -> list[Any]:
        if not self.is_ranked or self.search is None or self._plan.form in {"all", "none"}:
            return super().page(offset, size, total)
        best = remembered(self.session, ("best", self.name), self._best)
        ids = best[offset : offset + size]
        if len(ids) < size and self._plan.hits > len(best):
            behind = (size - len(ids), max(0, offset - len(best)))
            ids += remembered(self.session, ("behind the best", self.name, behind), lambda: self._behind(best, *behind))
        return self.load(ids)

    def _best(self) -> tuple[int, ...]:
        assert self.search is not None
        _entity, words, level = self.search
        narrowed = select(self.key).where(*self._where())
        return finding.best_ids(self.session, words, level, narrowed, self._plan)

    def _behind(self, best: tuple[int, ...], limit: int, offset: int) -> tuple[int, ...]:
        """Those that were not weighed, in the usual order."""
        return tuple(self._page_ids(offset, limit, self.ids().where(self.key.not_in(best))))

    @property
    def is_partly_ranked(self) -> bool:
        """Whether only the first hits were weighed against each other."""
        return self.is_ranked and self.search is not None and self._plan.hits > finding.RANKED_OF_MANY

    def found_ids(self) -> Any:
        """SELECT of all hits' ids, for facets: the first of them are wanted in any order, so the index is asked."""
        ids = select(self.key).where(*self._where())
        if self.search is None or self._plan.form == "all":
            return ids
        if self._plan.form == "none":
            return ids.where(false())
        entity, words, level = self.search
        return join_hits(ids, entity, words, level, self.session.get_bind().dialect.name, self.key)


class OrganizationView(GroupPages, RegistrationPages, MergePages, GuardedView):
    """市民活動団体などの一覧."""

    model = Organization
    resource = "organization"
    title = "団体の一覧"
    lead = "市民活動団体データ集「むすぶ」のもとになる団体の記録です。公表された一覧から登録した団体は、あすぴあが確認するまで「未確認」です。"
    singular = "団体"
    columns: ClassVar[Sequence[Column]] = COLUMNS
    filters: ClassVar[Sequence[Filter]] = FILTERS
    default_order = (Organization.name,)
    search_entity = "organization"
    search_hint = "団体名、よみ、別名、目的、活動から探します。㈱や(株)、NPO法人・特定非営利活動法人、旧字、かな・カナ、「子ども」「子供」などの書き方の違いは気にせず入力できます。"
    form_class = OrganizationForm
    form_groups = GROUPS
    can_remove = True
    list_template = "directory/list.html"
    create_template = "directory/create.html"
    details_template = "directory/organization.html"

    def label_of(self, record: Organization) -> str:
        return record.name if reads_persons(self.actor) or not record.is_person else str(record)

    # --- list ----------------------------------------------------------------------------------------------

    def shown_columns(self, state: ListState) -> list[Column]:
        """While words are looked for, where they were found stands in the place of the reading."""
        columns = super().shown_columns(state)
        is_searching = bool(state.search) and not state.columns
        return [column for column in columns if not (is_searching and column.key == "reading")]

    def base_criteria(self, *, is_search: bool) -> list[Any]:
        """Merged records are found through the one that stands for them; the search index knows none of them."""
        return [] if is_search else [Organization.merged_into_id.is_(None)]

    def state(self) -> tuple[ListState, ListQuery]:
        state, query = super().state()
        plain = {field.name: getattr(query, field.name) for field in dataclasses.fields(ListQuery)}
        return state, RankedQuery(**plain, is_ranked=bool(state.search) and not state.sort)

    def list_page(self, state: ListState, query: ListQuery) -> ListPage:
        page = super().list_page(state, query)
        if state.search and page.rows:
            page.columns.insert(1, ("match", "見つかった場所", None, None, "long"))
            page.rows = self._marked(page, state.search)
            if isinstance(query, RankedQuery) and query.is_partly_ranked:
                page.notices.append(("並び順", _PARTLY_RANKED, "info"))
        parameters = state.query(page=1)
        page.facets_url = f"{page.list_url}?{parameters}{'&' if parameters else ''}facets=1"
        if request.args.get("facets") == "1" and isinstance(query, RankedQuery):
            page.facets, page.is_many = self._facets(state, query)
        return page

    def _marked(self, page: ListPage, words: str) -> Lines:
        """The lines with the places of their hits behind the name; remembered while nothing changes."""
        rows = page.rows
        ids, columns = tuple(row.id for row in rows), tuple(column[0] for column in page.columns)
        asked = ("marked", request.script_root, ids, columns, words, *identity_of(self.actor))

        def read() -> Lines:
            found = matches_of_page(self.db_session, ids, words, level_of(self.actor))
            return Lines(
                dataclasses.replace(row, cells=[row.cells[0], _shown(found.get(row.id, [])), *row.cells[1:]])
                for row in rows
            )

        return remembered(self.db_session, asked, read)

    def _facets(self, state: ListState, query: RankedQuery) -> tuple[list[Any], bool]:
        """[(title, [(label, count, url, is_on)])] of the hits, and whether counting stopped."""
        counted, is_many = finding.facets(
            self.db_session,
            query.found_ids(),
            level_of(self.actor),
            today_in_tokyo(),
            notice_days(),
        )
        list_url = url_for(f"{self.endpoint}.index_view")
        told = []
        for facet in counted:
            lines = []
            for value, label, number in facet.counts:
                pair = (facet.key, value)
                is_on = pair in state.filters
                others = tuple(one for one in state.filters if one != pair)
                parameters = state.query(filters=others if is_on else (*others, pair), page=1)
                lines.append((label, number, f"{list_url}?{parameters}&facets=1", is_on))
            if lines:
                told.append((facet.label, lines))
        return told, is_many

    # --- form ----------------------------------------------------------------------------------------------

    def make_form(self, *, posted: Any = None, record: Any = None) -> Any:
        if posted is not None:
            return (OrganizationForm if record is not None else NewOrganizationForm)(posted)
        if record is not None:
            return OrganizationForm(data=form_data(record))
        return NewOrganizationForm(data={"kind": OrganizationKind.CIVIC_GROUP, "is_confirmed": True})

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.create_template:
            page: FormPage = kwargs["page"]
            page.groups = NEW_GROUPS
            kwargs["likely_url"] = url_for("organization.likely_view")
        return str(super().render(template, **kwargs))

    def insert(self, form: Any) -> Organization:
        values = form.values()
        if not form.is_another.data:
            found = likely_duplicates(
                self.db_session,
                name=values["name"] or "",
                aliases=form.aliases.data or (),
                phone=values["phone"],
                web=values["web"],
            )
            if found and found[0].score >= _SURE:
                other = self.db_session.get(Organization, found[0].organization_id)
                raise Conflict(
                    f"「{self.label_of(other)}」と同じ団体かもしれません({found[0].reason.label})。"
                    "別の団体なら、いちばん下の「別の団体として登録する」を選んでから登録してください。"
                )
        return services.create_organization(self.db_session, actor=self.actor, values=values, aliases=form.aliases.data)

    def change(self, record: Organization, form: Any, version: int | None) -> None:
        services.update_organization(
            self.db_session,
            actor=self.actor,
            organization=record,
            version=version,
            values=form.values(),
            aliases=form.aliases.data,
        )

    def remove(self, record: Organization, reason: str) -> None:
        services.delete_organization(self.db_session, actor=self.actor, organization=record)

    def put_back(self, key: int) -> Organization:
        organization: Organization = self.db_session.get(Organization, key)
        services.restore_organization(self.db_session, actor=self.actor, organization=organization)
        return organization

    def why_not_deletable(self, record: Organization) -> str | None:
        if any(one.deleted_at is None for one in record.absorbed):
            return "この団体には、ほかの団体が統合されています。先に統合を取り消してください。"
        return None

    def hanging(self, record: Organization) -> list[tuple[str, str, str | None]]:
        projects = queries.projects_of_organization(self.db_session, self.actor, record)
        return [("協働や連携の取組", f"{len(projects)}件", f"{url_for('project.index_view')}?f-partner={record.id}")]

    # --- the group's page ----------------------------------------------------------------------------------

    def sections(self, record: Organization) -> list[tuple[str, list[tuple[str, Any]]]]:
        return []

    def details_page(self, record: Organization) -> DetailsPage:
        page = super().details_page(record)
        may_edit = self.may_edit(record)
        parts = [record.reading, record.kind.label, record.legal_form or ""]
        aliases = [alias.name for alias in record.aliases]
        if aliases:
            parts.append(f"別名: {'、'.join(aliases)}")
        page.lead = " / ".join(part for part in parts if part)
        if record.merged_into is not None:
            text = f"「{self.label_of(record.merged_into)}」にまとめられています。一覧と検索には、統合先の団体だけが出ます。"
            page.notice = ("統合された団体です", text, "info")
            page.related = [("統合先", [(self.label_of(record.merged_into), self.url_of(record.merged_into))])]
        elif record.source is OrganizationSource.PUBLISHED_LIST and not record.is_confirmed:
            text = "公表された一覧に載った名称から作った記録です。種別と別名は名称から読み取ったもので、団体には確かめていません。"
            page.notice = ("公表された一覧から登録した団体です(未確認)", text, "info")
        if may_edit:
            page.actions.append(("公開範囲を記録する", url_for("organization.consent_view", key=record.id), "get"))
            page.actions.append(("書類を追加・削除する", url_for("organization.papers_view", key=record.id), "get"))
        elif level_of(self.actor) >= CENTER:
            page.actions.append(("公開範囲の記録を見る", url_for("organization.consents_view", key=record.id), "get"))
        if self.actor.may(Permission.ORGANIZATION_MERGE):
            if record.merged_into_id is not None:
                page.actions.append(("統合を取り消す", url_for("organization.unmerge_view", key=record.id), "get"))
            else:
                page.actions.append(("ほかの団体に統合する", url_for("organization.merge_view", key=record.id), "get"))
        if self.actor.may(Permission.ORGANIZATION_COMPARE):
            compare = url_for("organization-compare.index", organization=record.id)
            page.actions.append(("ほかの団体と比べる", compare, "get"))
        page.papers = [
            (
                f"{paper.label}: {paper.name}",
                url_for("organization.paper_view", key=record.id, number=paper.id),
                f"{(paper.size + 1023) // 1024:,}KB",
            )
            for paper in papers.papers_of(self.db_session, self.actor, record)
        ]
        return page

    @expose("/<key>/")
    def details_view(self, key: str) -> Any:
        record = self.one(key)
        may_edit = self.may_edit(record)
        may_disclose = self.actor.may(Permission.ORGANIZATION_DISCLOSE)
        builder = PageBuilder(self.db_session, self.actor, record, may_edit=may_edit)
        group = builder.build()
        may_register = self.actor.may(Permission.REGISTRATION_EDIT)
        urls: dict[str, Any] = {
            "rule": url_for("organization.completeness_view"),
            "contact": url_for("organization.contact_view", key=record.id)
            if may_disclose and (group.hidden_contacts or may_edit)
            else None,
            "consent": may_edit,
            "registration": url_for("organization.registration_view", key=record.id) if may_register else None,
            "forms": {name: form(data=rows_data(record, name)) for name, form in ROW_FORMS.items()} if may_edit else {},
            "rows": {name: url_for("organization.rows_view", key=record.id, kind=name) for name in ROW_FORMS},
            "seen": {name: rows.seen_of(record, kind) for name, kind in rows.KINDS.items()} if may_edit else {},
        }
        registration = None
        if self.actor.may(Permission.REGISTRATION_READ):
            registration = registration_facts(self.db_session, record.registration)
        return self.render(
            self.details_template,
            page=self.details_page(record),
            record=record,
            group=group,
            printed=paper_note(self.actor),
            urls=urls,
            registration=registration,
            projects=self._projects(record),
            further=further_sections(self.db_session, self.actor, record, builder.cluster),
            merged=merged_names(self.db_session, self.actor, record) if record.merged_into_id is None else [],
        )

    def _projects(self, record: Organization) -> list[tuple[Any, ...]]:
        """[(year, number, name, url, departments, forms)] of the whole identity."""
        return [
            (
                format_fiscal_year(project.fiscal_year),
                project.number,
                project.name,
                url_for("project.details_view", key=project.id),
                department_cell(project),
                "、".join(forms_of(project)),
            )
            for project in queries.projects_of_organization(self.db_session, self.actor, record)
        ]

    @expose("/completeness/")
    def completeness_view(self) -> Any:
        """The rule of completeness as it is."""
        lines = [[f"レベル{int(one.level)} {one.level.label}", one.item.label, one.wording] for one in CRITERIA]
        return self.render(
            "directory/completeness.html",
            title="情報の充実度の決め方",
            back=(self.title, url_for("organization.index_view")),
            lines=lines,
            levels=[f"レベル{int(level)}「{level.label}」" for level in Level],
        )


def _shown(matches: Sequence[Match]) -> Markup:
    """Where a group was hit, as the list shows it. Put together by hand: formatting a Markup costs ten times as much."""
    return Markup(
        "".join(
            f'<span class="match"><span class="match-label">{escape(match.label)}</span> {_marked(match.pieces)}</span>'
            for match in matches
        )
    )


def _marked(pieces: Sequence[tuple[str, bool]]) -> str:
    return "".join(f"<mark>{escape(text)}</mark>" if is_hit else escape(text) for text, is_hit in pieces)


link_waiting("organization_list", lambda line: url_for("organization.index_view") + f"?{line.key}")
link_waiting("organization_registrations", lambda line: url_for("registration.index_view") + f"?{line.key}")
link_waiting("organization_duplicates", lambda line: url_for("duplicate.index"))


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    return [OrganizationView(), RegistrationView(), DuplicateScreen()]
