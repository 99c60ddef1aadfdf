"""Opens a workbook's zip package safely: what kind it is, and how large it really is, before anything parses it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from app.problems import Invalid

MAX_ENTRIES = 2_000
#: Bytes after decompression: of all parts, and of the shared texts that the reader holds in memory at once.
MAX_TOTAL = 400 * 1024 * 1024
MAX_SHARED_STRINGS = 150 * 1024 * 1024
#: Honest sheets shrink 10 to 60 times; only parts above this size are judged by their ratio.
RATIO_FROM = 20 * 1024 * 1024
MAX_RATIO = 250
_CHUNK = 256 * 1024
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SAVE_AS = "Excelで開き、「Excelブック(.xlsx)」またはCSVで保存し直してから、もう一度選んでください。"
NOT_A_WORKBOOK = Invalid(f"Excelブック(.xlsx)としても、CSVとしても読めないファイルです。{_SAVE_AS}")


def is_zip(head: bytes) -> bool:
    """Whether the first bytes are those of a zip archive."""
    return head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}


def refuse_old_office(content: bytes) -> None:
    """Raise Invalid for an OLE2 container: an encrypted workbook, or the format of Excel 97–2003."""
    if content[:8] != _OLE2:
        return
    if "EncryptedPackage".encode("utf-16-le") in content or "EncryptionInfo".encode("utf-16-le") in content:
        raise Invalid(
            "パスワードで保護(暗号化)されたファイルです。Excelで開いて「ファイル」→「情報」→「ブックの保護」から"
            "パスワードを外し、保存し直してください。"
        )
    raise Invalid(f"古い形式のExcelファイル(.xls など)です。{_SAVE_AS}")


class Package:
    """A checked workbook package. Raises Invalid with a sentence for anything that is no plain .xlsx."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self._entries = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, struct.error) as error:
            raise Invalid(f"ファイルが壊れています(途中で切れている可能性があります)。{_SAVE_AS}") from error
        self._by_name = {entry.filename.lower().lstrip("/"): entry for entry in self._entries}
        self._check_entries()
        self._check_kind()
        self._check_sizes()

    def names(self) -> list[str]:
        """Names of the parts, in lower case."""
        return list(self._by_name)

    def has(self, name: str) -> bool:
        """Whether the package has that part."""
        return name.lower().lstrip("/") in self._by_name

    def read(self, name: str, limit: int = 32 * 1024 * 1024) -> bytes:
        """A small part as a whole."""
        data = b"".join(self.stream(name))
        if len(data) > limit:
            raise Invalid(_too_large(limit))
        return data

    def stream(self, name: str) -> Iterator[bytes]:
        """A part, decompressed in chunks. What the header says of its size is not believed."""
        return self._inflate(self._by_name[name.lower().lstrip("/")])

    def _check_entries(self) -> None:
        if len(self._entries) > MAX_ENTRIES:
            raise Invalid(f"ファイルの中の部品が多すぎます({MAX_ENTRIES:,}個まで)。{_SAVE_AS}")
        if len(self._by_name) != len(self._entries):
            raise Invalid(f"ファイルの中に同じ名前の部品が二つあります。{_SAVE_AS}")
        if any(entry.flag_bits & 0x1 for entry in self._entries):
            raise Invalid("パスワードで保護されたファイルです。パスワードを外して保存し直してください。")
        if sum(entry.file_size for entry in self._entries) > MAX_TOTAL:
            raise Invalid(_too_large(MAX_TOTAL))

    def _check_kind(self) -> None:
        names = self._by_name
        if "xl/workbook.bin" in names:
            raise Invalid(f"バイナリ形式のExcelブック(.xlsb)です。{_SAVE_AS}")
        if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
            raise Invalid(_MACRO)
        if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
            for start, kind in (("word/", "Wordの文書"), ("ppt/", "PowerPointの資料")):
                if any(name.startswith(start) for name in names):
                    raise Invalid(f"{kind}です。Excelブック(.xlsx)またはCSVを選んでください。")
            if "content.xml" in names and "mimetype" in names:
                raise Invalid(f"OpenDocument形式のファイルです。{_SAVE_AS}")
            raise NOT_A_WORKBOOK
        if b"macroenabled" in self.read("[Content_Types].xml").lower():
            raise Invalid(_MACRO)

    def _check_sizes(self) -> None:
        total = 0
        for name, entry in self._by_name.items():
            if not name.endswith((".xml", ".rels")):
                continue  # pictures and the like: the reader never opens them
            size = 0
            for number, chunk in enumerate(self._inflate(entry)):
                size += len(chunk)
                if number == 0 and b"<!DOCTYPE" in chunk:
                    raise Invalid(f"ファイルの中に許されない宣言(DOCTYPE)があります。{_SAVE_AS}")
                if total + size > MAX_TOTAL or (size > MAX_SHARED_STRINGS and name.endswith("sharedstrings.xml")):
                    raise Invalid(_too_large(MAX_TOTAL))
                if size > RATIO_FROM and size > MAX_RATIO * max(entry.compress_size, 1):
                    raise Invalid(
                        "展開すると極端に大きくなるファイル(圧縮爆弾のおそれ)のため、受け付けられません。"
                        "使っていない行や列を削除して保存し直してください。"
                    )
            total += size

    def _inflate(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        stream = self._raw(entry)
        left = entry.compress_size
        if entry.compress_type == zipfile.ZIP_STORED:
            while left > 0 and (data := stream.read(min(_CHUNK, left))):
                left -= len(data)
                yield data
            return
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            raise Invalid(f"読めない圧縮方式のファイルです。{_SAVE_AS}")
        inflater = zlib.decompressobj(-15)
        try:
            while left > 0 and (data := stream.read(min(_CHUNK, left))):
                left -= len(data)
                while data:
                    chunk = inflater.decompress(data, _CHUNK * 4)
                    if chunk:
                        yield chunk
                    data = inflater.unconsumed_tail
                if inflater.eof:
                    return
            if rest := inflater.flush():
                yield rest
        except zlib.error as error:
            raise Invalid(f"ファイルが壊れています。{_SAVE_AS}") from error

    def _raw(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        head = self._content[entry.header_offset : entry.header_offset + 30]
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise Invalid(f"ファイルが壊れています。{_SAVE_AS}")
        name_length, extra_length = struct.unpack("<HH", head[26:30])
        stream = io.BytesIO(self._content)
        stream.seek(entry.header_offset + 30 + name_length + extra_length)
        return stream


_MACRO = f"マクロを含むExcelファイルです。マクロの入ったファイルは受け付けられません。{_SAVE_AS}"


def _too_large(limit: int) -> str:
    return (
        f"展開した大きさが上限({limit // 1024 // 1024:,}MB)を超えるファイルです。"
        "使っていない行・列・シートを削除するか、いくつかに分けて保存し直してください。"
    )
