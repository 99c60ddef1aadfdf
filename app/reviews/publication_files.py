"""What is public of a review as CSV, JSON and PDF: made from `public_content` alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from app.documents.pdf import render_pdf
from app.exchange.csv_writing import csv_chunks
from app.japanese.dates import format_date, format_fiscal_year
from app.japanese.money import format_yen
from app.reviews.paper_parts import section, table

COLUMNS = {
    "title": "事業名",
    "organization": "団体名",
    "outcome": "結果",
    "amount_yen": "決定額(円)",
    "reason": "理由",
    "conditions": "条件",
    "percent": "得点率(%)",
    "means": "審査基準ごとの平均点",
    "member_scores": "委員別の点数",
}


def public_json(content: Mapping[str, Any]) -> bytes:
    """UTF-8, keys in their order."""
    return json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8")


def public_csv(content: Mapping[str, Any]) -> bytes:
    """One line a proposal; only columns that are public of at least one."""
    names = [name for name in COLUMNS if any(name in row for row in content["proposals"])] or ["title"]
    rows = [[_cell(name, row) for name in names] for row in content["proposals"]]
    return b"".join(csv_chunks([COLUMNS[name] for name in names], rows))


def public_pdf(content: Mapping[str, Any]) -> bytes:
    """For the notice board."""
    day = format_date(dt.date.fromisoformat(content["as_of"]), weekday=False)
    sections = []
    for row in content["proposals"]:
        facts: list[tuple[str, object]] = [
            (COLUMNS[name].replace("(円)", "").replace("(%)", ""), _shown(name, row))
            for name in COLUMNS
            if name in row and name != "title"
        ]
        sections.append(section(row["title"], facts=facts))
    if "criteria" in content:
        rows = [(one["stage"], one["label"], f"{one['highest']}点", one["weight"]) for one in content["criteria"]]
        sections.append(
            section("審査基準", tables=[table(["審査", "項目", "満点", "重み"], rows, widths=(2, 6, 1, 1))])
        )
    if not sections:
        sections = [section("公表", paragraphs=["公表しているものはありません。"])]
    return render_pdf(
        "review_paper",
        {
            "title": "審査結果の公表",
            "running_head": f"審査結果の公表 {content['call']}",
            "subtitle": [f"{content['call']}({format_fiscal_year(content['fiscal_year'])})", f"{day}現在"],
            "sections": sections,
        },
    )


def _cell(name: str, row: Mapping[str, Any]) -> Any:
    return row[name] if isinstance(row.get(name), int) else _plain(name, row)


def _shown(name: str, row: Mapping[str, Any]) -> str:
    if name == "amount_yen":
        return format_yen(row[name])
    return f"{row[name]}%" if name == "percent" else _plain(name, row)


def _plain(name: str, row: Mapping[str, Any]) -> str:
    """A value as text, for people."""
    value = row.get(name, "")
    if name == "means" and value:
        return "、".join(f"{one['label']} {one['mean']}点(満点{one['highest']}点)" for one in value)
    if name == "member_scores" and value:
        return " / ".join("・".join(map(str, scores)) for scores in value)
    return str(value)


def rows_of(content: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Header and lines for a page."""
    names = [name for name in COLUMNS if any(name in row for row in content["proposals"])]
    return [COLUMNS[name] for name in names], [[_shown(name, row) if name in row else "" for name in names]
                                               for row in content["proposals"]]  # fmt: skip
