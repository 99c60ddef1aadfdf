"""Pages of disclosure copies: what is masked and why, a look before, the register of what was given to whom."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from admin_views.columns import shown
from admin_views.downloads import attachment
from admin_views.pages import FormPage
from admin_views.review_result_base import ResultPages
from app.access.scopes import as_key
from app.audit.access_notes import note_access
from app.reviews import concluding, disclosing
from app.reviews.redaction_marks import PARTS, Ground, Mark
from app.reviews.sealing import latest_record
from app.webforms import BackOfficeForm, ChoiceField, DateField, LineField, LongTextField, NeededWhen, optional

LOOK, ENTER = "look", "enter"
_WHEN_ENTERED = NeededWhen("記録するとき必須")


class DisclosureForm(BackOfficeForm):
    """The frame; a choice and a ground for each part are added by `disclosure_form`."""

    verb = ChoiceField(
        "すること",
        [InputRequired()],
        choices=[(LOOK, "写しを確かめる(PDF。記録は残しません)"), (ENTER, "開示を記録する")],
        empty=None,
    )
    recipient = LineField(
        "開示の相手",
        [_WHEN_ENTERED],
        length=200,
        description="請求した人の氏名または団体名",
    )
    basis = LineField("請求の番号・内容", [_WHEN_ENTERED], length=300, description="例: 受付第12号 審査の経過")
    disclosed_on = DateField("開示日", [_WHEN_ENTERED])

    def marks(self) -> list[Mark]:
        """What was chosen. Raises Invalid."""
        rows = [
            (part.key, self._fields[f"mark_{part.key}"].data, self._fields[f"text_{part.key}"].data or "")
            for part in PARTS
            if self._fields[f"mark_{part.key}"].data
        ]
        return disclosing.checked_marks(rows, self._fields["words"].data or "")


def disclosure_form() -> type[DisclosureForm]:
    """The form class, with a choice and a ground for each part."""
    grounds = [("", "開示する"), *((one.value, f"非開示: {one.label}") for one in Ground)]
    fields: dict[str, Any] = {}
    for part in PARTS:
        fields[f"mark_{part.key}"] = ChoiceField(f"{part.label}の扱い", choices=grounds, empty=None)
        fields[f"text_{part.key}"] = LineField(f"{part.label}を非開示とする根拠", [optional()], length=300)
    words = "1行に1つ。自由に書かれた文の中の姓や電話番号など、上の項目では隠れないものを入力します。"
    fields["words"] = LongTextField("その他に隠す語", [optional()], length=4_000, description=words)
    return type("PartsForm", (DisclosureForm,), fields)


class DisclosurePages(ResultPages):
    """Part of the screen of results."""

    @expose("/<call>/disclosures/")
    def disclosures_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        self.found(latest_record(session, one.id))
        rows = disclosing.disclosures_of(session, self.actor, one.id)
        return self.render(
            "reviews/disclosures.html",
            title=f"審査記録の開示: {one.name}",
            call=one,
            rows=[
                {
                    "number": f"第{row.number}号",
                    "day": shown(row.disclosed_on),
                    "recipient": row.recipient,
                    "basis": row.basis,
                    "marks": [f"{mark['label']}({Ground(mark['ground']).label}。{mark['text']})" for mark in row.marks],
                    "sha256": row.copy_sha256,
                    "pdf": url_for(".disclosure_file_view", call=one.id, key=row.id, form="pdf"),
                    "json": url_for(".disclosure_file_view", call=one.id, key=row.id, form="json"),
                }
                for row in rows
            ],
        )

    @expose("/<call>/disclose/", methods=("GET", "POST"))
    def disclose_view(self, call: str) -> Any:
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        self.found(latest_record(session, one.id))
        form = disclosure_form()(request.form)
        parts = [(part.label, form[f"mark_{part.key}"], form[f"text_{part.key}"]) for part in PARTS]
        page = FormPage(
            title="開示用の写し",
            lead="部分ごとに、開示するか、非開示とする理由を選びます。非開示とした部分は、写しから取り除かれます。",
            form=form,
            action_url=url_for(".disclose_view", call=one.id),
            cancel_url=url_for(".disclosures_view", call=one.id),
            drawn_apart=["words", *(field.short_name for _, *fields in parts for field in fields)],
            template="reviews/disclose.html",
            values={"disclosed_parts": parts},
            submit_label="実行する",
        )

        def do() -> Response:
            marks = form.marks()
            if form.verb.data == LOOK:
                content = disclosing.preview(session, actor=self.actor, call_id=one.id, marks=marks)
                return attachment(content, f"開示用の写し(案)_{one.name}.pdf", "application/pdf")
            disclosing.disclose(
                session,
                actor=self.actor,
                call_id=one.id,
                recipient=form.recipient.data or "",
                basis=form.basis.data or "",
                disclosed_on=form.disclosed_on.data,
                marks=marks,
            )
            return self.go(".disclosures_view", "開示を記録しました。写しを保存して渡してください。", call=one.id)

        return self.ask(page, do)

    @expose("/<call>/disclosures/<key>.<form>")
    def disclosure_file_view(self, call: str, key: str, form: str) -> Response:
        """A copy that was given, made again: pdf or json."""
        session, one = self.db_session(), self.result_call(call)
        concluding.require_secretariat(session, self.actor, one.id)
        number = as_key(key) or 0
        row, copy = disclosing.disclosed_copy(session, actor=self.actor, disclosure_id=number)
        self.found(row if row.call_id == one.id and form in ("pdf", "json") else None)
        name = f"開示用の写し_{one.name}_第{row.number}号"
        note_access(self.actor, "export", "review_disclosure", number, 1, f"{row.basis}の写しの受取り")
        if form == "json":
            return attachment(copy.content, f"{name}.json", "application/json")
        paper = disclosing.disclosed_paper(session, actor=self.actor, disclosure_id=number)
        return attachment(paper, f"{name}.pdf", "application/pdf")
