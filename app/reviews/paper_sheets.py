"""代理入力: the office enters a member's sheet from paper; it sees the sheet while entering, and that is logged."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.config import Settings
from app.problems import Conflict as Refusal
from app.problems import Invalid, NotAllowed, NotFound
from app.reviews import queries, sheets
from app.reviews.scans import Scan, keep_scan
from app.reviews.sheet_values import SheetValues, problems_of
from app.reviews.sheets import values_of
from models.proposals import Proposal
from models.review_sheets import ScoreDraft, ScoreSheet, ScoreSheetVersion, SheetState
from models.reviews import ReviewMember, ReviewStage


def begin(session: Session, *, actor: Actor, member_id: int, proposal_id: int, stage: ReviewStage) -> ScoreSheet:
    """Start entering: from now on this person sees the draft, and the log says so.

    What was unsealed after it came from paper starts from its values until the member writes on it. Raises Conflict while
    the member writes on it, or another of the office does; NotFound where the member is in conflict or has not declared;
    NotAllowed for one who is of the committee.
    """
    member, proposal = _place(session, actor, member_id, proposal_id)
    with act(
        session,
        actor,
        "sheet:enter-on-behalf",
        "採点票の代理入力を始めました",
        on_behalf_of=member.name,
        keep_when_empty=True,
    ):
        queries.lock_review(session, proposal.call_id)
        sheet = sheets.writable_sheet(session, member, proposal, stage)
        if sheet.entered_by_id not in (None, actor.user_id):
            raise Refusal("ほかの担当者が、この採点票を代理入力しています。")
        if sheet.entered_by_id is None and _is_the_members(sheet, sheets.find_draft(session, sheet)):
            raise Refusal("委員本人がこの採点票を記入しています。代理入力はできません。")
        sheet.entered_by_id = actor.user_id
    return sheet


def _is_the_members(sheet: ScoreSheet, draft: ScoreDraft | None) -> bool:
    """Whether the draft holds what the member wrote: any, but for the paper's own values as unsealing left them."""
    return draft is not None and not (
        sheet.versions and sheet.versions[-1].is_on_behalf and draft.values == values_of(sheet.versions[-1]).as_json()
    )


def _place(session: Session, actor: Actor, member_id: int, proposal_id: int) -> tuple[ReviewMember, Proposal]:
    actor.require(Permission.SHEET_MANAGE)
    if actor.user_id is None:
        raise NotAllowed
    proposal = get_visible(session, Proposal, proposal_id, actor)
    member = session.get(ReviewMember, member_id)
    if member is None or member.call_id != proposal.call_id or member.left_on is not None:
        raise NotFound
    if queries.find_own_member(session, actor, proposal.call_id) is not None:
        raise NotAllowed("審査の委員は、ほかの委員の採点票を代理で入力できません。")
    pair = (member.id, proposal.id)
    declaration = queries.declared_pairs(session, proposal.call_id).get(pair)
    if declaration is None or pair in queries.conflict_pairs(session, proposal.call_id):
        raise NotFound
    return member, proposal


def _entering(session: Session, actor: Actor, sheet_id: int) -> ScoreSheet:
    sheet = get_visible(session, ScoreSheet, sheet_id, actor)
    if sheet.entered_by_id != actor.user_id or sheet.state is not SheetState.DRAFT:
        raise NotFound
    return sheet


def save_draft(session: Session, *, actor: Actor, sheet_id: int, values: SheetValues, seen: int) -> int:
    """Keep what is being entered; like the member's own draft."""
    sheet = _entering(session, actor, sheet_id)
    with act(session, actor, "sheet:draft", "採点票を代理入力しています", on_behalf_of=sheet.member.name):
        queries.lock_review(session, sheet.member.call_id)
        session.refresh(sheet)
        if sheet.state is not SheetState.DRAFT or sheet.entered_by_id != actor.user_id:
            raise Refusal(sheets.ALREADY_SEALED)
        return sheets.write_draft(session, sheet, values, seen)


def seal(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    sheet_id: int,
    values: SheetValues,
    seen: int,
    scan: Scan | None,
) -> ScoreSheetVersion:
    """Seal what stands on the paper, with its scan. From then on the office sees it like any other: not at all, until all are in."""
    sheet = _entering(session, actor, sheet_id)
    if scan is None:
        gaps = problems_of(values, queries.criteria_of(session, sheet.member.call_id, sheet.stage))
        missing = {"scan": "署名のある採点票の写しを選んでください。"}
        raise Invalid("採点票の写しを添付してください。", fields=gaps | missing)
    member, proposal = _place(session, actor, sheet.member_id, sheet.proposal_id)
    with act(session, actor, "sheet:seal", "採点票を代理入力で確定しました", on_behalf_of=member.name):
        sheet, criteria = sheets.prepare_sealing(session, actor, member, proposal, sheet.stage, values)
        if sheet.entered_by_id != actor.user_id:
            raise NotFound
        sheets.check_seen(session, sheet, seen)
        file = keep_scan(
            session, actor=actor, settings=settings, scan=scan, owner_table="score_sheet", owner_key=sheet.id
        )
        return sheets.write_version(session, actor, sheet, criteria, values, scan_id=file.id)


def abandon(session: Session, *, actor: Actor, sheet_id: int) -> None:
    """Stop entering: what was typed goes. A colleague may too (who began may be away), without seeing what was typed."""
    actor.require(Permission.SHEET_MANAGE)
    sheet = session.get(ScoreSheet, sheet_id)
    if sheet is None or sheet.entered_by_id is None or sheet.state is not SheetState.DRAFT:
        raise NotFound
    get_visible(session, Proposal, sheet.proposal_id, actor)
    if queries.is_listed(session, actor, sheet.member.call_id):
        raise NotAllowed("審査の委員は、ほかの委員の採点票の代理入力に関われません。")
    with act(session, actor, "sheet:enter-on-behalf", "採点票の代理入力をやめました", on_behalf_of=sheet.member.name):
        queries.lock_review(session, sheet.member.call_id)
        session.refresh(sheet)
        if sheet.state is not SheetState.DRAFT or sheet.entered_by_id is None:
            raise Refusal("この採点票は、もう代理入力中ではありません。")
        draft = sheets.find_draft(session, sheet)
        if draft is not None:
            session.delete(draft)
        sheet.entered_by_id = None
