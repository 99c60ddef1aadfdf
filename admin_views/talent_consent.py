"""What is done on a talent's page about its consent: renewed, taken back, erased; and all that is kept, handed to the person."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app, flash, request, url_for
from flask_admin import expose

from admin_views.pages import ConfirmPage, FormPage
from admin_views.screens import Screen
from admin_views.talent_forms import ConsentForm
from admin_views.talent_notes import OWN_RECORD, note_names
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.exchange.writing import export_rows
from app.japanese.dates import today_in_tokyo
from app.problems import Problem
from app.talents import erasure, own_record, queries, services
from models.talents import TalentStatus


class ConsentPages(Screen):
    """Mixed into the view of talents."""

    @expose("/<key>/record/<any(pdf, xlsx):kind>/", methods=("POST",))
    def record_view(self: Any, key: str, kind: str) -> Any:
        """All that is kept of a talent, on paper or as Excel."""
        self.require(Permission.CONTACT_DISCLOSE)
        record = self.one(key)
        if record.status is TalentStatus.ERASED:
            flash("個人情報は消去されています。残っているのは、だれか分からない統計だけです。", "error")
            return self.go(".details_view", key=key)
        note_names(self.actor, "print" if kind == "pdf" else "export", "talent", record.id, 1, OWN_RECORD)
        record = self.one(key)
        lines = own_record.lines_of(self.db_session(), self.actor, record)
        title = f"{record.number}の記録"
        if kind == "pdf":
            response = Response(own_record.as_pdf(record, lines), mimetype="application/pdf")
        else:
            rows = [(line.part, line.when, line.what, line.text) for line in lines]
            export = export_rows("xlsx", title, own_record.HEADS, rows)
            response = Response(export.chunks, mimetype=export.media_type)
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title)}.{kind}"
        response.headers["Cache-Control"] = "no-store"
        return response

    @expose("/<key>/renew/", methods=("GET", "POST"))
    def renew_view(self: Any, key: str) -> Any:
        """The consent anew."""
        self.require(Permission.TALENT_EDIT)
        record = self.one(key)
        today = today_in_tokyo()
        usual = {"consent_on": today, "valid_until": today.replace(month=3, day=31, year=today.year + 3)}
        form = ConsentForm(request.form, data=usual)
        page = FormPage(
            title=f"{record.number}の同意の更新",
            lead="本人に確かめてから記録してください。休止・終了していた登録は、登録中に戻ります。",
            form=form,
            action_url=url_for(".renew_view", key=key),
            cancel_url=url_for(".details_view", key=key),
            version=record.version,
            submit_label="同意を更新する",
        )

        def renew() -> Any:
            services.renew_consent(
                self.db_session,
                actor=self.actor,
                talent=record,
                version=as_key(request.form.get("version", "")) or 0,
                consent_on=form.consent_on.data,
                consent_way=form.consent_way.data,
                valid_until=form.valid_until.data,
            )
            return self.go(".details_view", "同意を更新しました。", key=key)

        return self.ask(page, renew)

    @expose("/<key>/withdraw/", methods=("POST",))
    def withdraw_view(self: Any, key: str) -> Any:
        """The consent taken back."""
        self.require(Permission.TALENT_EDIT)
        record = self.one(key)
        try:
            services.withdraw_consent(
                self.db_session, actor=self.actor, talent=record, version=as_key(request.form.get("version", "")) or 0
            )
        except Problem as problem:
            flash(problem.message, "error")
            return self.go(".details_view", key=key)
        return self.go(".erase_view", "同意の撤回を記録しました。候補には出なくなります。続けて消去できます。", key=key)

    @expose("/<key>/erase/", methods=("GET", "POST"))
    def erase_view(self: Any, key: str) -> Any:
        """Ask, then erase for good."""
        self.require(Permission.TALENT_ERASE)
        record = self.one(key)
        number = record.number
        matches = queries.matches_of_talent(self.db_session, self.actor, record)
        page = ConfirmPage(
            title=f"{number}の個人情報を消去します",
            lead="氏名、連絡先、できること、覚え書き、連絡の記録の内容を消します。元には戻せません。",
            records=[(number, url_for(".details_view", key=key))],
            hangs_on=[("コーディネート", f"{len(matches)}件", None)],
            consequence="進行中のコーディネートは不成立・中止になります。件数などの統計だけが、だれか分からない形で残ります。"
            "バックアップの中の写しは、バックアップの保存期限に消えます。",
            submit_label="消去する",
            hidden=[("version", str(record.version))],
            action_url=url_for(".erase_view", key=key),
            cancel_url=url_for(".details_view", key=key),
        )

        def erase() -> Any:
            erasure.erase_talent(
                self.db_session,
                actor=self.actor,
                settings=current_app.extensions["settings"],
                talent=record,
                version=as_key(request.form.get("version", "")) or 0,
            )
            return self.go(".index_view", f"{number}の個人情報を消去しました。")

        return self.confirm(page, erase)
