"""The registry's screens: list, page, form, years; every page is checked by the client that fetches it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask

from app.extensions import db
from models.people import Role
from models.registry import Project, ProjectStatus
from tests.support.pages import CheckingClient
from tests.support.registry import department, row
from tests.support.registry_forms import fields_of

Login = Callable[..., int]


def _id(app: Flask, number: int) -> int:
    with app.app_context():
        found = row(db.session(), number).id
        db.session.rollback()
    return found


def _form(client: CheckingClient, address: str) -> dict[str, list[str]]:
    """The fields of the page's form as a browser would send them."""
    return fields_of(client.get(address).get_data(as_text=True))


@pytest.mark.parametrize("role", list(Role), ids=str)
@pytest.mark.parametrize(
    "address",
    [
        "/project/",
        "/project/?f-year=2018&f-department=14&sort=name",
        "/project/?q=武蔵野美術大学",
        "/registry-year/2018/",
        "/registry-year/2018/published/",
        "/registry-year/compare/",
        "/organization/",
        "/organization/?q=むさし",
    ],
)
def test_everybody_reads(client: CheckingClient, login: Login, role: Role, address: str) -> None:
    login(client, role)
    assert client.get(address).status_code == 200


def test_the_university_is_found_however_the_cell_wrote_it(client: CheckingClient, login: Login) -> None:
    login(client, Role.CENTER)
    for words in ("武蔵野美術大学", "武蔵野 美術大学", "武蔵野美術大學"):
        page = unescape(client.get("/project/", query_string={"q": words, "size": "50"}).get_data(as_text=True))
        assert "13件中" in page, words
        for name in (
            "官学共同プロジェクト",
            "まちで楽しむ",
            "けやき青年教室",
            "景観まちづくりセミナー",
            "ジュニア大学",
        ):
            assert name in page, (words, name)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("f-year=2018", 168),
        ("f-year=2019", 0),
        ("f-year=2018&f-kind=university", 20),
        ("f-kind=person", 6),
    ],
)
def test_filters_narrow_the_list(client: CheckingClient, login: Login, query: str, count: int) -> None:
    login(client, Role.OFFICE)
    page = client.get(f"/project/?{query}").get_data(as_text=True)
    assert (f"{count}件中" if count else "0件") in page


def test_forms_and_departments_narrow_the_list(app: Flask, client: CheckingClient, login: Login) -> None:
    from tests.support.registry import form_id

    with app.app_context():
        keys = {code: form_id(db.session(), code) for code in ("cooperation", "committee_council", "commission")}
        hall = department(db.session(), "kominkan").id
        db.session.rollback()
    login(client, Role.OFFICE)
    for code, count in (("cooperation", 95), ("committee_council", 24), ("commission", 12)):
        assert f"{count}件中" in client.get(f"/project/?f-form={keys[code]}").get_data(as_text=True)
    assert "32件中" in client.get(f"/project/?f-department={hall}").get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.AGENCY, Role.ADMINISTRATOR], ids=str)
def test_names_of_private_persons_are_for_staff(app: Flask, client: CheckingClient, login: Login, role: Role) -> None:
    numbers = (55, 88, 89, 97, 107, 139, 166, 167)
    addresses = [f"/project/{_id(app, number)}/" for number in numbers]
    addresses += ["/project/?size=100&page=1", "/project/?size=100&page=2", "/registry-year/2018/published/"]
    addresses += ["/project/export/csv/", "/project/lookup/?q=陣内", "/project/?q=陣内", "/organization/?q=瀬戸"]
    login(client, role)
    for address in addresses:
        page = client.get(address).get_data(as_text=True).replace('value="陣内"', "").replace('value="瀬戸"', "")
        page = page.replace("ことば: 陣内", "").replace("ことば: 瀬戸", "")
        for name in ("陣内", "瀬戸", "白汚", "齋藤啓子", "齋藤先生", "和泉"):
            assert name not in page, (address, name)


def test_staff_reads_them(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.DEPARTMENT)
    assert "陣内利博" in client.get(f"/project/{_id(app, 55)}/").get_data(as_text=True)


