"""Pages of a member: what is to be scored, the papers with the sheet beside them, what was sealed."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, request, url_for
from flask_admin import expose

from admin_views.columns import shown
from admin_views.review_papers import paper_files
from admin_views.screens import Screen
from app.access.permissions import Permission
from app.access.scopes import as_key, get_visible
from app.calls.file_services import readable_files
from app.files.services import download
from app.japanese.dates import format_date
from app.japanese.money import format_yen
from app.problems import Invalid, NotFound, Problem
from app.reviews import declarations, own_work, queries, sheets
from app.reviews.counting import figure, two_places
from app.reviews.own_work import OwnCall
from app.reviews.papers import papers_of
from app.reviews.sheet_values import SheetValues, full_marks_of, points_of
from models.proposals import Proposal, ProposalState
from models.review_sheets import ScoreSheet, SheetState
from models.reviews import ReviewStage

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
        word, mark = STATE_WORDS[sheet.state]
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
        return self.render(
            "reviews/sheet.html",
            title=f"{stage.label}の採点票",
            proposal=proposal,
            papers=papers_of(session, actor, proposal) | {"files": paper_files(session, actor, proposal)},
            stage=stage,
            sheet=sheet_context(criteria, shown_values, problem),
            seen=request.form.get("seen", version) if problem else version,
            saved=shown(saved_at) if saved_at else "",
            state=STATE_WORDS[sheet.state if sheet else None],
            is_open=sealed is None
            and proposal.state is ProposalState.REVIEWING
            and (sheet is None or sheet.state is SheetState.DRAFT),
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
                    STATE_WORDS[own.sheets[(one.id, stage)].state][0],
                )
                for one in own.proposals
            ],
        )


def _seen() -> int:
    return as_key(request.form.get("seen", "")) or 0


def sheet_context(criteria: Any, values: SheetValues, problem: Problem | None) -> dict[str, Any]:
    """What the macro of a sheet draws."""
    told = problem.fields if isinstance(problem, Invalid) else {}
    return {
        "rows": [
            {
                "id": one.id,
                "label": one.label,
                "description": one.description,
                "lowest": one.lowest,
                "highest": one.highest,
                "weight": one.weight,
                "value": values.unreadable.get(one.id, values.scores.get(one.id, "")),
                "comment": values.comments.get(one.id, ""),
                "rule": _comment_rule(one),
                "comment_below": one.comment_below,
                "comment_above": one.comment_above,
                "veto_at": one.veto_at,
                "score_error": told.get(f"score-{one.id}"),
                "comment_error": told.get(f"comment-{one.id}"),
            }
            for one in criteria
        ],
        "comment": values.comment,
        "comment_error": told.get("comment"),
        "errors": list(told.items()),
        "points": figure(points_of(values, criteria)),
        "full": figure(full_marks_of(criteria)),
    }


def _comment_rule(one: Any) -> str:
    parts = []
    if one.comment_below is not None:
        parts.append(f"{one.comment_below}点以下")
    if one.comment_above is not None:
        parts.append(f"{one.comment_above}点以上")
    return f"{'または'.join(parts)}のときは、理由を書いてください。" if parts else ""


def earlier_versions(sheet: ScoreSheet | None) -> list[dict[str, Any]]:
    """Versions that were unsealed, newest first."""
    return [
        {
            "number": one.number,
            "sealed_at": shown(one.sealed_at),
            "unsealed_at": shown(one.unsealed_at),
            "reason": one.unseal_reason,
            "after_opening": one.is_after_opening,
            "scores": [(score.criterion.label, score.value, score.comment) for score in one.scores],
            "comment": one.comment,
        }
        for one in sorted(sheet.versions if sheet else [], key=lambda one: -one.number)
        if one.unsealed_at is not None
    ]
