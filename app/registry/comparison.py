"""Year against year: the counts of two years side by side, and what went on, ended or was new."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.access.scopes import visible_to
from app.actor import Actor
from app.registry.summary import YearSummary, summarize
from models.registry import Project

#: What is compared: key → (title, attribute of YearSummary).
KINDS: dict[str, tuple[str, str]] = {
    "forms": ("形態別の事業数", "by_form"),
    "departments": ("課別の事業数", "by_department"),
    "kinds": ("相手の種別(延べ)", "by_kind"),
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
    origin = aliased(Project)
    went_on, continued = session.execute(
        select(func.count(Project.id), func.count(func.distinct(origin.id)))
        .select_from(Project)
        .join(origin, origin.id == Project.predecessor_id)
        .where(
            Project.fiscal_year == later,
            visible_to(Project, actor),
            origin.fiscal_year == earlier,
            origin.deleted_at.is_(None),
        )
    ).one()
    return Comparison(before, after, went_on, after.projects - went_on, before.projects - continued)


def pairs_of(counts: dict[str, int]) -> Sequence[tuple[str, int]]:
    """Counts as rows of a chart and its table."""
    return list(counts.items())
