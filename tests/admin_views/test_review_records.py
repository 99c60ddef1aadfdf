"""Packs, sheets side by side, corrections, disclosure and publication on screen, and who is kept out of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pypdf
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.files.services import store_of
from app.jobs.worker import Worker
from app.reviews import conflicts, queries
from models.people import Role
from models.records import AuditEntry, StoredFile
from models.review_conflicts import InterestKind
from models.review_records import PublicationRecord, ReviewCorrection, ReviewDisclosure
from models.reviews import ReviewStage
from tests.app.reviews.concluded import confirmed, decided, ready
from tests.support.forms import form_to
from tests.support.pages import CheckingClient, check_page
from tests.support.people import sign_in_as


def _words(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def _post(client: CheckingClient, page: str, action: str, **values: str) -> int:
    form = form_to(check_page(client.get(page).get_data(as_text=True)), action)
    for name, value in values.items():
        form.set(name, value)
    return client.post(form.action, data=form.data()).status_code


def _pdf(text: str) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": text})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_a_member_gets_the_own_pack_alone_and_never_with_what_is_in_conflict(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session = db.session()
        case = ready(session)
        first, second = case.proposals
        conflicts.set_conflict(
            session, actor=case.office, member_id=case.members[1].id, proposal_id=second.id,
            kind=InterestKind.ADVICE, reason="助言した",
        )  # fmt: skip
        settings = app.extensions["settings"]
        from app.audit.recorder import act

        with act(session, case.office, "test:files", "試験の添付"):
            for name, content in (
                ("計画書.pdf", _pdf("計画")),
                ("壊れた.pdf", b"%PDF-1.4 broken"),
                ("図.png", b"\x89PNG"),
            ):
                media = "image/png" if name.endswith("png") else "application/pdf"
                session.add(
                    StoredFile(
                        sha256=store_of(settings).put(content), name=name, media_type=media, size=len(content),
                        owner_table="proposal", owner_key=str(first.id),
                    )
                )  # fmt: skip
        call, members, users = case.call.id, [one.id for one in case.members], [one.id for one in case.users]
        titles = [one.title for one in case.proposals]
        session.rollback()
        db.session.remove()
    sign_in_as(client, users[1])
    key = f"{call}:document:{members[1]}"
    assert _post(client, f"/review-pack/{call}/", f"/review-pack/make/{key}/") == 303
    assert "資料の作成" in client.get(f"/review-pack/wait/{key}/").get_data(as_text=True)
    with app.app_context():
        Worker(app).run(burst=True)
    page = client.get(f"/review-pack/{call}/").get_data(as_text=True)
    assert "作れませんでした" not in page, page[page.index("作れませんでした") :][:300]
    form = form_to(check_page(page), f"/review-pack/file/{key}.pdf")
    found = client.post(form.action, data=form.data())
    told = _words(found.data)
    assert found.mimetype == "application/pdf" and titles[0] in told and titles[1] not in told
    assert "別添1-1" in told and "読めないPDF" in told and "PDFではない" in told and "採点票" in told
    pages = len(pypdf.PdfReader(io.BytesIO(found.data)).pages)
    assert float(pypdf.PdfReader(io.BytesIO(found.data)).pages[pages - 1].mediabox.width) == 200
    data = form.data()
    for other in (
        f"{call}:document:{members[0]}",
        f"{call}:document:0",
        f"{call}:result:0",
        "9:x:1",
        f"{call}:document:x",
    ):
        for path in (f"/review-pack/make/{other}/", f"/review-pack/file/{other}.pdf"):
            assert client.post(path, data=data).status_code == 404
        assert client.get(f"/review-pack/progress/{other}/").status_code == 404
    with app.app_context():
        session = db.session()
        log = session.scalars(select(AuditEntry).where(AuditEntry.verb == "review-pack:download")).all()
        assert [entry.actor_id for entry in log] == [users[1]]
        office = case.office
        conflicts.set_conflict(
            session, actor=office, member_id=members[1], proposal_id=queries.proposals_of(session, call)[0].id,
            kind=InterestKind.TRADE, reason="取引",
        )  # fmt: skip
        db.session.remove()
    assert client.post(form.action, data=data).status_code == 404


def test_the_office_makes_all_packs_and_the_result_pack(app: Flask) -> None:
    from app.reviews import packs
    from app.reviews.result_pack import result_pack

    with app.app_context():
        session = db.session()
        case = ready(session, proposals=3)
        material = packs.collect(session, case.office, case.call, stage=ReviewStage.DOCUMENT, member=None)
        pdf = packs.bind(app.extensions["settings"], material)
        told = _words(pdf)
        assert all(one.title in told for one in case.proposals)
        assert told.count("採点票(書類審査)") == len(case.users) * 3
        confirmed(case)
        told = _words(result_pack(session, case.call))
        assert "集計の経過" in told and all(user.display_name in told for user in case.users)
        db.session.rollback()


def test_sheets_are_read_side_by_side_once_the_stage_is_open(app: Flask, client: CheckingClient) -> None:
    with app.app_context():
        session = db.session()
        case = ready(session)
        users, proposals = [one.id for one in case.users], [one.id for one in case.proposals]
        names, call = [one.display_name for one in case.users], case.call.id
        session.rollback()
    sign_in_as(client, users[1])
    page = client.get(f"/review-result/sheets/{proposals[0]}/").get_data(as_text=True)
    assert all(name in page for name in names)
    assert page.count("<h3 id=") == 0 and page.count("に確定)</li>") == len(names), "no wordless sheet takes a section"
    assert f"/review-result/sheets/{proposals[0]}/" in client.get(f"/review-result/{call}/").get_data(as_text=True)
    with app.app_context():
        session = db.session()
        sheet = queries.members_of(session, call)[2]
        conflicts.set_conflict(
            session, actor=case.office, member_id=queries.members_of(session, call)[1].id, proposal_id=proposals[0],
            kind=InterestKind.TRADE, reason="取引",
        )  # fmt: skip
        assert sheet is not None
        db.session.remove()
    assert client.get(f"/review-result/sheets/{proposals[0]}/").status_code == 404


def test_corrections_disclosure_and_publication_on_screen(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session = db.session()
        case = ready(session)
        decided(case)
        call, proposal, member = case.call.id, case.proposals[0].id, case.members[1].id
        names, users = [one.display_name for one in case.users], [one.id for one in case.users]
        session.rollback()
    login(client, Role.OFFICE)
    base = f"/review-result/{call}"
    late = {"member": str(member), "proposal": str(proposal), "kind": "family", "reason": "本人の申出"}
    assert _post(client, f"{base}/late-conflict/", f"{base}/late-conflict/", **late) == 303
    assert _post(client, f"{base}/record/", f"{base}/look-again/") == 303
    assert "訂正1件を見る" in client.get(f"{base}/").get_data(as_text=True)
    assert "訂正(1件)" in client.get(f"{base}/record/").get_data(as_text=True)

    marks = {"mark_member_names": "person", "text_member_names": "第7条第2号"}
    form = form_to(check_page(client.get(f"{base}/disclose/").get_data(as_text=True)), f"{base}/disclose/")
    for name, value in marks.items():
        form.set(name, value)
    looked = client.post(form.action, data=form.data())
    assert looked.mimetype == "application/pdf" and not any(name in _words(looked.data) for name in names)
    assert _post(client, f"{base}/disclose/", f"{base}/disclose/", verb="enter", **marks) == 422
    given = {"verb": "enter", "recipient": "請求 花子", "basis": "受付第3号", "disclosed_on": "令和8年10月1日"}
    assert _post(client, f"{base}/disclose/", f"{base}/disclose/", mark_comments="law") == 422
    assert _post(client, f"{base}/disclose/", f"{base}/disclose/", **given, **marks) == 303
    assert "受付第3号" in client.get(f"{base}/disclosures/").get_data(as_text=True)

    assert "公表しているものはありません" in client.get(f"{base}/publication/").get_data(as_text=True)
    for part in ("adopted", "means"):
        new = f"{base}/publication/new/"
        assert _post(client, new, new, parts=part, public_from_on="令和2年4月1日") == 303
    content = json.loads(client.get(f"{base}/publication/public.json").data)
    assert all(set(row) == {"title", "organization", "outcome", "means"} for row in content["proposals"])
    assert client.get(f"{base}/publication/public.csv").data.startswith(b"\xef\xbb\xbf")
    assert client.get(f"{base}/publication/public.pdf").data.startswith(b"%PDF")
    assert client.get(f"{base}/publication/public.exe").status_code == 404
    with app.app_context():
        session = db.session()
        given_id = session.scalars(select(ReviewDisclosure.id)).one()
        record_id = session.scalars(select(PublicationRecord.id).where(PublicationRecord.part == "adopted")).one()
        assert session.scalars(select(ReviewCorrection)).one().member_id == member
        db.session.rollback()
    assert client.get(f"{base}/disclosures/{given_id}.json").json["record_number"] == 1
    assert client.get(f"{base}/disclosures/{given_id}.pdf").data.startswith(b"%PDF")
    assert client.get(f"{base}/disclosures/{given_id}.exe").status_code == 404
    end = f"{base}/publication/{record_id}/end/"
    assert _post(client, end, end, reason="誤り") == 303
    assert json.loads(client.get(f"{base}/publication/public.json").data)["proposals"] == []

    sign_in_as(client, users[0])
    paths = ("late-conflict/", "disclose/", "disclosures/", f"disclosures/{given_id}.json", "publication/", "publication/new/",
             "publication/public.json", f"publication/{record_id}/end/")  # fmt: skip
    assert {client.get(f"{base}/{path}").status_code for path in paths} == {403}
