"""Words with {placeholders}: which there are, whether they are known, and filling them in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.japanese.text import clean_text
from app.problems import Invalid
from models.notices import Honorific

_PLACEHOLDER = re.compile(r"[{｛]([^{}｛｝\n]*)[}｝]")
_ALONE = re.compile(r"^[{｛]([^{}｛｝\n]*)[}｝](?:\n\n?|\Z)", re.MULTILINE)
_STRAY = re.compile(r"[{}｛｝]")
#: 「殿」 at the end of a line or after the addressee: the city writes 様 and 御中.
_DONO = re.compile(r"(?:[}｝]|[\s　])殿(?=[\s　。、]|$)", re.MULTILINE)
_TITLE_OF_RESPECT = re.compile(r"(?:様|御中|[\s　]+殿)$")
#: Filled in by the system itself for every notice.
OWN = {
    "宛名": "相手の名前と敬称(様・御中)",
    "日付": "通知の日付",
    "文書番号": "文書番号(付けないときは空)",
    "担当": "差出人の設定の担当",
    "問合せ先": "差出人の設定の問合せ先",
}


def placeholders_in(*texts: str) -> list[str]:
    """The names between braces, in order, each once."""
    return list(dict.fromkeys(name.strip() for text in texts for name in _PLACEHOLDER.findall(text)))


def declared(lines: str) -> dict[str, str]:
    """{name: what it stands for} of a template's list, one 「name: meaning」 a line."""
    found = {}
    for line in lines.splitlines():
        name, _, meaning = line.partition(":")
        if name.strip():
            found[name.strip()] = meaning.strip()
    return found


def check_words(known: Iterable[str], **texts: str) -> None:
    """Raise Invalid, with fields, where a text has unknown placeholders, stray braces or 殿."""
    names = {*known, *OWN}
    wrong: dict[str, str] = {}
    for field, text in texts.items():
        unknown = [name for name in placeholders_in(text) if name not in names]
        if unknown:
            usable = "、".join(f"{{{name}}}" for name in [*sorted(set(names) - set(OWN)), *OWN])
            wrong[field] = f"「{{{unknown[0]}}}」という差込み項目はありません。使えるのは {usable} です。"
        elif _STRAY.search(_PLACEHOLDER.sub("", text)):
            wrong[field] = "波かっこ「{」「}」の組がそろっていません。差込み項目は {名前} の形で書いてください。"
        elif _DONO.search(text):
            wrong[field] = "敬称の「殿」は使いません。個人には「様」、団体や課には「御中」を使ってください。"
    if wrong:
        raise Invalid("文面を確認してください。", fields=wrong)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; what was filled in is not looked through again.

    One that stands alone on its line and is empty takes the line and the blank one after it along; nothing blank is
    left at the end.
    """
    missing = [name for name in placeholders_in(text) if name not in values]
    if missing:
        raise Invalid(f"差込み項目「{missing[0]}」に入れる内容がありません。")
    kept = _ALONE.sub(lambda found: found[0] if values[found[1].strip()] else "", text).rstrip("\n")
    return _PLACEHOLDER.sub(lambda found: values[found[1].strip()], kept)


def clean_name(name: str) -> str:
    """A name without the title of respect that somebody typed behind it. Raises Invalid when nothing is left."""
    plain = " ".join(clean_line(name).split())
    short = _TITLE_OF_RESPECT.sub("", plain).strip()
    if not short:
        raise Invalid("宛名を入力してください。", fields={"recipient_name": "宛名を入力してください。"})
    return short


def addressed(name: str, honorific: Honorific) -> str:
    """「小平 花子 様」, 「架空はなの会 御中」."""
    return f"{name} {honorific.label}"


def clean_line(text: str) -> str:
    """One line: control characters, line breaks among them, are refused (they could forge a header)."""
    try:
        cleaned = clean_text(text)
    except ValueError as error:
        raise Invalid(str(error)) from None
    if "\n" in cleaned:
        raise Invalid("件名や宛名に改行は使えません。")
    return cleaned.strip()


def clean_value(value: object) -> str:
    """A value to be filled in."""
    try:
        return clean_text(str(value)).strip()
    except ValueError as error:
        raise Invalid(str(error)) from None
