"""Pages of one group beside its form: its rows, consent per field, papers."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_admin import expose
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response
from wtforms import FileField
from wtforms.validators import InputRequired

from admin_views.directory_contacts import ContactPages
from admin_views.directory_parts import level_badge
from admin_views.directory_rows_form import ROW_FORMS, Needed, rows_data
from admin_views.pages import FormPage
from admin_views.screens import is_posted
from app.access.levels import level_of
from app.access.permissions import Permission
from app.access.scopes import as_key
from app.directory import papers, rows, services
from app.directory.completeness import filled_fields
from app.directory.consent import consents_of, levels_of
from app.directory.derived import file_fields
from app.directory.fields import CENTER, FIELDS, FILES
from app.japanese.dates import format_date, today_in_tokyo
from app.problems import Problem
from app.webforms import BackOfficeForm, ChoiceField, DateField
from models.directory import Organization
from models.directory_profile import ConsentLevel, ConsentWay

REQUIRED = "入力してください。"


class PaperForm(BackOfficeForm):
    """A paper to add."""

    field = ChoiceField(
        "書類の種類", [InputRequired(REQUIRED)], choices=[(one.name, one.label) for one in FILES], coerce=str
    )
    file = FileField("ファイル", [Needed()], description="PDF、画像、Word・Excel・PowerPoint。20MBまで。")


class ConsentForm(BackOfficeForm):
    """When and how a group said what may be shown; the levels themselves are one select a field."""

    given_on = DateField("同意の日", [InputRequired(REQUIRED)])
    way = ChoiceField("同意の方法", choices=ConsentWay.choices(), coerce=ConsentWay, empty=None)


def consent_form() -> type[ConsentForm]:
    """The form with a select for every field that may be opened."""
    choices = [(str(int(level)), level.label) for level in ConsentLevel]
    fields = {
        f"level_{field.name}": ChoiceField(
            field.label, choices=choices, coerce=str, empty=f"標準のまま({field.level.label})"
        )
        for field in FIELDS
        if not field.is_internal
    }
    return type("FieldConsentForm", (ConsentForm,), fields)


CONSENT_FORM = consent_form()


class GroupPages(ContactPages):
    """Mixed into OrganizationView."""

    def _editable(self: Any, key: str) -> Organization:
        self.demand("edit")
        record: Organization = self.one(key)
        if not self.may_edit(record):
            raise Forbidden
        return record

    # --- rows ----------------------------------------------------------------------------------------------

    @expose("/<key>/rows/<kind>/", methods=("GET", "POST"))
    def rows_view(self: Any, key: str, kind: str) -> Any:
        """The rows of one kind, edited together; on the group's page the same form stands folded."""
        record = self._editable(key)
        if kind not in rows.KINDS:
            raise NotFound
        one = rows.KINDS[kind]
        form_class = ROW_FORMS[kind]
        form = form_class(request.form) if is_posted() else form_class(data=rows_data(record, kind))
        seen = request.form.get("seen", "")[:10_000] if is_posted() else rows.seen_of(record, one)
        page = FormPage(
            title=f"{one.label}: {self.label_of(record)}",
            form=form,
            action_url=url_for(f"{self.endpoint}.rows_view", key=record.id, kind=kind),
            cancel_url=url_for(f"{self.endpoint}.details_view", key=record.id),
            hidden=[("seen", seen)],
            lead="空にした行は、保存すると取り除かれます。",
        )

        def save() -> Response:
            key_ = record.id
            try:
                rows.save_rows(
                    self.db_session,
                    actor=self.actor,
                    organization=record,
                    kind=one,
                    rows=form.rows(),
                    seen=seen,
                )
            except StaleDataError:
                self.db_session.rollback()
                raise Problem("ほかの人が先に保存しました。画面を開き直して、内容を確かめてください。") from None
            found: Response = self.go(f"{self.endpoint}.details_view", f"{one.label}を保存しました。", key=key_)
            return found

        return self.ask(page, save)

    # --- consent -------------------------------------------------------------------------------------------

    @expose("/<key>/consent/", methods=("GET", "POST"))
    def consent_view(self: Any, key: str) -> Any:
        """Up to whom each field is open, with the day and the way in which the group said so."""
        record = self._editable(key)
        said = consents_of(record)
        held = {f"level_{name}": str(int(row.level)) for name, row in said.items()}
        last = max((row.given_on for row in said.values()), default=None)
        data: dict[str, Any] = held | {"given_on": today_in_tokyo(), "way": ConsentWay.APPLICATION}
        form = CONSENT_FORM(request.form) if is_posted() else CONSENT_FORM(data=data)
        filled = filled_fields(record, file_fields(self.db_session, [record.id]).get(record.id, ()))
        page = FormPage(
            title=f"公開範囲: {self.label_of(record)}",
            lead="団体が示した公開範囲を記録します。変えた項目だけに、下の日付と方法が付きます。"
            + (f" 最後の記録は{format_date(last)}です。" if last else ""),
            form=form,
            action_url=url_for(f"{self.endpoint}.consent_view", key=record.id),
            cancel_url=url_for(f"{self.endpoint}.details_view", key=record.id),
            groups=[
                ("同意の日と方法", ["given_on", "way"]),
                (
                    "内容のある項目",
                    [f"level_{one.name}" for one in FIELDS if one.name in filled and not one.is_internal],
                ),
                (
                    "まだ内容のない項目",
                    [f"level_{one.name}" for one in FIELDS if one.name not in filled and not one.is_internal],
                ),
            ],
            version=as_key(request.form.get("version", "")) or record.version,
        )

        def save() -> Response:
            levels: dict[str, ConsentLevel | None] = {}
            for one in FIELDS:
                if one.is_internal:
                    continue
                chosen = form[f"level_{one.name}"].data
                if (chosen or None) != held.get(f"level_{one.name}"):
                    levels[one.name] = ConsentLevel(int(chosen)) if chosen else None
            if not levels:
                return self.go(f"{self.endpoint}.details_view", "変えた項目がないので、記録していません。", key=key)  # type: ignore[no-any-return]
            services.record_consents(
                self.db_session,
                actor=self.actor,
                organization=record,
                levels=levels,
                given_on=form.given_on.data,
                way=form.way.data,
                version=page.version,
            )
            count = len(levels)
            found: Response = self.go(
                f"{self.endpoint}.details_view", f"{count}項目の公開範囲を記録しました。", key=record.id
            )
            return found

        return self.ask(page, save)

    @expose("/<key>/consent-record/")
    def consents_view(self: Any, key: str) -> Any:
        """What the group said, field by field: for the centre and the office."""
        record = self.one(key)
        if level_of(self.actor) < CENTER:
            raise Forbidden
        said = consents_of(record)
        lines = [
            [
                one.label,
                level_badge(levels_of(record)[one.name]),
                said[one.name].way.label if one.name in said else "(記録なし)",
                format_date(said[one.name].given_on, weekday=False) if one.name in said else "",
            ]
            for one in FIELDS
        ]
        return self.render(
            "directory/consents.html",
            title=f"公開範囲の記録: {self.label_of(record)}",
            back=(self.label_of(record), url_for(f"{self.endpoint}.details_view", key=record.id)),
            lines=lines,
        )

    # --- papers --------------------------------------------------------------------------------------------

    @expose("/<key>/papers/", methods=("GET", "POST"))
    def papers_view(self: Any, key: str) -> Any:
        """The papers of a group: to add one, to take one away."""
        self.require(Permission.ORGANIZATION_FILE_EDIT)
        record = self._editable(key)
        form = PaperForm(request.form if is_posted() else None)
        errors: list[str] = []
        if is_posted() and form.validate():
            upload = request.files.get("file")
            try:
                papers.add_paper(
                    self.db_session,
                    actor=self.actor,
                    settings=current_app.extensions["settings"],
                    organization=record,
                    field=form.field.data,
                    content=upload.read() if upload else b"",
                    name=(upload.filename or "") if upload else "",
                )
            except Problem as problem:
                errors = form.told(problem)
            else:
                return self.go(f"{self.endpoint}.papers_view", "書類を追加しました。", key=record.id)
        record = self.one(key)
        lines = [
            (
                paper,
                url_for(f"{self.endpoint}.paper_view", key=record.id, number=paper.id),
                url_for(f"{self.endpoint}.remove_paper_view", key=record.id, number=paper.id)
                if paper.organization_id == record.id
                else None,
            )
            for paper in papers.papers_of(self.db_session, self.actor, record)
        ]
        page = FormPage(
            title=f"書類: {self.label_of(record)}",
            form=form,
            action_url=url_for(f"{self.endpoint}.papers_view", key=record.id),
            cancel_url=url_for(f"{self.endpoint}.details_view", key=record.id),
            has_file=True,
            errors=errors,
            submit_label="追加する",
        )
        return self.render("directory/papers.html", page=page, lines=lines), 422 if is_posted() else 200

    @expose("/<key>/papers/<number>/")
    def paper_view(self: Any, key: str, number: str) -> Response:
        """A paper, as a download."""
        record = self.one(key)
        names = {paper.id for paper in papers.papers_of(self.db_session, self.actor, record)}
        file_id = as_key(number)
        if file_id not in names or file_id is None:
            raise NotFound
        found = papers.download_paper(
            self.db_session, actor=self.actor, settings=current_app.extensions["settings"], file_id=file_id
        )
        return Response(found.content, mimetype=found.media_type, headers=found.headers)

    @expose("/<key>/papers/<number>/remove/", methods=("POST",))
    def remove_paper_view(self: Any, key: str, number: str) -> Any:
        """Take a paper away."""
        self.require(Permission.ORGANIZATION_FILE_EDIT)
        record = self._editable(key)
        papers.remove_paper(
            self.db_session,
            actor=self.actor,
            settings=current_app.extensions["settings"],
            organization=record,
            file_id=as_key(number) or 0,
        )
        return self.go(f"{self.endpoint}.papers_view", "書類を削除しました。", key=key)
