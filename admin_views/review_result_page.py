"""What the page of results draws, for one reader: the matrix, the lines of the rule, conclusion and decisions beside."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session, joinedload

from admin_views.columns import shown
from app.access.permissions import Permission
from app.access.scopes import scoped
from app.actor import Actor
from app.calls.workflow import find_step
from app.japanese.money import format_yen
from app.problems import Problem
from app.reviews import concluding, confirming, deciding, letters, queries, ties
from app.reviews.corrections import corrections_of
from app.reviews.counting import two_places
from app.reviews.margins import Margin, margins_of
from app.reviews.meeting_sheet import Line, MeetingSheet, WhatIf, sheet_of, tried
from app.reviews.results import Result, result_of
from app.reviews.sealing import latest_record
from app.reviews.tally import OUTCOMES, Tally
from models.calls import Call
from models.coordination import CouncilOpinion, DepartmentOpinion
from models.proposals import Proposal
from models.review_results import Conclusion, Outcome, ReviewConclusion

#: Steps that tell of other proposals: only for who sees them all.
_OF_ALL = {"rank", "tie", "budget", "outcome"}


def visible_of(session: Session, actor: Actor, call: Call) -> dict[int, Proposal]:
    """The call's proposals that the reader sees, by id."""
    return {row.id: row for row in session.scalars(scoped(Proposal, actor).where(Proposal.call_id == call.id))}


def find_sheet(session: Session, actor: Actor, call: Call) -> MeetingSheet | None:
    """The sheet alone, for its picture; None while there is no tally."""
    try:
        result = result_of(session, call)
    except Problem:
        return None
    return sheet_of(result.ballot, result.tally, frozenset(map(str, visible_of(session, actor, call))))


def result_context(session: Session, actor: Actor, call: Call, what: WhatIf) -> dict[str, Any]:
    """Values for reviews/result.html. Without a tally `sheet` is None and `waits_for` says why."""
    visible = visible_of(session, actor, call)
    is_secretariat = actor.may(Permission.CONCLUSION_EDIT) and not queries.is_listed(session, actor, call.id)
    context: dict[str, Any] = {
        "sheet": None,
        "rows": [],
        "waits_for": [],
        "refused": [],
        "is_secretariat": is_secretariat,
        "what": what,
        "criteria": queries.criteria_of(session, call.id),
        "all_members": queries.members_of(session, call.id),
        "rule": queries.get_rule(session, call.id),
    }
    try:
        result = result_of(session, call)
    except Problem as problem:
        return context | {"waits_for": [problem.message]}
    found = result.tally
    try:
        found = found if what.is_empty else tried(result.ballot, what)
    except Problem as problem:
        what = WhatIf()
        context |= {"what": what, "refused": [problem.message]}
    keys = frozenset(str(key) for key in visible)
    sheet = sheet_of(result.ballot, found, keys)
    margins = margins_of(result.ballot, found) if what.is_empty else {}
    sees_all = all(str(one.id) in keys for one in found.proposals)
    conclusion = concluding.find_conclusion(session, call.id)
    order = _ordered(result.tally, conclusion, visible)
    is_confirmed = conclusion is not None and conclusion.confirmed_at is not None
    context |= {
        "sheet": sheet,
        "sees_all": sees_all,
        "members": list(enumerate(sheet.members, start=1)),
        "rows": [_row(line, sees_all, result.tally, what, margins) for line in sheet.lines],
        "advice": [
            (one.name, _signed(one.severity), "–" if one.consistency is None else f"{one.consistency:+.2f}")
            for one in sheet.advice
        ]
        if is_secretariat
        else [],
        "adjusted": [
            (line.result.label, _percent(line.result.percent), "–" if even is None else f"約{even:.1f}%")
            for line in sheet.lines
            for even in (sheet.adjusted(line),)
        ]
        if is_secretariat
        else [],
        "budget": format_yen(found.budget_yen),
        "adopted": format_yen(found.adopted_yen),
        "left": format_yen(found.budget_yen - found.adopted_yen),
        "order": _order(result, visible),
        "opinions": _verdicts(session, actor, visible),
        "means": {str(key): letters.criterion_means(result, key) for key in visible},
        "ties": _ties(session, call, visible) if sees_all else [],
        "is_undecided": found.is_undecided and sees_all,
        "conclusion": conclusion,
        "is_confirmed": is_confirmed,
        "confirmed_at": shown(conclusion.confirmed_at) if conclusion is not None else "",
        "confirmed_by": conclusion.confirmed_by_means.label if conclusion and conclusion.confirmed_by_means else "",
        "minutes_url": url_for(".signed_view", call=call.id, file=conclusion.minutes_file_id)
        if is_secretariat and conclusion is not None and conclusion.minutes_file_id is not None
        else None,
        "may_confirm": not is_confirmed
        and conclusion is not None
        and (is_secretariat or confirming.may_confirm(session, actor, call) is not None),
        "obstacles": confirming.obstacles_of(session, call, result) if sees_all and not is_confirmed else [],
        "record": latest_record(session, call.id) if is_secretariat else None,
        "corrections": len(corrections_of(session, actor, call.id)) if is_secretariat else 0,
        "lines": sorted(conclusion.lines, key=lambda line: order.index(line.proposal_id)) if conclusion else [],
        "decisions": _decisions(
            session, actor, [visible[key] for key in order if key in visible], is_secretariat, sees_all
        )
        if is_confirmed
        else [],
    }
    return context


def _ties(session: Session, call: Call, visible: dict[int, Proposal]) -> list[tuple[str, str, str, str]]:
    """(titles in order, how it was decided, its story, address to decide again)"""
    return [
        (
            "→".join(f"「{visible[key].title}」" for key in row.proposal_ids if key in visible),
            row.means.label,
            row.note,
            url_for(".tie_view", call=call.id, again=row.id),
        )
        for row in ties.ties_in_force(session, call.id)
    ]


