"""What stands on the page of a match: its stage, the way so far, both sides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for

from admin_views.columns import shown
from app.japanese.dates import format_date
from app.talents.facts import times_in_short, times_in_words
from app.talents.stages import BOARD, CLOSED, MatchFacts
from models.matches import Match, Stage

STAGE_KIND = {
    Stage.CANDIDATE: "neutral",
    Stage.APPROACHED: "info",
    Stage.ACCEPTED: "info",
    Stage.INTRODUCED: "info",
    Stage.ENGAGED: "success",
    Stage.FINISHED: "muted",
    Stage.DECLINED: "warning",
    Stage.UNMATCHED: "warning",
    Stage.CANCELLED: "warning",
}


def sections_of(record: Match, free: Iterable[str]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Both sides beside each other. free: codes of the times that the talent has left."""
    talent, wanted = record.talent, record.request
    nothing = "ありません" if record.stage in {*CLOSED, Stage.FINISHED} else "まだありません"
    period = [format_date(day) if day else "" for day in (record.starts_on, record.ends_on)]
    return [
        (
            "二つの側",
            [
                ("依頼団体", str(wanted.organization)),
                ("希望する曜日・時間帯", times_in_short(wanted.times)),
                ("場所", wanted.area),
                ("人財", f"{talent.name or '(消去済み)'}({talent.number})"),
                ("人財の空き", times_in_short(free) or "ありません"),
                ("謝礼", f"希望: {talent.reward.label} / 依頼: {wanted.reward_offered.label}"),
                ("決まった曜日・時間帯", times_in_words(line.code for line in record.times) or nothing),
                ("活動の期間", "〜".join(period) if any(period) else nothing),
                ("経過の覚え書き", record.note or "ありません"),
            ],
        )
    ]


def progress_of(record: Match) -> list[tuple[str, str, list[str]]]:
    """(stage, done | current | waiting, when and by whom), in the order of the board."""
    reached = {line.stage: line for line in record.steps}
    place = BOARD.index(record.stage) if record.stage in BOARD else -1
    found = []
    for index, stage in enumerate(BOARD):
        line = reached.get(stage)
        is_done = line is not None and (index < place or record.stage in CLOSED)
        is_here = index == place and stage is not Stage.FINISHED
        state = "current" if is_here else "done" if is_done or index == place else "waiting"
        if state == "waiting" and record.stage in CLOSED:
            continue
        notes = [f"{shown(line.at)} {line.by_label}"] if line is not None and state != "waiting" else []
        found.append((stage.label, state, notes))
    if record.stage in CLOSED and (line := reached.get(record.stage)) is not None:
        found.append((record.stage.label, "done", [f"{shown(line.at)} {line.by_label}"]))
    return found


def contact_pages(record: Match, facts: MatchFacts) -> list[tuple[str, str]]:
    """(label, address) of where a contact is entered that is missing before the introduction."""
    found = []
    if not facts.group_has_contact:
        found.append(("依頼のページへ(団体の連絡先)", url_for("talent-request.details_view", key=record.request_id)))
    if not facts.talent_has_contact:
        found.append(("人財のページへ(連絡先)", url_for("talent.details_view", key=record.talent_id)))
    return found
