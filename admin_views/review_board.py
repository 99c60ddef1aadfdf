"""What the page of a review draws: the board of members and proposals, conflicts, equal names."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from admin_views.columns import shown
from app.access.scopes import scoped
from app.actor import Actor
from app.reviews.progress import Board, Cell, MemberRow, SheetMark, board_of
from app.reviews.suspicions import origin_text
from models.calls import Call
from models.proposals import Proposal
from models.review_conflicts import Conflict, ConflictDeclaration, ConflictSuspicion, SuspicionState
from models.review_sheets import SheetState
from models.reviews import ReviewMember, ReviewSetting

_MARKS = {SheetState.SEALED: ("確定", "success"), SheetState.VOIDED: ("無効", "muted")}


def board_context(session: Session, actor: Actor, call: Call, setting: ReviewSetting) -> dict[str, Any]:
    """Values for reviews/review.html."""
    board = board_of(session, actor, call.id)
    names = {one.id: one.title for one in board.proposals}
    return {
        "setting": setting,
        "proposals": [one.title for one in board.proposals],
        "members": [_member(row, board, actor) for row in board.rows],
        "stages": [(stage.label, done, all_, is_open) for stage, done, all_, is_open in board.stages],
        "conflicts": _conflicts(session, actor, call, names),
        "suspicions": _suspicions(session, actor, call, names),
        "papers": _papers(session, actor, call, names),
    }


def _member(row: MemberRow, board: Board, actor: Actor) -> dict[str, Any]:
    member = row.member
    has_left = member.left_on is not None
    undeclared = any(not cell.is_declared and not cell.is_conflicted for cell in row.cells)
    return {
        "name": member.name,
        "title": "、".join(filter(None, [member.title, "委員長" if member.is_chair else ""])),
        "on_paper": member.user_id is None,
        "left": f"{shown(member.left_on)}に退任" if has_left else "",
        "cells": [_cell(cell, member.id, has_left, actor) for cell in row.cells],
        "absences": [
            (one.stage.label, one.reason, url_for("review.withdraw_absence_view", absence=one.id))
            for one in row.absences
        ],
        "declare_url": None if has_left or not undeclared else url_for("review.declare_view", member=member.id),
        "absence_url": None if has_left else url_for("review.absence_view", member=member.id),
        "leave_url": None if has_left else url_for("review.leave_view", member=member.id),
    }


def _cell(cell: Cell, member_id: int, has_left: bool, actor: Actor) -> list[dict[str, Any]]:
    if cell.is_conflicted:
        voided = any(one.state is SheetState.VOIDED for one in cell.sheets)
        return [_mark("除斥", "muted", "採点票は無効" if voided else "")]
    if has_left:
        return []
    if not cell.is_declared:
        return [_mark("未申告", "warning")]
    return [_sheet(one, cell, member_id, actor) for one in cell.sheets]


def _mark(word: str, mark: str, note: str = "", **more: Any) -> dict[str, Any]:
    """One line of a cell: badge, small note, link (label, address), fields of a form that starts entering from paper, or
    the address that stops what a colleague began to enter."""
    return {"word": word, "mark": mark, "note": note, "link": None, "fields": None, "stop_url": None} | more


def _sheet(one: SheetMark, cell: Cell, member_id: int, actor: Actor) -> dict[str, Any]:
    stage = one.stage.label.removesuffix("審査")
    if one.state is SheetState.SEALED:
        notes = [f"第{one.versions}版" if one.versions > 1 else "", "代理入力" if one.is_on_behalf else ""]
        link = ("解除", url_for("review.unseal_view", sheet=one.sheet_id))
        return _mark(f"{stage} 確定", "success", "、".join(filter(None, notes)), link=link)
    if not one.is_expected:
        return _mark(f"{stage} 欠席", "muted")
    if one.entered_by_id is not None and one.entered_by_id == actor.user_id:
        link = ("入力", url_for("review.enter_view", sheet=one.sheet_id))
        return _mark(f"{stage} 代理入力中", "info", link=link)
    if one.entered_by_id is not None:
        stop_url = url_for("review.abandon_view", sheet=one.sheet_id)
        return _mark(f"{stage} 代理入力中", "info", "ほかの担当者", stop_url=stop_url)
    fields = {"member": member_id, "proposal": cell.proposal_id, "stage": one.stage.value}
    return _mark(f"{stage} 未確定", "neutral", fields=fields)


def _conflicts(session: Session, actor: Actor, call: Call, names: dict[int, str]) -> list[dict[str, Any]]:
    rows = session.scalars(
        scoped(Conflict, actor)
        .join(Proposal, Proposal.id == Conflict.proposal_id)
        .where(Proposal.call_id == call.id)
        .order_by(Conflict.lifted_at.is_not(None), Conflict.id)
    )
    return [
        {
            "member": one.member.name,
            "proposal": names.get(one.proposal_id, one.proposal.title),
            "source": one.source.label,
            "kind": one.kind.label,
            "reason": one.reason,
            "found_at": shown(one.found_at),
            "lifted": f"{shown(one.lifted_at)}に解除: {one.lift_reason}" if one.lifted_at else "",
            "lift_url": None if one.lifted_at else url_for("review.lift_view", conflict=one.id),
        }
        for one in rows
    ]


def _suspicions(session: Session, actor: Actor, call: Call, names: dict[int, str]) -> list[dict[str, Any]]:
    rows = session.scalars(
        scoped(ConflictSuspicion, actor)
        .join(Proposal, Proposal.id == ConflictSuspicion.proposal_id)
        .where(Proposal.call_id == call.id)
        .order_by(ConflictSuspicion.settled_at.is_not(None), ConflictSuspicion.id)
    )
    return [
        {
            "member": one.member.name,
            "proposal": names.get(one.proposal_id, one.proposal.title),
            "group": one.proposal.organization.name,
            "origin": origin_text(one.origin),
            "state": one.state.label,
            "reason": one.settle_reason,
            "url": url_for("review.settle_view", suspicion=one.id) if one.state is SuspicionState.OPEN else None,
        }
        for one in rows
    ]


def _papers(session: Session, actor: Actor, call: Call, names: dict[int, str]) -> list[tuple[str, str, str, str, str]]:
    """Declarations that came on paper: member, proposal, answer, moment of entry, address of the scan."""
    rows = session.scalars(
        scoped(ConflictDeclaration, actor)
        .join(ReviewMember, ReviewMember.id == ConflictDeclaration.member_id)
        .where(ReviewMember.call_id == call.id, ConflictDeclaration.scan_file_id.is_not(None))
        .order_by(ReviewMember.position, ConflictDeclaration.id)
    )
    return [
        (
            one.member.name,
            names.get(one.proposal_id, one.proposal.title),
            "あり" if one.has_interest else "なし",
            shown(one.signed_at),
            url_for("review-result.signed_view", call=call.id, file=one.scan_file_id),
        )
        for one in rows
    ]
