"""The yearly confirmation: who is asked, what comes back, what is taken over, who is reminded, how it ends."""

import dataclasses
import datetime as dt
import io
import zipfile

import pytest
from flask import current_app
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.directory import rounds, rounds_jobs, rounds_queries, rounds_reminding, rounds_taking
from app.directory.edition_erasure import ERASED, erase_from_rounds
from app.directory.registering import register_group, withdraw
from app.directory.rounds import Sent
from app.directory.rounds_form import write_group_form
from app.directory.rounds_waiting import rounds_waiting
from app.directory.services import create_organization, update_organization
from app.extensions import db
from app.files.services import download
from app.jobs.worker import run_pending
from app.problems import Conflict, Invalid, NotAllowed
from models.directory_profile import FieldConsent
from models.directory_rounds import ConfirmationForm, ConfirmationState, UploadState
from models.exchange import Job, JobStatus
from models.notices import OutboxMessage
from models.people import Role
from models.records import AuditChange, StoredFile
from tests.support.mail import mail_server
from tests.support.registry import actor

DUE = dt.date(2031, 7, 31)


@pytest.fixture
def center(session):
    return actor(session, Role.CENTER)


def group(session, center, name="架空試験の会", number="試験-1", **values):
    values = {"name": name, "purpose": "試す。", "email": "shiken@example.jp"} | values
    made = create_organization(session, actor=center, values=values)
    register_group(session, actor=center, organization=made, number=number, issued_on=dt.date.today())
    return made


def opened(session, center, year=2031):
    """A round."""
    return rounds.open_round(session, actor=center, fiscal_year=year, due_on=DUE)


def form_of(session, one, organization):
    return session.scalars(
        select(ConfirmationForm).where(
            ConfirmationForm.round_id == one.id, ConfirmationForm.organization_id == organization.id
        )
    ).one()


def workbook(session, center, form, changes=None):
    """The form as it comes back: {label: value of its line, or (value, consent)}."""
    choices = rounds_queries.field_choices(session)
    _, request = next(rounds_queries.request_of(session, center, form.round_id, [form.id], choices))
    content = write_group_form(request, current_app.extensions["settings"].secret_key)
    book = load_workbook(io.BytesIO(content))
    for row in book["登録内容"].iter_rows():
        label = str(row[0].value or "").split("(必須)")[0]
        if label in (changes or {}):
            value = changes[label]
            row[1].value, row[2].value = value if isinstance(value, tuple) else (value, row[2].value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def receive(session, center, one, *contents):
    files = [Sent(f"ファイル{number}.xlsx", content) for number, content in enumerate(contents)]
    return rounds.receive(
        session, actor=center, settings=current_app.extensions["settings"], round_id=one.id, files=files
    )


def test_every_registered_group_is_asked_once_and_nobody_else(session, center):
    here = group(session, center)
    gone = group(session, center, "架空やめた会", "試験-2")
    withdraw(session, actor=center, organization=gone, on=dt.date.today(), reason="休止")
    other = create_organization(session, actor=center, values={"name": "架空登録のない会"})
    one = opened(session, center)
    asked = set(session.scalars(select(ConfirmationForm.organization_id).where(ConfirmationForm.round_id == one.id)))
    assert here.id in asked and not {gone.id, other.id} & asked
    late = group(session, center, "架空あとからの会", "試験-3")
    assert rounds.ask_further(session, actor=center, round_id=one.id) == 1
    assert form_of(session, one, late).state is ConfirmationState.WAITING
    assert rounds.ask_further(session, actor=center, round_id=one.id) == 0


def test_a_year_is_asked_once_and_one_round_at_a_time(session, center):
    group(session, center)
    opened(session, center)
    with pytest.raises(Conflict, match="年度は1度だけ"):
        rounds.open_round(session, actor=center, fiscal_year=2031, due_on=DUE)
    with pytest.raises(Conflict, match="先に終了"):
        rounds.open_round(session, actor=center, fiscal_year=2032, due_on=DUE)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CENTER], ids=str)
