"""PDF: hostile texts print as they are, limits hold, failures are sentences, the paper is accessible."""

import io
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.documents.pdf import DocumentProblem, render_pdf

TITLES = ["番号", "課名", "事業名称", "協働相手(団体名)", "協働形態"]


def list_data(rows, **more):
    data = {"title": "協働や連携の取組一覧", "note": "", "column_titles": TITLES, "rows": rows, "corrections": []}
    return data | {"corrections_title": "公表後の訂正"} | more


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def test_title_language_tags_running_head_and_page_numbers():
    rows = [[str(number), "総務課", f"事業{number}", "団体", "協力"] for number in range(1, 81)]
    reader = pypdf.PdfReader(io.BytesIO(render_pdf("published_list", list_data(rows, author="小平市"))))
    root = reader.trailer["/Root"]
    assert reader.metadata.title == "協働や連携の取組一覧"
    assert root["/Lang"].startswith("ja")
    assert root["/MarkInfo"]["/Marked"]
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) >= 3
    for number, text in enumerate(texts, start=1):
        assert f"{number} / {len(texts)}" in text
        assert "番号 課名 事業名称" in text  # the header is repeated


def test_a4_landscape():
    page = pypdf.PdfReader(io.BytesIO(render_pdf("published_list", list_data([])))).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)


@pytest.mark.parametrize(
    "text",
    [
        '#eval("1+1")', "#panic()", '#read("/etc/passwd")', '#import "x.typ"', "$x^2$", "@figure <label>", "`raw` ```block```",
        "*bold* _emph_ ~ -- ---", "= heading", "\\ \\u{1F}", '"quoted" \'single\'', "// comment /* */", "[content] {code}",
        "a; b", "%PDF-1.7", '","rows":[]}', "髙﨑 ㈱ ① ～ −",
    ],
)  # fmt: skip
def test_markup_in_data_is_printed_not_run(text):
    pdf = render_pdf("published_list", list_data([["1", text, text, text, text]], title=text or "題", note=text))
    assert squeezed("".join(pages_of(pdf))).count(squeezed(text)) >= 5
    assert pypdf.PdfReader(io.BytesIO(pdf)).metadata.title == text


def test_what_the_font_lacks_is_printed_by_its_code():
    row = ["1", "祭り🎉", "a\x00b", "\ud800 \u202e", "1行目\r\n2行目"]
    text = "".join(pages_of(render_pdf("published_list", list_data([row]))))
    for shown in ("祭り〔U+1F389〕", "a〔U+0000〕b", "〔U+D800〕", "〔U+202E〕", "1行目\n2行目"):
        assert shown in text


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=40), min_size=5, max_size=5), st.text(max_size=40))
def test_any_text_gives_a_pdf(row, title):
    assert render_pdf("published_list", list_data([row], title=title, mark=title)).startswith(b"%PDF-")


def test_a_draft_says_so_on_every_page():
    rows = [[str(number), "総務課", "事業", "団体", "協力"] for number in range(60)]
    assert all("(案)" in text for text in pages_of(render_pdf("published_list", list_data(rows, mark="案"))))
    assert not any("(案)" in text for text in pages_of(render_pdf("published_list", list_data(rows))))


def test_the_same_data_give_the_same_bytes():
    assert render_pdf("published_list", list_data([])) == render_pdf("published_list", list_data([]))


def test_too_long_is_a_sentence():
    with pytest.raises(DocumentProblem, match="時間がかかりすぎた"):
        render_pdf("published_list", list_data([]), timeout_seconds=0.01)


def test_many_at_once_wait_for_their_turn():
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda number: render_pdf("published_list", list_data([], note=str(number))), range(6)))
    assert [str(number) in "".join(pages_of(pdf)) for number, pdf in enumerate(made)] == [True] * 6


def test_too_much_memory_is_a_sentence():
    with pytest.raises(DocumentProblem, match="PDFにする内容が多すぎます|PDFを作成できませんでした"):
        render_pdf("published_list", list_data([["あ" * 100] * 5] * 3000), memory_bytes=120 * 1024**2)


def test_the_log_of_a_failure_holds_no_text_of_the_document(caplog):
    with pytest.raises(DocumentProblem, match="PDFを作成できませんでした"):
        render_pdf("published_list", {"title": "秘密の名前"})
    assert "published_list" in caplog.text
    assert "秘密の名前" not in caplog.text


@pytest.mark.parametrize("name", ["../pdf", "frame.typ", "missing", "", "/etc/passwd"])
def test_only_our_own_templates(name):
    with pytest.raises(ValueError, match="no typst template"):
        render_pdf(name, {})


def test_170_rows_in_less_than_3_seconds():
    rows = [
        [str(number), "市民協働・男女参画推進課", "事業名称" * 6, "団体名" * 8, "実行委員会"] for number in range(170)
    ]
    started = time.perf_counter()
    render_pdf("published_list", list_data(rows))
    assert time.perf_counter() - started < 3
