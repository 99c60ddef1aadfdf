"""Made-up organisations in any number, with their search documents, and databases to put them in."""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.access import sessions
from app.actor import system_actor
from app.config import Settings
from app.extensions import db
from app.factory import create_app
from app.japanese.normalize import fold_name
from app.search.documents import cumulative
from app.search.index import update_many
from models.base import utc_now
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.people import Role
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
_CHUNK = 5_000


def name_of(number: int) -> str:
    """The same name for the same number; rare words are rare."""
    pick = random.Random(number)
    name = f"{pick.choice(_BEGINNINGS)}{pick.choice(_THEMES)}{pick.choice(_KINDS)}{number}"
    return f"特定非営利活動法人{name}" if number % 7 == 0 else name


def fill_organizations(session: Session, count: int) -> None:
    """`count` organisations with documents, in chunks."""
    now = utc_now()
    kinds = list(OrganizationKind)
    for start in range(1, count + 1, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count + 1))
        rows = [
            {
                "id": 10_000_000 + number,
                "name": name_of(number),
                "reading": f"だんたい{number:08d}",
                "folded_name": fold_name(name_of(number)),
                "kind": kinds[number % len(kinds)],
                "source": OrganizationSource.ENTERED,
                "purpose": f"{_THEMES[number % 13]}についての学びと支え合いを進める。",
                "is_confirmed": number % 3 == 0,
                "is_person": False,
                "created_at": now,
                "updated_at": now,
                "version": 1,
            }
            for number in numbers
        ]
        connection = session.connection()
        connection.execute(insert(Organization.__table__), rows)  # type: ignore[arg-type]
        texts = [(row["id"], cumulative([(0, "A", row["name"]), (0, "B", row["purpose"])])) for row in rows]
        update_many(session, "organization", texts)  # type: ignore[arg-type]
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
