"""Made-up organisations in any number, with their search documents, and databases to put them in."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.access import sessions
from app.actor import system_actor
from app.config import Settings
from app.extensions import db
from app.factory import create_app
from app.japanese.normalize import fold_name
from app.search.ddl import create_search_index
from app.search.documents import cumulative
from app.search.index import update_many
from models.base import utc_now
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.directory_profile import (
    Audience,
    ConsentLevel,
    ConsentWay,
    FieldConsent,
    OrganizationField,
    organization_area,
    organization_audience,
)
from models.directory_registration import Registration
from models.people import Role
from models.reference import ActivityField, Area
from seed import loader
from tests.support.people import make_user
from tests.support.postgres import running_server

_BEGINNINGS = [
    "みどり",
    "ひまわり",
    "あおぞら",
    "たまがわ",
    "けやき",
    "ふれあい",
    "さくら",
    "こだま",
    "のぞみ",
    "しらうめ",
]
_THEMES = [
    "介護",
    "子育て",
    "環境",
    "防災",
    "読書",
    "音楽",
    "福祉",
    "花",
    "歴史",
    "国際交流",
    "食",
    "スポーツ",
    "見守り",
]
_KINDS = [
    "の会",
    "クラブ",
    "ネットワーク",
    "サークル",
    "ひろば",
    "を考える会",
    "研究会",
    "応援団",
    "協議会",
    "実行委員会",
]
_WEEKS = ["毎週土曜日", "第1日曜日", "毎月第2水曜日", "平日の夕方"]
_CHUNK = 5_000
_FIRST = 10_000_000


def name_of(number: int) -> str:
    """The same name for the same number; rare words are rare."""
    pick = random.Random(number)
    name = f"{pick.choice(_BEGINNINGS)}{pick.choice(_THEMES)}{pick.choice(_KINDS)}{number}"
    return f"特定非営利活動法人{name}" if number % 7 == 0 else name


def fill_organizations(session: Session, count: int) -> None:
    """`count` organisations with their texts, fields, areas, audiences, consents, registrations and documents."""
    known = _Known(session)
    with _index_built_afterwards(session):
        for start in range(1, count + 1, _CHUNK):
            numbers = range(start, min(start + _CHUNK, count + 1))
            rows = [_organization(number) for number in numbers]
            connection = session.connection()
            connection.execute(insert(Organization.__table__), rows)  # type: ignore[arg-type]
            for table, lines in known.hanging(numbers).items():
                connection.execute(insert(table), lines)
            update_many(session, "organization", ((row["id"], known.texts(row)) for row in rows))
            session.commit()


def _organization(number: int) -> dict[str, Any]:
    """The row of one group: as full as a group that answered last year's form."""
    now = utc_now()
    name, theme = name_of(number), _THEMES[number % 13]
    return {
        "id": _FIRST + number,
        "name": name,
        "reading": f"だんたい{number:08d}",
        "folded_name": fold_name(name),
        "kind": list(OrganizationKind)[number % len(OrganizationKind)],
        "source": OrganizationSource.ENTERED,
        "purpose": f"{theme}についての学びと支え合いを進める。",
        "activities": f"{_THEMES[number % 11]}の講座と{_THEMES[number % 7]}の相談を{_WEEKS[number % 4]}にひらき、子どもから高齢者までの交流の場をつくる。",
        "pr": "見学はいつでもどうぞ。はじめての方も歓迎します。" if number % 2 else None,
        "regular_day": f"{_WEEKS[number % 4]} 10時から12時",
        "regular_place": f"架空公民館 第{number % 9 + 1}集会室",
        "founded_year": 1970 + number % 50,
        "member_count": 5 + number % 90,
        "phone": f"042-{number // 10_000:03d}-{number % 10_000:04d}",
        "folded_phone": f"042{number:07d}",
        "web": f"https://group{number}.example.jp/",
        "web_key": f"group{number}.example.jp",
        "completeness_public": number % 3,
        "completeness_staff": number % 4,
        "completeness_center": number % 5,
        "confirmed_on": dt.date(2023 + number % 4, 6, 1) if number % 3 == 0 else None,
        "is_confirmed": number % 3 == 0,
        "is_person": False,
        "created_at": now,
        "updated_at": now,
        "version": 1,
    }


