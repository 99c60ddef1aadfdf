"""Editions of むすぶ: only what was agreed to, frozen, and what still gets out when consent is taken back or erased."""

import csv
import datetime as dt
import io
import json
import unicodedata

import pypdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from app.directory import edition_views, rounds_jobs
from app.directory.comparing import CLOSED, compare
from app.directory.edition_erasure import erase_from_editions
from app.directory.edition_files import booklet_data, edition_file
from app.directory.editions import NO_CONSENT, NOT_CONFIRMED, NOT_REGISTERED, NOT_SINCE, Frame, freeze, outlook
from app.directory.merging import merge
from app.directory.registering import register_group
from app.directory.rows import KINDS, save_rows
from app.directory.services import confirm_organization, create_organization, record_consents, update_organization
from app.extensions import db
from app.jobs.worker import run_pending
from app.problems import Conflict, Invalid, NotAllowed
from models.directory_profile import ConsentLevel, ConsentWay
from models.directory_rounds import EditionEntry, EditionOrder
from models.people import Role
from models.records import AuditChange, AuditEntry
from models.reference import ActivityField
from tests.support.registry import actor
from tests.support.secrecy import text_in

PUBLIC, STAFF, CENTER = ConsentLevel.PUBLIC, ConsentLevel.STAFF, ConsentLevel.CENTER
MARKER = "しるしの文"


@pytest.fixture
def center(session):
    return actor(session, Role.CENTER)


def group(session, center, name, reading, *, levels=None, is_confirmed=True, fields=(), **values):
    ids = {row.number: row.id for row in session.scalars(select(ActivityField))}
    made = create_organization(
        session,
        actor=center,
        values={"name": name, "reading": reading, "fields": [ids[number] for number in fields]} | values,
    )
    if is_confirmed:
        confirm_organization(session, actor=center, organization=made, on=dt.date(2025, 6, 1), by="団体")
    consent(session, center, made, {"purpose": PUBLIC, "fields": PUBLIC} if levels is None else levels)
    return made


def consent(session, center, organization, levels):
    record_consents(
        session, actor=center, organization=organization, levels=levels, given_on=dt.date(2025, 5, 1),
        way=ConsentWay.PAPER,
    )  # fmt: skip


def frozen(session, center, year=2025, **more):
    return freeze(session, actor=center, frame=Frame(year, **more))


def shown(session, center, edition):
    return edition_views.printable(session, center, edition)


def test_only_confirmed_groups_and_only_what_they_agreed_to_publish(session, center):
    group(session, center, "架空はなの会", "はなのかい", fields=(7, 1), purpose="花を植える。", phone=MARKER, policy=MARKER,
          levels={"purpose": PUBLIC, "fields": PUBLIC, "policy": STAFF})  # fmt: skip
    group(session, center, "架空未確認の会", "みかくにん", purpose=MARKER, is_confirmed=False)
    group(session, center, "架空だまりの会", "だまり", purpose=MARKER, levels={})
    group(session, center, "架空ひとりの人", "ひとり", purpose=MARKER, is_person=True)
    group(session, center, "架空内部の会", "ないぶ", note=MARKER, levels={})
    edition = frozen(session, center)
    found = shown(session, center, edition)
    assert [(entry.name, entry.fields, dict(entry.values)) for entry in found.entries] == [
        ("架空はなの会", (7, 1), {"kind": "その他", "purpose": "花を植える。"})
    ]
    assert dict(edition.left_out)[NO_CONSENT] == 2 and dict(edition.left_out)[NOT_CONFIRMED] >= 1
    for kind in ("json", "csv", "xlsx"):
        told = text_in(edition_file(found, kind))
        assert MARKER not in told and "花を植える。" in told
    assert MARKER not in json.dumps(booklet_data(found, None), ensure_ascii=False)


