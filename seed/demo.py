"""`flask seed demo`: fictitious users, groups and collaborations, into a database without real data only."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import roles, users
from app.actor import Actor, system_actor
from app.audit.recorder import act
from app.japanese.dates import fiscal_year_of, today_in_tokyo
from app.problems import Conflict
from models.directory import Organization, OrganizationSource
from models.people import Role, User
from models.reference import Department
from models.registry import Project, PublishedList
from models.talent_requests import TalentRequest
from models.talents import Talent
from seed import (
    demo_calls,
    demo_directory,
    demo_meetings,
    demo_partnering,
    demo_registry,
    demo_review_results,
    demo_review_stages,
    demo_reviews,
    demo_talents,
)
from seed.state import COMPLETE, LOADING, set_state, state_of

#: The domains' parts of the set, in the order of the layers: each builds on what stands before it.
PARTS = (
    demo_directory.load,
    demo_registry.load,
    demo_meetings.load,
    demo_talents.load,
    demo_calls.load,
    demo_partnering.load,
    demo_reviews.load,
    demo_review_results.load,
    demo_review_stages.load,
)


@dataclasses.dataclass(frozen=True)
class Login:
    """A demonstration user: how they sign in, and what they are. Several departments: 兼務."""

    email: str
    password: str
    role_label: str
    role: Role
    name: str
    departments: tuple[str, ...] = ()


LOGINS: tuple[Login, ...] = (
    Login("office@demo.example.jp", "demo-kodaira-office", "推進担当", Role.OFFICE, "デモ 推進担当"),
    Login("center@demo.example.jp", "demo-kodaira-center", "あすぴあ(指定管理者)", Role.CENTER, "デモ あすぴあ"),
    Login(
        "kominkan@demo.example.jp",
        "demo-kodaira-kominkan",
        "担当課・関連課(公民館)",
        Role.DEPARTMENT,
        "デモ 公民館",
        ("kominkan",),
    ),
    Login(
        "kankyo@demo.example.jp",
        "demo-kodaira-kankyo",
        "担当課・関連課(環境政策課、資源循環課を兼務)",
        Role.DEPARTMENT,
        "デモ 環境政策課",
        ("kankyo-seisaku", "shigen-junkan"),
    ),
    Login("committee@demo.example.jp", "demo-kodaira-committee", "選考審査会委員", Role.COMMITTEE, "デモ 委員"),
    Login("agency@demo.example.jp", "demo-kodaira-agency", "関係機関(AKVS)", Role.AGENCY, "デモ 関係機関"),
    Login(
        "administrator@demo.example.jp",
        "demo-kodaira-administrator",
        "システム管理者",
        Role.ADMINISTRATOR,
        "デモ システム管理者",
    ),
)


def load(session: Session, today: dt.date | None = None) -> bool:
    """Create the demonstration set in one act; returns False when it is there already.

    Raises Conflict in a database that holds users or data that are not the demonstration's.
    """
    if state_of(session, "demo") == COMPLETE:
        session.rollback()
        return False
    _refuse_real_data(session)
    set_state(session, "demo", LOADING)
    session.commit()
    day = today or today_in_tokyo()
    actor = system_actor("デモデータの作成")
    with act(session, actor, "demo:load", "デモデータの作成") as current:
        _create_users(session, actor, day)
        for part in PARTS:
            part(session, actor=actor, today=day)
        set_state(session, "demo", COMPLETE)
        current.label = "デモデータの作成"  # whatever the services within called their part
    return True


def _refuse_real_data(session: Session) -> None:
    """Raise Conflict, naming what was found, unless everything here was seeded."""
    lists = select(PublishedList.fiscal_year).where(PublishedList.source != "")
    found = {
        "利用者": select(User.id).where(User.is_demo.is_(False)),
        "協働事業": select(Project.id).where(Project.is_demo.is_(False), Project.fiscal_year.not_in(lists)),
        "人財": select(Talent.id).where(Talent.is_demo.is_(False)),
        "人財の依頼": select(TalentRequest.id).where(TalentRequest.is_demo.is_(False)),
        "団体": select(Organization.id).where(Organization.source == OrganizationSource.ENTERED),
    }
    names = [name for name, query in found.items() if session.scalar(query.limit(1)) is not None]
    if names:
        session.rollback()
        raise Conflict(
            f"実データ({'、'.join(names)})のあるデータベースには、デモデータを入れられません。"
            "空のデータベースを指定してください(DATA_DIR または DATABASE_URL)。"
        )


def _create_users(session: Session, actor: Actor, today: dt.date) -> None:
    departments = {row.code: row for row in session.scalars(select(Department).order_by(Department.id))}
    spare = list(departments.values())
    first = dt.date(fiscal_year_of(today), 4, 1)
    for login in LOGINS:
        user = users.create_user(
            session, actor=actor, display_name=login.name, email=login.email, password=login.password, is_demo=True
        )
        until = dt.date(first.year + 2, 3, 31) if login.role is Role.COMMITTEE else None
        # Another city's folder need not have these departments: then the first ones do.
        named: list[Department | None] = [
            departments.get(code) or spare[place] for place, code in enumerate(login.departments)
        ]
        for department in named or [None]:
            roles.assign(
                session,
                actor=actor,
                user=user,
                role=login.role,
                department=department,
                from_on=first,
                until_on=until,
            )
    newcomer = users.create_user(
        session, actor=actor, display_name="デモ 新任職員", email="shinnin@demo.example.jp", is_demo=True
    )
    # Comes on the next 1 April, and has no password yet: what waits for the administrator.
    next_year = dt.date(first.year + 1, 4, 1)
    roles.assign(session, actor=actor, user=newcomer, role=Role.OFFICE, department=None, from_on=next_year)
