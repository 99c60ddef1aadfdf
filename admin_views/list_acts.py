"""What is done with a list as a whole: bulk actions, export, lookups, saved views."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_admin import expose
from werkzeug.exceptions import Forbidden, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from admin_views import saved_views
from admin_views.exporting import export_response
from admin_views.listing import ListQuery
from admin_views.pages import ConfirmPage
from app.access.levels import level_of
from app.access.scopes import as_key, is_editable
from app.problems import Invalid, Problem

LOOKUP_SIZE = 20


class ListActs:
    """Mixed into GuardedView."""

    @expose("/action/", methods=("POST",))
    def action_view(self: Any) -> Any:
        self.demand("edit")
        name = request.form.get("action", "")
        if name not in self.bulk_actions:
            raise NotFound
        keys = list(dict.fromkeys(as_key(value) for value in request.form.getlist("rowid")))[:1000]
        label, question, run = self.bulk_actions[name]
        back = f"{url_for(f'{self.endpoint}.index_view')}?{request.form.get('back', '')[:4000]}"
        if not keys or None in keys:
            return self.refused_list("行を選んでから、もう一度ボタンを押してください。")
        if question and request.form.get("confirmed") != "yes":
            records = [self.one(str(key)) for key in keys]
            page = ConfirmPage(
                title=f"{label}(確認)",
                lead=question,
                records=[(self.label_of(record), self.url_of(record)) for record in records],
                action_url=url_for(f"{self.endpoint}.action_view"),
                cancel_url=back,
                submit_label=label,
                hidden=[
                    ("action", name),
                    ("confirmed", "yes"),
                    ("back", request.form.get("back", "")),
                    *(("rowid", str(key)) for key in keys),
                ],
                is_danger=False,
            )
            return self.render("model/delete.html", page=page)
        found = [self.one(str(key)) for key in keys]
        if not all(is_editable(self.db_session, record, self.actor) for record in found):
            raise Forbidden
        try:
            sentence = run(self.db_session, self.actor, [key for key in keys if key is not None])
        except Problem as problem:
            return self.refused_list(problem.message)
        return self.go(f"{self.endpoint}.index_view", sentence)

    def refused_list(self: Any, sentence: str, title: str = "実行できませんでした") -> Any:
        """The list again, with what to do."""
        state, query = self.state()
        page = self.list_page(state, query)
        page.notices.insert(0, (title, sentence, "error"))
        return self.render(self.list_template, page=page), 409

    @expose("/export/<kind>/")
    def export_view(self: Any, kind: str) -> Any:
        self.demand("export")
        state, query = self.state()
        try:
            return export_response(self, kind, self.shown_columns(state), query)
        except Invalid as problem:  # characters that the file cannot hold, cell by cell
            return self.refused_list(problem.message, "ファイルに出力できませんでした")

    @expose("/lookup/")
    def lookup_view(self: Any) -> Response:
        """Candidates for relation fields and filters: [{"id", "text"}], within the scope."""
        asked = request.args.get("query") or request.args.get("q", "")
        text = asked.replace("\x00", "").strip()[:200]
        query = ListQuery(
            session=self.db_session,
            model=self.model,
            actor=self.actor,
            criteria=self.base_criteria(is_search=bool(text and self.search_entity)),
            order=self.default_order,
            is_descending=self.is_default_descending,
        )
        if text and self.search_entity:
            query.search = (self.search_entity, text, level_of(self.actor))
        elif text:
            if self.lookup_attribute is None:
                raise MethodNotAllowed
            query.criteria.append(getattr(self.model, self.lookup_attribute).contains(text, autoescape=True))
        records = query.page(0, LOOKUP_SIZE, None)
        return jsonify([{"id": record.id, "text": self.label_of(record)} for record in records])

    @expose("/views/", methods=("POST",))
    def save_view(self: Any) -> Any:
        try:
            name, query = saved_views.save(
                self.db_session,
                self.actor,
                endpoint=self.endpoint,
                name=request.form.get("name", ""),
                query=request.form.get("query", ""),
            )
        except Problem as problem:
            return self.refused_list(problem.message)
        flash(f"表示「{name}」を保存しました。", "success")
        address = url_for(f"{self.endpoint}.index_view")
        return redirect(f"{address}?{query}" if query else address, code=303)

    @expose("/views/<key>/delete/", methods=("POST",))
    def forget_view(self: Any, key: str) -> Any:
        name = saved_views.remove(self.db_session, self.actor, key)
        return self.go(f"{self.endpoint}.index_view", f"表示「{name}」を削除しました。")