def test_only_the_centre_asks(session, role):
    with pytest.raises(NotAllowed):
        rounds.open_round(session, actor=actor(session, role), fiscal_year=2033, due_on=DUE)
    center = actor(session, Role.CENTER)
    group(session, center)
    opened(session, center)
    assert len(rounds_queries.rounds(session, center)) == 1
    assert rounds_queries.rounds(session, actor(session, role)) == []


def test_a_form_comes_back_and_all_of_it_is_taken_over(session, center):
    organization = group(session, center)
    one = opened(session, center)
    form = form_of(session, one, organization)
    changes = {
        "活動目的": ("もっと試す。", "公開"), "会員数": "12", "活動分野(主なもの)": "7 環境の保全", "対象": "だれでも、小学生",
        "記入者": "デモ 記入係", "記入日": "令和8年7月1日", "登録の継続": "続ける",
    }  # fmt: skip
    [upload] = receive(session, center, one, workbook(session, center, form, changes))
    assert (upload.form_id, upload.state, form.state) == (form.id, UploadState.PENDING, ConfirmationState.RETURNED)
    assert organization.purpose == "試す。"  # nothing changes before somebody looked
    found = rounds_taking.differences_of(session, upload)
    keys = {item.key for item in found.items}
    assert keys == {"field:purpose", "field:member_count", "field:fields", "field:audiences", "consent:purpose"}
    seen = rounds_taking.fingerprint(upload)
    rounds_taking.take(session, actor=center, upload_id=upload.id, chosen=keys, seen=seen)
    assert (organization.purpose, organization.member_count) == ("もっと試す。", 12)
    assert [row.activity_field.number for row in organization.fields] == [7]
    assert {row.name for row in organization.audiences} == {"だれでも", "小学生"}
    consent = session.scalars(select(FieldConsent).where(FieldConsent.organization_id == organization.id)).one()
    assert (consent.field, int(consent.level), consent.way.value, consent.given_on) == (
        "purpose", 0, "update_form", dt.date(2026, 7, 1),
    )  # fmt: skip
    assert (organization.is_confirmed, organization.confirmed_on) == (True, dt.date(2026, 7, 1))
    assert organization.confirmed_by == "団体(年次確認 令和13年度)"
    assert (form.state, form.answered_by, form.stays_registered) == (ConfirmationState.ACCEPTED, "デモ 記入係", True)
    assert (upload.state, form.left_out) == (UploadState.TAKEN, [])


def test_some_of_it_is_taken_over_and_the_rest_is_written_down(session, center):
    organization = group(session, center)
    one = opened(session, center)
    form = form_of(session, one, organization)
    [upload] = receive(session, center, one, workbook(session, center, form, {"活動目的": "別の目的", "会員数": "8"}))
    seen = rounds_taking.fingerprint(upload)
    rounds_taking.take(session, actor=center, upload_id=upload.id, chosen={"field:member_count"}, seen=seen)
    assert (organization.purpose, organization.member_count, form.left_out) == ("試す。", 8, ["活動目的"])


def test_who_changed_the_record_meanwhile_makes_the_taking_stop(session, center):
    organization = group(session, center)
    one = opened(session, center)
    [upload] = receive(session, center, one, workbook(session, center, form_of(session, one, organization)))
    seen = rounds_taking.fingerprint(upload)
    update_organization(session, actor=center, organization=organization, version=None, values={"pr": "新"})
    with pytest.raises(Conflict, match="もう一度確かめて"):
        rounds_taking.take(session, actor=center, upload_id=upload.id, chosen=set(), seen=seen)


