"""File names as they are kept and sent: no path, no control characters, not too long, an ending that fits."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from app.files.kinds import FileKind

MAX_LENGTH = 120
_UNSAFE = re.compile('[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff"*:<>?|]')
#: Names that Windows takes for devices, whatever the ending.
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def safe_name(name: str, kind: FileKind | None = None) -> str:
    """The last part of a path that a browser sent, safe on every system; 「ファイル」 when nothing is left."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = _UNSAFE.sub("", name).strip(" .")
    if not name or _DEVICES.match(name):
        name = f"ファイル{'_' + name if name else ''}"
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        stem, ending = name, ""
    ending = f".{ending}" if ending else ""
    if kind is not None and ending.lower() not in kind.extensions:
        stem, ending = stem + ending if ending else stem, kind.extensions[0]
    return stem[: MAX_LENGTH - len(ending)].rstrip(" .") + ending


def disposition(name: str, *, is_inline: bool = False) -> str:
    """Content-Disposition of a download: an attachment, unless it is to open in the browser; RFC 6266 with an ASCII name beside."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace('"', "").replace("\\", "")
    stem, dot, ending = plain.rpartition(".")
    if not (stem if dot else ending).strip(" ._-()"):
        plain = f"file{dot}{ending.strip()}"  # of a Japanese name only the ending is left
    plain = plain.strip(" .")
    kind = "inline" if is_inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
