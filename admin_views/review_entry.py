"""Pages of the office on sheets: unsealing with a reason, and entering sheets and declarations from paper (代理入力)."""

from __future__ import annotations

from typing import Any

from flask import current_app, jsonify, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from admin_views.pages import FormPage
from admin_views.review_base import ReviewPages
from admin_views.review_forms import PaperDeclarationForm, set_choices
from admin_views.review_sheet_parts import sheet_context
from admin_views.review_sheets import stage_of
from admin_views.screens import is_posted
from app.access.scopes import as_key, get_visible
from app.problems import NotFound, Problem
from app.reviews import declarations, own_work, paper_sheets, queries, sheets
from app.reviews.scans import Scan
from app.reviews.sheet_values import SheetValues
from models.proposals import Proposal
from models.review_conflicts import InterestKind
from models.review_sheets import ScoreSheet, SheetState
from models.reviews import ReviewMember

MAX_SCAN_BYTES = 20 * 1024 * 1024


class EntryPages(ReviewPages):
    """Part of the screen of a review."""

    @expose("/sheet/<sheet>/unseal/", methods=("GET", "POST"))
    def unseal_view(self, sheet: str) -> Any:
        session = self.db_session()
        row = self.found(session.get(ScoreSheet, as_key(sheet) or 0))
        get_visible(session, Proposal, row.proposal_id, self.actor)
        if row.state is not SheetState.SEALED:
            raise NotFound
        return self._reason(
            f"確定の解除({row.member.name}委員、{row.stage.label}「{row.proposal.title}」)",
            "解除すると、委員は採点票を直して確定し直せます。前の版と理由は残ります。全員の採点を見られる状態だったときは、閉じます。",
            "確定を解除する",
            url_for(".unseal_view", sheet=row.id),
            row.member.call_id,
            lambda reason: sheets.unseal(session, actor=self.actor, sheet_id=row.id, reason=reason),
            "確定を解除しました。",
        )

    # --- from paper ---------------------------------------------------------------------------------------------

    @expose("/sheet/begin/", methods=("POST",))
    def begin_view(self) -> Any:
        session, form = self.db_session(), request.form
        proposal = get_visible(session, Proposal, form.get("proposal"), self.actor)
        call_id = proposal.call_id
        try:
            row = paper_sheets.begin(
                session,
                actor=self.actor,
                member_id=as_key(form.get("member", "")) or 0,
                proposal_id=proposal.id,
                stage=stage_of(form.get("stage", "")),
            )
        except NotFound:
            raise
        except Problem as problem:
            message = problem.message

            def refuse() -> None:
                raise Problem(message)

            return self.done(call_id, refuse, "")
        return self.go("review.enter_view", sheet=row.id)

    def _entering(self, key: str) -> ScoreSheet:
        row = get_visible(self.db_session(), ScoreSheet, key, self.actor)
        if row.entered_by_id != self.actor.user_id or row.state is not SheetState.DRAFT:
            raise NotFound
        return row

    @expose("/sheet/<sheet>/enter/")
    def enter_view(self, sheet: str) -> Any:
        return self._entry(self._entering(sheet))

    def _entry(self, row: ScoreSheet, typed: SheetValues | None = None, problem: Problem | None = None) -> Any:
        session = self.db_session()
        values, version, _ = own_work.draft_of(session, row)
        rows = queries.criteria_of(session, row.member.call_id, row.stage)
        return self.render(
            "reviews/entry.html",
            title=f"採点票の代理入力({row.member.name}委員)",
            proposal=row.proposal,
            stage=row.stage,
            sheet=sheet_context(rows, typed if typed is not None else values, problem),
            seen=request.form.get("seen", version) if problem else version,
            problem=problem,
            call_url=url_for(".call_view", call=row.member.call_id),
            draft_url=url_for(".enter_draft_view", sheet=row.id),
            seal_url=url_for(".enter_seal_view", sheet=row.id),
            abandon_url=url_for(".abandon_view", sheet=row.id),
        )

    @expose("/sheet/<sheet>/enter/draft/", methods=("POST",))
    def enter_draft_view(self, sheet: str) -> Any:
        session, row = self.db_session(), self._entering(sheet)
        try:
            values = SheetValues.from_form(request.form, queries.criteria_of(session, row.member.call_id, row.stage))
            version = paper_sheets.save_draft(
                session, actor=self.actor, sheet_id=row.id, values=values, seen=as_key(request.form.get("seen")) or 0
            )
        except NotFound:
            raise
        except Problem as problem:
            return jsonify({"message": problem.message}), problem.status
        return jsonify({"version": version})

    @expose("/sheet/<sheet>/enter/seal/", methods=("POST",))
    def enter_seal_view(self, sheet: str) -> Any:
        session, row = self.db_session(), self._entering(sheet)
        call_id, key = row.member.call_id, row.id
        values = SheetValues()
        try:
            values = SheetValues.from_form(request.form, queries.criteria_of(session, call_id, row.stage))
            paper_sheets.seal(
                session,
                actor=self.actor,
                settings=current_app.extensions["settings"],
                sheet_id=key,
                values=values,
                seen=as_key(request.form.get("seen")) or 0,
                scan=_scan(),
            )
        except NotFound:
            raise
        except Problem as problem:
            session.rollback()
            return self._entry(self._entering(sheet), values, problem), problem.status
        return self.go("review.call_view", "採点票を代理入力で確定しました。", call=call_id)

    @expose("/sheet/<sheet>/enter/abandon/", methods=("POST",))
    def abandon_view(self, sheet: str) -> Response:
        session = self.db_session()
        row = self.found(session.get(ScoreSheet, as_key(sheet) or 0))
        get_visible(session, Proposal, row.proposal_id, self.actor)
        return self.done(
            row.member.call_id,
            lambda: paper_sheets.abandon(session, actor=self.actor, sheet_id=row.id),
            "代理入力をやめました。入力した内容は消えています。",
        )

    @expose("/member/<member>/declaration/", methods=("GET", "POST"))
    def declare_view(self, member: str) -> Any:
        session = self.db_session()
        row = get_visible(session, ReviewMember, member, self.actor)
        setting = self.found(queries.find_setting(session, row.call_id))
        form = PaperDeclarationForm(request.form)
        pending = declarations.pending_for(session, row, setting)
        set_choices(form.proposal, [(one.proposal_id, one.applicant) for one in pending])
        page = FormPage(
            title=f"利害関係の申告の代理入力({row.name}委員)",
            form=form,
            action_url=url_for(".declare_view", member=row.id),
            cancel_url=url_for(".call_view", call=row.call_id),
            lead="署名のある紙の申告書から入力します。代理入力したことと、申告書の写しが残ります。",
            has_file=True,
            submit_label="申告を記録する",
        )

        def save() -> Response:
            declarations.declare_on_behalf(
                session,
                actor=self.actor,
                settings=current_app.extensions["settings"],
                member_id=row.id,
                proposal_id=form.proposal.data,
                has_interest=form.answer.data == "interest",
                kind=InterestKind(form.kind.data) if form.kind.data else None,
                text=form.text.data or "",
                scan=_scan(),
            )
            return self.go("review.call_view", "申告を記録しました。", call=row.call_id)

        return self.ask(page, save)


def _scan() -> Scan | None:
    sent = request.files.get("scan") if is_posted() else None
    if sent is None or not sent.filename:
        return None
    return Scan(sent.stream.read(MAX_SCAN_BYTES + 1), sent.filename)
