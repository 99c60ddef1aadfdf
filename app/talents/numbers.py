"""What the centre reports of こだいら人財の森, by fiscal year: counts and days only, nobody's name. Reads only."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from app.access.permissions import Permission
from app.actor import Actor
from app.japanese.dates import fiscal_year_bounds, fiscal_year_of, to_tokyo, today_in_tokyo
from app.talents.queries import waits_since
from app.talents.stages import REPLY_DAYS, awaits_reply
from models.base import utc_now
from models.matches import FollowUp, Match, MatchStep, Outcome, Side, Stage
from models.talent_requests import RequestStatus, TalentRequest, UnfilledReason
from models.talents import Talent, TalentStatus

MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
#: Upper bounds of the groups in which approaches per talent are counted; the last is open.
_ROTATION = ((0, "0回"), (1, "1回"), (2, "2回"), (4, "3〜4回"), (None, "5回以上"))


@dataclass(frozen=True)
class Days:
    """Days from a request's receipt to something: over how many, median, longest. None: nothing to count."""

    count: int
    median: float | None
    longest: int | None


@dataclass(frozen=True)
class Numbers:
    """One fiscal year. Months are April to March."""

    fiscal_year: int
    requests: int
    requests_by_month: list[tuple[str, int]]
    statuses: list[tuple[str, int]]
    unfilled: list[tuple[str, int]]
    to_candidate: Days
    to_match: Days
    approaches: int
    engagements: int
    engagements_by_month: list[tuple[str, int]]
    declined: int
    no_reply: int
    outcomes: list[tuple[str, int, int]]
    rotation: list[tuple[str, int]]
    talents: int
    talents_by_kind: list[tuple[str, int]]


def years(session: Session) -> list[int]:
    """Fiscal years from the first request's to this one, newest first."""
    this = fiscal_year_of(today_in_tokyo())
    first = session.scalar(select(func.min(TalentRequest.received_on)))
    start = fiscal_year_of(first) if first else this
    return list(range(this, min(start, this) - 1, -1))


def numbers_of(session: Session, actor: Actor, fiscal_year: int) -> Numbers:
    """The figures of a year. Eight queries. Requests count by the day of receipt, steps by the day they were taken."""
    actor.require(Permission.TALENT_STATISTIC_READ)
    first, last = fiscal_year_bounds(fiscal_year)
    requests = session.execute(
        select(TalentRequest.id, TalentRequest.received_on, TalentRequest.status, TalentRequest.unfilled_reason)
        .where(TalentRequest.received_on.between(first, last), TalentRequest.deleted_at.is_(None))
        .order_by(TalentRequest.id)
    ).all()
    received = {row.id: row.received_on for row in requests}
    firsts = _first_steps(session, received)
    steps = [(stage, day) for stage, at in _steps(session) if first <= (day := to_tokyo(at).date()) <= last]
    taken = Counter(stage for stage, _ in steps)
    statuses = Counter(row.status for row in requests)
    reasons = Counter(row.unfilled_reason for row in requests if row.unfilled_reason is not None)
    return Numbers(
        fiscal_year=fiscal_year,
        requests=len(requests),
        requests_by_month=_by_month(received.values()),
        statuses=[(status.label, statuses[status]) for status in RequestStatus],
        unfilled=[(reason.label, reasons[reason]) for reason in UnfilledReason if reasons[reason]],
        to_candidate=_days(received, firsts, Stage.CANDIDATE),
        to_match=_days(received, firsts, Stage.ENGAGED),
        approaches=taken[Stage.APPROACHED],
        engagements=taken[Stage.ENGAGED],
        engagements_by_month=_by_month(day for stage, day in steps if stage is Stage.ENGAGED),
        declined=taken[Stage.DECLINED],
        no_reply=_waiting_now(session),
        outcomes=_outcomes(session, first, last),
        rotation=_rotation(session, first, last),
        talents=session.scalar(_active()) or 0,
        talents_by_kind=_kinds(session),
    )


def table_of(numbers: Numbers) -> list[tuple[str, str, float | int | str]]:
    """The same as rows for Excel: (group, what, figure)."""
    rows: list[tuple[str, str, float | int | str]] = [("全体", label, value) for label, value in summary_of(numbers)]
    rows += [("月別の依頼", label, value) for label, value in numbers.requests_by_month]
    rows += [("月別の成立", label, value) for label, value in numbers.engagements_by_month]
    rows += [("依頼の状態", label, value) for label, value in numbers.statuses]
    rows += [("見つからなかった理由", label, value) for label, value in numbers.unfilled]
    rows += [("打診した回数ごとの人財の数", label, value) for label, value in numbers.rotation]
    for label, of_talents, of_groups in numbers.outcomes:
        rows += [("その後(人財から)", label, of_talents), ("その後(依頼団体から)", label, of_groups)]
    return rows