def test_the_page_tells_the_six_steps_and_what_was_published(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    page = client.get(f"/project/{_id(app, 121)}/").get_data(as_text=True)
    for name in ("可能性検討", "形態選択", "パートナー選択", "ブラッシュアップ", "実施", "振り返り・評価"):
        assert name in page
    assert "公表時の形態: 協力 開催行事は基本的に「共催」扱い" in unescape(page)


def test_the_page_of_a_published_row_names_what_was_not_written_down_in_each_step(
    app: Flask, client: CheckingClient, login: Login
) -> None:
    login(client, Role.CENTER)
    text = client.get(f"/project/{_id(app, 1)}/").get_data(as_text=True)
    assert "進行中" not in text
    assert text.count("記録なし") == 6
    for name in ("双方の強み", "形態を選んだ理由", "団体の役割と責任", "開始日", "振り返り・評価"):
        assert f"<li>{name}</li>" in text


def test_a_department_edits_its_own_row_and_reads_the_others(app: Flask, client: CheckingClient, login: Login) -> None:
    own, other = _id(app, 130), _id(app, 1)
    with app.app_context():
        found = department(db.session(), "kominkan")
        db.session.rollback()
    login(client, Role.DEPARTMENT, department=found)
    assert "編集する" in client.get(f"/project/{own}/").get_data(as_text=True)
    page = client.get(f"/project/{other}/").get_data(as_text=True)
    assert ("ほかの課の事業です" in page, f"/project/{other}/edit/" in page) == (True, False)
    assert client.get(f"/project/{other}/edit/").status_code == 403
    assert client.post(f"/project/{other}/edit/", data={"version": "1", "name": "x"}).status_code == 403
    assert client.post(f"/project/{other}/start/").status_code == 403
    assert client.post(f"/project/{other}/carry-over/").status_code == 403
    fields = _form(client, f"/project/{own}/edit/")
    fields["summary"] = ["地域の学びの場"]
    saved = client.post(f"/project/{own}/edit/", data=fields)
    assert saved.status_code == 303, saved.get_data(as_text=True)
    with app.app_context():
        project = row(db.session(), 130)
        assert (project.summary, len(project.partners), project.version) == ("地域の学びの場", 1, 2)


def test_saving_what_was_shown_changes_nothing(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    for number in (43, 65, 121, 139, 166):
        key = _id(app, number)
        assert client.post(f"/project/{key}/edit/", data=_form(client, f"/project/{key}/edit/")).status_code == 303
        with app.app_context():
            assert row(db.session(), number).version == 1


def test_lines_are_added_ordered_and_removed_in_the_form(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    key = _id(app, 11)
    fields = _form(client, f"/project/{key}/edit/")
    fields["partners-0-position"] = ["9"]
    fields = {name: value for name, value in fields.items() if not name.startswith("partners-1-")}
    fields |= {"partners-7-name": ["架空の会"], "partners-7-position": ["1"], "partners-7-form_id": [""]}
    assert client.post(f"/project/{key}/edit/", data=fields).status_code == 303
    with app.app_context():
        names = [line.name_as_published for line in row(db.session(), 11).partners]
    assert names == ["架空の会", "文化学園大学", "津田塾大学"]


def test_who_saves_second_sees_both_versions(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    key = _id(app, 65)
    mine = _form(client, f"/project/{key}/edit/")
    theirs = dict(mine)
    theirs["summary"] = ["先の内容"]
    assert client.post(f"/project/{key}/edit/", data=theirs).status_code == 303
    mine["summary"] = ["後の内容"]
    mine["partners-0-note"] = ["確かめた"]
    answer = client.post(f"/project/{key}/edit/", data=mine)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "先の内容" in page, "後の内容" in page) == (409, True, True)
    chosen = fields_of(page) | {"choose-summary": ["mine"], "choose-partners": ["theirs"]}
    assert client.post(f"/project/{key}/edit/", data=chosen).status_code == 303
    with app.app_context():
        project = row(db.session(), 65)
        assert (project.summary, len(project.partners)) == ("後の内容", 7)


def test_a_project_is_registered_started_and_carried_over(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    with app.app_context():
        park = department(db.session(), "mizu-midori-koen").id
        db.session.rollback()
    fields = _form(client, "/project/new/")
    fields |= {"name": ["花壇づくり"], "departments": [str(park)], "partners-0-name": ["架空みどりの会"]}
    answer = client.post("/project/new/", data=fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    address = answer.headers["Location"]
    assert "先に10点の入力が要ります" in client.get(address).get_data(as_text=True)
    assert client.post(f"{address}start/").status_code == 303
    assert "共通の目的・目標を書いてください" in client.get(address).get_data(as_text=True)
    assert client.post(f"{address}carry-over/").status_code == 303
    with app.app_context():
        projects = db.session.query(Project).filter(Project.name == "花壇づくり").order_by(Project.id).all()
        assert [one.status for one in projects] == [ProjectStatus.PLANNED, ProjectStatus.PLANNED]
        assert projects[1].predecessor_id == projects[0].id


def test_what_is_wrong_is_said_at_its_field(client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    answer = client.post("/project/new/", data={"name": "", "fiscal_year": "いつか", "starts_on": "R8.13.1"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "年度として読めません" in page and "課名を1つ以上選んでください" in page


def test_deleting_says_what_hangs_on_it_and_can_be_undone(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    key = _id(app, 18)
    assert "6件" in client.get(f"/project/{key}/delete/").get_data(as_text=True)
    assert client.post(f"/project/{key}/delete/").status_code == 303
    assert client.get(f"/project/{key}/").status_code == 404
    assert "公表後に削除" in client.get("/registry-year/2018/published/").get_data(as_text=True)
    link = re.search(r'<a class="tool" href="([^"]+)">削除したもの</a>', client.get("/project/").get_data(as_text=True))
    assert link is not None
    assert "まちで楽しむ" in client.get(link[1]).get_data(as_text=True)
    assert client.post(f"/project/{key}/restore/").status_code == 303
    assert client.get(f"/project/{key}/").status_code == 200


@pytest.mark.parametrize("kind", ["forms", "departments", "kinds"])
def test_charts_are_pictures_of_their_own(client: CheckingClient, login: Login, kind: str) -> None:
    login(client, Role.AGENCY)
    answer = client.get(f"/registry-year/2018/{kind}.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert client.get("/registry-year/2018/other.svg").status_code == 404
    assert client.get("/registry-year/2031/").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OFFICE], ids=str)
def test_only_the_office_publishes(client: CheckingClient, login: Login, role: Role) -> None:
    login(client, role)
    assert client.get("/registry-year/2018/publish/").status_code == 403
    assert client.post("/registry-year/2018/publish/").status_code == 403


def test_a_year_is_published_and_compared(app: Flask, client: CheckingClient, login: Login) -> None:
    login(client, Role.OFFICE)
    key = _id(app, 74)
    assert client.post(f"/project/{key}/carry-over/").status_code == 303
    assert client.get("/registry-year/2019/publish/").status_code == 200
    assert client.post("/registry-year/2019/publish/").status_code == 303
    assert client.post("/registry-year/2019/publish/").status_code == 409
    page = client.get("/registry-year/compare/?earlier=2018&later=2019").get_data(as_text=True)
    assert "続いている事業" in page and "引き継がれていない事業" in page
    picture = client.get("/registry-year/compare/forms.svg?earlier=2018&later=2019")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")


@pytest.mark.parametrize("kind", ["xlsx", "csv", "csv-cp932"])
def test_what_is_shown_goes_out(client: CheckingClient, login: Login, kind: str) -> None:
    login(client, Role.OFFICE)
    answer = client.get(f"/project/export/{kind}/?f-year=2018&f-kind=university")
    assert answer.status_code == 200
    if kind == "csv":
        assert len(answer.get_data(as_text=True).strip().splitlines()) == 21


def test_characters_that_a_file_cannot_hold_are_named_above_the_list(
    app: Flask, client: CheckingClient, login: Login
) -> None:
    """The way there is a plain link: with `download`, a browser would hide the answer behind a failed download."""
    with app.app_context():
        from tests.factories import a_project

        a_project(db.session(), name="𠮷田さんの☕", fiscal_year=2024)
    login(client, Role.OFFICE)
    page = client.get("/project/?f-year=2024").get_data(as_text=True)
    assert re.search(r'<a href="/project/export/csv-cp932/[^"]*">', page)
    answer = client.get("/project/export/csv-cp932/?f-year=2024")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "B2「" not in text and "A2「事業名称」の「𠮷」「☕」" in text
    assert "年度: 令和6年度" in text


def test_an_organisations_page_tells_its_projects(app: Flask, client: CheckingClient, login: Login) -> None:
    from sqlalchemy import select

    from models.directory import Organization

    with app.app_context():
        key = db.session.scalar(select(Organization.id).where(Organization.seed_key == "musashino-bijutsu-daigaku"))
        db.session.rollback()
    login(client, Role.CENTER)
    page = unescape(client.get(f"/organization/{key}/").get_data(as_text=True))
    assert "協働や連携の取組 13件" in page and "ジュニア大学" in page
    fields = _form(client, f"/organization/{key}/edit/")
    fields["reading"] = ["むさしのびじゅつだいがく"]
    fields["is_confirmed"] = ["y"]
    assert client.post(f"/organization/{key}/edit/", data=fields).status_code == 303
    assert "13件中" in client.get("/project/?q=ﾑｻｼﾉﾋﾞｼﾞｭﾂ").get_data(as_text=True)
