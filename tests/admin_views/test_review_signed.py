"""Signed papers of a review open for whom their records are open, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.audit.recorder import act
from app.extensions import db
from app.files.services import store_file
from app.reviews import declarations, paper_sheets
from app.reviews.scans import Scan
from models.people import Role
from models.records import StoredFile
from models.reviews import ReviewStage
from tests.app.reviews.support import PNG, SYSTEM, a_case
from tests.support.pages import CheckingClient
from tests.support.people import sign_in_as


def test_scans_follow_their_declaration_and_their_sheet(
    app: Flask, client: CheckingClient, login: Callable[..., int]
) -> None:
    with app.app_context():
        session, settings = db.session(), app.extensions["settings"]
        case = a_case(session)
        for number in (0, 2):
            case.declare(number)
        member, proposal = case.members[1].id, case.proposals[0].id
        declarations.declare_on_behalf(
            session, actor=case.office, settings=settings, member_id=member, proposal_id=proposal, has_interest=False,
            scan=Scan(PNG, "申告書.png"),
        )  # fmt: skip
        sheet = paper_sheets.begin(
            session, actor=case.office, member_id=member, proposal_id=proposal, stage=ReviewStage.DOCUMENT
        )
        paper_sheets.seal(
            session, actor=case.office, settings=settings, sheet_id=sheet.id, values=case.values(4, 4), seen=0,
            scan=Scan(PNG, "採点票.png"),
        )  # fmt: skip
        with act(session, SYSTEM, "test:file", "試験の書類"):
            store_file(
                session, actor=SYSTEM, settings=settings, content=PNG, name="別.png", owner_table="proposal",
                owner_key=proposal,
            )  # fmt: skip
        base = f"/review-result/{case.call.id}/signed"
        files = {
            row.name: f"{base}/{row.id}/"
            for row in session.scalars(select(StoredFile).order_by(StoredFile.id.desc()).limit(3))
        }
        users, elsewhere = (
            [one.id for one in case.users],
            f"/review-result/1/signed/{files['申告書.png'].split('/')[-2]}/",
        )
        session.rollback()

    def open_to() -> dict[str, int]:
        return {name: client.get(path).status_code for name, path in files.items()}

    sign_in_as(client, users[1])
    assert open_to() == {"申告書.png": 200, "採点票.png": 200, "別.png": 404}
    sign_in_as(client, users[0])
    assert open_to() == {"申告書.png": 404, "採点票.png": 404, "別.png": 404}
    login(client, Role.OFFICE)
    # The sheet is sealed: until all have sealed, the office that typed it sees it no more, on paper either.
    assert open_to() == {"申告書.png": 200, "採点票.png": 404, "別.png": 404}
    answer = client.get(files["申告書.png"])
    assert answer.data == PNG and answer.headers["Content-Disposition"].startswith("inline")
    assert client.get(elsewhere).status_code == 404
    login(client, Role.ADMINISTRATOR)
    assert set(open_to().values()) == {403}
