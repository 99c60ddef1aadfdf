"""What is done with a notice: issued, withdrawn, thrown away, printed, written from a template."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_admin import expose
from sqlalchemy.orm import selectinload

from admin_views.notice_forms import ReasonForm, write_form
from admin_views.pages import ConfirmPage
from admin_views.screens import is_posted
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.notices import services
from app.notices.paper import paper_of
from app.notices.wording import declared
from app.problems import Problem
from models.notices import Notice, NoticeTemplate

#: So many letters in one PDF.
MOST_AT_ONCE = 200


class NoticeActs:
    """Mixed into the view of notices."""

    @expose("/<key>/issue/", methods=("GET", "POST"))
    def issue_view(self: Any, key: str) -> Any:
        self.require(Permission.NOTICE_EDIT)
        record: Notice = self.one(key)
        page = ConfirmPage(
            title=f"発出します: {record.title}",
            action_url=url_for(".issue_view", key=key),
            cancel_url=url_for(".details_view", key=key),
            submit_label="発出する",
            sections=self.sections(record),
            hangs_on=[("通知(案)", "PDFで見る", url_for(".pdf_view", key=key))],
            consequence="文書番号と差出人が決まり、内容は変えられなくなります。"
            + ("メールが送信箱に入ります。" if record.recipient_email else ""),
            undo_text="誤りがあったときは、理由を付けて取り消し、作り直します。",
            is_danger=False,
        )

        def issue() -> Any:
            services.issue_notice(self.db_session(), actor=self.actor, notice=record)
            return self.go("notice.details_view", "発出しました。", key=key)

        return self.confirm(page, issue)

    @expose("/<key>/withdraw/", methods=("GET", "POST"))
    def withdraw_view(self: Any, key: str) -> Any:
        self.require(Permission.NOTICE_EDIT)
        record: Notice = self.one(key)
        form = ReasonForm(request.form)
        page = ConfirmPage(
            title=f"通知を取り消します: {record.title}",
            action_url=url_for(".withdraw_view", key=key),
            cancel_url=url_for(".details_view", key=key),
            submit_label="取り消す",
            consequence="まだ送っていないメールは送りません。送ったものは取り戻せないので、相手にお知らせください。",
            form=form,
        )

        def withdraw() -> Any:
            reason = form.reason.data or ""
            services.withdraw_notice(self.db_session(), actor=self.actor, notice=record, reason=reason)
            return self.go("notice.details_view", "取り消しました。", key=key)

        return self.confirm(page, withdraw)

    @expose("/<key>/discard/", methods=("POST",))
    def discard_view(self: Any, key: str) -> Any:
        """Throw a draft away."""
        self.require(Permission.NOTICE_EDIT)
        try:
            services.delete_draft(self.db_session(), actor=self.actor, notice=self.one(key))
        except Problem as problem:
            self.db_session.rollback()
            flash(problem.message, "error")
            return redirect(url_for(".details_view", key=key), code=303)
        return self.go("notice.index_view", "下書きを捨てました。")

    @expose("/<key>/notice.pdf")
    def pdf_view(self: Any, key: str) -> Any:
        paper = paper_of([self.one(key)])
        return _sent(paper)

    @expose("/print.pdf")
    def print_view(self: Any) -> Any:
        """All letters of the list as it is filtered, in one PDF."""
        _, query = self.state()
        records = query.page(0, MOST_AT_ONCE, None)
        keys = [record.id for record in records]
        notices = self.db_session.scalars(
            scoped(Notice, self.actor)
            .where(Notice.id.in_(keys))
            .options(selectinload(Notice.template))
            .order_by(Notice.dated_on, Notice.id)
        ).all()
        if not notices:
            return self.go("notice.index_view", "印刷する通知がありません。")
        return _sent(paper_of(notices))

    # --- write from a template -------------------------------------------------------------------------------

    @expose("/write/", methods=("GET", "POST"))
    def write_view(self: Any) -> Any:
        """Choose a template, fill in its placeholders: a draft comes out."""
        self.require(Permission.NOTICE_EDIT)
        templates = self.db_session.scalars(
            scoped(NoticeTemplate, self.actor)
            .where(NoticeTemplate.is_active)
            .order_by(NoticeTemplate.position, NoticeTemplate.id)
        ).all()
        code = request.values.get("template", "")
        template = next((one for one in templates if one.code == code), None)
        if template is None:
            return self.render(
                "notices/choose.html",
                title="通知を作る",
                templates=[(one.name, one.purpose, url_for(".write_view", template=one.code)) for one in templates],
            ), 422 if is_posted() else 200
        form = write_form(template)(request.form)
        errors: list[str] = []
        if is_posted() and form.validate():
            try:
                notice = services.make_notice(
                    self.db_session(),
                    actor=self.actor,
                    template_code=template.code,
                    values={
                        name: form[f"p{place}"].data or "" for place, name in enumerate(declared(template.placeholders))
                    },
                    recipient=services.Recipient(
                        form.recipient_name.data or "",
                        form.honorific.data,
                        form.recipient_email.data,
                        form.recipient_address.data or "",
                    ),
                )
            except Problem as problem:
                self.db_session.rollback()
                errors = form.add_problems(problem.fields) or ([] if problem.fields else [problem.message])
            else:
                return self.go("notice.details_view", "下書きを作りました。", key=notice.id)
        return self.render(
            "notices/write.html",
            title=f"通知を作る: {template.name}",
            chosen=template,
            form=form,
            errors=errors,
            action_url=url_for(".write_view"),
            back=url_for(".write_view"),
        ), 422 if is_posted() else 200


def _sent(paper: Any) -> Any:
    return send_file(
        io.BytesIO(paper.content), mimetype="application/pdf", download_name=paper.file_name, as_attachment=False
    )
