"""The guarded base view, through the reference tables: lists, doors, lost updates, saved views."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from models.records import AuditChange, AuditEntry
from models.reference import Department
from tests.support.pages import CheckingClient


def _names(html: str) -> list[str]:
    return re.findall(r'<th scope="row" id="row-\d+"><a href="[^"]+">([^<]+)</a>', html)


def _hidden(html: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
    assert found is not None, name
    return found.group(1).replace("&#34;", '"').replace("&quot;", '"')


def _department(app: Flask, name: str) -> Department:
    with app.app_context():
        found = db.session.scalars(select(Department).where(Department.name == name)).one()
        db.session.expunge(found)
        db.session.rollback()
    return found


def _entries(app: Flask) -> int:
    with app.app_context():
        count = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        db.session.rollback()
    return count


def _values(department: Department, **changes: str) -> dict[str, str]:
    values = {
        "code": department.code,
        "name": department.name,
        "bureau": department.bureau,
        "council_order": str(department.council_order or ""),
        "note": department.note or "",
    }
    if department.is_council_member:
        values["is_council_member"] = "y"
    return values | changes


def test_a_list_shows_the_rows_in_their_usual_order_with_their_count(client: CheckingClient, login) -> None:
    login(client, "department")
    html = client.get("/department/").text
    assert "27件中 1〜27件" in html
    assert _names(html)[:2] == ["市民協働・男女参画推進課", "政策課"]


def test_a_list_sorts_both_ways_and_says_so(client: CheckingClient, login) -> None:
    login(client, "office")
    up = client.get("/department/?sort=name").text
    down = client.get("/department/?sort=-name").text
    assert _names(up) == sorted(_names(up))
    assert _names(down) == list(reversed(_names(up)))
    assert 'aria-sort="ascending"' in up
    assert 'aria-sort="descending"' in down


def test_pages_join_without_gap_or_double(client: CheckingClient, login) -> None:
    login(client, "office")
    first = _names(client.get("/department/?size=20").text)
    second = _names(client.get("/department/?size=20&page=2").text)
    assert len(first) == 20
    assert first + second == _names(client.get("/department/").text)


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=0",
        "page=100000000000000000000",
        "page=x",
        "size=1000000",
        "sort=password_hash",
        "sort=-",
        "f-council=1e30",
        "f-council=%00",
        "columns=nothing,code,,code",
        "q=%00%27%22%3B--",
        "q=" + "あ" * 3000,
        "f-unknown=1",
    ],
)
def test_no_address_breaks_a_list(client: CheckingClient, login, query: str) -> None:
    login(client, "committee")
    assert client.get(f"/department/?{query}").status_code == 200


def test_a_filter_reads_in_words_and_can_be_taken_off(client: CheckingClient, login) -> None:
    login(client, "office")
    html = client.get("/department/?f-council=1").text
    assert "庁内検討会議の構成課: 構成課" in html
    assert len(_names(html)) == 15


def test_a_filter_value_that_cannot_be_read_is_said_and_left_out(client: CheckingClient, login) -> None:
    login(client, "office")
    html = client.get("/department/?f-council=maybe").text
    assert "値を読み取れない" in html
    assert len(_names(html)) == 27


def test_chosen_columns_are_shown_alone(client: CheckingClient, login) -> None:
    login(client, "office")
    html = client.get("/department/?columns=name&columns=code").text
    assert re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?\s*([^<\s]+)', html)[:2] == ["課名", "コード"]


@pytest.mark.parametrize("key", ["0", "-1", "1e3", "99999999999999999999999", "abc", "%00", "１"])
def test_an_id_that_is_none_is_not_found(client: CheckingClient, login, key: str) -> None:
    login(client, "office")
    assert client.get(f"/department/{key}/").status_code == 404
    assert client.get(f"/department/{key}/edit/").status_code == 404


@pytest.mark.parametrize("role", ["center", "department", "committee", "agency"])
def test_who_may_not_edit_is_refused_at_the_door_not_only_without_a_button(
    app: Flask, client: CheckingClient, login, role: str
) -> None:
    login(client, role)
    department = _department(app, "市民課")
    before = _entries(app)
    assert client.get(f"/department/{department.id}/edit/").status_code == 403
    posted = client.post(
        f"/department/{department.id}/edit/", data=_values(department, name="別名", version=str(department.version))
    )
    assert posted.status_code == 403
    assert client.post("/department/new/", data={"code": "x", "name": "新しい課"}).status_code == 403
    assert _department(app, "市民課").version == department.version
    assert _entries(app) == before


def test_saving_changes_the_row_and_leaves_one_entry_in_words(app: Flask, client: CheckingClient, login) -> None:
    login(client, "office")
    department = _department(app, "市民課")
    before = _entries(app)
    page = client.get(f"/department/{department.id}/edit/").text
    done = client.post(
        f"/department/{department.id}/edit/",
        data=_values(department, bureau="市民部", version=_hidden(page, "version"), seen=_hidden(page, "seen")),
    )
    assert done.status_code == 303
    assert _department(app, "市民課").bureau == "市民部"
    assert _entries(app) == before + 1
    assert "部: 未確認 → 市民部" in client.get(f"/department/{department.id}/").text


def test_saving_without_a_change_leaves_no_entry(app: Flask, client: CheckingClient, login) -> None:
    login(client, "office")
    department = _department(app, "公民館")
    before = _entries(app)
    client.post(
        f"/department/{department.id}/edit/", data=_values(department, version=str(department.version), seen="{}")
    )
    assert _entries(app) == before


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    app: Flask, client: CheckingClient, login
) -> None:
    login(client, "office")
    department = _department(app, "市民課")
    answer = client.post(
        f"/department/{department.id}/edit/",
        data=_values(
            department, name="", bureau="打ち込んだ部", valid_from="2月30日", version=str(department.version), seen="{}"
        ),
    )
    assert answer.status_code == 422
    assert "入力してください" in answer.text
    assert 'value="打ち込んだ部"' in answer.text
    assert 'value="2月30日"' in answer.text


def test_a_code_in_use_is_refused_in_words(app: Flask, client: CheckingClient, login) -> None:
    login(client, "administrator")
    answer = client.post("/department/new/", data={"code": _department(app, "公民館").code, "name": "新しい課"})
    assert answer.status_code == 422
    assert "すでに使われています" in answer.text


def test_a_new_row_can_be_entered(app: Flask, client: CheckingClient, login) -> None:
    login(client, "administrator")
    assert client.post("/department/new/", data={"code": "shinsetsu", "name": "新設課"}).status_code == 303
    assert _department(app, "新設課").bureau == ""


def test_a_department_cannot_succeed_itself(app: Flask, client: CheckingClient, login) -> None:
    login(client, "office")
    department = _department(app, "市民課")
    answer = client.post(
        f"/department/{department.id}/edit/",
        data=_values(department, successor_id=str(department.id), version=str(department.version), seen="{}"),
    )
    assert answer.status_code == 422
    assert "元の課に戻ります" in answer.text


def test_when_somebody_else_saved_first_both_versions_stand_side_by_side(app: Flask, login) -> None:
    first, second = app.test_client(), app.test_client()
    login(first, "office")
    login(second, "administrator")
    department = _department(app, "市民課")
    url = f"/department/{department.id}/edit/"
    page = second.get(url).text
    version, seen = _hidden(page, "version"), _hidden(page, "seen")
    assert first.post(url, data=_values(department, bureau="市民部", note="甲", version=version)).status_code == 303

    answer = second.post(url, data=_values(department, note="乙", version=version, seen=seen))
    assert answer.status_code == 409
    assert _department(app, "市民課").note == "甲"
    assert "市民部" in answer.text
    # only the first changed the bureau: theirs is preselected; both changed the note: mine is
    assert re.search(r'name="choose-bureau" value="theirs" checked', answer.text)
    assert re.search(r'name="choose-note" value="mine" checked', answer.text)

    chosen = _values(
        department,
        note="乙",
        version=_hidden(answer.text, "version"),
        resolve="1",
        **{"choose-bureau": "theirs", "choose-note": "mine"},
    )
    assert second.post(url, data=chosen).status_code == 303
    kept = _department(app, "市民課")
    assert (kept.bureau, kept.note) == ("市民部", "乙")


def test_a_save_without_a_version_is_refused(app: Flask, client: CheckingClient, login) -> None:
    login(client, "office")
    department = _department(app, "市民課")
    answer = client.post(f"/department/{department.id}/edit/", data=_values(department, bureau="市民部"))
    assert answer.status_code == 422
    assert _department(app, "市民課").bureau == "未確認"


def test_a_view_can_be_named_and_is_its_owners_alone(app: Flask, login) -> None:
    mine, other = app.test_client(), app.test_client()
    login(mine, "office")
    login(other, "center")
    saved = mine.post("/department/views/", data={"name": "構成課だけ", "query": "f-council=1"})
    assert (saved.status_code, saved.headers["Location"]) == (303, "/department/?f-council=1")
    assert "構成課だけ" in mine.get("/department/").text
    assert "構成課だけ" not in other.get("/department/").text
    assert mine.post("/department/views/", data={"name": " ", "query": ""}).status_code == 409

    delete = re.search(r'action="(/department/views/\d+/delete/)"', mine.get("/department/").text)
    assert delete is not None
    assert other.post(delete.group(1)).status_code == 404
    assert mine.post(delete.group(1)).status_code == 303
    assert "構成課だけ" not in mine.get("/department/").text.split("<main")[1].split("削除しました")[1]


def test_the_lookup_answers_within_what_the_reader_may_see(client: CheckingClient, login) -> None:
    login(client, "agency")
    found = client.get("/department/lookup/?q=図書").json
    assert [item["text"] for item in found] == ["図書館"]
    assert client.get("/department/lookup/?q=%25").json == []


def test_a_table_without_deletion_has_no_door_for_it(app: Flask, client: CheckingClient, login) -> None:
    login(client, "administrator")
    department = _department(app, "市民課")
    assert client.post(f"/department/{department.id}/delete/").status_code == 403
    assert client.get("/department/deleted/").status_code == 403
    assert "削除したもの" not in client.get("/department/").text
    assert _department(app, "市民課").id == department.id


def test_changes_are_told_with_the_name_of_the_record(app: Flask, client: CheckingClient, login) -> None:
    login(client, "office")
    department = _department(app, "市民課")
    client.post(
        f"/department/{department.id}/edit/",
        data=_values(department, bureau="市民部", version=str(department.version), seen="{}"),
    )
    with app.app_context():
        change = db.session.scalars(
            select(AuditChange).where(AuditChange.table_name == "department").order_by(AuditChange.id.desc())
        ).first()
        assert change is not None
        assert (change.record_label, change.values) == ("市民課", {"bureau": ["未確認", "市民部"]})
        db.session.rollback()