def test_many_files_at_once_each_with_its_fate(session, center):
    first, second = group(session, center), group(session, center, "架空二番の会", "試験-2")
    one = opened(session, center)
    settings = current_app.extensions["settings"]
    forms = [form_of(session, one, first), form_of(session, one, second)]
    good = workbook(session, center, forms[0], {"会員数": "5"})
    again = workbook(session, center, forms[0], {"会員数": "6"})
    choices = rounds_queries.field_choices(session)
    _, request = next(rounds_queries.request_of(session, center, one.id, [forms[1].id], choices))
    other_round = write_group_form(dataclasses.replace(request, round_id=10**6), settings.secret_key)
    edited_id = write_group_form(request, "another key")
    unknown = write_group_form(dataclasses.replace(request, form_id=10**6), settings.secret_key)
    uploads = receive(session, center, one, good, again, other_round, edited_id, unknown, b"%PDF-1.7", good)
    assert [(upload.state.value, upload.problem.split("。")[0].split("(")[0]) for upload in uploads] == [
        ("pending", ""),
        ("pending", "同じ団体の様式がもう1つ届いています"),
        ("unreadable", "別の回の年次確認の様式です"),
        ("unreadable", "様式番号が正しくありません"),
        ("unreadable", "この様式番号の団体は、今回の年次確認の対象にありません"),
        ("unreadable", "年次確認の様式"),
        ("set_aside", "同じファイルがすでに届いています"),
    ]
    assert forms[1].state is ConfirmationState.WAITING
    rounds.set_aside(session, actor=center, upload_id=uploads[0].id)
    assert forms[0].state is ConfirmationState.RETURNED  # the other one is still there
    rounds.set_aside(session, actor=center, upload_id=uploads[1].id)
    assert forms[0].state is ConfirmationState.WAITING


def test_reminders_go_to_those_who_have_not_answered(session, center):
    organization = group(session, center)
    one = opened(session, center)
    form = form_of(session, one, organization)
    [reminder] = rounds_reminding.remind(session, actor=center, round_id=one.id, form_ids=[form.id, form.id])
    assert reminder.text.startswith("架空試験の会 御中") and not reminder.is_mailed
    rounds_taking.confirm_without_form(
        session, actor=center, form_id=form.id, note="電話で確認した。", seen_version=form.version
    )
    assert (form.state, organization.confirmed_by) == (ConfirmationState.ACCEPTED, "あすぴあが団体に聞き取り")
    with pytest.raises(Invalid, match="督促する団体"):
        rounds_reminding.remind(session, actor=center, round_id=one.id, form_ids=[form.id])
    with pytest.raises(Conflict):
        rounds_taking.confirm_without_form(
            session, actor=center, form_id=form.id, note="もう一度", seen_version=form.version
        )


def test_reminders_by_mail_arrive_and_an_address_that_is_none_stops_nobody(app):
    """A real server: the mail goes to those who have an address, the others' words are there to be copied."""
    with mail_server(app) as mailbox, app.app_context():
        session, center = db.session(), actor(db.session(), Role.CENTER)
        groups = [
            group(session, center),
            group(session, center, "架空宛先の会", "試験-2", email="でんわのみ"),
            group(session, center, "架空紙の会", "試験-3", email=None),
        ]
        one = opened(session, center)
        ids = [form_of(session, one, each).id for each in groups]
        done = rounds_reminding.remind(session, actor=center, round_id=one.id, form_ids=ids, by_mail=True)
        assert [each.is_mailed for each in done] == [True, False, False]
        text = done[0].text
        db.session.remove()
        run_pending(app)
        [mail] = mailbox.mails
        assert mailbox.recipients == ["shiken@example.jp"] and mail["To"] is not None
        assert mail["Subject"] == "登録内容の確認(令和13年度)のお願い"
        body = mail.get_body()
        assert body is not None and body.get_content().split() == text.split()


