"""Files that groups handed in, bound behind a pack: PDFs that can be read, page by page; the others are listed."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from app.config import Settings
from app.files.services import store_of
from app.problems import NotFound
from app.reviews.paper_parts import section, table

#: Attached pages beyond this are listed, not bound: the pack is to be printed.
MOST_PAGES = 1_500
PDF = "application/pdf"


@dataclasses.dataclass(frozen=True)
class Attached:
    """A file that a group handed in, as it is called in the pack."""

    name: str
    file_name: str
    media_type: str
    sha256: str


def bindable(
    settings: Settings, attached: Sequence[Attached]
) -> tuple[list[tuple[Attached, pypdf.PdfReader]], dict[str, str]]:
    """Attached PDFs that can be read, and of the others why not: {name: words}."""
    bound: list[tuple[Attached, pypdf.PdfReader]] = []
    left: dict[str, str] = {}
    pages = 0
    for one in attached:
        if one.media_type != PDF:
            left[one.name] = "PDFではないため、画面でご覧ください"
            continue
        try:
            reader = pypdf.PdfReader(io.BytesIO(store_of(settings).get(one.sha256)))
            count = 0 if reader.is_encrypted else len(reader.pages)
        except (PyPdfError, NotFound, ValueError, KeyError, RecursionError):
            left[one.name] = "読めないPDFのため、原本をご覧ください"
            continue
        if reader.is_encrypted:
            left[one.name] = "パスワードのあるPDFのため、原本をご覧ください"
        elif pages + count > MOST_PAGES:
            left[one.name] = "頁数が多いため、画面でご覧ください"
        else:
            pages += count
            bound.append((one, reader))
    return bound, left


def list_attached(
    attached: Sequence[Attached], bound: Sequence[tuple[Attached, pypdf.PdfReader]], left: dict[str, str]
) -> list[dict[str, Any]]:
    """The section that says which files follow, and why others do not."""
    if not attached:
        return []
    pages = {one.name: f"{len(reader.pages)}頁" for one, reader in bound}
    rows = [(one.name, one.file_name, pages.get(one.name) or left.get(one.name, "")) for one in attached]
    told = "綴じられる書類は、この後に続きます。"
    tables = [table(["別添", "書類", "頁・備考"], rows, widths=(2, 6, 5))]
    return [section("添付書類の一覧", paragraphs=[told] if bound else [], tables=tables, starts_page=True)]


def join(body: bytes, bound: Sequence[tuple[Attached, pypdf.PdfReader]]) -> bytes:
    """One PDF: the pack, then the files, each with its bookmark."""
    if not bound:
        return body
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(body))
    for one, reader in bound:
        # Pages alone: what else such a file holds (scripts, forms' actions, other files) does not come along.
        first = len(writer.pages)
        for page in reader.pages:
            added = writer.add_page(page)
            for entry in ("/Annots", "/AA"):
                added.pop(entry, None)
        if len(writer.pages) > first:
            writer.add_outline_item(title=f"{one.name} {one.file_name}", page_number=first)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
