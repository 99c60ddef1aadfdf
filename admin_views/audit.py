"""The administrator reads the whole log: entries, one entry with its changes, notes of access, export with a purpose."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, abort, request, stream_with_context, url_for
from flask_admin import expose

from admin_views.audit_changes import EXPORT_COLUMNS, export_rows, told
from admin_views.audit_filters import (
    asked,
    conditions_of,
    filters_of,
    in_words,
    pages_of,
    places,
    query_of,
    record_filters_of,
    table_label,
)
from admin_views.columns import shown
from admin_views.pages import ListPage, Row
from admin_views.screens import Screen, is_posted
from app.access.permissions import Permission
from app.access.scopes import visible_to
from app.audit import queries, words
from app.audit.access_notes import ACTIONS, note_access
from app.audit.queries import LogFilter
from app.exchange import writing as exchange_writing
from app.japanese.dates import today_in_tokyo
from app.problems import Invalid, Problem
from app.reviews.log_policy import reads_in_part
from models.records import AccessNote, AuditEntry

CHANNELS = {"screen": "画面", "cli": "コマンド", "job": "バックグラウンド", "api": "API"}
_PER_PAGE = 50
_COLUMNS = [
    ("sequence", "番号", None, None, True),
    ("at", "日時", None, None, "tight"),
    ("who", "だれが", None, None, False),
    ("label", "操作", None, None, "long"),
    ("reason", "理由", None, None, "long"),
    ("changes", "変更数", None, None, True),
]
_NOTE_COLUMNS = [
    ("at", "日時", None, None, "tight"),
    ("who", "だれが", None, None, False),
    ("action", "操作", None, None, "tight"),
    ("what", "対象", None, None, False),
    ("count", "件数", None, None, True),
    ("purpose", "目的", None, None, "long"),
]


class AuditScreen(Screen):
    """操作記録."""

    permission = Permission.AUDIT_READ

    def __init__(self) -> None:
        super().__init__(name="操作記録", endpoint="audit", url="/audit")

    # --- entries ---------------------------------------------------------------------------------------------------

    @expose("/")
    def index(self) -> Any:
        wanted, problems = asked()
        before, after = places()
        visible = visible_to(AuditEntry, self.actor)
        page = queries.entries_page(self.db_session, visible, wanted, before=before, after=after, limit=_PER_PAGE)
        count = queries.count_entries(self.db_session, visible, wanted)
        sequence, link = queries.head(self.db_session)
        rows = [
            Row(
                id=entry.sequence,
                url=url_for("audit.entry_view", sequence=entry.sequence),
                cells=[
                    str(entry.sequence),
                    shown(entry.at),
                    words.who_of(entry.actor_label, entry.on_behalf_of),
                    entry.label,
                    entry.reason or "",
                    f"{entry.change_count:,}",
                ],
            )
            for entry in page.rows
        ]
        listing = self._listing("操作記録", url_for("audit.index"), _COLUMNS, rows, wanted, problems)
        listing.lead = f"最終番号 {sequence:,}、ハッシュ {link[:16]}…"
        if reads_in_part(self.db_session, self.actor):
            listing.lead += "。選考審査会の審査に加わっているため、応募・審査・会議・通知の記録は表示しません"
        listing.count_text = f"{count:,}件" if count <= 10_000 else "10,000件以上"
        listing.filters = [*filters_of(wanted), *record_filters_of(wanted)]
        listing.pages = pages_of("audit.index", page, [(row.at, row.sequence) for row in page.rows], wanted)
        listing.exports = [("ファイルに書き出す", url_for("audit.export_view", **query_of(wanted)))]
        return self.render("audit/list.html", page=listing, tabs=self._tabs("audit.index"))

    @expose("/<int:sequence>/")
    def entry_view(self, sequence: int) -> Any:
        entry = self.found(queries.find_entry(self.db_session, visible_to(AuditEntry, self.actor), sequence))
        start = request.args.get("start", default=0, type=int)
        if not 0 <= start < 2**31:
            abort(404)
        found = queries.changes_of(self.db_session, entry.id, start=start, limit=_PER_PAGE)
        changes = found[:_PER_PAGE]
        here = {"sequence": sequence}
        facts = [
            ("日時", shown(entry.at)),
            ("だれが", words.who_of(entry.actor_label, entry.on_behalf_of)),
            ("経路", CHANNELS.get(entry.channel, entry.channel)),
            ("どこから", entry.address or "(記録なし)"),
            ("操作の種類", entry.verb),
            ("理由", entry.reason or "(なし)"),
            ("変更数", f"{entry.change_count:,}"),
            ("ハッシュ", entry.hash),
        ]
        return self.render(
            "audit/entry.html",
            title=f"操作記録 {sequence}番: {entry.label}",
            back_url=url_for("audit.index"),
            facts=facts,
            changes=[told(change) for change in changes],
            previous_url=url_for("audit.entry_view", **here, start=max(0, start - _PER_PAGE)) if start else None,
            next_url=(
                url_for("audit.entry_view", **here, start=changes[-1].position + 1) if len(found) > _PER_PAGE else None
            ),
        )

    # --- notes of access -------------------------------------------------------------------------------------------

    @expose("/accesses/")
    def accesses_view(self) -> Any:
        wanted, problems = asked()
        before, after = places()
        visible = visible_to(AccessNote, self.actor)
        page = queries.notes_page(self.db_session, visible, wanted, before=before, after=after, limit=_PER_PAGE)
        rows = [
            Row(
                id=note.id,
                url=None,
                cells=[
                    shown(note.at),
                    note.actor_label,
                    ACTIONS.get(note.action, note.action),
                    f"{table_label(note.table_name)} {note.record_key or ''}".strip(),
                    f"{note.record_count:,}",
                    note.purpose,
                ],
            )
            for note in page.rows
        ]
        title = "個人情報の閲覧記録"
        listing = self._listing(title, url_for("audit.accesses_view"), _NOTE_COLUMNS, rows, wanted, problems)
        listing.count_text = f"この画面に{len(rows)}件"
        listing.filters = filters_of(wanted, with_verb=False)
        listing.pages = pages_of("audit.accesses_view", page, [(row.at, row.id) for row in page.rows], wanted)
        return self.render("audit/list.html", page=listing, tabs=self._tabs("audit.accesses_view"))

    # --- export ----------------------------------------------------------------------------------------------------

    @expose("/export/", methods=("GET", "POST"))
    def export_view(self) -> Any:
        wanted, problems = asked()
        error = None
        if is_posted() and not problems:
            try:
                return self._export(wanted)
            except Problem as refused:
                error = refused.message
        count = queries.count_entries(self.db_session, visible_to(AuditEntry, self.actor), wanted)
        return self.render(
            "audit/export.html",
            count=f"{count:,}件" if count <= 10_000 else "10,000件以上",
            conditions=in_words(wanted),
            query=list(query_of(wanted).items()),
            purpose=request.form.get("purpose", "")[:300],
            kind=request.form.get("kind", "xlsx"),
            error=error or (problems[0] if problems else None),
            back_url=url_for("audit.index", **query_of(wanted)),
        ), (422 if error else 200)

    def _export(self, wanted: LogFilter) -> Response:
        kind = request.form.get("kind", "")
        if kind not in exchange_writing.KINDS:
            raise Invalid("ファイルの種類を選んでください。")
        actor = self.actor
        count = queries.count_entries(self.db_session, visible_to(AuditEntry, actor), wanted, limit=1_000_000)
        note_access(actor, "export", "audit_entry", None, count, request.form.get("purpose", ""))
        rows = export_rows(visible_to(AuditEntry, actor), wanted)
        export = exchange_writing.export_rows(kind, "操作記録", EXPORT_COLUMNS, rows)
        response = Response(stream_with_context(export.chunks), mimetype=export.media_type)
        name = f"操作記録_{today_in_tokyo():%Y%m%d}.{export.extension}"
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        return response

    # --- parts -----------------------------------------------------------------------------------------------------

    def _tabs(self, current: str) -> list[tuple[str, str, bool]]:
        return [
            (label, url_for(endpoint), endpoint == current)
            for label, endpoint in (("操作", "audit.index"), ("個人情報の閲覧", "audit.accesses_view"))
        ]

    def _listing(
        self, title: str, url: str, columns: list[Any], rows: list[Row], wanted: LogFilter, problems: list[str]
    ) -> ListPage:
        page = ListPage(title=title, caption=title, list_url=url, columns=columns, rows=rows, count_text="", pages=None)
        given = query_of(wanted)
        page.clear_url = url if given else None
        page.active_filters = [
            (words_, f"{url}?{urlencode({name: value for name, value in given.items() if name not in names})}")
            for words_, names in conditions_of(wanted)
        ]
        page.notices = [("条件を読み取れません", problem, "error") for problem in problems]
        page.empty = ("該当する記録はありません。", "条件を変えて探してください。")
        return page


def screens() -> list[Screen]:
    """For the menu."""
    return [AuditScreen()]
