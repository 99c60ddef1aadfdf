"""A group of which every field holds a marker, for the test that looks for it in every way out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.directory import papers, registering, rows, services
from app.directory.fields import COLUMNS, FIELDS, FILES, Kept
from models.directory import Organization, OrganizationKind
from models.directory_profile import Audience, ConsentLevel, ConsentWay
from models.directory_records import AffiliationRole
from models.people import Role
from models.reference import ActivityField, Area
from tests.support.registry import actor

MARK = "ひみつのしるし"
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def marked_values() -> dict[str, Any]:
    """A value with the marker for every column that takes text; numbers that nothing else has."""
    values: dict[str, Any] = {"kind": OrganizationKind.CIVIC_GROUP}
    for field in COLUMNS:
        if field.kept is Kept.NUMBER:
            values[field.name] = {"founded_year": 1877, "member_count": 87_654, "member_count_in_city": 76_543}[
                field.name
            ]
        else:
            values[field.name] = f"{MARK}{field.name}"
    return values


#: The numbers as pages write them.
NUMBERS = ("1877", "87,654", "87654", "76,543", "76543", "9,876,543", "9876543")


def a_marked_group(
    session: Session, settings: Settings, level: ConsentLevel | None, name: str = "架空しるしの会"
) -> int:
    """A group whose every field holds the marker, all of them open up to `level` (None: nothing was said)."""
    center = actor(session, Role.CENTER)
    area = session.scalars(select(Area).order_by(Area.id)).first()
    field = session.scalars(select(ActivityField).order_by(ActivityField.id)).first()
    audience = session.scalars(select(Audience).order_by(Audience.id)).first()
    assert area and field and audience
    values = marked_values() | {"name": name, "fields": [field.id], "areas": [area.id], "audiences": [audience.id]}
    group = services.create_organization(session, actor=center, values=values)
    _rows(session, center, group)
    for one in FILES:
        papers.add_paper(
            session,
            actor=center,
            settings=settings,
            organization=group,
            field=one.name,
            content=PDF,
            name=f"{MARK}.pdf",
        )
    registering.register_group(
        session, actor=center, organization=group, number=f"{MARK}番号"[:40], issued_on=dt.date(2026, 5, 1)
    )
    # A second writing, so that the log holds old and new values.
    services.update_organization(
        session,
        actor=center,
        organization=group,
        version=None,
        values={one.name: f"{MARK}{one.name}新" for one in COLUMNS if one.kept is not Kept.NUMBER},
    )
    if level is not None:
        levels: dict[str, ConsentLevel | None] = {one.name: level for one in FIELDS if not one.is_internal}
        services.record_consents(
            session,
            actor=center,
            organization=group,
            levels=levels,
            given_on=dt.date(2026, 4, 1),
            way=ConsentWay.PAPER,
        )
    return group.id


def _rows(session: Session, center: Any, group: Organization) -> None:
    user_id = center.user_id
    rows_of: dict[str, list[dict[str, Any]]] = {
        "activity_records": [
            {"fiscal_year": 2025, "heading": f"{MARK}祭", "description": f"{MARK}の内容", "partner": f"{MARK}協会"}
        ],
        "statements": [
            {"fiscal_year": 2025, "income_yen": 9_876_543, "expenditure_yen": 9_876_543, "note": f"{MARK}の説明"}
        ],
        "member_counts": [{"fiscal_year": 2025, "members": 87_654, "in_city": 76_543}],
        "officers": [{"name": f"{MARK}太郎", "role": f"{MARK}長"}],
        "affiliations": [{"user_id": user_id, "role": AffiliationRole.MEMBER, "note": f"{MARK}の人"}],
    }
    for name, rows_ in rows_of.items():
        rows.save_rows(session, actor=center, organization=group, kind=rows.KINDS[name], rows=rows_)
