"""Screens of むすぶ: freeze this year's edition, what changed since the last, files, the booklet, erasure."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired

from admin_views.downloads import attachment
from admin_views.job_progress import progress_of
from admin_views.listing import pages_around
from admin_views.pages import ConfirmPage, FormPage
from admin_views.screens import Screen, is_posted
from app.access.permissions import Permission
from app.access.scopes import as_key, get_visible
from app.directory import edition_erasure, edition_files, edition_views, editions, rounds_jobs
from app.directory.edition_contents import changed_lines, field_title
from app.directory.editions import ISSUER, TITLE, Frame
from app.files.store import Store
from app.japanese.dates import fiscal_year_of, format_datetime, format_fiscal_year, today_in_tokyo
from app.problems import NotFound, Problem
from app.webforms import BackOfficeForm, ChoiceField, DateField, FiscalYearField, LineField, LongTextField, optional
from models.directory import Organization
from models.directory_rounds import Edition, EditionOrder
from models.records import StoredFile

_REQUIRED = "入力してください。"
_PER_PAGE = 100


class FreezeForm(BackOfficeForm):
    """What a person says when freezing."""

    fiscal_year = FiscalYearField(
        "年度", [InputRequired(_REQUIRED)], description="この年度の版になります(例: 令和8年度)。"
    )
    title = LineField("表題", [optional()], length=100)
    order = ChoiceField("並べ方", choices=EditionOrder.choices(), coerce=EditionOrder, empty=None)
    confirmed_since = DateField(
        "この日以後に確認した団体だけを載せる",
        [optional()],
        description="空欄のときは、確認済みの団体をすべて載せます。",
    )
    is_registered_only = BooleanField("あすぴあに登録している団体だけを載せる")
    foreword = LongTextField("はじめに", [optional()], length=10_000, description="表紙の次の頁に載る文章です。")
    issuer = LineField("編集・発行", [optional()], length=100)
    issued_on = DateField("発行日", [optional()])
    contact = LongTextField("連絡先", [optional()], length=1_000, description="奥付に載ります。")

    def frame(self) -> Frame:
        """What the service takes."""
        return Frame(
            fiscal_year=self.fiscal_year.data,
            order=self.order.data or EditionOrder.FIELD,
            title=self.title.data or "",
            foreword=self.foreword.data or "",
            issuer=self.issuer.data or "",
            issued_on=self.issued_on.data,
            contact=self.contact.data or "",
            confirmed_since=self.confirmed_since.data,
            is_registered_only=bool(self.is_registered_only.data),
        )


class EraseForm(BackOfficeForm):
    """Why a group's entries are emptied."""

    reason = LongTextField(
        "消去する理由",
        [InputRequired(_REQUIRED)],
        length=1_000,
        description="操作記録に残ります。個人の情報は書かないでください。",
    )


