"""Lists of projects, with their departments and partners: ours beside a bare page of the same table, in turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, render_template_string, request
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.extensions import db
from app.search.documents import cumulative
from app.search.index import update_many
from benchmarks import dataset, floor
from benchmarks.measure import paired_ms
from models.base import utc_now
from models.directory import OrganizationKind
from models.people import Role
from models.reference import CollaborationForm, Department
from models.registry import Project, ProjectPartner, ProjectSource, ProjectStatus, project_department

TAKES_SIZES = True
_FIRST_ID = 10_000_000
_YEARS = 40
_PLACES = ("公園", "公民館", "図書館", "駅前広場", "地域センター", "小学校", "用水路", "商店街")
_WORKS = ("花壇づくり", "清掃", "読み聞かせ", "防災訓練", "健康体操", "音楽祭", "見守り", "講座")
_LIST = """<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>list</title></head><body><table>
<tr><th>name</th><th>year</th><th>number</th><th>departments</th><th>partners</th></tr>
{% for row in rows %}<tr><td><a href="/{{ row[0] }}">{{ row[1] }}</a></td>
{% for cell in row[2:] %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table></body></html>"""


def fill(session: Session, count: int) -> None:
    """`count` projects of forty years, each of one department with one partner line, and their search documents."""
    departments = list(session.execute(select(Department.id, Department.name).order_by(Department.id)))
    form_id = session.scalar(select(CollaborationForm.id).order_by(CollaborationForm.id).limit(1))
    now = utc_now()
    for start in range(0, count, 5_000):
        numbers = range(start, min(start + 5_000, count))
        names = {number: f"{_PLACES[number % 8]}の{_WORKS[number // 8 % 8]}{number}" for number in numbers}
        partners = {number: f"{dataset.name_of(number % 997)}" for number in numbers}
        own = {number: departments[number % len(departments)] for number in numbers}
        base = {"source": ProjectSource.ENTERED, "status": ProjectStatus.FINISHED, "is_published": True, "version": 1}
        stamps = {"is_demo": False, "created_at": now, "updated_at": now}
        rows = [
            {
                "id": _FIRST_ID + number,
                "fiscal_year": 1960 + number % _YEARS,
                "number": number // _YEARS + 1,
                "name": names[number],
                "department_as_published": own[number].name,
                "partners_as_published": partners[number],
                **base,
                **stamps,
            }
            for number in numbers
        ]
        lines = [
            {
                "project_id": _FIRST_ID + number,
                "position": 1,
                "printed_line": 1,
                "name_as_published": partners[number],
                "form_id": form_id,
                "form_as_published": "協力",
                "kind": OrganizationKind.CIVIC_GROUP,
                "is_generic": False,
                "is_person": False,
            }
            for number in numbers
        ]
        links = [{"project_id": _FIRST_ID + number, "department_id": own[number].id} for number in numbers]
        connection = session.connection()
        connection.execute(insert(Project.__table__), rows)  # type: ignore[arg-type]
        connection.execute(insert(ProjectPartner.__table__), lines)  # type: ignore[arg-type]
        connection.execute(insert(project_department), links)
        texts = [
            (
                _FIRST_ID + number,
                cumulative([(0, "A", names[number]), (0, "B", own[number].name), (0, "B", partners[number])]),
            )
            for number in numbers
        ]
        update_many(session, "project", texts)
        session.commit()


def floor_app(settings: Settings) -> Flask:
    """A bare page of projects: one SELECT of one table, the cells as published."""
    app = Flask("floor")
    connect = floor.connector(settings)
    mark = "?" if settings.is_sqlite else "%s"

    @app.get("/")
    def listing() -> str:
        where, values = "", []
        if request.args.get("year"):
            where, values = f"WHERE fiscal_year = {mark}", [int(request.args["year"])]
        order = "name, id" if request.args.get("sort") else "fiscal_year, number, id"
        sql = (
            "SELECT id, name, fiscal_year, number, department_as_published, partners_as_published "
            f"FROM project {where} ORDER BY {order} LIMIT 50 OFFSET {mark}"
        )
        rows = connect().execute(sql, [*values, int(request.args.get("offset", 0))]).fetchall()
        return render_template_string(_LIST, rows=rows)

    return app


def run(sizes: list[int]) -> list[dict[str, Any]]:
    """One line a case: medians in ms, and the ratio to the floor's page of the same kind (searches: its first page)."""
    figures: list[dict[str, Any]] = []
    for size in sizes:
        with dataset.databases() as found:
            for dialect, settings in found:
                app = dataset.ready_app(settings)
                with app.app_context():
                    fill(db.session(), size)
                    dataset.settle(db.session())
                    department = db.session.scalar(select(Department.id).order_by(Department.id).limit(1))
                    db.session.remove()
                figures += _measure(app, floor_app(settings), dialect, size, int(department or 1))
                with app.app_context():
                    db.engine.dispose()
    return figures


def _measure(app: Flask, bare: Flask, dialect: str, size: int, department: int) -> list[dict[str, Any]]:
    ours, plain = app.test_client(), bare.test_client()
    with ours.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = dataset.token_of(app, Role.OFFICE), True
    deep = max(1, size * 9 // 10 // 50)

    def get(client: Any, path: str) -> Callable[[], object]:
        def call() -> object:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            return answer.data

        return call

    cases = {
        "first page": ("", ""),
        "page at 90%": (f"page={deep}", f"offset={(deep - 1) * 50}"),
        "sorted by name": ("sort=name", "sort=name"),
        "filtered by year": ("f-year=1999", "year=1999"),
        "filtered by department": (f"f-department={department}", ""),
        "search 花壇": ("q=花壇", ""),
        "search 公民館": ("q=公民館", ""),
        "search rare word": (f"q=清掃{size // 128 * 64 + 8}", ""),
        "search missing word": ("q=存在しない言葉", ""),
    }
    figures = []
    for name, (asked, base) in cases.items():
        medians = paired_ms({"floor": get(plain, f"/?{base}"), "ours": get(ours, f"/project/?{asked}")})
        figures.append(
            {
                "database": dialect,
                "rows": size,
                "case": name,
                "floor ms": medians["floor"],
                "ours ms": medians["ours"],
                "ours/floor": medians["ours"] / medians["floor"],
            }
        )
        print(figures[-1], flush=True)
    return figures
