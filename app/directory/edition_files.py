"""An edition as a file: the booklet in PDF, Excel, CSV with BOM, JSON. Always what may be shown today."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.directory.edition_contents import EditionDifference, Entry, chapters, field_index, field_title, reading_index
from app.directory.edition_views import Printable
from app.documents.pdf import render_pdf
from app.exchange.writing import export_rows
from app.japanese.dates import format_date, format_fiscal_year, to_tokyo
from app.problems import Invalid
from models.directory_rounds import Edition, EditionOrder

FORMATS = {
    "pdf": ("application/pdf", "PDF"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel(.xlsx)"),
    "csv": ("text/csv; charset=utf-8", "CSV(UTF-8)"),
    "json": ("application/json", "JSON"),
}
PDF_SECONDS = 120.0
_TAGS = ("kind", "legal_form")


def file_name(edition: Edition, kind: str) -> str:
    """「むすぶ_令和7年度版.pdf」."""
    safe = "".join(char for char in edition.title if char not in '\\/:*?"<>|.')
    return f"{safe}_{format_fiscal_year(edition.fiscal_year)}版.{kind}"


def edition_file(found: Printable, kind: str, difference: EditionDifference | None = None) -> bytes:
    """The edition in one of FORMATS. Raises Invalid for another, DocumentProblem when the PDF cannot be set."""
    if kind == "pdf":
        return render_pdf("booklet", booklet_data(found, difference), timeout_seconds=PDF_SECONDS)
    if kind == "json":
        return json.dumps(as_json(found), ensure_ascii=False, indent=2).encode()
    if kind not in FORMATS:
        raise Invalid(f"出力の形式「{kind[:20]}」はありません。")
    edition = found.edition
    title = f"{edition.title} {format_fiscal_year(edition.fiscal_year)}版"
    return b"".join(export_rows(kind, title, _headers(edition), _rows(found)).chunks)


def _headers(edition: Edition) -> list[str]:
    return ["番号", "団体名", "よみ", "活動分野", *(label for _, label in edition.columns)]


def _rows(found: Printable) -> Iterator[Sequence[Any]]:
    keys = [key for key, _ in found.edition.columns]
    for number, entry in enumerate(found.entries, start=1):
        fields = "、".join(field_title((one,), found.field_names) for one in entry.fields)
        yield [number, entry.name, entry.reading, fields, *(entry.values.get(key, "") for key in keys)]


def as_json(found: Printable) -> dict[str, Any]:
    """The edition as open data: texts by key, the keys' labels beside them."""
    edition = found.edition
    return {
        "title": edition.title,
        "fiscal_year": edition.fiscal_year,
        "frozen_at": to_tokyo(edition.frozen_at).isoformat(timespec="seconds"),
        "content_hash": edition.content_hash,
        "columns": dict(edition.columns),
        "withheld_since_frozen": {"texts": found.withdrawn, "groups": found.gone},
        "groups": [
            {
                "number": number,
                "name": entry.name,
                "reading": entry.reading,
                "fields": [{"number": one, "name": found.field_names.get(one, "")} for one in entry.fields],
                "values": {key: entry.values[key] for key, _ in edition.columns if key in entry.values},
            }
            for number, entry in enumerate(found.entries, start=1)
        ],
    }


def booklet_data(found: Printable, difference: EditionDifference | None) -> dict[str, Any]:
    """What `booklet.typ` is given."""
    edition, names = found.edition, found.field_names
    year = format_fiscal_year(edition.fiscal_year)
    by_field = edition.order is EditionOrder.FIELD
    colophon = dict(edition.colophon)
    return {
        "title": edition.title,
        "subtitle": "市民活動団体データ集",
        "edition": f"{year}版",
        "issuer": colophon.get("編集・発行", ""),
        "issued": colophon.get("発行日", format_date(to_tokyo(edition.frozen_at).date(), weekday=False)),
        "count_text": f"掲載団体 {len(found.entries):,}団体",
        "notes": ["デモ用のデータです。実在の団体ではありません。"] if found.is_demo else [],
        "foreword": [line for line in edition.foreword.split("\n") if line.strip()],
        "guide": [
            ["並べ方", edition.order.label],
            ["さがし方", "巻末に、活動分野別と五十音のさくいんがあります。"],
            ["載せている項目", "団体が公開に同意した項目だけを載せています。項目の数は団体によって違います。"],
        ],
        "chapters": [
            {"title": title, "entries": [_block(entry, edition, names, by_field=by_field) for entry in part]}
            for title, part in chapters(found.entries, edition.order, names)
        ],
        "field_index": [
            {"title": title, "items": [[entry.name, entry.organization_id] for entry in part]}
            for title, part in field_index(found.entries, names)
        ],
        "reading_index": [
            {"title": title, "items": [[entry.name, entry.reading, entry.organization_id] for entry in part]}
            for title, part in reading_index(found.entries)
        ],
        "changes": _changes(difference),
        "colophon": edition.colophon,
    }


def _block(entry: Entry, edition: Edition, names: dict[int, str], *, by_field: bool) -> dict[str, Any]:
    others = entry.fields[1:] if by_field else entry.fields
    rows = [[label, entry.values[key]] for key, label in edition.columns if key in entry.values and key not in _TAGS]
    if others:
        label = "ほかの活動分野" if by_field else "活動分野"
        rows.append([label, "、".join(field_title((one,), names) for one in others)])
    return {
        "id": entry.organization_id,
        "name": entry.name,
        "reading": entry.reading,
        "tags": " ／ ".join(entry.values[key] for key in _TAGS if entry.values.get(key)),
        "rows": rows,
    }


def _changes(difference: EditionDifference | None) -> list[list[Any]]:
    if difference is None:
        return []
    found = [
        ["新しく載った団体", [entry.name for entry in difference.added]],
        ["内容の変わった団体", [one.entry.name for one in difference.changed]],
    ]
    return [pair for pair in found if pair[1]]