class EditionScreen(Screen):
    """むすぶの版."""

    permission = Permission.EDITION_READ

    def __init__(self) -> None:
        super().__init__(name="データ集「むすぶ」", endpoint="edition", url="/editions")

    def _edition(self, key: str) -> Edition:
        return edition_views.get_edition(self.db_session(), self.actor, key)

    def _manages(self) -> bool:
        return self.actor.may(Permission.EDITION_MANAGE)

    # --- list and freezing ---------------------------------------------------------------------------------

    @expose("/")
    def index(self) -> Any:
        rows = [
            {
                "year": f"{format_fiscal_year(one.fiscal_year)}版",
                "url": url_for(".edition_view", key=one.id),
                "count": f"{one.entry_count:,}団体",
                "order": one.order.label,
                "frozen": format_datetime(one.frozen_at),
            }
            for one in edition_views.editions(self.db_session(), self.actor)
        ]
        return self.render("editions/list.html", rows=rows, may_manage=self._manages())

    @expose("/freeze/", methods=("GET", "POST"))
    def freeze_view(self) -> Any:
        self.require(Permission.EDITION_MANAGE)
        today = today_in_tokyo()
        form = FreezeForm(
            request.form,
            fiscal_year=fiscal_year_of(today),
            title=TITLE,
            order=EditionOrder.FIELD,
            issuer=ISSUER,
            issued_on=today,
        )
        page = FormPage(
            title="「むすぶ」の版を確定する",
            lead="いま登録されている内容のうち、団体が確認し、公開に同意した項目だけを写し取ります。確定した版は変更できません。",
            form=form,
            groups=[
                ("版", ["fiscal_year", "title", "order"]),
                ("載せる団体", ["confirmed_since", "is_registered_only"]),
                ("冊子の前後", ["foreword", "issuer", "issued_on", "contact"]),
            ],
            action_url=url_for(".freeze_view"),
            cancel_url=url_for(".index"),
            submit_label="この内容で確定する",
        )
        if not is_posted():
            page.notice = self._outlook()

        def freeze() -> Response:
            edition = editions.freeze(self.db_session(), actor=self.actor, frame=form.frame())
            message = f"{format_fiscal_year(edition.fiscal_year)}版を確定しました({edition.entry_count:,}団体)。"
            return self.go("edition.edition_view", message, key=edition.id)

        return self.ask(page, freeze)

    def _outlook(self) -> tuple[str, str, str]:
        """What freezing now would print."""
        printed, left_out = editions.outlook(self.db_session(), Frame(fiscal_year_of(today_in_tokyo())))
        reasons = "、".join(f"{reason} {number:,}団体" for reason, number in left_out)
        text = f"載らないのは、{reasons}です。" if reasons else "すべての団体を載せられます。"
        return f"いま確定すると、{printed:,}団体が載ります", text, "info" if printed else "warning"

    # --- one edition ---------------------------------------------------------------------------------------

    @expose("/<key>/")
    def edition_view(self, key: str) -> Any:
        edition, session = self._edition(key), self.db_session()
        found = edition_views.printable(session, self.actor, edition)
        last = max(1, -(-len(found.entries) // _PER_PAGE))
        page = min(as_key(request.args.get("page", "1")) or 1, last)
        shown = found.entries[(page - 1) * _PER_PAGE : page * _PER_PAGE]
        job = rounds_jobs.last_job(session, rounds_jobs.BOOKLET, "edition", edition.id)
        booklet = rounds_jobs.booklet_of(session, edition.id, found.fingerprint)
        pages = (
            pages_around(page, last, lambda number: url_for(".edition_view", key=key, page=number))
            if last > 1
            else None
        )
        left_out = "、".join(f"{reason} {number:,}団体" for reason, number in edition.left_out)
        return self.render(
            "editions/edition.html",
            title=f"{edition.title} {format_fiscal_year(edition.fiscal_year)}版",
            edition=edition,
            facts=[
                ("掲載した団体", f"{edition.entry_count:,}団体"),
                ("並べ方", edition.order.label),
                ("確定", format_datetime(edition.frozen_at)),
                ("確定した人", edition.frozen_by.display_name if edition.frozen_by and self._manages() else "あすぴあ"),
                ("載らなかった団体", left_out or "なし"),
                ("内容の照合値", edition.content_hash),
            ],
            is_intact=edition_views.is_intact(session, edition),
            withdrawn=found.withdrawn,
            gone=found.gone,
            erased=edition.erased_count,
            files=[
                (label, url_for(".file_view", key=key, kind=kind))
                for kind, (_, label) in edition_files.FORMATS.items()
                if kind != "pdf"
            ],
            booklet_url=url_for(".file_view", key=key, kind="pdf") if booklet else None,
            booklet_note=f"{format_datetime(booklet.created_at)}に作りました({booklet.size / 1024 / 1024:.1f}MB)。"
            if booklet
            else "",
            progress=progress_of(job, "冊子の作成", unit="段階"),
            rows=[
                {
                    "number": (page - 1) * _PER_PAGE + place,
                    "name": entry.name,
                    "reading": entry.reading,
                    "fields": "、".join(field_title((number,), found.field_names) for number in entry.fields),
                    "texts": len(entry.values),
                    "url": url_for("organization.details_view", key=entry.organization_id),
                    "erase_url": url_for(".erase_view", key=key, organization=entry.organization_id)
                    if self._manages()
                    else None,
                }
                for place, entry in enumerate(shown, start=1)
            ],
            total=len(found.entries),
            pages=pages,
            has_previous=edition.previous_id is not None,
        )

    @expose("/<key>/difference/")
    def difference_view(self, key: str) -> Any:
        edition, session = self._edition(key), self.db_session()
        found = edition_views.difference_to_last(session, self.actor, edition)
        if found is None or edition.previous is None:
            raise NotFound("前の版がありません。")
        return self.render(
            "editions/difference.html",
            title=f"{format_fiscal_year(edition.fiscal_year)}版と前の版の違い",
            edition_url=url_for(".edition_view", key=key),
            before=f"{format_fiscal_year(edition.previous.fiscal_year)}版",
            found=found,
            changed=[
                (one.entry.name, label, *changed_lines(old, new))
                for one in found.changed
                for label, old, new in one.cells
            ],
            names=edition_views.field_names(session),
        )

    # --- files ---------------------------------------------------------------------------------------------

    @expose("/<key>/file/<kind>/")
    def file_view(self, key: str, kind: str) -> Any:
        edition, session = self._edition(key), self.db_session()
        if kind not in edition_files.FORMATS:
            raise NotFound("この形式のファイルはありません。")
        found = edition_views.printable(session, self.actor, edition)
        name = edition_files.file_name(edition, kind)
        if kind != "pdf":
            return attachment(edition_files.edition_file(found, kind), name, edition_files.FORMATS[kind][0])
        booklet = rounds_jobs.booklet_of(session, edition.id, found.fingerprint)
        if booklet is None:
            raise NotFound("冊子(PDF)は、まだ作られていないか、公開の同意が変わったため作り直しが必要です。")
        return attachment(self._content(booklet), name, booklet.media_type)

    def _content(self, file: StoredFile) -> bytes:
        return Store(current_app.extensions["settings"].files_dir).get(file.sha256)

    @expose("/<key>/booklet/", methods=("POST",))
    def booklet_view(self, key: str) -> Response:
        edition = self._edition(key)
        try:
            rounds_jobs.request_booklet(self.db_session(), actor=self.actor, edition_id=edition.id)
        except Problem as problem:
            flash(problem.message, "error")
            return redirect(url_for(".edition_view", key=key), code=303)  # type: ignore[return-value]
        return self.go("edition.edition_view", "冊子を作り始めました。", key=key)

    @expose("/<key>/progress/")
    def progress_view(self, key: str) -> Any:
        edition = self._edition(key)
        job = rounds_jobs.last_job(self.db_session(), rounds_jobs.BOOKLET, "edition", edition.id)
        return self.render(
            "jobs/progress.html",
            progress=progress_of(job, "冊子の作成", unit="段階"),
            back_url=url_for(".edition_view", key=key),
        )

    # --- erasure -------------------------------------------------------------------------------------------

    @expose("/<key>/erase/<organization>/", methods=("GET", "POST"))
    def erase_view(self, key: str, organization: str) -> Any:
        self.require(Permission.EDITION_MANAGE)
        edition, session = self._edition(key), self.db_session()
        group = get_visible(session, Organization, organization, self.actor)
        form = EraseForm(request.form)
        page = ConfirmPage(
            title="むすぶの掲載内容を消去します",
            lead="団体や本人から消去を求められたときに使います。",
            records=[(str(group), url_for("organization.details_view", key=group.id))],
            action_url=url_for(".erase_view", key=key, organization=organization),
            cancel_url=url_for(".edition_view", key=edition.id),
            submit_label="すべての版から消去する",
            consequence="確定したすべての版から、この団体の掲載内容を消します。年次確認や応募で届き、まだ取り込んでいない様式の内容、記入者の氏名も消します。これから作る冊子やファイルには載りません。元に戻せません。",
            form=form,
        )

        def erase() -> Response:
            entries, files = edition_erasure.erase_group(
                session, actor=self.actor, organization_id=group.id, reason=form.reason.data or ""
            )
            return self.go(
                "edition.edition_view",
                f"{entries}つの版の掲載内容と、年次確認や応募で届いた様式{files}件を消去しました。",
                key=key,
            )

        return self.confirm(page, erase)


def screens() -> list[Any]:
    """The screens in the order of the menu."""
    return [EditionScreen()]