def _verdicts(session: Session, actor: Actor, keys: Iterable[int]) -> dict[str, list[str]]:
    """Proposal (as text) → 「公園課: 実施が望ましい」, as short as a table takes it; two queries."""
    found: dict[str, list[str]] = {str(key): [] for key in keys}
    asked = scoped(DepartmentOpinion, actor).where(DepartmentOpinion.proposal_id.in_(map(int, found)))
    for one in session.scalars(asked.options(joinedload(DepartmentOpinion.department)).order_by(DepartmentOpinion.id)):
        if one.verdict is not None:
            found[str(one.proposal_id)].append(f"{one.department.name}: {one.verdict.label}")
    given = scoped(CouncilOpinion, actor).where(CouncilOpinion.proposal_id.in_(map(int, found)))
    for told in session.scalars(given.order_by(CouncilOpinion.id)):
        found[str(told.proposal_id)].append(f"庁内検討会議: {told.verdict.label}")
    return found


def _row(line: Line, sees_all: bool, real: Tally, what: WhatIf, margins: dict[str, list[Margin]]) -> dict[str, Any]:
    result = line.result
    was = next(one for one in real.proposals if one.id == result.id)
    changed = not what.is_empty and (was.outcome, was.rank) != (result.outcome, result.rank)
    return {
        "id": result.id,
        "sheets_url": url_for(".sheets_view", proposal=result.id),
        "title": result.label,
        "requested": format_yen(result.requested_yen),
        "marks": [mark for mark, _ in line.marks],
        "percent": _percent(result.percent),
        "range": "–"
        if line.lowest is None or line.highest is None
        else f"{two_places(line.lowest)}〜{two_places(line.highest)}",
        "deviation": "–" if line.deviation is None else f"{line.deviation:.1f}",
        "rank": (f"{result.rank}位" if result.rank is not None else "–") if sees_all else "",
        "is_tied": result.tie_undecided and sees_all,
        "outcome": OUTCOMES[result.outcome] if sees_all else "",
        "has_amount": result.amount_yen > 0,
        "amount": format_yen(result.amount_yen) if sees_all else "",
        "steps": [step.text for step in result.steps if sees_all or step.about not in _OF_ALL],
        "margins": [text for about, text in margins.get(str(result.id), []) if sees_all or about not in _OF_ALL],
        "was": f"いまの規則では{OUTCOMES[was.outcome]}{f'({was.rank}位)' if was.rank else ''}" if changed else "",
    }


def _ordered(found: Tally, conclusion: ReviewConclusion | None, visible: Iterable[int]) -> list[int]:
    """Proposals by rank; what stands in the conclusion without being tallied last."""
    others = [line.proposal_id for line in conclusion.lines] if conclusion is not None else []
    return list(dict.fromkeys([*(int(one.id) for one in found.proposals), *others, *sorted(visible)]))


def _order(result: Result, visible: dict[int, Proposal]) -> list[tuple[str, list[str]]]:
    """Order of discussion: proposals with the same members out stand together, those without anybody out first."""
    names = {one.key: one.name for one in result.ballot.members}
    groups: dict[tuple[str, ...], list[str]] = {}
    for entry in result.ballot.proposals:
        if int(entry.id) in visible:
            out = tuple(sorted(names[key] for key in entry.conflicts if key in names))
            groups.setdefault(out, []).append(entry.name)
    return [
        ("、".join(out), titles) for out, titles in sorted(groups.items(), key=lambda item: (len(item[0]), item[0]))
    ]


def _percent(value: Fraction | None) -> str:
    return "–" if value is None else f"{two_places(value)}%"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.1f}"


def _decisions(
    session: Session, actor: Actor, proposals: Iterable[Proposal], is_secretariat: bool, sees_all: bool
) -> list[dict[str, Any]]:
    rows = []
    for proposal in proposals:
        key = proposal.id
        line: Conclusion | None = deciding.find_line(session, key)
        if line is None:
            continue
        decision = deciding.find_decision(session, key)
        is_decided = decision is not None and decision.decided_at is not None
        may = is_secretariat and actor.may(Permission.REVIEW_DECISION_EDIT)
        reads = is_decided or is_secretariat
        can_reserve = (
            may
            and line.outcome is Outcome.RESERVE
            and find_step(proposal.call.program.code, proposal.state, "reserve") is not None
        )
        notice = letters.notice_of(session, actor, key) if actor.may(Permission.NOTICE_READ) else None
        links = {
            "edit_url": url_for(".decision_view", proposal=key) if may and not is_decided else None,
            "decide_url": url_for(".decide_view", proposal=key) if may and decision and not is_decided else None,
            "reserve_url": url_for(".reserve_view", proposal=key) if can_reserve else None,
            "paper_url": url_for(".paper_view", proposal=key) if may and decision else None,
            "notice_url": url_for("notice.details_view", key=notice.id) if notice is not None else None,
        }
        rows.append(
            links
            | {
                "has_acts": any(links.values()),
                "title": proposal.title,
                "url": url_for("proposal.details_view", key=key),
                "conclusion": f"{line.outcome.label} {format_yen(line.amount_yen)}",
                # the reasons tell ranks and the budget, and so of the others
                "reason": line.reason if sees_all else "",
                "departure": line.departure_reason if sees_all else "",
                "conditions": line.conditions,
                "decision": f"{decision.outcome.label} {format_yen(decision.amount_yen)}" if decision and reads else "",
                "is_decided": is_decided,
                "decided_on": shown(decision.decided_on) if decision and reads else "",
                "version": decision.version if decision else None,
            }
        )
    return rows