def test_without_a_mail_server_nothing_is_put_into_the_outbox(session, center):
    one_group = group(session, center)
    one = opened(session, center)
    form = form_of(session, one, one_group)
    count = select(func.count()).select_from(OutboxMessage)
    before = session.scalar(count)
    [done] = rounds_reminding.remind(session, actor=center, round_id=one.id, form_ids=[form.id], by_mail=True)
    assert not done.is_mailed
    assert session.scalar(count) == before


def test_home_tells_the_centre_what_to_do(session, center):
    organization = group(session, center)
    one = opened(session, center)
    receive(session, center, one, workbook(session, center, form_of(session, one, organization)), b"x")
    details = [line.detail for line in rounds_waiting(session, center)]
    assert "1団体の様式が届いています。読み取れないファイルが1個あります。" in details
    assert list(rounds_waiting(session, actor(session, Role.DEPARTMENT))) == []


def test_the_end_forgets_files_and_cells_and_is_refused_while_forms_wait(session, center):
    organization = group(session, center)
    one = opened(session, center)
    form = form_of(session, one, organization)
    [upload] = receive(session, center, one, workbook(session, center, form))
    with pytest.raises(Conflict, match="確かめていない様式"):
        rounds.close_round(session, actor=center, round_id=one.id)
    seen = rounds_taking.fingerprint(upload)
    rounds_taking.take(session, actor=center, upload_id=upload.id, chosen=set(), seen=seen)
    rounds.close_round(session, actor=center, round_id=one.id)
    session.expire_all()
    assert (upload.content, upload.file_id, upload.state) == ({}, None, UploadState.TAKEN)
    assert session.scalar(select(func.count()).select_from(StoredFile).where(StoredFile.purpose == "returned")) == 0
    with pytest.raises(Conflict, match="終了しています"):
        receive(session, center, one, b"x")


def test_erasing_a_group_reaches_what_it_handed_in_and_the_log_never_held_it(session, center):
    organization = group(session, center)
    one = opened(session, center)
    form = form_of(session, one, organization)
    [upload] = receive(session, center, one, workbook(session, center, form, {"記入者": "消える名前"}))
    seen = rounds_taking.fingerprint(upload)
    rounds_taking.take(session, actor=center, upload_id=upload.id, chosen=set(), seen=seen)
    assert erase_from_rounds(session, actor=center, organization_id=organization.id) == 1
    session.expire_all()
    assert (form.answered_by, upload.content, upload.file_name) == (None, {}, ERASED)
    changes = session.scalars(select(AuditChange).where(AuditChange.table_name == "confirmation_form")).all()
    assert "消える名前" not in str([change.values for change in changes])


def test_all_forms_come_as_a_zip_made_by_a_job(app):
    with app.app_context():
        from app.extensions import db

        session = db.session()
        center = actor(session, Role.CENTER)
        group(session, center)
        one = opened(session, center)
        round_id = one.id
        rounds_jobs.request_forms(session, actor=center, round_id=round_id)
        again = rounds_jobs.request_forms(session, actor=center, round_id=round_id)
        assert again is not None
        assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == rounds_jobs.FORMS)) == 1
        db.session.remove()
        assert run_pending(app) >= 1
        job = rounds_jobs.last_job(db.session(), rounds_jobs.FORMS, "confirmation_round", round_id)
        assert job.status is JobStatus.FINISHED, job.message
        package = rounds_jobs.package_of(db.session(), round_id)
        found = download(db.session(), actor=center, settings=app.extensions["settings"], file_id=package.id)
        names = zipfile.ZipFile(io.BytesIO(found.content)).namelist()
        waiting = select(func.count()).select_from(ConfirmationForm).where(ConfirmationForm.round_id == round_id)
        assert len(names) == db.session.scalar(waiting)
        assert any("架空試験の会" in name for name in names)
        rounds.update_round(
            db.session(), actor=center, round_id=round_id, seen_version=1, due_on=DUE, message="新しい案内"
        )
        assert rounds_jobs.package_of(db.session(), round_id) is None
