"""文書番号: given one after the other by writer and fiscal year, in the form that the office sets."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.japanese.dates import fiscal_year_bounds, fiscal_year_of, format_fiscal_year
from app.japanese.eras import era_of
from app.notices.wording import fill, placeholders_in
from app.problems import Conflict, Invalid
from models.notices import Notice, NoticeSender, NumberSeries
from models.people import Role

#: What the form of a number may hold.
PARTS = {"番号": "1から始まる番号", "年": "年度の元号の年(令和8年度なら8)", "年度": "令和8年度"}


def check_pattern(pattern: str) -> None:
    """Raise Invalid unless the form can tell two notices of a year apart. Empty: no numbers (未設定)."""
    if not pattern:
        return
    names = placeholders_in(pattern)
    unknown = [name for name in names if name not in PARTS]
    sentence = ""
    if unknown:
        sentence = f"「{{{unknown[0]}}}」は使えません。{{年}}、{{年度}}、{{番号}} が使えます。"
    elif "番号" not in names:
        sentence = "{番号} を入れてください(例: {年}小協第{番号}号)。"
    if sentence:
        raise Invalid("文書番号の形を確認してください。", fields={"number_pattern": sentence})


def next_number(session: Session, issuer: Role, dated_on: dt.date) -> str | None:
    """Take the next number of the day's fiscal year; None while no form is set. Part of the caller's act."""
    sender = session.scalars(select(NoticeSender).where(NoticeSender.issuer == issuer)).one_or_none()
    if sender is None or not sender.number_pattern:
        return None
    fiscal_year = fiscal_year_of(dated_on)
    series = session.scalars(
        select(NumberSeries)
        .where(NumberSeries.issuer == issuer, NumberSeries.fiscal_year == fiscal_year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if series is None:
        series = NumberSeries(issuer=issuer, fiscal_year=fiscal_year, last_number=0)
        session.add(series)
        try:
            session.flush()
        except IntegrityError as error:  # the year's first notice, twice at the same moment
            raise Conflict("文書番号が同時に使われました。もう一度お試しください。") from error
    while True:
        series.last_number += 1
        text = _written(sender.number_pattern, series.last_number, fiscal_year)
        if not is_taken(session, issuer, fiscal_year, text):
            return text


def is_taken(session: Session, issuer: Role, fiscal_year: int, number: str) -> bool:
    """Whether a notice of that year bears the number (it may have been typed by hand)."""
    return (
        session.scalar(
            select(Notice.id).where(
                Notice.issuer == issuer, Notice.fiscal_year == fiscal_year, Notice.document_number == number
            )
        )
        is not None
    )


def _written(pattern: str, number: int, fiscal_year: int) -> str:
    first, _ = fiscal_year_bounds(fiscal_year)
    era = era_of(dt.date(fiscal_year, 5, 1))
    year = era.year_label(first.year).removeprefix(era.name)
    return fill(pattern, {"番号": str(number), "年": year, "年度": format_fiscal_year(fiscal_year)})
