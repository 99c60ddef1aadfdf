"""What a person typed into the search box, as words that must all be found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.japanese.legal_forms import ALSO_MEANS
from app.japanese.normalize import fold, parted
from app.japanese.writings import writings_of
from app.search.bigrams import code_of, search_text

#: A longer query, or one of more words, finds nothing (`Query.is_too_long`).
MAX_LENGTH, MAX_WORDS = 1_000, 16
_MAX_BIGRAMS = 8
#: 「プリンター」 is written 「プリンタ」 as well: what holds the one holds the other without its last sign. Not of shorter words:
#: 「サッカー」 is no 「さっか」.
_LONG_END = re.compile("[ぁ-ゖー]{4,}ー")


@dataclass(frozen=True)
class Query:
    """words: all must be found, each in one of its spellings (folded, no spaces). Blank asks for everything."""

    words: tuple[tuple[str, ...], ...]
    is_blank: bool = False
    is_too_long: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether the index alone answers it, without a look at the text."""
        return all(len(spelling) <= 2 for word in self.words for spelling in word)


@lru_cache(maxsize=512)
def parse_query(typed: str) -> Query:
    """Words parted by spaces of any width, folded. Never raises."""
    if len(typed) > MAX_LENGTH:
        return Query((), is_too_long=True)
    words = dict.fromkeys(word for part in typed.split() for word in search_text(part).split())
    if len(words) > MAX_WORDS:
        return Query((), is_too_long=True)
    parts = dict.fromkeys(part for word in words for part in _spellings(word))
    return Query(tuple(parts), is_blank=not fold(typed))


def _spellings(word: str) -> tuple[tuple[str, ...], ...]:
    """The word, how else it is written, and what else it means: 「一社」 also 一般社団法人, a piece of 特定非営利活動 also npo (which stands for it).

    A legal form before or after a name is looked for by itself; a long vowel at the end of a word of five is left out.
    """
    if len(parts := parted(word)) > 1:
        return tuple(tuple(dict.fromkeys(other for one in part for other in writings_of(one))) for part in parts)
    if _LONG_END.fullmatch(word):
        return (writings_of(word[:-1]),)
    found = list(writings_of(word))
    if word in ALSO_MEANS:
        found.append(ALSO_MEANS[word])
    if "非営" in word and word in "特定非営利活動法人":
        found.append("npo")
    return (tuple(found),)


def telling_pairs(word: str) -> list[str]:
    """Pairs of neighbours that a text holding `word` must have: at most eight, spread over the word, none twice."""
    pairs = [word[at : at + 2] for at in range(len(word) - 1)]
    spread = pairs[::2] + pairs[-1:]
    step = max(1, -(-len(spread) // _MAX_BIGRAMS))
    return list(dict.fromkeys(spread[::step]))


def fts5_match(query: Query, scope: str) -> str:
    """The query for FTS5's MATCH. Tokens are letters and digits only, so that nothing needs escaping."""

    def spelling(word: str) -> str:
        if len(word) == 1:
            return f'"{scope}{code_of(word)}" *'
        return " AND ".join(f'"{scope}{code_of(pair[0])}{code_of(pair[1])}"' for pair in telling_pairs(word))

    return " AND ".join("(" + " OR ".join(f"({spelling(word)})" for word in words) + ")" for words in query.words)


def tsquery(query: Query, scope: str) -> str:
    """The same as input text of PostgreSQL's tsquery; tokens there are the characters themselves, quoted."""

    def quoted(token: str) -> str:
        return "'" + (scope + token).replace("\\", "\\\\").replace("'", "''") + "'"

    def spelling(word: str) -> str:
        return f"{quoted(word)}:*" if len(word) == 1 else " & ".join(map(quoted, telling_pairs(word)))

    return " & ".join("(" + " | ".join(f"({spelling(word)})" for word in words) + ")" for words in query.words)


def tsquery_scope(entity: str, level: int, *, is_heading: bool = False) -> str:
    """What begins every token of an entity and level on PostgreSQL (`search_tokens` in models/search.py)."""
    return f"{entity}{level}{'!' if is_heading else ':'}"
