"""The score sheets of a record on paper: criterion by member, comments, versions that were unsealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.reviews.paper_parts import section, table
from app.reviews.redaction import is_masked
from app.reviews.redaction_marks import SIGN
from models.reviews import ReviewStage


class SheetSections:
    """Of one record. members: {id: what they are called here}."""

    def __init__(self, content: Mapping[str, Any], members: Mapping[int, str]) -> None:
        self.content = content
        self.members = members
        self.criteria = {row["id"]: row for row in content["criteria"]}

    def sections(self, proposal_id: int) -> list[dict[str, Any]]:
        """Of each stage the scores in force, criterion by member; then the comments and versions that were unsealed."""
        found = []
        for stage in ReviewStage:
            sheets = [
                one
                for one in self.content["sheets"]
                if one["proposal_id"] == proposal_id and one["stage"] == stage.value
            ]
            rows, told = self._scores(sheets, stage), self._told(sheets)
            if rows:
                header = ["項目", *(self.members[one["member_id"]] for one in sheets)]
                widths = [4, *([1.5] * len(sheets))]
                found.append(
                    section(
                        f"{stage.label}の採点", level=2, tables=[table(header, rows, widths=widths)], paragraphs=told
                    )
                )
        return found

    def _scores(self, sheets: list[Mapping[str, Any]], stage: ReviewStage) -> list[list[object]]:
        if not sheets:
            return []
        given = [_in_force(sheet) for sheet in sheets]
        return [
            [f"{one['label']}({one['highest']}点)", *(_value(version, one["id"]) for version in given)]
            for one in self.content["criteria"]
            if one["stage"] == stage.value
        ]

    def _told(self, sheets: list[Mapping[str, Any]]) -> list[str]:
        told = []
        for sheet in sheets:
            name = self.members[sheet["member_id"]]
            if sheet["state"] == "voided":
                told.append(f"{name}: 無効({sheet['void_reason']})")
            for version in sheet["versions"]:
                head = f"{name}" if version["unsealed_at"] is None else f"{name}(第{version['number']}版、確定解除済み)"
                if version["unsealed_at"] is not None:
                    marks = "、".join(
                        f"{self.criteria[one['criterion_id']]['label']} {one['value']}" for one in version["scores"]
                    )
                    told.append(f"{head}: {marks}。解除の理由: {version['unseal_reason']}")
                if version["is_on_behalf"] and version["unsealed_at"] is None:
                    told.append(f"{head}: 代理入力")
                told += [
                    f"{head} {self.criteria[one['criterion_id']]['label']}: {one['comment']}"
                    for one in version["scores"]
                    if one["comment"]
                ]
                if version["comment"]:
                    told.append(f"{head} 全体: {version['comment']}")
        return told


def _in_force(sheet: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((one for one in sheet["versions"] if one["unsealed_at"] is None), None)


def _value(version: Mapping[str, Any] | None, criterion_id: int) -> object:
    scores = version["scores"] if version is not None else []
    value = next((one["value"] for one in scores if one["criterion_id"] == criterion_id), None)
    return SIGN if is_masked(value) else "–" if value is None else value
