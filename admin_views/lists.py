"""The list of a year as PDF: published as it was frozen, before that as a draft (案)."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, request, send_file
from flask_admin import expose

from admin_views.screens import Screen
from app.access.permissions import Permission
from app.japanese.dates import DateError, fiscal_year_of, parse_fiscal_year, today_in_tokyo
from app.japanese.text import clean_text
from app.problems import NotFound
from app.registry.list_paper import find_list_paper


class ListPaperScreen(Screen):
    """一覧のPDF: /project-list/pdf?fiscal_year=2018."""

    permission = Permission.PROJECT_READ
    in_menu = False

    def __init__(self) -> None:
        super().__init__(name="一覧のPDF", endpoint="project-list", url="/project-list")

    @expose("/")
    def index(self) -> Any:
        return self.pdf_view()

    @expose("/pdf")
    def pdf_view(self) -> Response:
        """The PDF of the year that is asked for, else of this year."""
        try:
            asked = request.args.get("fiscal_year") or str(fiscal_year_of(today_in_tokyo()))
            fiscal_year = parse_fiscal_year(clean_text(asked[:40], strip_controls=True))
        except DateError as error:
            raise NotFound(str(error)) from None
        paper = find_list_paper(self.db_session(), self.actor, fiscal_year)
        if paper is None:
            raise NotFound("この年度の一覧はまだありません。年度を確かめてください。")
        return send_file(
            io.BytesIO(paper.content), mimetype="application/pdf", download_name=paper.file_name, as_attachment=False
        )
