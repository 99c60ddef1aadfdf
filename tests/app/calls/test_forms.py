"""A proposal's Excel form out and in: what was written comes back, what is wrong is said, no state is ever changed."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from app.calls import form_uploads
from app.calls.form_fields import BUDGET_COLUMNS, FIELDS, SHEET_BUDGET, SHEET_FIELDS, SHEET_SUBSIDIES
from app.calls.form_reading import read_form
from app.calls.form_writing import form_of
from app.calls.proposal_services import update_proposal
from app.directory.edition_erasure import erase_group
from app.exchange.excel_forms import sign_form_id
from app.problems import Conflict, Invalid, NotAllowed, NotFound
from models.calls import CallState
from models.people import Role
from models.proposal_lines import BudgetLine, OtherSubsidy, ProposalPartner, TaxKind
from models.proposal_uploads import ProposalUpload
from models.proposals import Proposal, ProposalSource, ProposalState
from tests import factories
from tests.app.calls import support

SECRET = "s" * 64
HEADER_ROW = 6


@pytest.fixture
def office(session: Session) -> Actor:
    return support.actor_as(session, Role.OFFICE)


def _proposal(session: Session, **values: Any) -> Proposal:
    proposal = support.a_proposal(session, contact_phone="042-000-0000", content="=1+1\n二行目", **values)
    with act(session, support.SYSTEM, "test:lines", "試験"):
        proposal.budget_lines.append(
            BudgetLine(
                position=2,
                label="会場、控室",
                unit_price_yen=3_000,
                quantity=4,
                tax=TaxKind.EXCLUDED,
                tax_percent=8,
                is_eligible=False,
                category="使用料",
            )
        )
        proposal.partners.append(
            ProposalPartner(position=1, name="協力社", organization=factories.an_organization(session), part="会場")
        )
        proposal.other_subsidies.append(OtherSubsidy(position=1, giver="東京都", amount_yen=5))
    return proposal


def _form(session: Session, proposal: Proposal) -> bytes:
    return form_of(session, call=proposal.call, proposal=proposal, organization=proposal.organization, secret=SECRET)[1]


def _new_form(session: Session, call: Any, organization: Any) -> bytes:
    return form_of(session, call=call, proposal=None, organization=organization, secret=SECRET)[1]


def _filled(content: bytes, fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    fill(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _enter(book: Any, label: str, value: Any) -> None:
    for row in book[SHEET_FIELDS].iter_rows(min_row=HEADER_ROW):
        if str(row[0].value).removesuffix("(必須)") == label:
            row[1].value = value
            return
    raise KeyError(label)


def _receive(session: Session, office: Actor, content: bytes, name: str = "様式.xlsx") -> ProposalUpload:
    return form_uploads.receive(session, actor=office, content=content, file_name=name, secret=SECRET)


def test_an_untouched_form_changes_nothing(session: Session, office: Actor) -> None:
    proposal = _proposal(session)
    upload = _receive(session, office, _form(session, proposal))
    found = form_uploads.differences_of(session, office, upload)
    assert (found.cells, found.problems, found.group) == ([], [], str(proposal.organization))


def test_what_was_filled_in_becomes_a_draft_of_the_group(session: Session, office: Actor) -> None:
    call = support.a_call(session)
    group = factories.an_organization(session)

    def fill(book: Any) -> None:
        _enter(book, "事業名", "みどりの学校")
        _enter(book, "課題・テーマ", call.challenges[0].title)
        _enter(book, "内容", "畑を\n借りる")
        _enter(book, "実施期間の初日", dt.date(support.YEAR, 7, 1))
        _enter(book, "実施期間の末日", f"{support.YEAR + 1}/3/31")
        _enter(book, "希望額(税込)", 98_765)
        _enter(book, "営利を目的としない団体である", "はい")
        _enter(book, "電話", "042-346-9809")
        for row in (
            ["謝礼", "講師", 10_000, 2, "税抜", "10", "対象"],
            ["", "茶菓", "1,500円", None, None, None, "対象外"],
        ):
            for place, value in enumerate(row, start=1):
                book[SHEET_BUDGET].cell(row=2 if row[0] else 3, column=place).value = value
        book[SHEET_SUBSIDIES].cell(row=2, column=1).value = "東京都"

    upload = _receive(session, office, _filled(_new_form(session, call, group), fill), "../../x\\様式.xlsx")
    assert upload.file_name == "様式.xlsx"
    assert form_uploads.differences_of(session, office, upload).problems == []
    made = form_uploads.take(session, actor=office, upload=upload, seen=form_uploads.fingerprint(upload))
    assert (made.title, made.state, made.source, made.organization_id, made.call_id, made.content) == (
        "みどりの学校",
        ProposalState.DRAFT,
        ProposalSource.EXCEL,
        group.id,
        call.id,
        "畑を\n借りる",
    )
    assert (made.starts_on, made.ends_on) == (dt.date(support.YEAR, 7, 1), dt.date(support.YEAR + 1, 3, 31))
    assert (made.requested_yen, made.is_nonprofit, made.is_in_city, made.contact_phone) == (
        98_765,
        True,
        None,
        "042-346-9809",
    )
    assert [
        (one.label, one.unit_price_yen, one.quantity, one.tax.value, one.tax_percent, one.is_eligible)
        for one in made.budget_lines
    ] == [("講師", 10_000, 2, "excluded", 10, True), ("茶菓", 1_500, 1, "included", 10, False)]
    assert [(one.giver, one.amount_yen) for one in made.other_subsidies] == [("東京都", None)]
    assert session.scalars(select(ProposalUpload)).all() == []


def test_a_form_of_a_proposal_shows_each_difference_and_keeps_the_rest(session: Session, office: Actor) -> None:
    proposal = _proposal(session, state=ProposalState.COORDINATING)
    partner = proposal.partners[0].organization_id

    def fill(book: Any) -> None:
        _enter(book, "希望額(税込)", "49,000円")
        book[SHEET_BUDGET].cell(row=2, column=3).value = 49_000

    upload = _receive(session, office, _filled(_form(session, proposal), fill))
    assert form_uploads.differences_of(session, office, upload).cells == [
        ("希望額(税込)", "50,000", "49,000"),
        ("収支予算1", "印刷費 50,000円×1 税込10% 対象", "印刷費 49,000円×1 税込10% 対象"),
    ]
    form_uploads.take(session, actor=office, upload=upload, seen=form_uploads.fingerprint(upload))
    assert (proposal.requested_yen, proposal.state, proposal.partners[0].organization_id) == (
        49_000,
        ProposalState.COORDINATING,
        partner,
    )


def test_what_changed_after_the_differences_were_shown_is_not_overwritten(session: Session, office: Actor) -> None:
    proposal = _proposal(session)
    upload = _receive(session, office, _form(session, proposal))
    seen = form_uploads.fingerprint(upload)
    update_proposal(session, actor=office, proposal=proposal, version=None, values={"place": "公民館"})
    with pytest.raises(Conflict, match="変更されました"):
        form_uploads.take(session, actor=office, upload=upload, seen=seen)


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("事業名", None, "空欄"),
        ("事業名", "あ" * 201, "200文字"),
        ("希望額(税込)", "0.5", "小数"),
        ("希望額(税込)", "-5", "小さい"),
        ("希望額(税込)", 10**13, "大きすぎ"),
        ("希望額(税込)", "十万円くらい", "読めません"),
        ("実施期間の初日", "7月1日", "年がありません"),
        ("実施期間の初日", "R8.2.30", "ありません"),
        ("市内で実施する", "たぶん", "選んでください"),
        ("課題・テーマ", "ない課題", "ありません"),
    ],
)
def test_a_wrong_cell_is_told_with_its_place_and_nothing_is_taken(
    session: Session, office: Actor, label: str, value: Any, told: str
) -> None:
    upload = _receive(
        session, office, _filled(_form(session, _proposal(session)), lambda book: _enter(book, label, value))
    )
    problems = form_uploads.differences_of(session, office, upload).problems
    assert [place for place, _ in problems] == [label]
    assert told in problems[0][1]
    with pytest.raises(Invalid, match="読み取れない"):
        form_uploads.take(session, actor=office, upload=upload, seen=form_uploads.fingerprint(upload))


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [(3, "1.5", "小数"), (3, -1, "小さい"), (4, 0, "小さすぎ"), (5, "込み", "込み"), (2, None, "空欄")],
)
def test_a_wrong_line_of_the_budget_is_told(
    session: Session, office: Actor, column: int, value: Any, told: str
) -> None:
    def fill(book: Any) -> None:
        book[SHEET_BUDGET].cell(row=2, column=column).value = value

    upload = _receive(session, office, _filled(_form(session, _proposal(session)), fill))
    [(place, sentence)] = form_uploads.differences_of(session, office, upload).problems
    assert place.startswith("収支予算 ") and told in sentence


def test_forms_that_are_not_ours_are_refused(session: Session, office: Actor) -> None:
    proposal = _proposal(session)
    good = _form(session, proposal)

    def sign(*parts: object) -> Callable[[Any], None]:
        def fill(book: Any) -> None:
            book[SHEET_FIELDS].cell(row=2, column=2).value = sign_form_id(SECRET, *parts)

        return fill

    def forged(book: Any) -> None:
        cell = book[SHEET_FIELDS].cell(row=2, column=2)
        cell.value = str(cell.value).replace(f":{proposal.id}-", f":{proposal.id + 1}-")

    def without_rows(book: Any) -> None:
        book[SHEET_FIELDS].delete_rows(HEADER_ROW + 4, 2)

    hostile = {
        b"": "0バイト",
        b"MZ\x90\x00" + bytes(500): "Excel",
        b"%PDF-1.7": "Excel",
        b"a,b\n1,2\n": "Excel",
        b"PK\x03\x04" + bytes(100): "",
        good[: len(good) // 2]: "",
        bytes(5 * 1024 * 1024 + 1): "大きすぎ",
        _filled(good, forged): "様式番号",
        _filled(good, sign("survey", 1, 2)): "応募・提案の様式ではありません",
        _filled(good, sign("proposal", 1, "q", 2)): "応募・提案の様式ではありません",
        _filled(good, without_rows): "の行がありません",
        _filled(good, lambda book: book.remove(book[SHEET_BUDGET])): "収支予算",
        _filled(good, lambda book: book[SHEET_FIELDS].cell(row=2, column=2, value="")): "様式番号",
    }
    for content, told in hostile.items():
        with pytest.raises(Invalid, match=told or "。") as refused:
            _receive(session, office, content)
        assert refused.value.message.endswith("。")
    for parts in [
        ("proposal", 10**6, "p", proposal.id),
        ("proposal", proposal.call_id, "p", 10**6),
        ("proposal", proposal.call_id, "o", 10**6),
    ]:
        with pytest.raises(NotFound):
            _receive(session, office, _filled(good, sign(*parts)))


def test_only_the_office_takes_forms_and_only_before_the_review(session: Session, office: Actor) -> None:
    proposal = _proposal(session)
    form = _form(session, proposal)
    for role in (Role.DEPARTMENT, Role.COMMITTEE, Role.CENTER):
        with pytest.raises(NotAllowed):
            _receive(session, support.actor_as(session, role), form)
    support.put_into(session, proposal, ProposalState.REVIEWING)
    with pytest.raises(Conflict, match="審査に入った"):
        _receive(session, office, form)
    call = support.a_call(session)
    blank = _new_form(session, call, proposal.organization)
    with act(session, support.SYSTEM, "test:call", "試験"):
        call.state = CallState.FINISHED
        call.finished_at = support.utc_now()
    with pytest.raises(Conflict, match="終了"):
        _receive(session, office, blank)


def test_a_second_upload_takes_the_place_of_the_first_and_one_put_aside_is_gone(
    session: Session, office: Actor
) -> None:
    proposal = _proposal(session)
    _receive(session, office, _form(session, proposal))
    upload = _receive(session, office, _form(session, proposal), "x" * 300 + ".xlsx")
    assert (len(session.scalars(select(ProposalUpload)).all()), len(upload.file_name)) == (1, 200)
    form_uploads.discard(session, actor=office, upload=upload)
    assert session.scalars(select(ProposalUpload)).all() == []


def test_texts_are_cells_and_never_formulas_and_entries_alone_are_unlocked(session: Session) -> None:
    proposal = _proposal(session, title="=HYPERLINK(1)")
    book = openpyxl.load_workbook(io.BytesIO(_form(session, proposal)))
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    sheet = book[SHEET_FIELDS]
    locks = {cell.protection.locked for row in sheet.iter_rows(min_row=HEADER_ROW + 2) for cell in row[:1]}
    entries = {row[1].protection.locked for row in sheet.iter_rows(min_row=HEADER_ROW + 2) if row[0].value}
    assert (locks, entries, sheet.protection.sheet) == ({True}, {False}, True)
    assert [cell.value.removesuffix("(必須)") for cell in book[SHEET_BUDGET][1]] == [
        one.label for one in BUDGET_COLUMNS
    ]
    _, read = read_form(_form(session, proposal), SECRET)
    assert (read.fields["title"], read.fields["content"]) == ("=HYPERLINK(1)", "=1+1\n二行目")
    assert set(read.fields) == {field.name for field in FIELDS}


def test_a_group_that_is_on_no_list_gets_a_form_and_is_chosen_when_it_comes_back(
    session: Session, office: Actor
) -> None:
    call = support.a_call(session)
    blank = form_of(session, call=call, proposal=None, organization=None, secret=SECRET)[1]

    def fill(book: Any, name: str) -> None:
        _enter(book, "応募団体", name)
        _enter(book, "事業名", "みどりの学校")
        _enter(book, "課題・テーマ", call.challenges[0].title)

    upload = _receive(session, office, _filled(blank, lambda book: fill(book, "まだない会")))
    found = form_uploads.differences_of(session, office, upload)
    assert (found.group, found.needs_group, found.problems) == ("まだない会", True, [])
    with pytest.raises(Invalid, match="団体の一覧から"):
        form_uploads.take(session, actor=office, upload=upload, seen=form_uploads.fingerprint(upload))
    with pytest.raises(Invalid, match="一覧から選んで"):
        form_uploads.name_group(session, actor=office, upload=upload, organization_id=None)
    group = factories.an_organization(session, name="まだない会")
    before = form_uploads.fingerprint(upload)
    form_uploads.name_group(session, actor=office, upload=upload, organization_id=group.id)
    with pytest.raises(Conflict):  # what was shown before named no group
        form_uploads.take(session, actor=office, upload=upload, seen=before)
    made = form_uploads.take(session, actor=office, upload=upload, seen=form_uploads.fingerprint(upload))
    assert (made.organization_id, made.title, made.state) == (group.id, "みどりの学校", ProposalState.DRAFT)
    again = _receive(session, office, _filled(blank, lambda book: fill(book, "まだない会")))
    assert form_uploads.differences_of(session, office, again).needs_group is False


def test_erasing_a_group_forgets_its_forms_and_nobody_elses(session: Session, office: Actor) -> None:
    call = support.a_call(session)
    group, other = factories.an_organization(session), factories.an_organization(session)
    proposal = support.a_proposal(session, call, organization=group)
    for content in (_new_form(session, call, group), _form(session, proposal), _new_form(session, call, other)):
        _receive(session, office, content)
    center = support.actor_as(session, Role.CENTER)
    assert erase_group(session, actor=center, organization_id=group.id, reason="求めによる") == (0, 2)
    left = session.scalars(select(ProposalUpload)).all()
    assert [one.content.get("organization_id") for one in left] == [other.id]
