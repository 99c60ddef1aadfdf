"""審査資料: the papers of a call for its committee as one PDF, for the meeting or for one member without what is in conflict.

Each proposal with its papers, opinions, findings and overrides, and blank score sheets; attached PDFs follow at the end.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access.scopes import scoped
from app.actor import Actor
from app.calls.findings import check_proposal
from app.calls.versions import PRIVATE_FILES, files_of
from app.config import Settings
from app.documents.pdf import render_pdf
from app.japanese.dates import format_date, format_fiscal_year, today_in_tokyo
from app.problems import NotFound, Problem
from app.reviews import queries
from app.reviews.attached import Attached, bindable, join, list_attached
from app.reviews.paper_parts import section, table
from app.reviews.papers import papers_of
from models.calls import Call
from models.proposals import Proposal
from models.records import StoredFile
from models.reviews import Criterion, ReviewMember, ReviewStage

#: Told as the work goes on: (done, of how many).
Progress = Callable[[int, int], None]


def proposals_for(session: Session, actor: Actor, call: Call, member: ReviewMember | None) -> list[Proposal]:
    """What goes into the pack: what the reader sees, and of a member's copy only what they signed "no interest" for."""
    rows = session.scalars(scoped(Proposal, actor).where(Proposal.call_id == call.id).order_by(Proposal.id)).all()
    before = {one.id for one in queries.proposals_of(session, call.id)}
    found = [one for one in rows if one.id in before]
    if member is None:
        return found
    out = queries.conflict_pairs(session, call.id)
    signed = queries.declared_pairs(session, call.id)
    return [
        one
        for one in found
        if (member.id, one.id) not in out
        and (declared := signed.get((member.id, one.id))) is not None
        and not declared.has_interest
    ]


@dataclasses.dataclass(frozen=True)
class Material:
    """What a pack is made of, read from the database: plain values, so that no transaction is held while it is set."""

    data: dict[str, Any]
    attached: tuple[Attached, ...]


def collect(session: Session, actor: Actor, call: Call, *, stage: ReviewStage, member: ReviewMember | None) -> Material:
    """What goes into the pack. Raises NotFound when there is no proposal for it."""
    proposals = proposals_for(session, actor, call, member)
    if not proposals:
        raise NotFound("この資料に載せる提案がありません。利害関係の申告が済むと作れます。")
    criteria = [one for one in queries.criteria_of(session, call.id) if one.stage is stage]
    attached: list[Attached] = []
    sections: list[dict[str, Any]] = []
    for place, proposal in enumerate(proposals, start=1):
        files = [
            Attached(f"別添{place}-{number}", file.name, file.media_type, file.sha256)
            for number, file in enumerate(_files(session, proposal), start=1)
        ]
        attached += files
        sections += _proposal(session, actor, proposal, place, files)
    sections += _blank_sheets(criteria, stage, _wanted_sheets(session, call, proposals, member))
    whose = f"{member.name}委員" if member is not None else "全提案"
    day = format_date(today_in_tokyo())
    data = {
        "title": "審査資料",
        "running_head": f"審査資料 {call.name} {stage.label} ({whose})",
        "subtitle": [
            f"{call.name}({format_fiscal_year(call.fiscal_year)}) {stage.label}",
            f"{whose}用 {day}作成" if member else f"{day}作成",
        ],
        "footer": "取扱注意 審査のほかに使わないでください。",
        "contents": True,
        "sections": sections,
    }
    return Material(data, tuple(attached))


def bind(settings: Settings, material: Material, progress: Progress = lambda done, total: None) -> bytes:
    """The pack as PDF: what was collected, then the attached PDFs that can be read."""
    progress(1, 3)
    bound, left = bindable(settings, material.attached)
    sections = [*material.data["sections"], *list_attached(material.attached, bound, left)]
    body = render_pdf("review_paper", material.data | {"sections": sections}, timeout_seconds=120)
    progress(2, 3)
    return join(body, bound)


