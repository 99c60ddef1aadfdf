"""Sections at the ends of a review's record on paper: corrections beside it, orders of ties, papers with their hashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.reviews.paper_parts import moment_text, section, table, word
from models.review_results import TieMeans

#: The record's JSON, and titles by proposal.
Content = Mapping[str, Any]
Titles = Mapping[int, str]


def corrections(content: Content, titles: Titles) -> dict[str, Any]:
    """What was signed after the record was sealed: in disclosure copies alone."""
    rows = [
        (moment_text(one["made_at"]), titles.get(one["proposal_id"], "審査の全体"), one["text"], one["reason"])
        for one in content.get("corrections", ())
    ]
    told = ["封印した記録は変わりません。次の訂正が、記録の横に加えられています。"] if rows else []
    header = ["日時", "対象", "訂正の内容", "理由"]
    return section("訂正", paragraphs=told, tables=[table(header, rows, widths=(3, 3, 6, 4))])


def ties(content: Content, titles: Titles) -> dict[str, Any]:
    """Orders that people decided, those that were replaced too."""
    rows = [
        (
            " → ".join(titles.get(key, str(key)) for key in one["proposal_ids"]),
            word(TieMeans, one["means"]),
            one["note"],
            "置き換え済み" if one["replaced_at"] else "",
        )
        for one in content["tie_decisions"]
    ]
    tables = [table(["順", "決め方", "経緯", "備考"], rows, widths=(5, 2, 5, 2))]
    return section("同率の順の決定", level=2 if not rows else 1, tables=tables)


def files(content: Content) -> dict[str, Any]:
    """Papers with their hashes."""
    rows = [(one["name"], one["sha256"]) for one in content["files"]]
    return section("書類", tables=[table(["書類", "SHA-256"], rows, widths=(2, 3))])