def test_an_edition_is_frozen_once_and_does_not_follow_later_changes(session, center):
    made = group(session, center, "架空はなの会", "はなのかい", purpose="花を植える。")
    edition = frozen(session, center)
    seal = edition.content_hash
    update_organization(session, actor=center, organization=made, version=None, values={"purpose": "木を植える。"})
    assert shown(session, center, edition).entries[0].values["purpose"] == "花を植える。"
    assert edition_views.is_intact(session, edition) and edition.content_hash == seal
    with pytest.raises(Conflict, match="すでに確定"):
        frozen(session, center)


def test_a_row_written_past_the_application_is_noticed(session, center):
    group(session, center, "架空はなの会", "はなのかい", purpose="花を植える。")
    edition = frozen(session, center)
    session.execute(update(EditionEntry).values(content={"name": "別の会", "values": {}}))
    session.expire_all()
    assert not edition_views.is_intact(session, edition)
    session.rollback()


def test_nothing_to_print_is_a_sentence(session, center):
    with pytest.raises(Invalid, match="掲載できる団体がありません"):
        frozen(session, center)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CENTER], ids=str)
def test_only_the_centre_freezes_and_everybody_reads(session, center, role):
    group(session, center, "架空はなの会", "はなのかい", purpose="花を植える。")
    other = actor(session, role)
    with pytest.raises(NotAllowed):
        frozen(session, other)
    edition = frozen(session, center)
    assert [entry.name for entry in shown(session, other, edition).entries] == ["架空はなの会"]
    with pytest.raises(NotAllowed):
        erase_from_editions(session, actor=other, organization_id=1, reason="試し")


def test_the_order_is_chosen_and_the_choice_of_groups_narrowed(session, center):
    first = group(session, center, "架空あの会", "あのかい", purpose="あ", fields=(7,))
    group(session, center, "架空かの会", "かのかい", purpose="か", fields=(1,))
    register_group(session, actor=center, organization=first, number="試験-9", issued_on=dt.date.today())
    by_reading = frozen(session, center, 2025, order=EditionOrder.READING)
    by_field = frozen(session, center, 2026)
    assert [entry.reading for entry in shown(session, center, by_reading).entries] == ["あのかい", "かのかい"]
    assert [entry.reading for entry in shown(session, center, by_field).entries] == ["かのかい", "あのかい"]
    narrowed = outlook(session, Frame(2026, is_registered_only=True))
    assert narrowed[0] == 1 and dict(narrowed[1])[NOT_REGISTERED] == 1
    late = outlook(session, Frame(2026, confirmed_since=dt.date(2025, 7, 1)))
    assert late[0] == 0 and dict(late[1])[NOT_SINCE] == 2


def test_consent_taken_back_takes_effect_in_the_next_export_and_the_edition_stays_as_it_was(session, center):
    made = group(session, center, "架空はなの会", "はなのかい", purpose=MARKER, pr="来てください。",
                 levels={"purpose": PUBLIC, "pr": PUBLIC})  # fmt: skip
    edition = frozen(session, center)
    before = shown(session, center, edition)
    assert MARKER.encode() in edition_file(before, "csv")
    consent(session, center, made, {"purpose": STAFF})
    after = shown(session, center, edition)
    assert MARKER.encode() not in edition_file(after, "csv")
    assert (after.withdrawn, after.gone, after.fingerprint != before.fingerprint) == (1, 0, True)
    assert edition_views.is_intact(session, edition)
    consent(session, center, made, {"pr": None})  # no word on it any more: not printed either
    assert shown(session, center, edition).entries == [] and shown(session, center, edition).gone == 1


def test_a_merged_group_follows_the_consent_of_the_one_that_stands_for_it(session, center):
    old = group(session, center, "架空はなの会", "はなのかい", purpose=MARKER)
    edition = frozen(session, center)
    new = group(session, center, "架空花の会", "はなのかい", purpose="新しい目的")
    merge(session, actor=center, absorbed=old, into=new)
    assert [entry.name for entry in shown(session, center, edition).entries] == ["架空はなの会"]
    consent(session, center, new, {"purpose": CENTER})
    assert shown(session, center, edition).entries == []


