"""role x resource x action, printed from the one role table: `flask access matrix`, the README's table, a test."""

from __future__ import annotations

from typing import Any

from app.access.permissions import ROLE_PERMISSIONS, Permission
from models.people import Role

#: What stands before and after the colon of a permission, in words.
RESOURCES = {
    "audit": "操作記録",
    "backup": "バックアップ",
    "body": "会議体",
    "call": "年度の募集",
    "challenge": "市の課題・テーマ",
    "clock": "年間の予定",
    "conclusion": "審査結果",
    "confirmation-round": "登録内容の年次確認",
    "conflict": "利害関係",
    "contact": "連絡先",
    "criterion": "審査基準",
    "declaration": "利害関係の申告",
    "edition": "むすぶの版",
    "import": "データの取込み",
    "match": "コーディネート",
    "meeting": "会議",
    "notice": "通知",
    "opinion": "所見書",
    "organization": "団体",
    "organization-file": "団体の添付書類",
    "partner-search": "パートナー選び",
    "project": "協働事業",
    "proposal": "応募・提案",
    "reference": "基礎データ",
    "registration": "あすぴあの登録",
    "review-decision": "市の決定",
    "score": "採点",
    "sheet": "採点票",
    "survey": "取組調査",
    "talent": "人財",
    "talent-request": "依頼",
    "talent-statistic": "人財の森の統計",
    "user": "利用者と役割",
}
ACTIONS = {
    "advance": "手続を進める",
    "answer": "回答",
    "compare": "比較",
    "confirm": "確認",
    "create": "登録",
    "decide": "決定",
    "delete": "削除",
    "disclose": "開示",
    "edit": "編集",
    "enter": "入力",
    "erase": "消去",
    "export": "出力",
    "import": "取込み",
    "manage": "管理",
    "merge": "統合",
    "publish": "公表",
    "read": "閲覧",
    "run": "実行",
    "sign": "署名",
}


def in_words(permission: Permission) -> str:
    """「協働事業: 編集」. A code without words is shown as it is."""
    resource, action = permission.value.split(":")
    return f"{RESOURCES.get(resource, resource)}: {ACTIONS.get(action, action)}"


def as_objects() -> list[dict[str, Any]]:
    """One object a permission: {"permission", "resource", "action", "label", "roles": {code: bool}}."""
    return [
        {
            "permission": permission.value,
            "resource": permission.value.split(":")[0],
            "action": permission.value.split(":")[1],
            "label": in_words(permission),
            "roles": {role.value: permission in ROLE_PERMISSIONS[role] for role in Role},
        }
        for permission in sorted(Permission)
    ]


def as_markdown() -> str:
    """The table as the README shows it: ○ granted, – not. Which rows is the row scope's question."""
    head = ["操作", "権限", *(role.label for role in Role)]
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + ":-:|" * len(Role)]
    for row in as_objects():
        marks = ["○" if row["roles"][role.value] else "–" for role in Role]
        lines.append("| " + " | ".join([row["label"], f"`{row['permission']}`", *marks]) + " |")
    return "\n".join(lines)


def as_text() -> str:
    """The same for a terminal: role codes across, permissions down."""
    roles = [role.value for role in Role]
    width = max(len(permission.value) for permission in Permission)
    lines = [" ".join(["permission".ljust(width), *roles])]
    for row in as_objects():
        marks = [("yes" if row["roles"][role] else "-").center(len(role)) for role in roles]
        lines.append(" ".join([row["permission"].ljust(width), *marks]).rstrip())
    return "\n".join(lines)