class _Known:
    """The reference data that groups are joined to."""

    def __init__(self, session: Session) -> None:
        self.fields = list(session.execute(select(ActivityField.id, ActivityField.name).order_by(ActivityField.id)))
        self.areas = list(session.execute(select(Area.id, Area.name).order_by(Area.id)))
        self.audiences = list(session.execute(select(Audience.id, Audience.name).order_by(Audience.id)))

    def _joined(self, number: int) -> tuple[list[Any], Any, Any]:
        fields = [self.fields[number % len(self.fields)], self.fields[(number + 3) % len(self.fields)]]
        return fields, self.areas[number % len(self.areas)], self.audiences[number % len(self.audiences)]

    def hanging(self, numbers: range) -> dict[Any, list[dict[str, Any]]]:
        """Table → rows that hang on these groups."""
        found: dict[Any, list[dict[str, Any]]] = {}
        for number in numbers:
            owner = {"organization_id": _FIRST + number}
            fields, area, audience = self._joined(number)
            found.setdefault(OrganizationField.__table__, []).extend(
                owner | {"activity_field_id": field.id, "position": place}
                for place, field in enumerate(fields, start=1)
            )
            found.setdefault(organization_area, []).append(owner | {"area_id": area.id})
            found.setdefault(organization_audience, []).append(owner | {"audience_id": audience.id})
            found.setdefault(FieldConsent.__table__, []).extend(
                owner | {"field": name, "level": level, "given_on": dt.date(2025, 5, 1), "way": ConsentWay.APPLICATION}
                for name, level in (("purpose", ConsentLevel.PUBLIC), ("phone", ConsentLevel.STAFF))
            )
            if number % 2:
                year = 2022 + number % 5
                found.setdefault(Registration.__table__, []).append(
                    owner
                    | {
                        "number": f"計測-{number}",
                        "issued_on": dt.date(year, 4, 20),
                        "valid_until": dt.date(year + 3, 3, 31),
                        "created_at": utc_now(),
                        "updated_at": utc_now(),
                        "version": 1,
                    }
                )
        return found

    def texts(self, row: dict[str, Any]) -> Any:
        """What is searched of a group, in the order of `app.directory.searching.texts_of`."""
        fields, area, audience = self._joined(row["id"] - _FIRST)
        searched = [("A", "name"), ("A", "reading"), ("B", "purpose"), ("B", "pr")]
        searched += [("C", name) for name in ("activities", "regular_day", "regular_place")]
        others = [*(field.name for field in fields), audience.name, area.name]
        return cumulative(
            [*((0, weight, row[name]) for weight, name in searched), *((0, "C", name) for name in others)]
        )  # type: ignore[misc]


@contextlib.contextmanager
def _index_built_afterwards(session: Session) -> Iterator[None]:
    """PostgreSQL makes its index of a full table several times as fast as row by row."""
    if session.get_bind().dialect.name == "sqlite":
        yield
        return
    session.execute(text("DROP INDEX ix_search_document_tokens"))
    yield
    session.execute(text("SET maintenance_work_mem = '1GB'"))
    create_search_index(session.connection())
    session.commit()


def settle(session: Session) -> None:
    """Let the database know its statistics, as its housekeeping would overnight."""
    session.commit()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO search_index(search_index) VALUES ('optimize')"))
        session.execute(text("ANALYZE"))
        session.commit()
        return
    session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


@contextlib.contextmanager
def databases(dialects: tuple[str, ...] = ("sqlite", "postgresql")) -> Iterator[list[tuple[str, Settings]]]:
    """Fresh, empty databases of each kind in a temporary folder."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kyodo-bench-")))
        found = []
        for dialect in dialects:
            data = folder / dialect
            data.mkdir()
            if dialect == "sqlite":
                url = f"sqlite:///{data / 'bench.sqlite3'}"
            else:
                url = stack.enter_context(running_server()).create("bench")
            found.append((dialect, Settings(data, url, "s" * 64, "a" * 64, testing=False)))
        yield found


def ready_app(settings: Settings) -> Flask:
    """The application over a migrated and seeded database."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        loader.load(db.session(), "kodaira", actor=system_actor("計測"))
        db.session.remove()
    return app


def token_of(app: Flask, role: Role) -> str:
    """The session token of a fresh user of that role."""
    with app.app_context():
        session = db.session()
        user = make_user(session, role, email=f"bench-{utc_now().timestamp()}@example.jp")
        token = sessions.open_session(session, user.id, app.extensions["settings"], address="127.0.0.1")
        session.commit()
        db.session.remove()
    return token
