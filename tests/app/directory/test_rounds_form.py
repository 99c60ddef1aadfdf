"""The yearly form, out and back in: whose it is, what it changes, and a sentence for each thing that can go wrong."""

import datetime as dt
import io
import re
import zipfile

import pytest
import xlsxwriter
from openpyxl import load_workbook

from app.directory.rounds_form import FormRequest, file_name, form_number, write_group_form
from app.directory.rounds_reading import MAX_BYTES, Answer, open_form, read_answer
from app.directory.rounds_rules import BOTH, CHANGED, EMPTIED, NEW, differences
from app.directory.rounds_values import StoredProfile
from app.exchange.excel_forms import sign_form_id
from app.problems import Invalid

SECRET = "s" * 40
CHOICES = [("1", "1 保健、医療又は福祉の増進"), ("7", "7 環境の保全"), ("13", "13 子どもの健全育成")]
NAMES = {1: "保健、医療又は福祉の増進", 7: "環境の保全", 13: "子どもの健全育成"}


def profile(**changes):
    values = {
        "name": "架空はなの会", "reading": "かくうはなのかい", "legal_form": None, "fields": [7, 13],
        "audiences": ["小学生", "だれでも"], "areas": ["小川町"], "purpose": "花を植える。\n人が集まる。",
        "founded_year": 2009, "activities": "=SUM(A1) 花壇の手入れ", "member_count": 0, "pr": None,
        "phone": "042-000-0001", "email": "hana@example.jp",
    }  # fmt: skip
    lines = {
        "activity_records": {
            5: {"fiscal_year": 2025, "heading": "春の集い", "description": None, "participant_count": 30, "partner": None}
        },
        "statements": {
            8: {
                "fiscal_year": 2025, "income_yen": 1_200_000, "expenditure_yen": 1_100_000,
                "carried_forward_yen": -500, "note": None,
            }
        },
        "member_counts": {},
    }  # fmt: skip
    return StoredProfile(values | changes, {"purpose": 0, "phone": 2}, lines)


def form(stored=None):
    stored = stored or profile()
    return write_group_form(FormRequest(3, 41, 2026, dt.date(2026, 7, 31), "窓口へ。", stored, CHOICES), SECRET)


def read(content: bytes) -> Answer:
    return read_answer(open_form(content, SECRET), CHOICES)


def edited(change, content=None) -> bytes:
    """The form as a person saves it after `change(workbook)`."""
    book = load_workbook(io.BytesIO(content or form()))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def row_of(sheet, label):
    return next(row for row in sheet.iter_rows() if str(row[0].value or "").split("(必須)")[0] == label)


def put(label, value, place=1):
    def change(book):
        row_of(book["登録内容"], label)[place].value = value

    return change


def found(change, stored=None):
    return differences(stored or profile(), read(edited(change)), NAMES)


# --- the way there and back ------------------------------------------------------------------------------------


def test_a_form_that_nobody_touched_changes_nothing():
    book = open_form(form(), SECRET)
    assert (book.round_id, book.form_id) == (3, 41)
    answer = read(form())
    assert (answer.problems, answer.remarks) == ([], [])
    assert differences(profile(), answer, NAMES).items == []
    assert differences(profile(), read(edited(lambda book: None)), NAMES).items == []


def test_the_form_is_protected_has_dropdowns_and_marks_what_is_missing():
    book = load_workbook(io.BytesIO(form()))
    sheet = book["登録内容"]
    assert sheet.protection.sheet
    filled, empty = row_of(sheet, "活動目的"), row_of(sheet, "活動方針")
    assert not filled[1].protection.locked and filled[0].protection.locked and filled[3].protection.locked
    assert filled[1].fill.fgColor.rgb != empty[1].fill.fgColor.rgb
    assert empty[2].fill.fgColor.rgb == empty[1].fill.fgColor.rgb  # no consent on record either
    formulas = {str(rule.formula1) for rule in sheet.data_validations.dataValidation}
    assert {"choices_consent", "choices_fields", "choices_stays"} <= formulas
    assert book["選択肢"].sheet_state == "hidden"
    assert (
        row_of(sheet, "主な活動")[1].value == "=SUM(A1) 花壇の手入れ" and row_of(sheet, "主な活動")[1].data_type == "s"
    )


