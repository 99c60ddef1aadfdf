"""Finding groups: the best hits first, where each was hit, and how the hits fall by field, kind, area and so on.

Everything asks the reader's level: what is closed to them neither finds, nor counts, nor shows (domain.md 3).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Subquery, and_, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.access.levels import level_of
from app.access.scopes import visible_to
from app.actor import Actor
from app.directory.completeness import Level
from app.directory.consent import readable
from app.directory.registering import RegistrationState, state_criterion
from app.japanese.dates import fiscal_year_of
from app.japanese.normalize import fold_name
from app.search.criteria import WALKED_SHARE, criterion, hits, ranked
from app.search.plan import Plan, capped_count, known_plan
from app.search.query import parse_query
from models.directory import Organization, OrganizationKind
from models.directory_profile import Audience, OrganizationField, organization_area, organization_audience
from models.moment import recalled
from models.reference import ActivityField, Area

#: Facets count no further than so many hits.
COUNT_LIMIT = 10_000
#: Of a word with more hits only so many are ranked, those in names first; pages beyond come by name.
RANKED_OF_MANY = 300
#: The score of a group that is called just what was typed: above all others.
_CALLED_SO = 1_000
#: The columns that keep the level of completeness, by the reader's level.
LEVELS = ("completeness_public", "completeness_staff", "completeness_center")


class Freshness:
    """When somebody last asked the group: codes and labels."""

    THIS_YEAR, LAST_YEAR, OLDER, NEVER = "this", "last", "older", "never"
    LABELS = {THIS_YEAR: "今年度に確認", LAST_YEAR: "昨年度に確認", OLDER: "それより前に確認", NEVER: "確認の記録なし"}


@dataclasses.dataclass(frozen=True)
class Facet:
    """How the hits fall: (value, label, count), most first."""

    key: str
    label: str
    counts: Sequence[tuple[str, str, int]]


def completeness_column(level: int) -> Any:
    """The kept level of completeness as a reader of that level sees it."""
    return getattr(Organization, LEVELS[level])


def freshness_criterion(value: str, today: dt.date) -> ColumnElement[bool]:
    """SQL of one code of Freshness; ValueError for another."""
    year = fiscal_year_of(today)
    this, last = dt.date(year, 4, 1), dt.date(year - 1, 4, 1)
    column = Organization.confirmed_on
    found: dict[str, ColumnElement[bool]] = {
        Freshness.THIS_YEAR: column >= this,
        Freshness.LAST_YEAR: and_(column >= last, column < this),
        Freshness.OLDER: column < last,
        Freshness.NEVER: column.is_(None),
    }
    if value not in found:
        raise ValueError("no such freshness")
    return found[value]


def with_relation(name: str, key: int, level: int) -> ColumnElement[bool]:
    """Groups that have that field of activity, audience or area, where this is open to the reader."""
    link: Any
    if name == "fields":
        link = select(OrganizationField.id).where(
            OrganizationField.organization_id == Organization.id, OrganizationField.activity_field_id == key
        )
    elif name == "audiences":
        table = organization_audience
        link = select(literal(1)).where(table.c.organization_id == Organization.id, table.c.audience_id == key)
    else:
        table = organization_area
        link = select(literal(1)).where(table.c.organization_id == Organization.id, table.c.area_id == key)
    return and_(link.exists(), readable(name, level))


def _are_enough_in_names(session: Session, query: str, level: int, planned: Plan) -> bool:
    """Whether RANKED_OF_MANY groups have all words in their names, so that no others are weighed."""
    if planned.hits <= RANKED_OF_MANY:
        return False
    if planned.shares[0] >= WALKED_SHARE:
        return True

    def read() -> bool:
        dialect = session.get_bind().dialect.name
        found = hits("organization", parse_query(query), level, dialect, is_heading=True)
        return capped_count(session, found, RANKED_OF_MANY - 1) >= RANKED_OF_MANY

    return recalled(session, ("enough in names", query, level), read)


@functools.lru_cache(maxsize=256)
def _weighed(query: str, level: int, dialect: str, **how: Any) -> Subquery:
    """(id, score) of the hits, and of the group that is called just that. Kept: to write it takes as long as to run it.

    how: as `ranked` takes it.
    """
    best = ranked("organization", query, level, dialect, **how).order_by(None).subquery()
    scored = select(best.c.record_id.label("id"), best.c.score)
    if folded := fold_name(query):
        named = select(Organization.id, literal(_CALLED_SO)).where(Organization.folded_name == folded)
        scored = union_all(scored, named)  # type: ignore[assignment]
    both = scored.subquery()
    return select(both.c.id, func.max(both.c.score).label("score")).group_by(both.c.id).subquery()


def best_ids(session: Session, query: str, level: int, narrowed: Select[Any], planned: Plan) -> tuple[int, ...]:
    """Of `narrowed` (a select of Organization.id) the best hits: the name itself, its beginning, in the name …

    planned: how many hits there are. Of many no more than RANKED_OF_MANY are weighed, and the one called just that; the
    others follow by name.
    """
    found = _weighed(
        query,
        level,
        session.get_bind().dialect.name,
        candidates=RANKED_OF_MANY if planned.hits > RANKED_OF_MANY else COUNT_LIMIT,
        is_heading_enough=_are_enough_in_names(session, query, level, planned),
        ids=planned.ids,
        shares=planned.shares,
    )
    ordered = (
        narrowed.order_by(None)
        .join(found, found.c.id == Organization.id)
        .order_by(found.c.score.desc(), Organization.name, Organization.id)
    )
    return tuple(session.scalars(ordered.limit(2 * RANKED_OF_MANY)))


def facets(
    session: Session, ids: Select[Any], level: int, today: dt.date, notice_days: int
) -> tuple[list[Facet], bool]:
    """How the first COUNT_LIMIT of `ids` fall, and whether there are more. One statement."""
    first = ids.order_by(None).limit(COUNT_LIMIT + 1).cte("hits")
    key = next(iter(first.c))
    organizations = select(Organization.id).join(first, key == Organization.id)
    parts = [select(literal("all"), literal(""), func.count()).select_from(first)]
    parts.append(_counted("kind", Organization.kind, organizations))
    for name, link, column in (
        ("fields", OrganizationField.__table__, OrganizationField.__table__.c.activity_field_id),
        ("audiences", organization_audience, organization_audience.c.audience_id),
        ("areas", organization_area, organization_area.c.area_id),
    ):
        owner = link.c.organization_id
        rows = select(literal(name), _text(column), func.count()).join(first, key == owner)
        parts.append(rows.where(readable(name, level, owner)).group_by(column))
    states = case(
        *(
            (state_criterion(state, today, notice_days), state.value)
            for state in (
                RegistrationState.WITHDRAWN,
                RegistrationState.LAPSED,
                RegistrationState.LAPSING,
                RegistrationState.ACTIVE,
            )
        ),
        else_=RegistrationState.NONE.value,
    )
    parts.append(_counted("registration", states, organizations))
    parts.append(_counted("completeness", completeness_column(level), organizations))
    fresh = case(
        *((freshness_criterion(code, today), code) for code in Freshness.LABELS if code != Freshness.NEVER),
        else_=Freshness.NEVER,
    )
    parts.append(_counted("freshness", fresh, organizations))
    counted: dict[str, dict[str, int]] = {}
    for name, value, number in session.execute(union_all(*parts)):
        counted.setdefault(name, {})[str(value)] = number
    total = counted.pop("all", {}).get("", 0)
    return _told(session, counted), total > COUNT_LIMIT


def _counted(name: str, value: Any, organizations: Select[Any]) -> Select[Any]:
    inner = organizations.add_columns(_text(value).label("value")).subquery()
    return select(literal(name), inner.c.value, func.count()).group_by(inner.c.value)


def _text(value: Any) -> ColumnElement[str]:
    return cast(value, String)


def _told(session: Session, counted: dict[str, dict[str, int]]) -> list[Facet]:
    names: dict[str, dict[str, str]] = {
        "kind": dict(OrganizationKind.choices()),
        "registration": {state.value: state.label for state in RegistrationState},
        "completeness": {str(int(level)): f"レベル{int(level)} {level.label}" for level in Level},
        "freshness": Freshness.LABELS,
    }
    for name, model in (("fields", ActivityField), ("audiences", Audience), ("areas", Area)):
        wanted = [int(key) for key in counted.get(name, {})]
        rows: Any = session.execute(select(model.id, model.name).where(model.id.in_(wanted))) if wanted else ()
        names[name] = {str(row.id): row.name for row in rows}
    titles = {
        "fields": "活動分野",
        "kind": "種別",
        "areas": "活動地域",
        "audiences": "対象",
        "registration": "あすぴあの登録",
        "completeness": "情報の充実度",
        "freshness": "内容の確認",
    }
    found = []
    for name, title in titles.items():
        values = counted.get(name, {})
        lines = [(value, names[name].get(value, value), number) for value, number in values.items()]
        if name in {"completeness", "freshness", "registration"}:
            order = list(names[name])
            lines.sort(key=lambda line: order.index(line[0]) if line[0] in order else 99)
        else:
            lines.sort(key=lambda line: (-line[2], line[1]))
        found.append(Facet(name, title, lines))
    return found


@dataclasses.dataclass(frozen=True)
class Found:
    """Hits, best first. `count`: at most COUNT_LIMIT + 1."""

    organizations: Sequence[Organization]
    count: int

    @property
    def is_many(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > COUNT_LIMIT


def search_groups(session: Session, actor: Actor, query: str, *, limit: int = 50) -> Found:
    """Groups that hold all words, as the actor may find them; a blank query finds nothing."""
    level = level_of(actor)
    planned = known_plan(session, "organization", query, level)
    if planned.form in {"all", "none"}:
        return Found((), 0)
    dialect = session.get_bind().dialect.name
    mine = select(Organization.id).where(visible_to(Organization, actor))
    ids = best_ids(session, query, level, mine, planned)[:limit]
    rows = session.scalars(select(Organization).where(Organization.id.in_(ids)))
    by_id = {row.id: row for row in rows}
    count = COUNT_LIMIT + 1
    if not planned.is_capped:
        hit = criterion("organization", query, level, dialect, Organization.id, ids=planned.ids)
        count = capped_count(session, mine.where(hit))
    return Found([by_id[key] for key in ids], count)