def _wanted_sheets(
    session: Session, call: Call, proposals: Sequence[Proposal], member: ReviewMember | None
) -> list[tuple[str, Proposal]]:
    """Whose blank sheets follow: the member's own, or of everybody who is not out for a proposal, member by member."""
    out = queries.conflict_pairs(session, call.id)
    members = [member] if member is not None else queries.members_of(session, call.id)
    return [(one.name, each) for one in members for each in proposals if (one.id, each.id) not in out]


def _proposal(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    place: int,
    files: Sequence[Attached],
) -> Iterator[dict[str, Any]]:
    papers = papers_of(session, actor, proposal)
    yield section(f"{place} {proposal.title}", facts=papers["facts"], starts_page=True)
    for label, text in papers["texts"]:
        yield section(label, level=2, paragraphs=[text])
    yield section("団体の申出", level=2, facts=papers["statements"])
    yield section(
        "経費の内訳",
        level=2,
        tables=[
            table(
                ["費目", "内容", "単価", "数量", "金額", "税", "補助"],
                papers["lines"],
                widths=(2, 4, 2, 1, 2, 1.5, 1.5),
            )
        ],
        facts=[("総額(税込)", papers["total"]), ("うち補助対象(税込)", papers["eligible"])],
    )
    if papers["partners"] or papers["subsidies"]:
        yield section(
            "協力する団体・ほかの補助金",
            level=2,
            facts=[
                *papers["partners"],
                *((giver, f"{amount} {note}".strip()) for giver, amount, note in papers["subsidies"]),
            ],
        )
    for one in papers["opinions"]:
        yield section(f"所見書: {one['department']} {one['verdict']}".strip(), level=2, facts=one["answers"])
    for verdict, text in papers["council"]:
        yield section(f"協働推進庁内検討会議の意見: {verdict}", level=2, paragraphs=[text])
    yield _findings(session, proposal, papers["overrides"])
    if files:
        yield section("添付書類", level=2, facts=[(one.name, one.file_name) for one in files])


def _findings(session: Session, proposal: Proposal, overrides: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What the rules say of it today, and what was set aside with which reason."""
    try:
        broken = [finding.message for finding in check_proposal(session, proposal).result.broken]
    except Problem as problem:
        broken = [problem.message]
    lines = [f"・{one}" for one in broken if one not in {message for message, _ in overrides}]
    return section(
        "規則の確認",
        level=2,
        paragraphs=lines or ([] if overrides else ["規則に合わない点はありません。"]),
        tables=[table(["規則の例外として認めたこと", "理由"], overrides)],
    )


def _blank_sheets(
    criteria: Sequence[Criterion], stage: ReviewStage, wanted: Sequence[tuple[str, Proposal]]
) -> Iterator[dict[str, Any]]:
    """One page a member and proposal, to be written on."""
    if not criteria:
        return
    rows = [
        (f"{one.label}\n{one.description}".strip(), f"{one.lowest}〜{one.highest}", one.weight, "", "")
        for one in criteria
    ]
    yield section("採点票", paragraphs=["次の頁から、委員ごと・提案ごとの採点票です。"], starts_page=True)
    for name, proposal in wanted:
        yield section(
            f"採点票({stage.label}) {proposal.title}",
            level=2,
            facts=[("委員", name), ("応募団体", proposal.organization.name), ("署名・日付", "\u3000")],
            tables=[
                table(["項目", "点", "重み", "採点", "所見"], rows, widths=(5, 1.4, 1.2, 1.6, 6), height=20),
                table(["全体の所見"], [[""]], height=40),
            ],
            starts_page=True,
        )


def _files(session: Session, proposal: Proposal) -> list[StoredFile]:
    """What the group handed in for the committee; papers with persons' data stay with the office."""
    return [file for file in files_of(session, proposal) if file.owner_table != PRIVATE_FILES]
