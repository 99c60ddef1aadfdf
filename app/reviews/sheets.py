"""Score sheets: drafts, sealing, unsealing (rules.md 26). Every verb looks through the proposal's own scope first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import get_visible
from app.actor import Actor
from app.audit.recorder import act
from app.problems import Conflict as Refusal
from app.problems import Invalid, NotFound
from app.reviews import conflicts, queries
from app.reviews.openings import refresh_openings, was_open
from app.reviews.sheet_values import SheetValues, check_complete, check_draft
from models.base import utc_now
from models.proposals import Proposal, ProposalState
from models.review_sheets import Score, ScoreDraft, ScoreSheet, ScoreSheetVersion, SheetState
from models.reviews import Criterion, ReviewMember, ReviewStage

SECOND_TAB = "この採点票は、別の画面(タブや端末)で先に保存されています。画面を開き直して、内容を確かめてください。"
ALREADY_SEALED = "この採点票は、すでに確定しています。直すときは、推進担当に確定の解除を依頼してください。"
_DRAFTS_A_VERSION = 1_000_000
ENTERED = "推進担当が、この採点票を紙から入力しています。推進担当にご確認ください。"
VOID = "この採点票は、利害関係が判明したため無効です。"


def own_sheet(session: Session, *, actor: Actor, proposal_id: int, stage: ReviewStage) -> ScoreSheet | None:
    """The actor's own sheet, if there is one. Raises NotFound for a proposal that the actor may not see."""
    proposal, member = _place(session, actor, proposal_id)
    return find_sheet(session, member.id, proposal.id, stage)


def _place(session: Session, actor: Actor, proposal_id: int) -> tuple[Proposal, ReviewMember]:
    """The proposal through its scope (declared, not in conflict), and the actor's place on the list."""
    actor.require(Permission.SCORE_ENTER)
    proposal = get_visible(session, Proposal, proposal_id, actor)
    member = queries.find_own_member(session, actor, proposal.call_id)
    if member is None:
        raise NotFound
    return proposal, member


def find_sheet(session: Session, member_id: int, proposal_id: int, stage: ReviewStage) -> ScoreSheet | None:
    """One sheet, as it stands in the database now."""
    return session.scalars(
        select(ScoreSheet)
        .where(ScoreSheet.member_id == member_id, ScoreSheet.proposal_id == proposal_id, ScoreSheet.stage == stage)
        .execution_options(populate_existing=True)
    ).one_or_none()


def find_draft(session: Session, sheet: ScoreSheet) -> ScoreDraft | None:
    """What is being written on it."""
    return session.scalars(
        select(ScoreDraft).where(ScoreDraft.sheet_id == sheet.id).execution_options(populate_existing=True)
    ).one_or_none()


def token_of(sheet: ScoreSheet, draft: ScoreDraft | None) -> int:
    """What a page must send back with its next save; 0 before the first. Grows over unsealings too, where the draft
    begins anew: a tab left open since before the sealing never passes for a fresh one."""
    return len(sheet.versions) * _DRAFTS_A_VERSION + draft.version if draft is not None else 0


def seen_of(session: Session, sheet: ScoreSheet) -> int:
    """The token of the draft as it stands now."""
    return token_of(sheet, find_draft(session, sheet))


def save_draft(
    session: Session, *, actor: Actor, proposal_id: int, stage: ReviewStage, values: SheetValues, seen: int
) -> int:
    """Keep what is being written; returns the draft's token, to be sent with the next save.

    seen: the token that the page knows, 0 for none. Raises Conflict when another tab saved first, or when sealed.
    """
    proposal, member = _place(session, actor, proposal_id)
    with act(session, actor, "sheet:draft", "採点票の記入を始めました"):
        queries.lock_review(session, proposal.call_id)
        sheet = writable_sheet(session, member, proposal, stage)
        if sheet.entered_by_id is not None:
            raise Refusal(ENTERED)
        return write_draft(session, sheet, values, seen)


def writable_sheet(session: Session, member: ReviewMember, proposal: Proposal, stage: ReviewStage) -> ScoreSheet:
    """The sheet, made if it is not there. Raises Conflict unless it may be written on now."""
    if proposal.state is not ProposalState.REVIEWING:
        raise Refusal(f"「{proposal.state.label}」の提案は採点できません。")
    if not queries.criteria_of(session, proposal.call_id, stage):
        raise Refusal(f"{stage.label}の審査基準がまだありません。推進担当にご確認ください。")
    if (member.id, stage) in queries.absences_of(session, proposal.call_id):
        raise Refusal(f"{stage.label}は欠席と記録されています。推進担当にご確認ください。")
    sheet = find_sheet(session, member.id, proposal.id, stage)
    if sheet is None:
        sheet = ScoreSheet(member_id=member.id, proposal_id=proposal.id, stage=stage)
        session.add(sheet)
        session.flush()
    if sheet.state is not SheetState.DRAFT:
        raise Refusal(ALREADY_SEALED if sheet.state is SheetState.SEALED else VOID)
    return sheet


