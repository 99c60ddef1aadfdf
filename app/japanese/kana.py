"""Kana: what is a reading, its place in 五十音 order, and the row that it stands under in an index."""

from __future__ import annotations

import re
import unicodedata

import jaconv

_KANA = re.compile(r"[ぁ-ゖァ-ヺーｦ-ﾟゝゞヽヾ・\s]+")
_LETTER = re.compile(r"[ぁ-ゖァ-ヺｦ-ﾝ]")

_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_VOWELS = {
    char: vowel
    for vowel, chars in {
        "あ": "あかさたなはまやらわがざだばぱ",
        "い": "いきしちにひみりゐぎじぢびぴ",
        "う": "うくすつぬふむゆるぐずづぶぷゔ",
        "え": "えけせてねへめれゑげぜでべぺ",
        "お": "おこそとのほもよろをごぞどぼぽ",
    }.items()
    for char in chars
}
_ROWS = {
    char: chars[0]
    for chars in (
        "あいうえお",
        "かきくけこ",
        "さしすせそ",
        "たちつてと",
        "なにぬねの",
        "はひふへほ",
        "まみむめも",
        "やゆよ",
        "らりるれろ",
        "わゐゑをん",
    )
    for char in chars
}

#: The head rows of an index, in order; 「他」 takes what begins with no kana.
HEAD_ROWS: tuple[str, ...] = (
    "あ",
    "か",
    "さ",
    "た",
    "な",
    "は",
    "ま",
    "や",
    "ら",
    "わ",
    "他",
)


def is_kana(text: str) -> bool:
    """Whether `text` is a reading: kana of either kind and width, long vowel marks, 「・」 and spaces; one kana at least."""
    return bool(_KANA.fullmatch(text) and _LETTER.search(text))


def to_hiragana(text: str) -> str:
    """Katakana of either width as hiragana; everything else as NFKC gives it."""
    return jaconv.kata2hira(unicodedata.normalize("NFKC", text))


def reading_key(reading: str) -> tuple[str, str, str]:
    """A sort key for 五十音 order: the plain kana (清音) first, then voiced after unvoiced, small before large.

    A long vowel mark counts as the vowel before it (カード beside かあど), as in JIS X 4061. What is no kana keeps its
    place by code point.
    """
    hiragana = "".join(char for char in to_hiragana(reading) if char not in "・ ")
    spelled = _spell_out(hiragana)
    return _seion(spelled), spelled.translate(_SMALL), hiragana


def head_row(reading: str) -> str:
    """The row of `HEAD_ROWS` under which a reading stands: 「がくしゅう」 → 「か」."""
    first = _seion(_spell_out(to_hiragana(reading).strip()[:1]))
    return _ROWS.get(first, "他")


def _seion(hiragana: str) -> str:
    """Large kana without voicing marks (清音)."""
    decomposed = unicodedata.normalize("NFD", hiragana.translate(_SMALL))
    return "".join(char for char in decomposed if char not in "\u3099\u309a")


def _spell_out(hiragana: str) -> str:
    """Long vowel marks as the vowel before them, iteration marks as the kana before them."""
    spelled = ""
    for char in hiragana:
        if char == "ー" and spelled:
            char = _VOWELS.get(spelled[-1].translate(_SMALL), char)
        elif char in "ゝゞ" and spelled:
            char = unicodedata.normalize("NFC", spelled[-1] + ("\u3099" if char == "ゞ" else ""))[:1]
        spelled += char
    return spelled