def test_each_kind_of_difference_is_told():
    def change(book):
        sheet = book["登録内容"]
        row_of(sheet, "活動目的")[1].value = "花と木を植える。"
        row_of(sheet, "活動目的")[2].value = "市職員まで"
        row_of(sheet, "電話番号")[1].value = None
        row_of(sheet, "活動分野2")[1].value = "1 保健、医療又は福祉の増進"
        years = book["決算"]
        first = next(row for row in years.iter_rows() if row[0].value == "令和7年度")
        first[1].value = "1,300,000"
        blank = years[first[0].row + 1]
        blank[0].value, blank[1].value, blank[2].value = "R6", "¥100,000", "120,000円"

    told = [(one.key, one.kind, one.stored, one.answered, one.note) for one in found(change).items]
    assert told == [
        ("field:purpose", CHANGED, "花を植える。\n人が集まる。", "花と木を植える。", ""),
        ("field:phone", EMPTIED, "042-000-0001", "", ""),
        ("field:fields", CHANGED, "7 環境の保全、13 子どもの健全育成", "7 環境の保全、1 保健、医療又は福祉の増進", ""),
        ("consent:purpose", CHANGED, "公開", "市職員まで", ""),
        ("statements:8", CHANGED,
         "年度: 令和7年度 / 収入: 1,200,000 / 支出: 1,100,000 / 繰越: -500",
         "年度: 令和7年度 / 収入: 1,300,000 / 支出: 1,100,000 / 繰越: -500", ""),
        ("statements:new:1", NEW, "", "年度: 令和6年度 / 収入: 100,000 / 支出: 120,000",
         "支出が収入を20,000円上回っています。"),
    ]  # fmt: skip


def test_what_was_changed_here_meanwhile_is_not_undone_and_a_clash_is_for_a_person():
    now = profile(purpose="あすぴあが直した。", phone="042-000-0009")
    result = found(put("活動目的", "団体も直した。"), now)
    assert [(one.key, one.kind, one.is_offered) for one in result.items] == [("field:purpose", BOTH, False)]
    assert result.kept == ["電話番号"]


def test_without_marks_the_two_sides_are_compared():
    def change(book):
        for row in book["登録内容"].iter_rows():
            if re.fullmatch(r"[0-9A-F]{8}-[0-9A-F]{4}", str(row[3].value or "")):
                row[3].value = None

    now = profile(phone="042-000-0009")
    assert [(one.key, one.kind) for one in found(change, now).items] == [("field:phone", CHANGED)]


def test_columns_moved_rows_sorted_and_protection_lifted_are_read_all_the_same():
    def change(book):
        sheet = book["登録内容"]
        sheet.protection.sheet = False
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        head = next(place for place, row in enumerate(rows) if row[0] == "項目")
        body = sorted(rows[head + 1 :], key=lambda row: str(row[0]))
        sheet.delete_rows(head + 1, len(rows))
        for place, row in enumerate([rows[head], *body], start=head + 1):
            for column, value in enumerate([row[4], row[2], "自分のメモ", row[1], row[3], row[0]], start=1):
                sheet.cell(place, column).value = value
        book["選択肢"].sheet_state = "visible"
        del book["選択肢"]

    assert found(change).items == []


def test_the_answer_survives_being_kept_as_json():
    answer = read(edited(put("団体名", "")))
    assert Answer.from_json(answer.as_json()) == answer


# --- what can go wrong -----------------------------------------------------------------------------------------


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read(content)
    return refused.value.message


def number_cell(book, value):
    for name in ("登録内容", "活動の記録", "決算", "会員数"):
        book[name]["B2"].value = value


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (form_number(SECRET, 3, 41).replace("41", "42"), "様式番号が正しくありません"),
        (form_number("another secret", 3, 41), "様式番号が正しくありません"),
        (form_number(SECRET, 3, 41)[:-1], "様式番号が正しくありません"),
        (sign_form_id(SECRET, "survey", 3, 41), "年次確認の様式ではありません"),
        (sign_form_id(SECRET, "confirm", "x", 41), "年次確認の様式ではありません"),
        (None, "様式番号がありません"),
        ("🌸", "様式番号が正しくありません"),
    ],
)
def test_a_number_that_was_not_made_here_is_refused(number, sentence):
    assert sentence in refusal(edited(lambda book: number_cell(book, number)))


def test_sheets_of_two_forms_in_one_file_are_refused():
    def change(book):
        book["決算"]["B2"].value = form_number(SECRET, 3, 42)

    assert "二つの様式が混ざっている" in refusal(edited(change))


def test_files_that_are_no_forms_are_refused_each_with_a_sentence():
    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet().write_string(0, 0, "こんにちは")
    broken = form()[:2_000]
    for content, sentence in (
        (b"", "空です"),
        (b"name,value\n", "Excelブックのまま"),
        (b"%PDF-1.7", "様式(.xlsx)ではありません"),
        (broken, "壊れています"),
        (plain.getvalue(), "様式番号がありません"),
        (b"PK\x03\x04" + b"\0" * (MAX_BYTES + 1), "大きすぎます"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "古い形式"),
    ):
        assert sentence in refusal(content)


