"""Words that groups write in several ways: whoever looks for one of them means the others too.

Unlike what `fold` makes equal, these stand in texts as they are: a name is printed as its group writes it, and 「障害」 in a
law is no 「障がい」. So only queries know of them; nothing is indexed anew when the table grows.
"""

from __future__ import annotations

import functools

from app.japanese.normalize import fold

_AS_WRITTEN: tuple[tuple[str, ...], ...] = (
    ("子ども", "子供", "こども"),
    ("障がい", "障害", "障碍"),
    ("まちづくり", "街づくり", "町づくり", "まち作り"),
    ("手づくり", "手作り"),
    ("ものづくり", "物作り", "物づくり"),
    ("取組", "取り組み", "取組み", "取りくみ"),
    ("友だち", "友達", "ともだち"),
    ("一人暮らし", "ひとり暮らし", "独り暮らし"),
    ("一人親", "ひとり親"),
    ("見守り", "みまもり"),
    ("居場所", "いばしょ"),
    ("ふれあい", "触れ合い", "ふれ合い", "触れあい"),
    ("つどい", "集い"),
    ("あそび", "遊び"),
    ("まつり", "祭り"),
    ("おはなし", "お話"),
    ("絵本", "えほん"),
    ("おもちゃ", "玩具"),
    ("みなさん", "皆さん"),
    ("いきいき", "生き生き"),
    ("バイオリン", "ヴァイオリン"),
    ("ビオラ", "ヴィオラ"),
    ("ボーカル", "ヴォーカル"),
    ("ボイス", "ヴォイス"),
    ("ビレッジ", "ヴィレッジ"),
    ("ビンテージ", "ヴィンテージ"),
)

#: Each list folded, the longest first: 「取組み」 is not 「取組」 with a 「み」 behind it.
WRITINGS: tuple[tuple[str, ...], ...] = tuple(
    tuple(sorted({fold(word) for word in words}, key=lambda word: (-len(word), word))) for words in _AS_WRITTEN
)
#: No word is looked for in more ways than this.
MOST = 8
#: Whatever is written with 「ヴ」 is written without it too; the other way round only the words above are.
_WITHOUT_V = (("ゔぁ", "ば"), ("ゔぃ", "び"), ("ゔぇ", "べ"), ("ゔぉ", "ぼ"), ("ゔ", "ぶ"))


@functools.lru_cache(maxsize=2_000)
def writings_of(word: str) -> tuple[str, ...]:
    """A folded word of a query in every way it is written, itself first: 「子ども会」, 「子供会」, 「こども会」."""
    found = [word]
    for words in WRITINGS:
        for one in tuple(found):
            written = next((piece for piece in words if piece in one), None)
            if written is not None:
                found += [one.replace(written, other) for other in words if other != written]
    plain = word
    for sign, other in _WITHOUT_V:
        plain = plain.replace(sign, other)
    return tuple(dict.fromkeys([*found, plain]))[:MOST]
