"""A filled-in form of a proposal on its way: looked at beside what is stored, then taken whole or put aside.

Taking goes through the same verbs as typing: a form changes what a proposal says, never its state.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

from sqlalchemy import ColumnElement, delete, false, select, true
from sqlalchemy.orm import Session

from app.access.permissions import Permission
from app.access.scopes import find_visible, get_visible, is_editable, register_scope, visible_to
from app.actor import Actor
from app.audit.recorder import act
from app.calls.form_fields import CHALLENGE, FIELDS
from app.calls.form_reading import FormContent, read_form
from app.calls.form_words import budget_rows, cells_in, cells_of, partner_rows, subsidy_rows
from app.calls.form_writing import shown_challenges
from app.calls.proposal_services import NOT_OPEN, create_proposal, update_proposal
from app.calls.proposal_values import BudgetRow, PartnerRow, SubsidyRow
from app.japanese.text import clean_line
from app.problems import Conflict, Invalid, NotFound
from models.base import utc_now
from models.calls import Call, CallState
from models.directory import Organization
from models.proposal_uploads import ProposalUpload
from models.proposals import Proposal, ProposalSource

#: What nobody came back to is forgotten with the next upload.
KEPT_FOR = dt.timedelta(days=14)


def _uploads_visible_to(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.may(Permission.PROPOSAL_IMPORT) else false()


register_scope(ProposalUpload, visible=_uploads_visible_to, editable=_uploads_visible_to)


@dataclasses.dataclass(frozen=True)
class Differences:
    """A form beside what is stored: cells (label, now, in the form) of what differs, and problems (place, sentence)."""

    title: str
    group: str
    cells: list[tuple[str, str, str]]
    problems: list[tuple[str, str]]
    #: The form names a group that the directory does not know by that name: somebody has to choose.
    needs_group: bool = False


def receive(session: Session, *, actor: Actor, content: bytes, file_name: str, secret: str) -> ProposalUpload:
    """Read a form and keep it; nothing of the proposal changes yet. Raises Invalid, NotFound, Conflict."""
    actor.require(Permission.PROPOSAL_IMPORT)
    form_id, read = read_form(content, secret)
    call = get_visible(session, Call, form_id.call_id, actor)
    proposal = None
    plain = read.as_json()
    if form_id.proposal_id is not None:
        proposal = get_visible(session, Proposal, form_id.proposal_id, actor)
        _require_open(session, actor, proposal)
    elif form_id.organization_id == 0:
        _require_running(call)
        plain["organization_id"] = _group_called(session, actor, read.group)
    else:
        organization = find_visible(session, Organization, form_id.organization_id, actor)
        if organization is None:
            raise NotFound("この様式の団体は、団体の一覧にありません。削除されていないか確かめてください。")
        _require_running(call)
        plain["organization_id"] = organization.id
    with act(session, actor, "proposal:import", "応募・提案の様式の読み取り"):
        session.execute(delete(ProposalUpload).where(ProposalUpload.uploaded_at < utc_now() - KEPT_FOR))
        if proposal is not None:
            session.execute(delete(ProposalUpload).where(ProposalUpload.proposal_id == proposal.id))
            plain["seen_version"] = proposal.version
        upload = ProposalUpload(
            call_id=call.id,
            proposal_id=proposal.id if proposal is not None else None,
            uploaded_by_id=actor.user_id,
            uploaded_at=utc_now(),
            file_name=clean_line(file_name, strip_controls=True).replace("\\", "/").rsplit("/", 1)[-1][-200:]
            or "(名称なし)",
            content=plain,
        )
        session.add(upload)
        session.flush()
    return upload


def _require_running(call: Call) -> None:
    if call.state is CallState.FINISHED:
        raise Conflict("この募集は終了しています。新しい年度の募集の様式を使ってください。")


def _group_called(session: Session, actor: Actor, name: str) -> int | None:
    """The one group of the directory that bears the name which the form gives."""
    hits = session.scalars(
        select(Organization.id).where(visible_to(Organization, actor), Organization.name == name).limit(2)
    ).all()
    return hits[0] if len(hits) == 1 else None


def name_group(session: Session, *, actor: Actor, upload: ProposalUpload, organization_id: int | None) -> None:
    """Say which group of the directory has filled in a form that went out without a name. Raises Invalid, Conflict."""
    actor.require(Permission.PROPOSAL_IMPORT)
    if upload.proposal_id is not None:
        raise Conflict("登録済みの応募・提案の様式です。団体は変えられません。")
    organization = find_visible(session, Organization, organization_id, actor)
    if organization is None:
        sentence = "団体を一覧から選んでください。一覧にない団体は、先に団体の一覧に登録してください。"
        raise Invalid(sentence, fields={"organization": sentence})
    with act(session, actor, "proposal:import", "応募・提案の様式の団体の選択"):
        upload.content = dict(upload.content) | {"organization_id": organization.id}


def _require_open(session: Session, actor: Actor, proposal: Proposal) -> None:
    if not is_editable(session, proposal, actor):
        raise Conflict(NOT_OPEN)


def differences_of(session: Session, actor: Actor, upload: ProposalUpload) -> Differences:
    """What the form would change, cell by cell, and what is wrong with it."""
    content = _content(upload)
    problems = list(content.problems)
    titles = {one.title for one in shown_challenges(session, upload.call)}
    if content.challenge and content.challenge not in titles:
        problems.append((CHALLENGE, f"「{content.challenge[:40]}」は、この募集が示している課題・テーマにありません。"))
    now = cells_of(upload.proposal) if upload.proposal is not None else {}
    new = cells_in(content)
    cells = [
        (label, now.get(label, ""), new.get(label, ""))
        for label in dict.fromkeys([*new, *now])
        if now.get(label, "") != new.get(label, "")
    ]
    if upload.proposal is not None:
        group = str(upload.proposal.organization)
    else:
        found = find_visible(session, Organization, upload.content.get("organization_id"), actor)
        group = str(found) if found is not None else content.group or "(団体名なし)"
        return Differences(content.fields.get("title") or "(事業名なし)", group, cells, problems, found is None)
    return Differences(content.fields.get("title") or "(事業名なし)", group, cells, problems)


def fingerprint(upload: ProposalUpload) -> str:
    """What the differences were computed from: the form, and the proposal at its version."""
    version = upload.proposal.version if upload.proposal is not None else 0
    return hashlib.sha256(repr((upload.id, version, upload.content.get("organization_id"))).encode()).hexdigest()[:24]


def take(session: Session, *, actor: Actor, upload: ProposalUpload, seen: str) -> Proposal:
    """Make a draft of the form, or put it into its proposal; all or nothing. seen: the fingerprint that was shown.

    Raises Conflict when the proposal changed after the differences were shown, Invalid when a cell is wrong.
    """
    actor.require(Permission.PROPOSAL_IMPORT)
    if fingerprint(upload) != seen:
        raise Conflict(
            "違いを表示したあとに、応募・提案が変更されました。違いをもう一度確かめてから取り込んでください。"
        )
    found = differences_of(session, actor, upload)
    if found.problems:
        raise Invalid(f"読み取れない項目が{len(found.problems)}か所あります。様式を直して、もう一度選んでください。")
    if found.needs_group:
        raise Invalid("先に、様式の団体を団体の一覧から選んでください。")
    content = _content(upload)
    values, budget, partners, subsidies = _values(session, upload, content)
    label = "応募・提案の様式の取込み"
    with act(session, actor, "proposal:import", label):
        if upload.proposal is None:
            values["organization_id"] = upload.content.get("organization_id")
            proposal = create_proposal(
                session,
                actor=actor,
                call=upload.call,
                values=values,
                budget=budget,
                partners=partners,
                other_subsidies=subsidies,
                source=ProposalSource.EXCEL,
            )
        else:
            proposal = update_proposal(
                session,
                actor=actor,
                proposal=upload.proposal,
                version=upload.proposal.version,
                values=values,
                budget=budget,
                partners=partners,
                other_subsidies=subsidies,
            )
        session.delete(upload)
    return proposal


def discard(session: Session, *, actor: Actor, upload: ProposalUpload) -> None:
    """Put a form aside."""
    actor.require(Permission.PROPOSAL_IMPORT)
    with act(session, actor, "proposal:import", "応募・提案の様式の取りやめ"):
        session.delete(upload)


# --- values --------------------------------------------------------------------------------------------------


def _content(upload: ProposalUpload) -> FormContent:
    names = {field.name for field in dataclasses.fields(FormContent)}
    return FormContent.from_json({key: value for key, value in upload.content.items() if key in names})


def _values(
    session: Session, upload: ProposalUpload, content: FormContent
) -> tuple[dict[str, Any], list[BudgetRow], list[PartnerRow], list[SubsidyRow]]:
    values: dict[str, Any] = {}
    for field in FIELDS:
        text = content.fields.get(field.name, "")
        values[field.name] = field.read(text) if text else None
    challenges = {one.title: one.id for one in shown_challenges(session, upload.call)}
    values["challenge_id"] = challenges.get(content.challenge)
    known = {one.name: one.organization_id for one in upload.proposal.partners} if upload.proposal is not None else {}
    partners = [dataclasses.replace(row, organization_id=known.get(row.name)) for row in partner_rows(content)]
    return values, budget_rows(content), partners, subsidy_rows(content)
