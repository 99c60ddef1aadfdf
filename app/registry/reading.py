"""Reads the cells of a list in the layout of 資料3 into departments, partners and forms. Pure: a proposal, for a person to check.

The published cell is kept beside; what cannot be told apart stays one partner.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from app.japanese.normalize import fold, fold_name

#: Ends of the names of bodies: a piece that ends so can stand alone.
_BODY = re.compile(
    r"(大学校?|学校|会|委員会|協議会|連合会|自治会|町会|組合|協会|クラブ|グループ|公社|財団|株式会社|\(株\)|センター|"
    r"プロジェクト|ネットワーク|ボランティア|団体)等?$"
)
_LEGAL_FORM_ALONE = re.compile(
    r"^(一般|公益|認定)?(社団|財団|社会福祉|特定非営利活動|国立大学|学校|NPO|医療)法人$|^株式会社$"
)
_PERSON = re.compile(r"教授|先生|講師|さん(?:$|[ 　、))])|氏$|様$|他(?:生徒|学生)?\d+名")
_SEPARATORS = ("、", "・", " ")
#: Words that mean no single body.
_GENERIC = {
    fold(word)
    for word in (
        "個人",
        "自治会",
        "町会",
        "自主防災組織",
        "小学校",
        "中学校",
        "市内小学校",
        "市内中学校",
        "ボランティア",
        "市民活動団体",
        "公民館利用団体",
        "保護者",
        "児童生徒の保護者",
        "学校支援ボランティア",
        "美術館ボランティア",
        "スポーツボランティア",
        "単位高齢クラブ",
        "地域住民",
        "市民",
        "関係団体",
    )
}


def split_departments(cell: str, names: Collection[str]) -> tuple[list[str], list[str]]:
    """(departments named, pieces that are none). The longest name first: 「・」 may be part of one."""
    by_fold = {fold(name): name for name in names}
    rest, found, unknown = cell.strip(), [], []
    while rest:
        rest = rest.lstrip("・、,，/／ 　\n")
        if not rest:
            break
        for end in range(len(rest), 0, -1):
            is_whole = end == len(rest) or rest[end] in "・、,，/／ 　\n"
            name = by_fold.get(fold(rest[:end])) if is_whole else None
            if name is not None:
                found.append(name)
                rest = rest[end:]
                break
        else:
            piece = re.split(r"[、,，/／\n]", rest, maxsplit=1)[0]
            unknown.append(piece.strip())
            rest = rest[len(piece) :]
    return list(dict.fromkeys(found)), unknown


def split_partners(cell: str, known: Collection[str]) -> list[str]:
    """The partners that a cell names, verbatim and in order. `known`: names (by `fold_name`) of bodies on record."""
    text = cell.strip()
    if not text or fold_name(text) in known:
        return [text] if text else []
    for separator in _SEPARATORS:
        pieces = _pieces(text, separator)
        if len(pieces) > 1 and (separator == "、" or all(_stands_alone(piece, known) for piece in pieces)):
            return [part for piece in pieces for part in split_partners(piece, known)]
    return [text]


def _pieces(text: str, separator: str) -> list[str]:
    """Pieces between separators outside of brackets."""
    pieces, depth, start = [], 0, 0
    for at, char in enumerate(text):
        if char in "((「『【":
            depth += 1
        elif char in "))」』】":
            depth = max(0, depth - 1)
        elif depth == 0 and (char == separator or (separator == " " and char == "\u3000")):
            pieces.append(text[start:at])
            start = at + 1
    return [piece.strip() for piece in [*pieces, text[start:]] if piece.strip()]


def _stands_alone(piece: str, known: Collection[str]) -> bool:
    if fold_name(piece) in known or is_generic(piece):
        return True
    return bool(_BODY.search(piece)) and not _LEGAL_FORM_ALONE.match(piece) and piece[0] not in "((「"


def is_generic(segment: str) -> bool:
    """Whether the words mean no single body: 「自治会等」, 「小学校」."""
    return fold(segment.removesuffix("等").removesuffix("など")) in _GENERIC


def names_person(segment: str) -> bool:
    """Whether the words look like a private person's name: marked so until somebody says otherwise."""
    return bool(_PERSON.search(segment))


def form_named(cell: str, forms: Mapping[str, int]) -> int | None:
    """The key of the form that a cell names by its first word (a remark or a repetition may follow). `forms`: by `fold`."""
    text = fold(cell)
    if text in forms:
        return forms[text]
    words = text.split()
    return forms.get(words[0]) if words else None
