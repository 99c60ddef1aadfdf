"""The numbers that the centre reports: charts as pictures with tables beside them, and Excel. Nobody is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Response, request, url_for
from flask_admin import expose

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.documents.charts import bar_chart, grouped_bars
from app.exchange.writing import export_rows
from app.japanese.dates import DateError, fiscal_year_of, format_fiscal_year, parse_fiscal_year, today_in_tokyo
from app.problems import NotFound
from app.talents import numbers
from app.talents.numbers import Numbers

#: name → (caption, header, rows of the table).
_CHARTS: dict[str, tuple[str, list[str], Callable[[Numbers], list[tuple[Any, ...]]]]] = {
    "requests": ("月別の依頼", ["月", "依頼(件)"], lambda one: [*one.requests_by_month]),
    "engagements": ("月別の成立", ["月", "成立(件)"], lambda one: [*one.engagements_by_month]),
    "statuses": ("依頼の状態", ["状態", "件数"], lambda one: [*one.statuses]),
    "unfilled": ("見つからなかった理由", ["理由", "件数"], lambda one: [*one.unfilled]),
    "rotation": ("打診した回数ごとの人財の数", ["打診した回数", "人財(件)"], lambda one: [*one.rotation]),
    "outcomes": ("その後の聞き取り", ["感想", "人財から", "団体から"], lambda one: [*one.outcomes]),
}


class NumbersScreen(Screen):
    """人財の森の統計."""

    permission = Permission.TALENT_STATISTIC_READ

    def __init__(self) -> None:
        super().__init__(name="人財の森の統計", endpoint="talent-numbers", url="/talent-numbers")

    def _year(self) -> int:
        asked = request.args.get("year", "")
        if not asked:
            return fiscal_year_of(today_in_tokyo())
        try:
            return parse_fiscal_year(asked[:20])
        except DateError as error:
            raise NotFound(str(error)) from None

    @expose("/")
    def index(self) -> Any:
        """One year."""
        year = self._year()
        found = numbers.numbers_of(self.db_session(), self.actor, year)
        figures = []
        for name, (caption, header, rows_of) in _CHARTS.items():
            rows = rows_of(found)
            if any(any(cell for cell in row[1:]) for row in rows):
                address = url_for(".chart_view", name=name, year=year)
                figures.append({"caption": caption, "url": address, "header": header, "rows": rows})
        return self.render(
            "talents/numbers.html",
            title=f"人財の森の統計({format_fiscal_year(year)})",
            year=year,
            years=[(one, format_fiscal_year(one)) for one in numbers.years(self.db_session())],
            facts=numbers.summary_of(found),
            figures=figures,
            excel_url=url_for(".excel_view", year=year),
        )

    @expose("/chart/<name>.svg")
    def chart_view(self, name: str) -> Response:
        """One chart as a picture."""
        if name not in _CHARTS:
            raise NotFound
        caption, header, rows_of = _CHARTS[name]
        year = self._year()
        rows = rows_of(numbers.numbers_of(self.db_session(), self.actor, year))
        title = f"{caption}({format_fiscal_year(year)})"
        if len(header) > 2:
            drawn = grouped_bars(title, [(row[0], list(row[1:])) for row in rows], series=header[1:])
        else:
            drawn = bar_chart(title, [(row[0], row[1]) for row in rows])
        return Response(drawn, mimetype="image/svg+xml")

    @expose("/excel/")
    def excel_view(self) -> Response:
        """All figures of the year as Excel."""
        year = self._year()
        found = numbers.numbers_of(self.db_session(), self.actor, year)
        title = f"人財の森の統計_{format_fiscal_year(year)}"
        export = export_rows("xlsx", title, ["区分", "項目", "数"], numbers.table_of(found))
        response = Response(export.chunks, mimetype=export.media_type)
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title)}.xlsx"
        return response