def test_erasure_empties_every_edition_and_leaves_the_rest_provable(session, center):
    gone = group(session, center, "架空きえる会", "きえるかい", purpose=MARKER)
    group(session, center, "架空のこる会", "のこるかい", purpose="残る。")
    editions = [frozen(session, center, 2025), frozen(session, center, 2026)]
    with pytest.raises(Invalid):
        erase_from_editions(session, actor=center, organization_id=gone.id, reason=" ")
    assert erase_from_editions(session, actor=center, organization_id=gone.id, reason="本人の請求") == 2
    for edition in editions:
        assert [entry.name for entry in shown(session, center, edition).entries] == ["架空のこる会"]
        assert edition_views.is_intact(session, edition) and edition.erased_count == 1
    assert MARKER not in str(session.scalars(select(EditionEntry.content)).all())
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (entry.verb, entry.reason) == ("edition:erase", "本人の請求")
    told = [change.values for change in session.scalars(select(AuditChange).where(AuditChange.entry_id == entry.id))]
    assert MARKER not in str(told)


def test_the_difference_to_the_last_edition(session, center):
    stays = group(session, center, "架空かわる会", "かわるかい", purpose="前。")
    group(session, center, "架空おなじ会", "おなじかい", purpose="同じ。")
    first = frozen(session, center, 2025)
    assert edition_views.difference_to_last(session, center, first) is None
    update_organization(session, actor=center, organization=stays, version=None, values={"purpose": "後。"})
    group(session, center, "架空あたらしい会", "あたらしいかい", purpose="新しい。")
    found = edition_views.difference_to_last(session, center, frozen(session, center, 2026))
    assert [entry.name for entry in found.added] == ["架空あたらしい会"]
    assert [(one.entry.name, one.cells) for one in found.changed] == [("架空かわる会", (("活動目的", "前。", "後。"),))]
    assert (found.gone, found.unchanged) == ([], 1)


# --- files -----------------------------------------------------------------------------------------------------


def squeezed(text):
    return "".join(unicodedata.normalize("NFKC", text).split())


def test_every_format_tells_the_same_groups(session, center):
    made = group(session, center, "架空=はなの会", "はなのかい", fields=(7, 1), purpose="花を\n植える。", web="https://example.jp/",
                 levels={"purpose": PUBLIC, "fields": PUBLIC, "web": PUBLIC, "statements": PUBLIC})  # fmt: skip
    save_rows(session, actor=center, organization=made, kind=KINDS["statements"],
              rows=[{"fiscal_year": 2024, "income_yen": 100_000, "expenditure_yen": 120_000}])  # fmt: skip
    group(session, center, "NPO法人架空がくの会", "がくのかい", fields=(1,), purpose="🎉音楽")
    found = shown(session, center, frozen(session, center, foreword="はじめに一言。\n二行目。", contact="042-000-0000"))
    statement = "令和6年度 収入 ¥100,000 支出 ¥120,000(支出が収入を上回っています)"

    text = edition_file(found, "csv")
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert [(row["番号"], row["団体名"], row["活動分野"]) for row in rows] == [
        ("1", "NPO法人架空がくの会", "1 保健、医療又は福祉の増進"),
        ("2", "架空=はなの会", "7 環境の保全、1 保健、医療又は福祉の増進"),
    ]
    assert (rows[1]["活動目的"], rows[1]["決算"]) == ("花を\n植える。", statement)

    sheet = load_workbook(io.BytesIO(edition_file(found, "xlsx"))).worksheets[0]
    assert [cell.value for cell in sheet[3]][:3] == [2, "架空=はなの会", "はなのかい"]

    plain = json.loads(edition_file(found, "json"))
    assert [one["name"] for one in plain["groups"]] == ["NPO法人架空がくの会", "架空=はなの会"]
    assert plain["groups"][1]["values"]["statements"] == statement
    assert plain["columns"]["statements"] == "決算"

    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(edition_file(found, "pdf"))).pages]
    whole = squeezed("".join(pages))
    for words in (
        "架空=はなの会",
        "はなのかい",
        statement,
        "はじめに一言。",
        "五十音さくいん",
        "活動分野別さくいん",
        "042-000-0000",
    ):
        assert squeezed(words) in whole
    body = next(number for number, page in enumerate(pages) if squeezed("花を植える。") in squeezed(page))
    index = next(page for page in pages if squeezed("五十音さくいん") in squeezed(page) and "はなのかい" in page)
    assert f"― {body} ―" in pages[body]  # the cover has no number
    assert squeezed(index).endswith(f"―{len(pages) - 2}―") or str(body) in index


