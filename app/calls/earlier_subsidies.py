"""The duplicate-subsidy check (rules.md 12): other public money for the same project, in every year and program on
record, by merged identity, near-equal names and similar projects. It shows what it found; people decide."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from rapidfuzz import fuzz, process
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.access.scopes import visible_to
from app.actor import Actor
from app.calls.similarity import EQUAL_TITLE, NEAR_NAME, SAME_TEXT, SAME_TITLE, text_similarity, title_similarity
from app.directory.identity import cluster_ids, members_of
from app.japanese.dates import format_fiscal_year
from app.japanese.money import format_yen
from models.calls import Call
from models.directory import Organization, OrganizationAlias
from models.proposals import Proposal, ProposalState
from models.reference import CollaborationForm
from models.registry import Project, ProjectPartner

#: Proposals that were given money, or may be.
FUNDED = (
    ProposalState.ADOPTED,
    ProposalState.ADOPTED_WITH_CONDITIONS,
    ProposalState.AWARDED,
    ProposalState.BUDGETED,
    ProposalState.AGREED,
    ProposalState.IN_PROGRESS,
    ProposalState.REPORTED,
    ProposalState.SETTLED,
    ProposalState.EVALUATED,
    ProposalState.CLOSED,
    ProposalState.PUBLISHED,
    ProposalState.DISCONTINUED,
)
PENDING = (ProposalState.SUBMITTED, ProposalState.COORDINATING, ProposalState.REVIEWING, ProposalState.RESERVE)
#: Forms of collaboration in which the city pays.
PAID_FORMS = ("subsidy", "commission")


@dataclasses.dataclass(frozen=True)
class Found:
    """Something on record that may be public money for the same project.

    kind: proposal | project | statement; key: id of that proposal or project. is_suspicion: same or near-equal group
    and a similar project, so that the office has to say why it is none; else it is shown for information only.
    """

    kind: str
    key: int
    fiscal_year: int
    title: str
    group: str
    why: str
    is_suspicion: bool

    def __str__(self) -> str:
        return f"{format_fiscal_year(self.fiscal_year)}「{self.title}」({self.group}、{self.why})"


def find_earlier(session: Session, proposal: Proposal) -> list[Found]:
    """Everything found for a proposal, stored or being entered, the newest first. Asks about all rows, not the reader's."""
    with session.no_autoflush:
        organization_id = proposal.organization_id or (proposal.organization.id if proposal.organization else 0)
        own = cluster_ids(session, organization_id) if organization_id else set()
        near = _near_groups(session, own)
        found = _proposals(session, proposal, own, near) + _projects(session, proposal, own, near)
    return sorted(found, key=lambda one: (not one.is_suspicion, -one.fiscal_year, one.kind, one.key))


def seen_by(session: Session, actor: Actor, found: Iterable[Found]) -> tuple[list[Found], int]:
    """(what the actor may read of it, how many more there are): the check asks all rows, a screen shows its reader's."""
    rows = list(found)
    readable: set[tuple[str, int]] = set()
    for kind, model in (("proposal", Proposal), ("project", Project)):
        wanted = [one.key for one in rows if (one.kind == "project") == (kind == "project")]
        ids = session.scalars(select(model.id).where(model.id.in_(wanted), visible_to(model, actor)))
        readable |= {(kind, key) for key in ids}
    shown = [one for one in rows if ("project" if one.kind == "project" else "proposal", one.key) in readable]
    return shown, len(rows) - len(shown)


def _near_groups(session: Session, own: set[int]) -> set[int]:
    """Ids of other groups whose name, or an alias, differs next to nothing from one of ours."""
    if not own:
        return set()
    named = [
        *session.execute(
            select(Organization.id, Organization.folded_name).where(
                Organization.deleted_at.is_(None), Organization.is_person.is_(False)
            )
        ),
        *session.execute(select(OrganizationAlias.organization_id, OrganizationAlias.folded_name)),
    ]
    ours = {name for key, name in named if key in own and len(name) >= 3}
    others = [(key, name) for key, name in named if key not in own and len(name) >= 3]
    near: set[int] = set()
    for name in sorted(ours):
        hits = process.extract(
            name, [other for _, other in others], scorer=fuzz.ratio, score_cutoff=NEAR_NAME, limit=50
        )
        near |= {others[place][0] for _, _, place in hits}
    return set(session.scalars(members_of(sorted(near)))) - own if near else set()


