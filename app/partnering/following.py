"""What a search leads to: a planned collaboration in the registry, or a draft of a challenge for a call."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.calls.challenge_services import draft_challenge
from app.partnering.rules import is_called
from app.partnering.services import require_editable
from app.problems import Conflict
from app.registry.lines import PartnerLine
from app.registry.services import create_project
from models.calls import Challenge
from models.partnering import Gain, Lead, PartnerSearch
from models.registry import HostedBy, Project

_HOSTS = {Lead.GROUP: HostedBy.GROUP, Lead.CITY: HostedBy.CITY, Lead.BOTH: HostedBy.BOTH}


def make_project(session: Session, *, actor: Actor, search: PartnerSearch) -> Project:
    """A planned collaboration in the registry, filled from the search. Raises Conflict before the choice or twice."""
    require_editable(session, actor, search)
    if search.decided_on is None:
        raise Conflict("先に相手を選定してください。")
    if search.project_id is not None:
        raise Conflict("この選定からは、もう協働事業が登録されています。")
    gains = "、".join(Gain(code).label for code in search.gains)
    values = {
        "name": search.title,
        "fiscal_year": search.fiscal_year,
        "summary": search.problem,
        "common_goal": search.goal,
        "why_collaborate": _joined(search.verdict_reason, search.wanted),
        "alone_or_together": _joined(f"一緒に行うとよくなる点: {gains}" if gains else None, search.gains_note),
        "strengths": _joined(search.group_strengths, search.city_strengths),
        "why_this_partner": search.choice_reason,
        "selection_method": _joined(search.method, search.criteria),
        "form_reason": search.form_reason,
        "hosted_by": _HOSTS.get(search.lead) if search.lead else None,
        "category_id": search.categories[0].id if search.categories else None,
    }
    lines = [
        PartnerLine(name=candidate.organization.name, organization_id=candidate.organization_id, form_id=search.form_id)
        for candidate in search.chosen
    ]
    with act(session, actor, "partner-search:project", f"協働事業にする: {search.title}"):
        project = create_project(
            session, actor=actor, values=values, department_ids=[search.department_id], partners=lines
        )
        search.project = project
        session.flush()
    return project


def make_challenge(session: Session, *, actor: Actor, search: PartnerSearch, program_id: int) -> Challenge:
    """A draft of a challenge for a call (市が提示する課題・テーマ): instead of choosing, the city asks all groups."""
    require_editable(session, actor, search)
    if is_called(search):
        raise Conflict("この課題からは、もう課題・テーマの下書きが作られています。")
    if search.decided_on is not None:
        raise Conflict("相手を選定しています。公募にするときは、先に選定を取り消してください。")
    if search.project_id is not None:
        raise Conflict("この課題は、もう協働事業になっています。")
    values = {
        "title": search.title,
        "background": search.problem,
        "current_situation": search.gains_note or "",
        "expectation": _joined(search.goal, search.wanted) or "",
        "program_id": program_id,
        "fiscal_year": search.fiscal_year,
        "department_id": search.department_id,
    }
    with act(session, actor, "partner-search:challenge", f"課題・テーマの下書きにする: {search.title}"):
        challenge = draft_challenge(session, actor=actor, values=values)
        search.challenge = challenge
        session.flush()
    return challenge


def _joined(*texts: str | None) -> str | None:
    return "\n".join(text for text in texts if text) or None
