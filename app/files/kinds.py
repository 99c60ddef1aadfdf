"""What a file is, decided by its content, never by its name or by what the browser says."""

from __future__ import annotations

import dataclasses
import io
import zipfile

from app.problems import Invalid


@dataclasses.dataclass(frozen=True)
class FileKind:
    """`code` in the house's words, `media_type` as served, `extensions` that a name may end in (the first is given)."""

    code: str
    media_type: str
    label: str
    extensions: tuple[str, ...]


_OOXML = "application/vnd.openxmlformats-officedocument."
XLSX = FileKind("xlsx", _OOXML + "spreadsheetml.sheet", "Excelブック", (".xlsx",))
DOCX = FileKind("docx", _OOXML + "wordprocessingml.document", "Word文書", (".docx",))
PPTX = FileKind("pptx", _OOXML + "presentationml.presentation", "PowerPoint資料", (".pptx",))
TEXT = FileKind("text", "text/plain", "テキスト・CSV", (".csv", ".txt", ".tsv"))
PDF = FileKind("pdf", "application/pdf", "PDF", (".pdf",))
PNG = FileKind("png", "image/png", "画像(PNG)", (".png",))
JPEG = FileKind("jpeg", "image/jpeg", "画像(JPEG)", (".jpg", ".jpeg"))
GIF = FileKind("gif", "image/gif", "画像(GIF)", (".gif",))
WEBP = FileKind("webp", "image/webp", "画像(WebP)", (".webp",))

#: Attachments of records. Imports take TABLES only.
DOCUMENTS = (XLSX, DOCX, PPTX, TEXT, PDF, PNG, JPEG, GIF, WEBP)
TABLES = (XLSX, TEXT)

#: What a browser shows by itself and cannot be made to run anything of ours.
IMAGES = (PNG, JPEG, GIF, WEBP)
SHOWN_INLINE = (PDF, *IMAGES)
_LABELS = {kind.media_type: kind.label for kind in DOCUMENTS}


def label_of(media_type: str) -> str:
    """「PDF」「画像(PNG)」: the kind of a stored file in words."""
    return _LABELS.get(media_type, "ファイル")


_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)


def kind_of(content: bytes) -> FileKind:
    """The kind of a file's content. Raises Invalid with a sentence for whatever is not stored."""
    if not content:
        raise Invalid("ファイルが空です(0バイト)。")
    for head, kind in _HEADS:
        if content.startswith(head):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(_OLE2):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Invalid("パスワードで保護(暗号化)されたファイルです。パスワードを外して保存し直してください。")
        raise Invalid(
            "古い形式のOfficeファイル(.xls .doc .ppt)です。新しい形式(.xlsx .docx .pptx)で保存し直してください。"
        )
    if content[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _kind_of_zip(content)
    return _kind_of_text(content)


def _kind_of_zip(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {name.lower() for name in archive.namelist()[:5_000]}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise Invalid("ファイルが壊れています(途中で切れている可能性があります)。") from error
    if any(name.endswith("vbaproject.bin") or "macrosheets/" in name for name in names):
        raise Invalid("マクロを含むファイルは受け付けられません。マクロのない形式で保存し直してください。")
    for part, kind in (("xl/workbook.xml", XLSX), ("word/document.xml", DOCX), ("ppt/presentation.xml", PPTX)):
        if part in names:
            return kind
    raise Invalid("圧縮ファイル(ZIPなど)は受け付けられません。中のファイルを一つずつ選んでください。")


def _kind_of_text(content: bytes) -> FileKind:
    head = content[:512].lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script")):
        raise Invalid("HTML・XML・SVGのファイルは受け付けられません。PDFか画像(PNG・JPEG)にしてください。")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and len(content) % 2 == 0:
        return TEXT
    for encoding in ("utf-8", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if sum(char < " " and char not in "\t\r\n\f" for char in text[:100_000]) * 20 <= min(len(text), 100_000):
            return TEXT
    raise Invalid("受け付けられない種類のファイルです。Excel(.xlsx)、CSV、PDF、画像(PNG・JPEG)などを選んでください。")