def summary_of(numbers: Numbers) -> list[tuple[str, float | int | str]]:
    """(label, figure) of the year as a whole; a figure without anything behind it is '-'."""

    def days(value: float | int | None) -> float | int | str:
        if value is None:
            return "-"
        return int(value) if value == int(value) else value

    return [
        ("受け付けた依頼(件)", numbers.requests),
        ("打診(件)", numbers.approaches),
        ("成立(件)", numbers.engagements),
        ("辞退(件)", numbers.declined),
        (f"{REPLY_DAYS}日以上返事のない打診(件)", numbers.no_reply),
        ("受付から最初の候補まで(日・中央値)", days(numbers.to_candidate.median)),
        ("受付から最初の候補まで(日・最長)", days(numbers.to_candidate.longest)),
        ("受付から成立まで(日・中央値)", days(numbers.to_match.median)),
        ("受付から成立まで(日・最長)", days(numbers.to_match.longest)),
        ("登録中の人財(件)", numbers.talents),
        *((f"登録中の人財のうち{label}(件)", value) for label, value in numbers.talents_by_kind),
    ]


def _first_steps(session: Session, received: dict[int, dt.date]) -> dict[tuple[int, Stage], dt.date]:
    rows = session.execute(
        select(Match.request_id, MatchStep.stage, func.min(MatchStep.at))
        .join(Match, MatchStep.match_id == Match.id)
        .where(Match.request_id.in_(list(received)), MatchStep.stage.in_((Stage.CANDIDATE, Stage.ENGAGED)))
        .group_by(Match.request_id, MatchStep.stage)
    )
    return {(request_id, stage): to_tokyo(at).date() for request_id, stage, at in rows}


def _days(received: dict[int, dt.date], firsts: dict[tuple[int, Stage], dt.date], stage: Stage) -> Days:
    found = [
        max(0, (firsts[request_id, stage] - day).days)
        for request_id, day in received.items()
        if (request_id, stage) in firsts
    ]
    if not found:
        return Days(0, None, None)
    return Days(len(found), statistics.median(found), max(found))


def _steps(session: Session) -> Sequence[tuple[Stage, dt.datetime]]:
    wanted = (Stage.APPROACHED, Stage.ENGAGED, Stage.DECLINED)
    rows = session.execute(select(MatchStep.stage, MatchStep.at).where(MatchStep.stage.in_(wanted)))
    return [(stage, at) for stage, at in rows]


def _by_month(days: Iterable[dt.date]) -> list[tuple[str, int]]:
    counted = Counter(day.month for day in days)
    return [(f"{month}月", counted[month]) for month in MONTHS]


def _waiting_now(session: Session) -> int:
    now = utc_now()
    matches = session.scalars(
        select(Match).where(Match.stage == Stage.APPROACHED).options(selectinload(Match.contacts))
    ).all()
    return sum(awaits_reply(match.stage, *waits_since(match), now) for match in matches)


def _outcomes(session: Session, first: dt.date, last: dt.date) -> list[tuple[str, int, int]]:
    rows = session.execute(
        select(FollowUp.outcome, FollowUp.side, func.count())
        .where(FollowUp.asked_on.between(first, last))
        .group_by(FollowUp.outcome, FollowUp.side)
    )
    found = {(outcome, side): number for outcome, side, number in rows}
    return [
        (outcome.label, found.get((outcome, Side.TALENT), 0), found.get((outcome, Side.GROUP), 0))
        for outcome in Outcome
    ]


def _rotation(session: Session, first: dt.date, last: dt.date) -> list[tuple[str, int]]:
    """How many active talents were approached how often in the year: whether it is always the same ones."""
    rows = session.execute(
        select(Match.talent_id, MatchStep.at)
        .join(MatchStep, MatchStep.match_id == Match.id)
        .join(Talent, Talent.id == Match.talent_id)
        .where(MatchStep.stage == Stage.APPROACHED, Talent.status == TalentStatus.ACTIVE)
    )
    asked = Counter(talent_id for talent_id, at in rows if first <= to_tokyo(at).date() <= last)
    never = (session.scalar(_active()) or 0) - len(asked)
    groups: Counter[str] = Counter({_ROTATION[0][1]: max(0, never)})
    for number in asked.values():
        groups[next(label for bound, label in _ROTATION if bound is None or number <= bound)] += 1
    return [(label, groups[label]) for _, label in _ROTATION]


def _active() -> Select[int]:
    return select(func.count()).select_from(Talent).where(Talent.status == TalentStatus.ACTIVE)


def _kinds(session: Session) -> list[tuple[str, int]]:
    rows = session.execute(
        select(Talent.kind, func.count()).where(Talent.status == TalentStatus.ACTIVE).group_by(Talent.kind)
    )
    return sorted((kind.label, number) for kind, number in rows)
