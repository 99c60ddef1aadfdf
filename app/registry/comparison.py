"""Year against year: the counts of two years side by side, and what went on, ended or was new."""

from __future__ import annotations

import dataclasses

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.access.scopes import visible_to
from app.actor import Actor
from app.registry.summary import YearSummary, summarize
from models.registry import Project

#: What is compared: key → (title, attribute of YearSummary, what a row is).
KINDS: dict[str, tuple[str, str, str]] = {
    "forms": ("形態別の事業数", "by_form", "形態"),
    "departments": ("課別の事業数", "by_department", "課"),
    "kinds": ("種別ごとの協働相手(延べ)", "by_kind", "相手の種別"),
}


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two years. went_on: projects of the later year that go on from one of the earlier; ended: those nobody took up."""

    earlier: YearSummary
    later: YearSummary
    went_on: int
    new: int
    ended: int

    def rows(self, kind: str) -> list[tuple[str, list[int]]]:
        """[(name, [earlier, later])] of "forms", "departments" or "kinds", in the later year's order."""
        attribute = KINDS[kind][1]
        before, after = getattr(self.earlier, attribute), getattr(self.later, attribute)
        return [(name, [before.get(name, 0), after.get(name, 0)]) for name in dict.fromkeys([*after, *before])]


def compare(session: Session, actor: Actor, earlier: int, later: int) -> Comparison:
    """Count both years and the links between them."""
    before, after = summarize(session, actor, earlier), summarize(session, actor, later)
    went_on, continued = session.execute(_links(actor, earlier, later)).one()
    return Comparison(before, after, went_on, after.projects - went_on, before.projects - continued)


def _links(actor: Actor, earlier: int, later: int) -> Select[int, int]:
    """(projects of the later year that go back to one of the earlier, projects of the earlier that are gone back to).

    Follows the predecessors year by year, whatever lies between.
    """
    steps = (
        select(Project.id.label("origin"), Project.predecessor_id.label("at"))
        .where(Project.fiscal_year == later, visible_to(Project, actor), Project.predecessor_id.is_not(None))
        .cte("steps", recursive=True)
    )
    between = aliased(Project)
    steps = steps.union_all(
        select(steps.c.origin, between.predecessor_id)
        .join(between, between.id == steps.c.at)
        .where(between.fiscal_year > earlier, between.predecessor_id.is_not(None))
    )
    first = aliased(Project)
    return (
        select(func.count(func.distinct(steps.c.origin)), func.count(func.distinct(first.id)))
        .select_from(steps)
        .join(first, first.id == steps.c.at)
        .where(first.fiscal_year == earlier, first.deleted_at.is_(None))
    )
