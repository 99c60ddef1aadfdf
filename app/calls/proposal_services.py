"""Verbs on a proposal's content: enter, change, freeze, its papers; before the committee's door only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible, get_visible, is_editable
from app.actor import Actor
from app.audit.recorder import act
from app.calls import versions
from app.calls.departments import gone_sentence, heir_of
from app.calls.papers import papers_of
from app.calls.policy import is_office
from app.calls.proposal_values import (
    BudgetRow,
    PartnerRow,
    SubsidyRow,
    check_rows,
    cleaned,
    put_budget,
    put_partners,
    put_subsidies,
)
from app.japanese.dates import today_in_tokyo
from app.problems import Conflict, Invalid, NotAllowed, check_version
from models.base import utc_now
from models.calls import Call, CallState, Challenge
from models.directory import Organization
from models.proposal_story import PaperState, ProposalPaper, ProposalVersion
from models.proposals import Proposal, ProposalSource, ProposalState
from models.reference import Department

NOT_OPEN = "審査に入った応募・提案は変更できません。必要なときは、理由を書いて「事前調整に戻す」を行ってください。"


def create_proposal(
    session: Session,
    *,
    actor: Actor,
    call: Call,
    values: Mapping[str, Any],
    budget: Sequence[BudgetRow] = (),
    partners: Sequence[PartnerRow] = (),
    other_subsidies: Sequence[SubsidyRow] = (),
    source: ProposalSource = ProposalSource.PAPER,
    is_demo: bool = False,
) -> Proposal:
    """Enter a draft on behalf of a group. It may break any rule; receiving it (`submit`) may not.

    Raises Invalid for what no row can hold, a call that is not open yet or finished, an unknown group.
    """
    actor.require(Permission.PROPOSAL_CREATE)
    clean = cleaned(values)
    if not clean.get("title"):
        raise Invalid("入力を確かめてください。", fields={"title": "事業名を入力してください。"})
    check_rows(budget, other_subsidies)
    organization = find_visible(session, Organization, clean.get("organization_id"), actor)
    if organization is None:
        raise Invalid("入力を確かめてください。", fields={"organization_id": "応募団体を選んでください。"})
    if call.state is CallState.PREPARING:
        raise Invalid("この募集はまだ公開していません。先に募集を公開してください。")
    _check_relations(session, actor, call, clean)
    with act(session, actor, "proposal:create", f"応募・提案の入力: {clean['title']}", on_behalf_of=str(organization)):
        proposal = Proposal(call=call, source=source, is_demo=is_demo)
        for name, value in clean.items():
            setattr(proposal, name, value)
        proposal.organization = organization
        _department_of_challenge(session, proposal, clean)
        put_budget(proposal, budget)
        put_partners(proposal, partners)
        put_subsidies(proposal, other_subsidies)
        session.add(proposal)
        session.flush()
        for position, paper in enumerate(papers_of(call), start=1):
            session.add(ProposalPaper(proposal=proposal, position=position, **paper))
        session.flush()
    return proposal


def update_proposal(
    session: Session,
    *,
    actor: Actor,
    proposal: Proposal,
    version: int | None,
    values: Mapping[str, Any],
    budget: Sequence[BudgetRow] | None = None,
    partners: Sequence[PartnerRow] | None = None,
    other_subsidies: Sequence[SubsidyRow] | None = None,
) -> Proposal:
    """Change a proposal before its review; what is None stays. Frozen versions stay as they are.

    Raises StaleRecord when somebody else saved first, NotAllowed, Invalid.
    """
    actor.require(Permission.PROPOSAL_EDIT)
    _require_editable(session, proposal, actor)
    check_version(proposal, version)
    clean = cleaned({"starts_on": proposal.starts_on, "ends_on": proposal.ends_on} | dict(values))
    check_rows(budget or (), other_subsidies or ())
    if "organization_id" in clean and find_visible(session, Organization, clean["organization_id"], actor) is None:
        raise Invalid("入力を確かめてください。", fields={"organization_id": "応募団体を選んでください。"})
    _check_relations(session, actor, proposal.call, clean, proposal)
    with act(session, actor, "proposal:edit", f"応募・提案の変更: {proposal.title}"):
        for name, value in clean.items():
            if getattr(proposal, name) != value:
                setattr(proposal, name, value)
        if "organization_id" in clean:
            session.flush()
            session.expire(proposal, ["organization"])
        is_changed = session.is_modified(proposal)
        if budget is not None:
            put_budget(proposal, budget)
        if partners is not None:
            put_partners(proposal, partners)
        if other_subsidies is not None:
            put_subsidies(proposal, other_subsidies)
        if session.dirty or session.new or session.deleted or is_changed:
            proposal.updated_at = utc_now()  # a changed line renews the proposal's version too
        session.flush()
    return proposal


def delete_draft(session: Session, *, actor: Actor, proposal: Proposal, reason: str | None = None) -> None:
    """Hide a draft; it can be restored. What was received is withdrawn instead, with a reason."""
    actor.require(Permission.PROPOSAL_DELETE)
    _require_editable(session, proposal, actor)
    if proposal.state is not ProposalState.DRAFT or proposal.receipt is not None:
        raise Conflict("受け付けた応募・提案は削除できません。「取下げを受け付ける」を行ってください。")
    with act(session, actor, "proposal:delete", f"応募・提案の下書きの削除: {proposal.title}", reason=reason):
        proposal.deleted_at = utc_now()


def restore_draft(session: Session, *, actor: Actor, proposal: Proposal) -> None:
    """Bring back a deleted draft."""
    actor.require(Permission.PROPOSAL_DELETE)
    with act(session, actor, "proposal:restore", f"応募・提案の下書きの復元: {proposal.title}"):
        proposal.deleted_at = None


def freeze_version(session: Session, *, actor: Actor, proposal: Proposal, label: str) -> ProposalVersion:
    """Freeze the present content as a version of its own, as after a round of coordination (rules.md 20)."""
    actor.require(Permission.PROPOSAL_EDIT)
    _require_editable(session, proposal, actor)
    if proposal.state is ProposalState.DRAFT:
        raise Conflict("下書きの版は確定できません。先に受け付けてください。")
    before = versions.latest_version(session, proposal)
    with act(session, actor, "proposal:freeze", f"版の確定: {proposal.title}"):
        version = versions.freeze(session, actor=actor, proposal=proposal, label=(label or "調整後").strip()[:100])
    if before is not None and version.id == before.id:
        raise Conflict("前の版から変わったところがありません。内容を直してから確定してください。")
    return version


def set_papers(
    session: Session,
    *,
    actor: Actor,
    proposal: Proposal,
    states: Mapping[str, PaperState],
    received_on: dt.date | None = None,
    notes: Mapping[str, str | None] | None = None,
) -> None:
    """Tick off the checklist: {key: state}; what was received gets the day. Raises Conflict after the review began."""
    actor.require(Permission.PROPOSAL_EDIT)
    _require_editable(session, proposal, actor)
    rows = session.scalars(select(ProposalPaper).where(ProposalPaper.proposal_id == proposal.id)).all()
    day = received_on or today_in_tokyo()
    with act(session, actor, "proposal:papers", f"提出書類の確認: {proposal.title}"):
        for row in rows:
            state = states.get(row.key, row.state)
            note = (notes or {}).get(row.key, row.note)
            if row.state != state:
                row.received_on = day if state is PaperState.RECEIVED else None
                row.state = state
            if row.note != note:
                row.note = note
        session.flush()


def _require_editable(session: Session, proposal: Proposal, actor: Actor) -> None:
    if not is_editable(session, proposal, actor):
        if is_office(actor):
            raise Conflict(NOT_OPEN)
        raise NotAllowed


def _department_of_challenge(session: Session, proposal: Proposal, clean: Mapping[str, Any]) -> None:
    """Who named the challenge is in charge, unless somebody else is named."""
    if clean.get("department_id") is None and clean.get("challenge_id") is not None:
        challenge = session.get(Challenge, clean["challenge_id"])
        proposal.department_id = heir_of(challenge.department).id if challenge else None


def _check_relations(
    session: Session, actor: Actor, call: Call, clean: Mapping[str, Any], proposal: Proposal | None = None
) -> None:
    """The challenge belongs to the call; the department still exists; the predecessor is the group's own, earlier."""
    problems: dict[str, str] = {}
    if clean.get("challenge_id") is not None:
        challenge = session.get(Challenge, clean["challenge_id"])
        if challenge is None or challenge.call_id != call.id:
            problems["challenge_id"] = "この募集が示している課題・テーマから選んでください。"
    key = clean.get("department_id")
    if key is not None and (proposal is None or proposal.department_id != key):
        department = get_visible(session, Department, key, actor)
        if sentence := gone_sentence(department, "を選んでください。"):
            problems["department_id"] = sentence
    if clean.get("predecessor_id") is not None:
        before = find_visible(session, Proposal, clean["predecessor_id"], actor)
        if before is None or (before.call.fiscal_year, before.id) >= (
            call.fiscal_year,
            (proposal.id if proposal else 2**63),
        ):
            problems["predecessor_id"] = "前の年度の応募・提案を選んでください。"
    if problems:
        raise Invalid("入力を確かめてください。", fields=problems)
