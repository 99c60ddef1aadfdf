"""結果資料: attendance, the tally with every figure, conclusions with reasons, sheets and opinions, as one PDF.

Of a confirmed conclusion it is made from the sealed record; before, from what stands there now, and marked 「案」.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.pdf import render_pdf
from app.japanese.dates import format_date, format_fiscal_year, today_in_tokyo
from app.problems import Conflict as Refusal
from app.reviews.concluding import find_conclusion
from app.reviews.paper_parts import moment_text, section, table
from app.reviews.record_content import content_of
from app.reviews.record_paper import RecordPaper
from app.reviews.sealing import latest_record
from models.calls import Call
from models.reference import Department
from models.review_records import ReviewCorrection


def result_pack(session: Session, call: Call) -> bytes:
    """The PDF at once, from `result_data`."""
    return render_result(result_data(session, call))


def render_result(data: Mapping[str, Any]) -> bytes:
    """The PDF of collected data."""
    return render_pdf("review_paper", data, timeout_seconds=120)


def result_data(session: Session, call: Call) -> dict[str, Any]:
    """What is printed. The caller has asked whether the reader may have it. Raises Conflict before a conclusion is drafted."""
    record = latest_record(session, call.id)
    if record is None and find_conclusion(session, call.id) is None:
        raise Refusal(
            "審査結果がまだ書かれていないため、結果資料は作れません。下書きを作ってから、もう一度お試しください。"
        )
    text = record.content if record is not None else rfc8785.dumps(content_of(session, call)).decode("utf-8")
    content = json.loads(text)
    departments = {row.id: row.name for row in session.execute(select(Department.id, Department.name))}
    sections = RecordPaper(content, departments).sections()
    corrections = session.scalars(
        select(ReviewCorrection).where(ReviewCorrection.call_id == call.id).order_by(ReviewCorrection.id)
    ).all()
    if corrections:
        rows = [
            (moment_text(one.made_at.isoformat()), one.made_by_label, one.proposal.title if one.proposal else "審査の全体",
             one.text, one.reason)
            for one in corrections
        ]  # fmt: skip
        told = "封印した記録は変わりません。その後に分かったことです。"
        header = ["日時", "訂正した人", "対象", "内容", "理由"]
        sections.append(
            section("訂正", paragraphs=[told], tables=[table(header, rows, widths=(3, 3, 4, 6, 4))], starts_page=True)
        )
    return {
        "title": "審査の結果資料",
        "running_head": f"結果資料 {call.name}",
        "subtitle": [
            f"{call.name}({format_fiscal_year(call.fiscal_year)})",
            f"{format_date(today_in_tokyo())}作成",
        ],
        "footer": f"封印記録 SHA-256 {record.sha256}" if record is not None else "取扱注意",
        "mark": "" if record is not None else "案",
        "landscape": True,
        "contents": False,
        "sections": sections,
    }
