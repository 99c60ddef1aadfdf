"""Loads `bodies.toml`: the bodies, and the seats of departments and partners of a body that is new."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.bodies import Body, MemberRole, Membership, QuorumKind
from models.people import Role
from models.reference import Department
from seed.files import read_toml
from seed.reference import Counts, Seeded, digest_of, merge

_FIELDS = (
    "name",
    "short_name",
    "purpose",
    "source",
    "is_of_departments",
    "counts_representatives",
    "is_closed_by_default",
    "closed_reason",
)


def load_bodies(session: Session, folder: Path, counts: Counts) -> None:
    """Bring the bodies to what the file says; what the office changed is kept. To be called inside an act."""
    seeded = Seeded(session, "body")
    held = {body.code: body for body in session.scalars(select(Body).order_by(Body.id))}
    for place, table in enumerate(read_toml(folder / "bodies.toml").get("body", []), start=1):
        wanted = {name: table[name] for name in _FIELDS}
        body = held.get(table["code"])

        def write(
            body: Body | None = body,
            table: dict[str, Any] = table,
            place: int = place,
            wanted: dict[str, Any] = wanted,
        ) -> None:
            if body is None:
                kind = QuorumKind(table["quorum_kind"]) if "quorum_kind" in table else None
                body = Body(code=table["code"], position=place, quorum_kind=kind, **wanted)
                session.add_all([body, *_seats(session, body, table)])
                return
            for name, value in wanted.items():
                setattr(body, name, value)

        now = digest_of({name: getattr(body, name) for name in _FIELDS}) if body else None
        merge(seeded, table["code"], digest_of(wanted), now, counts, write)
    session.flush()


def _seats(session: Session, body: Body, table: dict[str, Any]) -> list[Membership]:
    departments = {row.code: row for row in session.scalars(select(Department))}
    found = []
    for place, seat in enumerate(table.get("seats", []), start=1):
        department = departments.get(seat.get("department", ""))
        if "department" in seat and department is None:
            continue
        name = seat.get("name") or (department.name if department else "")
        found.append(
            Membership(
                body=body,
                name=name,
                title=seat.get("title", ""),
                role=MemberRole(seat.get("role", "member")),
                position=place,
                department=department,
                user_role=Role(seat["user_role"]) if "user_role" in seat else None,
                from_on=dt.date.fromisoformat(table["seats_from"]),
            )
        )
    return found


def body_table(body: Body) -> dict[str, Any]:
    """The TOML table of a body: people's seats are left out, they are no reference data."""
    table: dict[str, Any] = {"code": body.code} | {name: getattr(body, name) for name in _FIELDS}
    if body.quorum_kind is not None:
        table["quorum_kind"] = body.quorum_kind.value
    seats = [one for one in body.memberships if one.user_id is None and (one.department or one.user_role)]
    if seats:
        table["seats_from"] = seats[0].from_on.isoformat()
        table["seats"] = [_seat_table(one) for one in seats]
    return table


def _seat_table(seat: Membership) -> dict[str, Any]:
    table: dict[str, Any] = {}
    if seat.department is not None:
        table["department"] = seat.department.code
    if seat.department is None or seat.name != seat.department.name:
        table["name"] = seat.name
    if seat.title:
        table["title"] = seat.title
    if seat.role is not MemberRole.MEMBER:
        table["role"] = seat.role.value
    if seat.user_role is not None:
        table["user_role"] = seat.user_role.value
    return table
