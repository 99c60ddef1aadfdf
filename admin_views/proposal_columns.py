"""Columns and filters of the list of proposals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from admin_views.columns import Column, Filter, grouped, year_options
from app.access.scopes import as_key, scoped
from app.japanese.dates import format_fiscal_year, parse_fiscal_year, to_tokyo
from models.calls import Call
from models.proposals import Proposal, ProposalState
from models.reference import Department, Program


def _key(value: str) -> int:
    key = as_key(value)
    if key is None:
        raise ValueError("no key")
    return key


def _in_call(criterion: Any) -> Any:
    return Proposal.call_id.in_(select(Call.id).where(criterion))


def _years(session: Any, actor: Any) -> list[tuple[str, str]]:
    found = session.scalars(select(Call.fiscal_year).distinct().order_by(Call.fiscal_year.desc())).all()
    return year_options(found)


def _programs(session: Any, actor: Any) -> list[tuple[str, str]]:
    rows = session.execute(select(Program.id, Program.name).where(Program.is_closed.is_(False)).order_by(Program.id))
    return [(str(row.id), row.name) for row in rows]


def _calls(session: Any, actor: Any) -> list[tuple[str, str]]:
    rows = session.execute(
        scoped(Call, actor).with_only_columns(Call.id, Call.name).order_by(Call.fiscal_year.desc(), Call.id)
    )
    return [(str(row.id), row.name) for row in rows]


def _departments(session: Any, actor: Any) -> list[tuple[str, str]]:
    rows = session.execute(select(Department.id, Department.name).order_by(Department.id))
    return [(str(row.id), row.name) for row in rows]


COLUMNS: Sequence[Column] = (
    Column("title", "事業名", lambda row: row.title),
    Column("organization", "応募団体", lambda row: str(row.organization)),
    Column("year", "年度", lambda row: format_fiscal_year(row.call.fiscal_year), is_default=False),
    Column("program", "公募制度", lambda row: row.call.program.name, is_default=False),
    Column("call", "募集", lambda row: row.call.name),
    Column(
        "number", "受付番号", lambda row: row.receipt.number if row.receipt else None, is_number=True, is_default=False
    ),
    Column("state", "状況", lambda row: row.state),
    Column(
        "since",
        "この状況になった日",
        lambda row: to_tokyo(row.state_since_at).date(),
        sort=(Proposal.state_since_at,),
    ),
    Column(
        "requested",
        "希望額(円)",
        lambda row: row.requested_yen,
        show=lambda row: grouped(row.requested_yen),
        is_number=True,
    ),
    Column(
        "decided",
        "決定額(円)",
        lambda row: row.decided_yen,
        show=lambda row: grouped(row.decided_yen),
        is_number=True,
        is_default=False,
    ),
    Column("challenge", "課題・テーマ", lambda row: row.challenge.title if row.challenge else "", is_default=False),
    Column("department", "担当課", lambda row: row.department.name if row.department else ""),
    Column("received", "受付日", lambda row: row.received_on, is_default=False),
    Column("late", "期間外の受付", lambda row: row.is_late, is_default=False),
)
FILTERS: Sequence[Filter] = (
    Filter("year", "年度", lambda value: _in_call(Call.fiscal_year == parse_fiscal_year(value)), options=_years),
    Filter("program", "公募制度", lambda value: _in_call(Call.program_id == _key(value)), options=_programs),
    Filter("call", "募集", lambda value: Proposal.call_id == _key(value), options=_calls),
    Filter(
        "state",
        "状況",
        lambda value: Proposal.state == ProposalState(value),
        options=lambda session, actor: ProposalState.choices(),
    ),
    Filter("department", "担当課", lambda value: Proposal.department_id == _key(value), options=_departments),
)
