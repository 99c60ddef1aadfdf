"""A year's overview with its charts, year against year, the list as published, and publishing it."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import abort, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.columns import shown
from admin_views.downloads import picture
from admin_views.pages import ConfirmPage
from admin_views.screens import Screen, is_posted
from app.access.permissions import Permission
from app.documents.charts import bar_chart, grouped_bars
from app.japanese.dates import fiscal_year_of, format_fiscal_year, today_in_tokyo
from app.registry import publication, queries
from app.registry.cells import PERSON
from app.registry.comparison import KINDS, compare
from app.registry.policy import reads_persons
from app.registry.summary import YearSummary, summarize
from models.registry import PublishedList


class YearScreen(Screen):
    """年度別の状況."""

    permission = Permission.PROJECT_READ

    def __init__(self) -> None:
        super().__init__(name="年度別の状況", endpoint="registry-year", url="/registry-year")

    def _years(self) -> list[int]:
        return queries.fiscal_years(self.db_session, self.actor)

    def _summary(self, fiscal_year: int) -> YearSummary:
        summary = summarize(self.db_session, self.actor, fiscal_year)
        if not summary.projects:
            abort(404)
        return summary

    @expose("/")
    def index(self) -> Any:
        years = self._years()
        if not years:
            return self.render("registry/no_year.html", title="年度別の状況")
        asked = request.args.get("year", "")
        if _is_year(asked) and int(asked) in years:
            return redirect(url_for("registry-year.year_view", fiscal_year=int(asked)))
        latest = queries.latest_published_year(self.db_session)
        shown_year = latest if latest in years else years[0]
        return redirect(url_for("registry-year.year_view", fiscal_year=shown_year))

    @expose("/<int:fiscal_year>/")
    def year_view(self, fiscal_year: int) -> Any:
        summary = self._summary(fiscal_year)
        published = queries.find_published_list(self.db_session, fiscal_year)
        years = self._years()
        earlier = next((year for year in years if year < fiscal_year), None)
        may_publish = published is None and self.actor.may(Permission.PROJECT_PUBLISH)
        facts = [
            ("事業", f"{summary.projects:,}件"),
            ("協働相手(延べ)", f"{summary.partner_links:,}"),
            ("結び付いた団体", f"{summary.organizations:,}団体"),
            ("取り組んだ課", f"{summary.departments:,}課"),
            ("一覧の公表", _publication(published)),
        ]
        return self.render(
            "registry/year.html",
            title=f"{format_fiscal_year(fiscal_year)}の協働や連携の取組",
            facts=facts,
            note=published.note if published else None,
            source=published.source if published else None,
            figures=[
                self._figure(fiscal_year, kind, title, row_name, getattr(summary, attribute))
                for kind, (title, attribute, row_name) in KINDS.items()
            ],
            years=[(year, format_fiscal_year(year)) for year in years],
            fiscal_year=fiscal_year,
            list_url=f"{url_for('project.index_view')}?f-year={fiscal_year}",
            published_url=url_for(".published_view", fiscal_year=fiscal_year) if published else None,
            compare_url=url_for(".compare_view", earlier=earlier, later=fiscal_year) if earlier else None,
            publish_url=url_for(".publish_view", fiscal_year=fiscal_year) if may_publish else None,
        )

    def _figure(self, fiscal_year: int, kind: str, title: str, row_name: str, counts: dict[str, int]) -> dict[str, Any]:
        return {
            "caption": title,
            "url": url_for(".chart_view", fiscal_year=fiscal_year, kind=kind),
            "alt": f"{format_fiscal_year(fiscal_year)}の{title}の棒グラフ。数は下の表にあります。",
            "header": [row_name, "件数"],
            "rows": list(counts.items()),
        }

    @expose("/<int:fiscal_year>/<kind>.svg")
    def chart_view(self, fiscal_year: int, kind: str) -> FlaskResponse:
        if kind not in KINDS:
            abort(404)
        title, attribute, _ = KINDS[kind]
        counts = getattr(self._summary(fiscal_year), attribute)
        return picture(bar_chart(f"{format_fiscal_year(fiscal_year)} {title}", list(counts.items())))

    # --- year against year ---------------------------------------------------------------------------------

    def _pair(self) -> tuple[int, int]:
        """The two years asked for, the earlier first; else the latest two."""
        years = self._years()
        asked = [
            int(text) for text in (request.args.get("earlier", ""), request.args.get("later", "")) if _is_year(text)
        ]
        chosen = sorted({year for year in asked if year in years})
        if len(chosen) == 2:
            return chosen[0], chosen[1]
        if len(years) < 2:
            abort(404)
        return years[1], years[0]

    @expose("/compare/")
    def compare_view(self) -> Any:
        years = self._years()
        if len(years) < 2:
            return self.render("registry/no_year.html", title="年度の比較")
        earlier, later = self._pair()
        comparison = compare(self.db_session, self.actor, earlier, later)
        names = [format_fiscal_year(earlier), format_fiscal_year(later)]
        return self.render(
            "registry/compare.html",
            title=f"{names[0]}と{names[1]}の比較",
            earlier=earlier,
            later=later,
            years=[(year, format_fiscal_year(year)) for year in years],
            names=names,
            facts=[
                ("事業", comparison.earlier.projects, comparison.later.projects),
                ("協働相手(延べ)", comparison.earlier.partner_links, comparison.later.partner_links),
                ("結び付いた団体", comparison.earlier.organizations, comparison.later.organizations),
                ("取り組んだ課", comparison.earlier.departments, comparison.later.departments),
            ],
            links=[
                ("続いている事業", comparison.went_on),
                ("新しい事業", comparison.new),
                ("引き継がれていない事業", comparison.ended),
            ],
            figures=[
                {
                    "caption": title,
                    "url": url_for(".compare_chart_view", kind=kind, earlier=earlier, later=later),
                    "alt": f"{title}の{names[0]}と{names[1]}を並べた棒グラフ。数は下の表にあります。",
                    "header": [row_name, *names],
                    "rows": [(name, *values) for name, values in comparison.rows(kind)],
                }
                for kind, (title, _, row_name) in KINDS.items()
            ],
        )

    @expose("/compare/<kind>.svg")
    def compare_chart_view(self, kind: str) -> FlaskResponse:
        if kind not in KINDS:
            abort(404)
        earlier, later = self._pair()
        comparison = compare(self.db_session, self.actor, earlier, later)
        names = [format_fiscal_year(earlier), format_fiscal_year(later)]
        return picture(grouped_bars(KINDS[kind][0], comparison.rows(kind), series=names))

    # --- the published list --------------------------------------------------------------------------------

    @expose("/<int:fiscal_year>/published/")
    def published_view(self, fiscal_year: int) -> Any:
        published = self.found(queries.find_published_list(self.db_session, fiscal_year))
        may_read = reads_persons(self.actor)
        rows = []
        for row in published.snapshot or []:
            is_hidden = row.get("names_a_person") and not may_read
            for place, (partners, form) in enumerate(row["lines"]):
                rows.append(
                    {
                        "number": row["number"] if not place else "",
                        "department": row["department"] if not place else "",
                        "name": row["name"] if not place else "",
                        "partners": PERSON if is_hidden else partners,
                        "form": form,
                    }
                )
        corrections = [
            (one.number, one.name, label, *((PERSON, PERSON) if one.names_a_person and not may_read else (was, now)))
            for one in publication.corrections_of(self.db_session, published)
            for label, was, now in one.changes
        ]
        return self.render(
            "registry/published.html",
            title=published.title,
            published=published,
            publication=_publication(published),
            rows=rows,
            corrections=corrections,
            back=(f"{format_fiscal_year(fiscal_year)}の状況", url_for(".year_view", fiscal_year=fiscal_year)),
        )

    @expose("/<int:fiscal_year>/publish/", methods=("GET", "POST"))
    def publish_view(self, fiscal_year: int) -> Any:
        self.require(Permission.PROJECT_PUBLISH)
        year = format_fiscal_year(fiscal_year)
        summary = self._summary(fiscal_year)
        blocked = None
        if queries.find_published_list(self.db_session, fiscal_year):
            blocked = f"{year}の一覧は公表済みです。公表後の修正は、それぞれの事業で行ってください。"
        elif fiscal_year > fiscal_year_of(today_in_tokyo()):
            blocked = f"{year}はまだ始まっていません。年度に入ってから公表してください。"
        page = ConfirmPage(
            title=f"{year}の一覧を公表します",
            action_url=url_for(".publish_view", fiscal_year=fiscal_year),
            cancel_url=url_for(".year_view", fiscal_year=fiscal_year),
            submit_label="公表する",
            hangs_on=[
                ("公表する事業", f"{summary.projects:,}件", f"{url_for('project.index_view')}?f-year={fiscal_year}")
            ],
            consequence="番号が付き、一覧の内容はこの時点で固定されます。公表後の修正は、公表時の内容と並べて表示されます。",
            blocked_reason=blocked if not is_posted() else None,
            is_danger=False,
        )

        def publish() -> Response:
            publication.publish_list(self.db_session, actor=self.actor, fiscal_year=fiscal_year)
            return self.go(".published_view", f"{year}の一覧を公表しました。", fiscal_year=fiscal_year)

        return self.confirm(page, publish)


def _publication(published: PublishedList | None) -> str:
    """When the list was published here; of a list taken from elsewhere only that it is."""
    if published is None:
        return "公表前"
    return "公表済み" if published.source else str(shown(published.published_at))


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) == 4
