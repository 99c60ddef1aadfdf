"""Lists, forms, saving, export and search of organisations: ours, the floor and stock Flask-Admin, in turns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask

from app.extensions import db
from benchmarks import dataset, floor
from benchmarks.measure import paired_ms
from models.people import Role

TAKES_SIZES = True
#: The stock view loads whole tables for some pages; beyond this it is not asked for a copy of everything.
STOCK_EXPORT_LIMIT = 10_000


def run(sizes: list[int]) -> list[dict[str, Any]]:
    """One line a case: medians in ms, and ratios to the floor's page of the same kind (searches: its first page)."""
    figures = []
    for size in sizes:
        with dataset.databases() as found:
            for dialect, settings in found:
                app = dataset.ready_app(settings)
                with app.app_context():
                    session = db.session()
                    dataset.fill_organizations(session, size)
                    dataset.settle(session)
                    db.session.remove()
                with floor.stock_app(settings) as stock:
                    figures += measure(app, floor.floor_app(settings), stock, dialect, size)
                with app.app_context():
                    db.engine.dispose()
    return figures


def measure(app: Flask, bare: Flask, stock: Flask, dialect: str, size: int) -> list[dict[str, Any]]:
    """The cases for one database of one size."""
    ours = app.test_client()
    with ours.session_transaction() as cookie:
        cookie["_user_id"] = dataset.token_of(app, Role.CENTER)
        cookie["_fresh"] = True
    plain, admin = bare.test_client(), stock.test_client()
    deep = max(1, size * 9 // 10 // 50)
    key = 10_000_000 + size // 2

    def get(client: Any, path: str) -> Callable[[], object]:
        def call() -> object:
            answer = client.get(path)
            data = answer.data
            assert answer.status_code == 200, (path, answer.status_code)
            return data

        return call

    page = ours.get(f"/organization/{key}/edit/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    number = iter(range(10**9))

    def save() -> None:
        html = ours.get(f"/organization/{key}/edit/").text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
        texts = {name: f"計測{next(number)}" for name in ("note",)}
        values = {"name": dataset.name_of(size // 2), "kind": "other", "csrf_token": token.group(1)}
        version = hidden["version"]
        answer = ours.post(f"/organization/{key}/edit/", data=values | texts | {"version": version, "seen": "{}"})
        assert answer.status_code == 303, answer.status_code

    def plain_save() -> None:
        plain.get(f"/{key}")
        plain.post(f"/{key}", data={"note": f"計測{next(number)}"})

    def stock_save() -> None:
        admin.get(f"/organization/edit/?id={key}")
        texts = {"name": "計測", "reading": "けいそく", "note": f"計測{next(number)}"}
        assert admin.post(f"/organization/edit/?id={key}", data=texts).status_code == 302

    first = "/"
    cases: list[tuple[str, Any, Any, Any]] = [
        ("first page", get(ours, "/organization/"), get(plain, first), get(admin, "/organization/")),
        (
            "page at 90%",
            get(ours, f"/organization/?page={deep}"),
            get(plain, f"/?offset={(deep - 1) * 50}"),
            get(admin, f"/organization/?page={deep}"),
        ),
        (
            "sorted by name",
            get(ours, "/organization/?sort=name"),
            get(plain, "/?sort=name"),
            get(admin, "/organization/?sort=0"),
        ),
        (
            "filtered by kind",
            get(ours, "/organization/?f-kind=school"),
            get(plain, "/?kind=school"),
            get(admin, "/organization/?flt0_0=school"),
        ),
        (
            "search 介護",
            get(ours, "/organization/?q=介護"),
            get(plain, first),
            get(admin, "/organization/?search=介護"),
        ),
        (
            "search 子育て",
            get(ours, "/organization/?q=子育て"),
            get(plain, first),
            get(admin, "/organization/?search=子育て"),
        ),
        ("search ｶｲｺﾞ", get(ours, "/organization/?q=ｶｲｺﾞ"), get(plain, first), get(admin, "/organization/?search=ｶｲｺﾞ")),
        (
            "search NPO法人",
            get(ours, "/organization/?q=NPO法人"),
            get(plain, first),
            get(admin, "/organization/?search=NPO法人"),
        ),
        (
            "search rare word",
            get(ours, f"/organization/?q=クラブ{size // 3}"),
            get(plain, first),
            get(admin, f"/organization/?search=クラブ{size // 3}"),
        ),
        (
            "search missing word",
            get(ours, "/organization/?q=存在しない言葉"),
            get(plain, first),
            get(admin, "/organization/?search=存在しない言葉"),
        ),
        (
            "edit form",
            get(ours, f"/organization/{key}/edit/"),
            get(plain, f"/{key}"),
            get(admin, f"/organization/edit/?id={key}"),
        ),
        ("form and save", save, plain_save, stock_save),
    ]
    if size <= 100_000:
        copies = get(admin, "/organization/export/csv/") if size <= STOCK_EXPORT_LIMIT else None
        cases.append(("export CSV", get(ours, "/organization/export/csv/"), get(plain, "/export"), copies))
    figures = []
    for name, mine, base, other in cases:
        calls = {"floor": base, "ours": mine} | ({"stock": other} if other is not None else {})
        medians = paired_ms(calls)
        figures.append(
            {
                "database": dialect,
                "rows": size,
                "case": name,
                "floor ms": medians["floor"],
                "ours ms": medians["ours"],
                "ours/floor": medians["ours"] / medians["floor"],
                "stock ms": medians.get("stock"),
                "stock/floor": medians["stock"] / medians["floor"] if "stock" in medians else None,
            }
        )
        print(figures[-1], flush=True)
    return figures
