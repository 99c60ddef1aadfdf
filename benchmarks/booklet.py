"""How long the booklet of 1,000 groups takes, and how much memory: freezing, reading, the job with its progress.

python -m benchmarks.booklet [--groups 1000]      must stay under 60 s and 1 GB (issue 3, point 8)
"""

from __future__ import annotations

import datetime as dt
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select

from app.actor import system_actor
from app.config import from_environment
from app.directory import edition_views, editions, rounds_jobs
from app.extensions import db
from app.factory import create_app
from app.jobs.worker import run_pending
from models.base import utc_now
from models.directory import Organization
from models.directory_profile import FieldConsent, OrganizationField
from models.directory_records import ActivityRecord, FinancialStatement
from models.directory_rounds import EditionOrder
from models.reference import ActivityField
from seed.loader import load

SENTENCE = "地域の人が気軽に集まり、学び合い、支え合う場をつくる。季節の行事や学習会を月に二度ひらき、はじめての人にも声をかけている。"
PUBLISHED = (
    "purpose",
    "policy",
    "activities",
    "fields",
    "regular_day",
    "regular_place",
    "member_count",
    "pr",
    "web",
    "activity_records",
    "statements",
)


def fill(count: int) -> None:
    """Write `count` confirmed groups past the application: what is measured comes after."""
    chosen = random.Random(3)
    now = utc_now()
    stamps = {"created_at": now, "updated_at": now, "version": 1}
    with db.engine.begin() as connection:
        fields = list(connection.scalars(select(ActivityField.id)))
        first = (connection.scalar(select(Organization.id).order_by(Organization.id.desc()).limit(1)) or 0) + 1
        ids = range(first, first + count)
        connection.execute(insert(Organization.__table__), [_group(one, chosen) | stamps for one in ids])
        connection.execute(
            insert(OrganizationField.__table__),
            [
                {"organization_id": one, "activity_field_id": key, "position": place}
                for one in ids
                for place, key in enumerate(chosen.sample(fields, 3), start=1)
            ],
        )
        connection.execute(
            insert(FieldConsent.__table__),
            [
                {"organization_id": one, "field": name, "level": 0, "given_on": dt.date(2025, 4, 1), "way": "paper"}
                for one in ids
                for name in PUBLISHED
            ],
        )
        years = range(2021, 2025)
        connection.execute(
            insert(ActivityRecord.__table__),
            [
                {"organization_id": one, "fiscal_year": year, "heading": "公開講座", "description": SENTENCE} | stamps
                for one in ids
                for year in years
            ],
        )
        connection.execute(
            insert(FinancialStatement.__table__),
            [
                {"organization_id": one, "fiscal_year": year, "income_yen": 320_000, "expenditure_yen": 310_000}
                | stamps
                for one in ids
                for year in years
            ],
        )


def _group(one: int, chosen: random.Random) -> dict[str, Any]:
    reading = "".join(chosen.choices("あいかきさしたちなにはひまみやゆらりわ", k=5))
    return {
        "id": one, "name": f"架空{reading}の会{one}", "reading": reading, "folded_name": f"架空{reading}の会{one}",
        "kind": "civic_group", "source": "demo", "is_confirmed": True, "is_person": False,
        "purpose": SENTENCE, "policy": SENTENCE, "activities": SENTENCE * 3, "regular_day": "毎週土曜日 10時から12時",
        "regular_place": "架空公民館", "member_count": chosen.randrange(5, 300), "pr": SENTENCE,
        "web": f"https://{one}.example.jp/",
    }  # fmt: skip


def measure(app: Flask, count: int) -> dict[str, Any]:
    """Seconds of each step, megabytes at the most, pages."""
    import io

    import pypdf

    actor = system_actor("計測")
    found: dict[str, Any] = {"groups": count}
    started = time.perf_counter()
    edition = editions.freeze(
        db.session(), actor=actor, frame=editions.Frame(2025, EditionOrder.FIELD, foreword=SENTENCE)
    )
    found["freeze_seconds"] = round(time.perf_counter() - started, 2)
    edition_id = edition.id
    rounds_jobs.request_booklet(db.session(), actor=actor, edition_id=edition_id)
    db.session.remove()
    started = time.perf_counter()
    run_pending(app)
    found["booklet_seconds"] = round(time.perf_counter() - started, 2)
    session = db.session()
    printable = edition_views.printable(session, actor, edition_views.get_edition(session, actor, edition_id))
    file = rounds_jobs.booklet_of(session, edition_id, printable.fingerprint)
    assert file is not None, rounds_jobs.last_job(session, rounds_jobs.BOOKLET, "edition", edition_id).message  # type: ignore[union-attr]
    found["megabytes_of_the_application"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found["megabytes_of_the_typesetter"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    content = (Path(app.extensions["settings"].files_dir) / file.sha256[:2] / file.sha256).read_bytes()
    found["pages"] = len(pypdf.PdfReader(io.BytesIO(content)).pages)
    return found


def run(count: int = 1_000) -> list[dict[str, Any]]:
    """Measure in a database of its own; fails beyond 60 s or 900 MB (the issue allows 1 GB)."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(from_environment({"DATA_DIR": folder}))
        with app.app_context():
            upgrade()
            load(db.session(), "kodaira", actor=system_actor("計測"))
            fill(count)
            found = measure(app, count)
            db.session.remove()
            db.engine.dispose()
    if count <= 1_000:
        assert found["freeze_seconds"] + found["booklet_seconds"] < 60, found
        assert found["megabytes_of_the_application"] + found["megabytes_of_the_typesetter"] < 900, found
    return [found]
