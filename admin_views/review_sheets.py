"""Pages of a member: what is to be scored, the papers with the sheet beside them, what was sealed."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, request, url_for
from flask_admin import expose

from admin_views.columns import shown
from admin_views.review_papers import paper_files
from admin_views.review_sheet_parts import earlier_versions, sheet_context
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key, get_visible
from app.calls.file_services import readable_files
from app.files.services import download
from app.japanese.dates import format_date
from app.japanese.money import format_yen
from app.problems import NotFound, Problem
from app.reviews import declarations, own_work, queries, sheets
from app.reviews.counting import two_places
from app.reviews.own_work import OwnCall
from app.reviews.papers import papers_of
from app.reviews.sheet_values import SheetValues
from models.proposals import Proposal, ProposalState
from models.review_sheets import ScoreSheet, SheetState
from models.reviews import ReviewStage

ABSENT = ("欠席", "muted")
STATE_WORDS = {
    None: ("未記入", "neutral"),
    SheetState.DRAFT: ("記入中", "info"),
    SheetState.SEALED: ("確定", "success"),
    SheetState.VOIDED: ("無効", "muted"),
}


def stage_of(code: str) -> ReviewStage:
    """The stage of an address. Raises NotFound."""
    if code not in list(ReviewStage):
        raise NotFound
    return ReviewStage(code)


class SheetScreen(Screen):
    """採点."""

    permission = Permission.SCORE_ENTER

    def __init__(self) -> None:
        super().__init__(name="採点", endpoint="score-sheet", url="/score-sheet")

    @expose("/")
    def index(self) -> Any:
        session = self.db_session()
        own = own_work.own_calls(session, self.actor)
        return self.render(
            "reviews/own.html",
            title="採点",
            pending=len(declarations.pending_of(session, self.actor)),
            declarations_url=url_for("declaration.index"),
            open_calls=[self._call(one) for one in own if not one.is_done],
            done_calls=[self._call(one) for one in own if one.is_done],
        )

    def _call(self, own: OwnCall) -> dict[str, Any]:
        return {
            "id": own.call.id,
            "name": own.call.name,
            "stages": [(stage.label, format_date(due) if (due := own.due_on(stage)) else "") for stage in own.stages],
            "rows": [
                (
                    one.title,
                    one.organization.name,
                    format_yen(one.requested_yen) if one.requested_yen is not None else "",
                    [self._cell(own, one, stage) for stage in own.stages],
                )
                for one in own.proposals
            ],
            "next": [
                (f"{stage.label}の採点を続ける", url_for(".sheet_view", proposal=following.id, stage=stage.value))
                for stage in own.stages
                if (following := own.next_of(stage)) is not None
            ],
            "statistics": own.statistics,
        }

    def _cell(self, own: OwnCall, proposal: Proposal, stage: ReviewStage) -> tuple[str, str, str, str]:
        sheet = own.sheets[(proposal.id, stage)]
        word, mark = _state(own, sheet.state, stage)
        percent = f"{two_places(sheet.percent)}%" if sheet.percent is not None else ""
        return word, mark, percent, url_for(".sheet_view", proposal=proposal.id, stage=stage.value)

    @expose("/<proposal>/file/<file>/")
    def file_view(self, proposal: str, file: str) -> Response:
        """A paper of the proposal: PDFs and pictures open in the browser, everything else is saved."""
        session = self.db_session()
        row = get_visible(session, Proposal, proposal, self.actor)
        self.found(queries.find_own_member(session, self.actor, row.call_id))
        number = as_key(file)
        if number not in {one.id for one in readable_files(session, self.actor, row)}:
            raise NotFound
        found = download(session, actor=self.actor, settings=current_app.extensions["settings"], file_id=number or 0)
        return Response(found.content, mimetype=found.media_type, headers=found.inline_headers)

    @expose("/<proposal>/<stage>/")
    def sheet_view(self, proposal: str, stage: str) -> Any:
        return self._sheet(proposal, stage_of(stage))

    @expose("/<proposal>/<stage>/seal/", methods=("POST",))
    def seal_view(self, proposal: str, stage: str) -> Any:
        of_stage, session = stage_of(stage), self.db_session()
        row = get_visible(session, Proposal, proposal, self.actor)
        values = SheetValues()
        try:
            values = SheetValues.from_form(request.form, queries.criteria_of(session, row.call_id, of_stage))
            sheets.seal(session, actor=self.actor, proposal_id=row.id, stage=of_stage, values=values, seen=_seen())
        except NotFound:
            raise
        except Problem as problem:
            session.rollback()
            return self._sheet(proposal, of_stage, values, problem), problem.status
        own = next(one for one in own_work.own_calls(session, self.actor) if one.call.id == row.call_id)
        following = own.next_of(of_stage, row.id)
        if following is None:
            return self.go("score-sheet.index", f"採点票を確定しました。{of_stage.label}の採点はすべて済みました。")
        message = "採点票を確定しました。次の提案です。"
        return self.go("score-sheet.sheet_view", message, proposal=following.id, stage=of_stage.value)

    @expose("/<proposal>/<stage>/draft/", methods=("POST",))
    def draft_view(self, proposal: str, stage: str) -> Any:
        """Autosave: {"version": n}, or a sentence (JSON)."""
        of_stage, session = stage_of(stage), self.db_session()
        row = get_visible(session, Proposal, proposal, self.actor)
        try:
            values = SheetValues.from_form(request.form, queries.criteria_of(session, row.call_id, of_stage))
            version = sheets.save_draft(
                session, actor=self.actor, proposal_id=row.id, stage=of_stage, values=values, seen=_seen()
            )
        except NotFound:
            raise
        except Problem as problem:
            return jsonify({"message": problem.message}), problem.status
        return jsonify({"version": version})

    def _sheet(
        self, key: str, stage: ReviewStage, typed: SheetValues | None = None, problem: Problem | None = None
    ) -> Any:
        session, actor = self.db_session(), self.actor
        proposal = get_visible(session, Proposal, key, actor)
        criteria = queries.criteria_of(session, proposal.call_id, stage)
        member = self.found(queries.find_own_member(session, actor, proposal.call_id))
        if not criteria:
            raise NotFound
        sheet = sheets.find_sheet(session, member.id, proposal.id, stage)
        values, version, saved_at = own_work.draft_of(session, sheet)
        sealed = own_work.in_force(sheet) if sheet is not None else None
        shown_values = typed if typed is not None and problem is not None else values
        if sealed is not None:
            shown_values = sheets.values_of(sealed)
        own = next(one for one in own_work.own_calls(session, actor) if one.call.id == proposal.call_id)
        closed = _why_closed(own, proposal, sheet, stage)
        return self.render(
            "reviews/sheet.html",
            title=f"{stage.label}の採点票",
            proposal=proposal,
            papers=papers_of(session, actor, proposal) | {"files": paper_files(session, actor, proposal)},
            stage=stage,
            sheet=sheet_context(criteria, shown_values, problem),
            seen=request.form.get("seen", version) if problem else version,
            saved=shown(saved_at) if saved_at else "",
            state=_state(own, sheet.state if sheet else None, stage),
            is_open=closed is None,
            closed=closed,
            sealed=sealed,
            sealed_at=shown(sealed.sealed_at) if sealed else "",
            earlier=earlier_versions(sheet),
            problem=problem,
            draft_url=url_for(".draft_view", proposal=proposal.id, stage=stage.value),
            seal_url=url_for(".seal_view", proposal=proposal.id, stage=stage.value),
            others=[
                (
                    one.title,
                    url_for(".sheet_view", proposal=one.id, stage=stage.value),
                    one.id == proposal.id,
                    _state(own, own.sheets[(one.id, stage)].state, stage)[0],
                )
                for one in own.proposals
            ],
        )


def _state(own: OwnCall, state: SheetState | None, stage: ReviewStage) -> tuple[str, str]:
    """Word and mark of a sheet; one that nobody waits for is 欠席."""
    return ABSENT if stage in own.absent and state in (None, SheetState.DRAFT) else STATE_WORDS[state]


def _why_closed(own: OwnCall, proposal: Proposal, sheet: ScoreSheet | None, stage: ReviewStage) -> str | None:
    """Why the sheet is not to be written on now; None when it is."""
    state = sheet.state if sheet is not None else None
    if state is SheetState.SEALED or proposal.state is not ProposalState.REVIEWING:
        return "この提案は、今は採点できません。"
    if state is SheetState.VOIDED:
        return sheets.VOID
    if stage in own.absent:
        return f"{stage.label}は欠席と記録されているため、採点は要りません。違うときは、推進担当にご連絡ください。"
    return sheets.ENTERED if sheet is not None and sheet.entered_by_id is not None else None


def _seen() -> int:
    return as_key(request.form.get("seen", "")) or 0