def write_draft(session: Session, sheet: ScoreSheet, values: SheetValues, seen: int) -> int:
    """Inside an act: the draft, if `seen` is its token. Raises Conflict when it is not, Invalid for far too much."""
    check_draft(values)
    draft = find_draft(session, sheet)
    if draft is None:
        draft = ScoreDraft(sheet_id=sheet.id)
        session.add(draft)
    elif token_of(sheet, draft) != seen:
        raise Refusal(SECOND_TAB)
    draft.values, draft.saved_at = values.as_json(), utc_now()
    session.flush()
    return token_of(sheet, draft)


def seal(
    session: Session, *, actor: Actor, proposal_id: int, stage: ReviewStage, values: SheetValues, seen: int
) -> ScoreSheetVersion:
    """Seal one's own sheet (確定). Raises Invalid naming each field, Conflict when it is sealed, void or stale."""
    proposal, member = _place(session, actor, proposal_id)
    with act(session, actor, "sheet:seal", "採点票を確定しました"):
        sheet, criteria = prepare_sealing(session, actor, member, proposal, stage, values)
        if sheet.entered_by_id is not None:
            raise Refusal(ENTERED)
        check_seen(session, sheet, seen)
        return write_version(session, actor, sheet, criteria, values)


def prepare_sealing(
    session: Session,
    actor: Actor,
    member: ReviewMember,
    proposal: Proposal,
    stage: ReviewStage,
    values: SheetValues,
) -> tuple[ScoreSheet, Sequence[Criterion]]:
    """Inside an act: all that must hold before a sheet is sealed."""
    queries.lock_review(session, proposal.call_id)
    conflicts.derive(session, actor, proposal.call_id)
    if (member.id, proposal.id) in queries.conflict_pairs(session, proposal.call_id):
        raise NotFound
    sheet = writable_sheet(session, member, proposal, stage)
    unset = queries.get_rule(session, proposal.call_id).unset
    if unset:
        raise Refusal(
            f"審査の規則がまだ決まっていないため、確定できません(未設定: {'、'.join(unset)})。下書きは保存されます。"
            "推進担当にご確認ください。"
        )
    criteria = queries.criteria_of(session, proposal.call_id, stage)
    check_complete(values, criteria)
    return sheet, criteria


def check_seen(session: Session, sheet: ScoreSheet, seen: int) -> None:
    """Raise Conflict when another tab saved a draft since."""
    draft = find_draft(session, sheet)
    if draft is not None and token_of(sheet, draft) != seen:
        raise Refusal(SECOND_TAB)


def write_version(
    session: Session,
    actor: Actor,
    sheet: ScoreSheet,
    criteria: Sequence[Criterion],
    values: SheetValues,
    *,
    scan_id: int | None = None,
) -> ScoreSheetVersion:
    """Inside an act: the sealed version with its scores; the draft goes, the stage is counted anew."""
    call_id = sheet.member.call_id
    version = ScoreSheetVersion(
        sheet_id=sheet.id,
        number=len(sheet.versions) + 1,
        comment=values.comment,
        sealed_by_id=actor.user_id,
        is_on_behalf=scan_id is not None,
        scan_file_id=scan_id,
        is_after_opening=was_open(session, call_id, sheet.stage),
    )
    session.add(version)
    session.flush()
    for one in criteria:
        session.add(
            Score(
                version_id=version.id,
                criterion_id=one.id,
                value=values.scores[one.id],
                comment=values.comments.get(one.id, ""),
            )
        )
    draft = find_draft(session, sheet)
    if draft is not None:
        session.delete(draft)
    sheet.state, sheet.entered_by_id = SheetState.SEALED, None
    refresh_openings(session, call_id)
    session.expire(sheet, ["versions"])
    return version


def unseal(session: Session, *, actor: Actor, sheet_id: int, reason: str) -> ScoreSheet:
    """確定解除 by the office, with a reason. The version stays; a draft starts from it. The stage closes again."""
    actor.require(Permission.SHEET_MANAGE)
    if not reason.strip():
        raise Invalid("確定を解除する理由を書いてください。", fields={"reason": "理由を書いてください。"})
    sheet = session.get(ScoreSheet, sheet_id)
    if sheet is None:
        raise NotFound
    get_visible(session, Proposal, sheet.proposal_id, actor)
    call_id = sheet.member.call_id
    with act(session, actor, "sheet:unseal", "採点票の確定を解除しました", reason=reason.strip()):
        queries.lock_review(session, call_id)
        session.refresh(sheet)
        if sheet.state is not SheetState.SEALED:
            raise Refusal("この採点票は確定していません。画面を開き直して、状況を確かめてください。")
        version = next(one for one in sheet.versions if one.unsealed_at is None)
        version.unsealed_at, version.unsealed_by_id = utc_now(), actor.user_id
        version.unseal_reason = reason.strip()
        sheet.state = SheetState.DRAFT
        session.add(ScoreDraft(sheet_id=sheet.id, values=values_of(version).as_json()))
        refresh_openings(session, call_id)
    return sheet


def values_of(version: ScoreSheetVersion) -> SheetValues:
    """What a sealed version holds. For whoever may read it."""
    return SheetValues(
        {one.criterion_id: one.value for one in version.scores},
        {one.criterion_id: one.comment for one in version.scores if one.comment},
        version.comment,
    )