def test_the_header_gone_is_refused():
    def change(book):
        sheet = book["登録内容"]
        for row in sheet.iter_rows():
            if row[0].value == "項目":
                row[1].value = "メモ"

    assert "見出しのあるシートが見つかりません" in refusal(edited(change))


@pytest.mark.parametrize(
    ("change", "place", "sentence"),
    [
        (put("団体名", None), "団体名", "空欄です"),
        (put("団体名", "あ" * 301), "団体名", "300文字まで"),
        (put("活動目的", "あ" * 10_001), "活動目的", "10,000文字まで"),
        (put("会員数", "たくさん"), "会員数", "整数として読めません"),
        (put("会員数", "人"), "会員数", "整数として読めません"),
        (put("会員数", "-3"), "会員数", "0以上"),
        (put("活動分野2", "98 そのほか"), "活動分野2", "選べません"),
        (put("設立年", "むかし"), "設立年", "年として読めません"),
        (put("電話番号", "どこでも", 2), "電話番号", "公開の範囲"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named_and_nothing_else_is_lost(change, place, sentence):
    def both(book):
        change(book)
        row_of(book["登録内容"], "団体からのPR")[1].value = "来てください。"

    answer = read(edited(both))
    assert len(answer.problems) == 1
    assert place in "".join(answer.problems[0]) and sentence in answer.problems[0][1]
    assert [one.key for one in differences(profile(), answer, NAMES).items] == ["field:pr"]


def test_a_name_of_300_characters_emoji_and_variation_selectors_are_taken_as_typed():
    name = "葛\U000e0100城🌸の会" + "あ" * 294
    assert read(edited(put("団体名", name))).fields["name"].value == name


def test_megabytes_in_a_cell_are_refused_by_their_length():
    content = form()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item.filename)
            if item.filename == "xl/sharedStrings.xml":
                text = data.decode()
                assert "人が集まる。" in text
                data = text.replace("人が集まる。", "あ" * 3_500_000).encode()  # ten megabytes of UTF-8
            new.writestr(item.filename, data)
    answer = read(target.getvalue())
    assert [sentence for _, sentence in answer.problems if "文字までです" in sentence] != []
    assert "purpose" not in answer.fields


def test_a_year_twice_and_negative_money_are_named_and_the_rest_is_read():
    def change(book):
        sheet = book["決算"]
        first = next(row for row in sheet.iter_rows() if row[0].value == "令和7年度")
        for offset, cells in enumerate(
            (("令和7年度", "5", "5"), ("令和6年度", "-5", "5"), ("令和5年度", "7", "6")), start=1
        ):
            for cell, value in zip(sheet[first[0].row + offset], cells, strict=False):
                cell.value = value

    answer = read(edited(change))
    sentences = " ".join(sentence for _, sentence in answer.problems)
    assert "同じ年度" in sentences and "0円より小さい" in sentences
    assert [line.values["fiscal_year"] for line in answer.lines["statements"]] == [2025, 2023]


def test_a_row_told_twice_and_one_that_is_gone_are_told():
    def change(book):
        sheet = book["登録内容"]
        sheet.append(["活動目的", "もう一つの目的", "", "", ""])
        sheet.delete_rows(row_of(sheet, "よみ")[0].row)

    answer = read(edited(change))
    assert any("2回出てきます" in sentence for _, sentence in answer.problems)
    assert any("「よみ」の行がありません" in sentence for sentence in answer.remarks)


def test_a_picture_is_told():
    target = io.BytesIO(form())
    with zipfile.ZipFile(target, "a") as package:
        package.writestr("xl/media/image1.png", b"\x89PNG\r\n\x1a\n")
    assert any("画像" in sentence for sentence in read(target.getvalue()).remarks)


def test_a_cell_that_holds_an_error_as_a_picture_in_it_does_is_named():
    def change(book):
        cell = row_of(book["登録内容"], "団体からのPR")[1]
        cell.value, cell.data_type = "#VALUE!", "e"

    answer = read(edited(change))
    assert ["エラー値" in sentence and "団体からのPR" in place for place, sentence in answer.problems] == [True]


def test_a_sheet_that_is_gone_leaves_its_rows_alone():
    def change(book):
        del book["決算"]

    answer = read(edited(change))
    assert any("「決算」の表が見つかりません" in sentence for sentence in answer.remarks)
    assert differences(profile(), answer, NAMES).items == []


def test_file_names_are_safe_on_windows():
    assert file_name(2026, 12, 'NPO/法人:*?"架空"') == "登録内容の確認_令和8年度_12_NPO法人架空.xlsx"
