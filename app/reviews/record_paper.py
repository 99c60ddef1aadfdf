"""A review's record on paper: attendance, rule, the tally with every figure, conclusions with reasons, sheets, opinions.

Made from the JSON of the record alone (`record_content`), sealed or masked (`redaction`): what is not in it cannot get out.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from app.japanese.dates import format_fiscal_year
from app.reviews.counting import two_places
from app.reviews.paper_parts import day_text, joined, moment_text, section, table, word, yen_text
from app.reviews.record_annexes import corrections, files, ties
from app.reviews.record_sheets import SheetSections
from app.reviews.redaction import is_masked
from app.reviews.redaction_marks import SIGN
from app.reviews.tally import OUTCOMES
from models.coordination import Verdict
from models.meetings import AttendanceState
from models.review_conflicts import ConflictSource, InterestKind
from models.review_results import ConfirmationMeans, Outcome
from models.reviews import MissingRule, NextBestRule, ReviewQuorum, ReviewStage

_TIES = {"smaller_request": "希望額の小さい順", "chair": "委員長の点数の高い順"}


class RecordPaper:
    """The sections of one record. departments: {id: name}, which the record keeps as numbers."""

    def __init__(self, content: Mapping[str, Any], departments: Mapping[int, str]) -> None:
        self.content = content
        self.departments = departments
        self.members = {
            row["id"]: f"{SIGN}委員{place}" if is_masked(row["name"]) else row["name"]
            for place, row in enumerate(content["members"], start=1)
        }
        self.proposals = {row["id"]: row["title"] for row in content["proposals"]}
        self.entries = {row["id"]: row for row in content["ballot"]["proposals"]}
        self._sheets = SheetSections(content, self.members)

    def sections(self, *, with_sheets: bool = True) -> list[dict[str, Any]]:
        """All of them, in the order in which a meeting goes."""
        found = [
            self._conclusion(),
            corrections(self.content, self.proposals),
            self._attendance(),
            self._rule(),
            self._matrix(),
        ]
        for row in self.content["tally"]["proposals"]:
            found += self._proposal(row, with_sheets)
        found += [self._interests(), ties(self.content, self.proposals), files(self.content)]
        return [one for one in found if one["facts"] or one["paragraphs"] or one["tables"]]

    def _conclusion(self) -> dict[str, Any]:
        call, conclusion = self.content["call"], self.content["conclusion"]
        lines = {line["proposal_id"]: line for line in conclusion["lines"]}
        rows = [
            (
                self._rank(row),
                self.proposals[row["id"]],
                word(Outcome, lines[row["id"]]["outcome"]),
                yen_text(lines[row["id"]]["amount_yen"]),
            )
            for row in self.content["tally"]["proposals"]
            if row["id"] in lines
        ]
        return section(
            "審査結果",
            facts=[
                ("募集", f"{call['name']}({format_fiscal_year(call['fiscal_year'])})"),
                ("結論の日", day_text(conclusion["concluded_on"])),
                ("確認", moment_text(conclusion["confirmed_at"])),
                ("確認の方法", word(ConfirmationMeans, conclusion["confirmed_by_means"])),
                ("予算", yen_text(call["budget_yen"])),
                ("全体の意見", conclusion["note"]),
            ],
            tables=[table(["順位", "提案", "審査結果", "金額"], rows, widths=(1, 6, 3, 2))],
        )

    def _attendance(self) -> dict[str, Any]:
        states = {row["membership_id"]: row for row in self.content["attendance"]["members"]}
        rows = []
        for row in self.content["members"]:
            came = states.get(row["membership_id"], {})
            out = [
                self.proposals[entry["id"]]
                for entry in self.content["ballot"]["proposals"]
                if str(row["id"]) in [*entry["conflicts"], *entry.get("withdrawn", ())]
            ]
            rows.append(
                (
                    self.members[row["id"]] + ("(委員長)" if row["is_chair"] else ""),
                    row["title"],
                    word(AttendanceState, came.get("state", "")),
                    "、".join(out),
                    f"{day_text(row['left_on'])}退任" if row["left_on"] else "",
                )
            )
        return section(
            "出欠",
            tables=[table(["委員", "選出区分", "出欠", "除斥・退席した提案", "備考"], rows, widths=(3, 3, 2, 5, 2))],
        )

    def _rule(self) -> dict[str, Any]:
        rule = self.content["rule"]
        rows = [
            (
                word(ReviewStage, one["stage"]),
                one["label"],
                f"{one['lowest']}〜{one['highest']}点",
                one["weight"],
                "" if one["veto_at"] is None else f"{one['veto_at']}点以下",
            )
            for one in self.content["criteria"]
        ]
        return section(
            "審査の規則と基準",
            facts=[
                ("最低基準", f"満点の{rule['minimum_percent']}%"),
                ("採点しない委員", word(MissingRule, rule["missing"])),
                ("定足数", word(ReviewQuorum, rule["quorum"])),
                ("同率のときの順", "、".join(_TIES.get(one, one) for one in rule["tie"]) or "定めなし"),
                ("予算に達したとき", word(NextBestRule, rule["next_best"])),
            ],
            tables=[table(["審査", "項目", "点", "重み", "不採択とする点"], rows, widths=(2, 6, 2, 1, 2))],
        )

    def _matrix(self) -> dict[str, Any]:
        members = list(self.content["ballot"]["members"])
        header = ["順位", "提案", "希望額", *(self.members.get(int(row["id"]), row["id"]) for row in members)]
        header += ["得点率", "規則による結果", "金額"]
        rows = [
            (
                self._rank(row),
                self.proposals[row["id"]],
                yen_text(self.entries[row["id"]]["requested"]),
                *(self._mark(row, member) for member in members),
                row["percent"] if row["percent"] is None or is_masked(row["percent"]) else f"{row['percent']}%",
                OUTCOMES[row["outcome"]],
                yen_text(row["amount"]),
            )
            for row in self.content["tally"]["proposals"]
        ]
        widths = [1.2, 4, 2, *([1.7] * len(members)), 1.7, 1.8, 2]
        told = "数字は、委員ごとの得点の満点に対する割合(%)です。除斥・退席・欠席の委員は採点していません。"
        return section("集計", paragraphs=[told], tables=[table(header, rows, widths=widths)])

    def _mark(self, row: Mapping[str, Any], member: Mapping[str, Any]) -> str:
        entry, key = self.entries[row["id"]], str(member["id"])
        if key in entry["conflicts"]:
            return "除斥"
        if key in entry.get("withdrawn", ()):
            return "退席"
        if key not in row["points"]:
            return "欠席"
        points = row["points"][key]
        return SIGN if is_masked(points) else two_places(100 * Fraction(points) / self._attainable())

    def _attainable(self) -> Fraction:
        return sum((Fraction(one["weight"]) * one["max"] for one in self.content["ballot"]["criteria"]), Fraction(0))

    def _proposal(self, row: Mapping[str, Any], with_sheets: bool) -> list[dict[str, Any]]:
        line = next((one for one in self.content["conclusion"]["lines"] if one["proposal_id"] == row["id"]), None)
        proposal = next(one for one in self.content["proposals"] if one["id"] == row["id"])
        facts: list[tuple[str, object]] = [("応募団体", proposal["organization"])]
        if line is not None:
            votes = (line["votes_for"], line["votes_against"], line["votes_abstained"])
            facts += [
                ("審査結果", f"{word(Outcome, line['outcome'])} {yen_text(line['amount_yen'])}"),
                ("理由", line["reason"]),
                ("条件", line["conditions"]),
                ("規則と異なる理由", line["departure_reason"]),
                ("採決", "" if None in votes else "賛成{}、反対{}、棄権{}".format(*votes)),
            ]
        found = [
            section(f"「{proposal['title']}」", facts=facts),
            section("集計の経過", level=2, paragraphs=[f"・{step['text']}" for step in row["steps"]]),
            self._opinions(row["id"]),
        ]
        return found + (self._sheets.sections(row["id"]) if with_sheets else [])

    def _opinions(self, proposal_id: int) -> dict[str, Any]:
        facts: list[tuple[str, object]] = []
        for one in self.content["opinions"]:
            if one["proposal_id"] != proposal_id:
                continue
            name = self.departments.get(one["department_id"], "担当課")
            if one["waived_reason"]:
                facts.append((f"{name}の所見書", f"省略: {one['waived_reason']}"))
                continue
            facts.append((f"{name}の所見書", word(Verdict, one["verdict"])))
            facts += [(asked["label"], one["answers"].get(asked["key"], "")) for asked in one["questions"]]
        facts += [
            ("庁内検討会議の意見", joined(word(Verdict, one["verdict"]), one["text"]))
            for one in self.content["council_opinions"]
            if one["proposal_id"] == proposal_id
        ]
        overrides = next(one for one in self.content["proposals"] if one["id"] == proposal_id)["overrides"]
        facts += [("規則の例外", joined(one["message"], one["reason"])) for one in overrides]
        return section("所見・意見", level=2, facts=facts)

    def _interests(self) -> dict[str, Any]:
        declared = [
            (
                self.members.get(one["member_id"], ""),
                self.proposals.get(one["proposal_id"], ""),
                one["has_interest"] if is_masked(one["has_interest"]) else "あり" if one["has_interest"] else "なし",
                joined(word(InterestKind, one["kind"]), one["text"]),
                moment_text(one["signed_at"]),
            )
            for one in self.content["declarations"]
            if one["replaced_at"] is None
        ]
        standing = [
            (
                self.members.get(one["member_id"], ""),
                self.proposals.get(one["proposal_id"], ""),
                word(ConflictSource, one["source"]),
                joined(word(InterestKind, one["kind"]), one["reason"]),
                f"解除: {one['lift_reason']}" if one["lifted_at"] else "",
            )
            for one in self.content["conflicts"]
        ]
        return section(
            "利害関係",
            tables=[
                table(["委員", "提案", "利害関係", "内容", "署名"], declared, widths=(3, 5, 2, 4, 3), caption="申告"),
                table(["委員", "提案", "判明の経緯", "内容", "備考"], standing, widths=(3, 5, 3, 4, 3), caption="除斥"),
            ],
            starts_page=True,
        )

    def _rank(self, row: Mapping[str, Any]) -> str:
        return "–" if row["rank"] is None else f"{row['rank']}位"