def _proposals(session: Session, proposal: Proposal, own: set[int], near: set[int]) -> list[Found]:
    rows = session.scalars(
        select(Proposal)
        .join(Call, Call.id == Proposal.call_id)
        .where(
            Proposal.id != (proposal.id or 0),
            Proposal.deleted_at.is_(None),
            or_(Proposal.state.in_([*FUNDED, *PENDING]), Proposal.organization_id.in_(sorted(own))),
        )
        .options(
            selectinload(Proposal.call).selectinload(Call.program),
            selectinload(Proposal.organization),
            selectinload(Proposal.other_subsidies),
        )
        .order_by(Call.fiscal_year.desc(), Proposal.id)
    )
    found = []
    for other in rows:
        how = _how_alike(proposal, other.title, f"{other.purpose}\n{other.content}", other.organization_id, own, near)
        if how is None:
            continue
        why, is_suspicion = how
        year = other.call.fiscal_year
        if other.state in FUNDED or other.state in PENDING:
            amount = f" {format_yen(other.decided_yen)}" if other.decided_yen else ""
            told = f"{other.call.program.name} {other.state.label}{amount}、{why}"
            found.append(Found("proposal", other.id, year, other.title, str(other.organization), told, is_suspicion))
        for entry in other.other_subsidies if other.organization_id in own | near else []:
            told = f"当時の申出: {entry.giver}の補助、{why}"
            found.append(Found("statement", other.id, year, other.title, str(other.organization), told, is_suspicion))
    return found


def _projects(session: Session, proposal: Proposal, own: set[int], near: set[int]) -> list[Found]:
    """Collaborations of the registry in which the city paid that group."""
    if not own | near:
        return []
    paid = select(CollaborationForm.id).where(
        or_(
            CollaborationForm.code.in_(PAID_FORMS),
            CollaborationForm.parent_id.in_(select(CollaborationForm.id).where(CollaborationForm.code.in_(PAID_FORMS))),
        )
    )
    rows = session.execute(
        select(Project, ProjectPartner)
        .join(ProjectPartner, ProjectPartner.project_id == Project.id)
        .where(
            Project.deleted_at.is_(None),
            ProjectPartner.organization_id.in_(sorted(own | near)),
            or_(ProjectPartner.form_id.in_(paid), Project.program_id.is_not(None)),
        )
        .options(selectinload(ProjectPartner.form), selectinload(ProjectPartner.organization))
        .order_by(Project.fiscal_year.desc(), Project.id, ProjectPartner.position)
    )
    found: dict[int, Found] = {}
    for project, partner in rows:
        how = _how_alike(proposal, project.name, project.summary or "", partner.organization_id, own, near)
        if how is None or project.id in found:
            continue
        form = partner.form.name if partner.form else partner.form_as_published or "形態の記録なし"
        told = f"協働事業の一覧({form})、{how[0]}"
        group = str(partner.organization or partner)
        found[project.id] = Found("project", project.id, project.fiscal_year, project.name, group, told, how[1])
    return list(found.values())


def _how_alike(
    proposal: Proposal, title: str, text: str, organization_id: int | None, own: set[int], near: set[int]
) -> tuple[str, bool] | None:
    """(why it is shown, whether it is a suspicion); None: not alike."""
    by_title = title_similarity(proposal.title or "", title)
    by_text = text_similarity(f"{proposal.purpose or ''}\n{proposal.content or ''}", text)
    like = "同じ事業名" if by_title >= EQUAL_TITLE else "似た事業名" if by_title >= SAME_TITLE else ""
    if not like and by_text >= SAME_TEXT:
        like = "似た内容"
    if not like:
        return None
    if organization_id in own:
        return f"同じ団体・{like}", True
    if organization_id in near:
        return f"名称がよく似た団体・{like}", True
    return (f"別の団体・{like}", False) if by_title >= EQUAL_TITLE else None