def test_the_booklet_is_made_by_a_job_and_not_handed_out_once_consent_has_gone(app):
    with app.app_context():
        session = db.session()
        center = actor(session, Role.CENTER)
        made = group(session, center, "架空はなの会", "はなのかい", purpose="花。", pr="来て。",
                     levels={"purpose": PUBLIC, "pr": PUBLIC})  # fmt: skip
        edition_id = frozen(session, center).id
        rounds_jobs.request_booklet(session, actor=actor(session, Role.AGENCY), edition_id=edition_id)
        organization_id = made.id
        db.session.remove()
        assert run_pending(app) >= 1
        session = db.session()
        edition = edition_views.get_edition(session, center, edition_id)
        found = shown(session, center, edition)
        assert rounds_jobs.booklet_of(session, edition_id, found.fingerprint).name == "むすぶ_令和7年度版.pdf"
        consent(session, center, session.get(type(made), organization_id), {"pr": STAFF})
        assert rounds_jobs.booklet_of(session, edition_id, shown(session, center, edition).fingerprint) is None


# --- side by side ----------------------------------------------------------------------------------------------


def test_groups_side_by_side_as_the_reader_may_see_them(session, center):
    one = group(session, center, "架空はなの会", "はなのかい", purpose=MARKER, policy="方針",
                levels={"purpose": CENTER, "policy": STAFF})  # fmt: skip
    two = group(session, center, "架空がくの会", "がくのかい", purpose="音楽", levels={})

    def purposes(role):
        found = compare(session, actor(session, role), [two.id, one.id])
        item, lines = found.items[0]
        assert item.label == "活動目的"
        return {line.label: line.texts for line in lines}

    assert purposes(Role.CENTER)["活動目的"] == ("音楽", MARKER)
    assert purposes(Role.DEPARTMENT)["活動目的"] == ("音楽", CLOSED)
    assert purposes(Role.DEPARTMENT)["活動方針"] == ("", "方針")
    assert purposes(Role.COMMITTEE)["活動方針"] == ("", CLOSED)


def test_a_merged_group_is_compared_as_one_body_and_no_further_than_each_record_is_open(session, center):
    """What the head leaves blank is told by the record merged into it, as that record's own consent says."""
    head = group(session, center, "架空はなの会", "はなのかい", purpose=None, levels={"policy": PUBLIC})
    other = group(session, center, "架空はなはなの会", "はなはな", purpose=MARKER, policy="よその方針", pr=None,
                  levels={"purpose": CENTER, "policy": PUBLIC})  # fmt: skip
    merge(session, actor=center, absorbed=other, into=head)

    def told(role):
        found = compare(session, actor(session, role), [head.id])
        return {line.label: line.texts[0] for line in found.items[0][1]}

    assert (told(Role.CENTER)["活動目的"], told(Role.COMMITTEE)["活動目的"]) == (MARKER, CLOSED)
    assert told(Role.COMMITTEE)["活動方針"] == "よその方針"


def test_more_than_five_are_refused_and_what_is_out_of_sight_left_out(session, center):
    person = group(session, center, "架空ひとりの人", "ひとり", is_person=True, levels={})
    reader = actor(session, Role.COMMITTEE)
    assert compare(session, reader, [person.id, 10**9]).organizations == []
    with pytest.raises(Invalid, match="5団体まで"):
        compare(session, reader, [1, 2, 3, 4, 5, 6])
