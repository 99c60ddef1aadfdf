"""Leafing through what was found: every hit stands on exactly one page, however many there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.directory import finding
from app.extensions import db
from app.japanese.normalize import fold_name
from app.search import plan
from app.search.index import update_many
from models.base import utc_now
from models.directory import Organization, OrganizationKind, OrganizationSource
from models.people import Role
from tests.support.pages import CheckingClient

Login = Callable[..., int]
_FIRST = 50_000


def _fill(app: Flask) -> set[int]:
    """90 groups with the word in the name, in the purpose or in none of both; returns who has it."""
    kinds = [OrganizationKind.CIVIC_GROUP, OrganizationKind.BUSINESS]
    rows: list[dict[str, Any]] = []
    for number in range(90):
        name = f"架空{'ふじいろ' if number % 3 == 0 else 'みずいろ'}{(number * 7) % 90:02d}の会"
        rows.append(
            {
                "id": _FIRST + number,
                "name": name,
                "folded_name": fold_name(name),
                "kind": kinds[number % 2],
                "purpose": "ふじいろを広める。" if number % 3 == 1 else "別のことをする。",
                "source": OrganizationSource.ENTERED,
                "is_confirmed": True,
                "is_person": False,
                "created_at": utc_now(),
                "updated_at": utc_now(),
                "version": 1,
            }
        )
    with app.app_context():
        session = db.session()
        session.connection().execute(insert(Organization.__table__), rows)  # type: ignore[arg-type]
        texts = ((row["id"], {level: {"A": row["name"], "B": row["purpose"]} for level in (0, 1, 2)}) for row in rows)
        update_many(session, "organization", texts)
        session.commit()
        db.session.remove()
    return {row["id"] for row in rows if row["id"] % 3 != (_FIRST + 2) % 3}


@pytest.mark.parametrize("condition", ["", "&f-kind=business"])
def test_every_hit_of_many_stands_on_one_page(
    app: Flask, client: CheckingClient, login: Login, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    hits = _fill(app)
    wanted = {key for key in hits if not condition or key % 2}
    monkeypatch.setattr(finding, "RANKED_OF_MANY", 25)
    monkeypatch.setattr(plan, "FEW", 5)
    login(client, Role.CENTER)
    shown: list[list[int]] = []
    for page in range(1, 5):
        text = client.get(f"/organization/?q=ふじいろ{condition}&size=20&page={page}").text
        body = text.partition("<tbody")[2].partition("</tbody")[0]
        shown.append([int(key) for key in re.findall(r'href="/organization/(\d+)/"', body)])
        if len(shown) > 1 and shown[-1] == shown[-2]:  # behind the last page stands the last page
            shown.pop()
            break
    together = [key for page in shown for key in page]
    assert sorted(together) == sorted(wanted)
    assert {len(page) for page in shown[:-1]} == {20}
    assert all((key - _FIRST) % 3 == 0 for key in together[:10])  # first those with the word in the name
