"""What of a sealed record may be masked, on which grounds, and what stands in its place."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

Path = tuple[str, ...]
SIGN = "■"


class Ground(enum.StrEnum):
    """Why a part is not disclosed: kinds that such ordinances know. The article stands in the mark's text."""

    PERSON = "person"
    BUSINESS = "business"
    DELIBERATION = "deliberation"
    OPERATION = "operation"
    LAW = "law"

    @property
    def label(self) -> str:
        """As it is printed."""
        return _GROUNDS[self]


_GROUNDS = {
    Ground.PERSON: "個人に関する情報",
    Ground.BUSINESS: "法人・団体の事業に関する情報",
    Ground.DELIBERATION: "審議・検討に関する情報",
    Ground.OPERATION: "事務の執行に支障のある情報",
    Ground.LAW: "法令の定めによる",
}


@dataclasses.dataclass(frozen=True)
class Part:
    """One thing that may be masked. Paths: "*" is any one step, "**" at the end anything below."""

    key: str
    label: str
    paths: tuple[Path, ...] = ()


_VERSION: Path = ("sheets", "*", "versions", "*")
PARTS: tuple[Part, ...] = (
    Part(
        "member_names",
        "委員の氏名・選出区分",
        (
            *(("members", "*", name) for name in ("name", "title", "user_id", "left_reason")),
            ("ballot", "members", "*", "label"),
        ),
    ),
    Part(
        "member_scores",
        "委員ごとの点数",
        (
            (*_VERSION, "scores", "*", "value"),
            ("ballot", "proposals", "*", "scores", "**"),
            ("tally", "proposals", "*", "points", "*"),
        ),
    ),
    Part(
        "comments",
        "採点の所見",
        (
            (*_VERSION, "comment"),
            (*_VERSION, "unseal_reason"),
            (*_VERSION, "scores", "*", "comment"),
            ("sheets", "*", "void_reason"),
        ),
    ),
    Part("applicants", "応募団体名・事業名(すべて)"),
    Part("refused_applicants", "応募団体名・事業名(採択とされなかったもの)"),
    Part(
        "opinions",
        "所見書・庁内検討会議の意見",
        (
            ("opinions", "*", "answers", "**"),
            ("opinions", "*", "verdict"),
            ("opinions", "*", "waived_reason"),
            ("opinions", "*", "submissions", "*", "**"),
            ("council_opinions", "*", "text"),
            ("council_opinions", "*", "verdict"),
        ),
    ),
    Part(
        "interests",
        "利害関係の申告の内容",
        (
            *(("declarations", "*", name) for name in ("kind", "text", "has_interest")),
            *(("conflicts", "*", name) for name in ("kind", "source", "reason", "lift_reason", "affiliation_id")),
        ),
    ),
    Part(
        "reasons",
        "審査会の意見・理由",
        (
            ("conclusion", "note"),
            *(("conclusion", "lines", "*", name) for name in ("reason", "conditions", "departure_reason")),
            ("tie_decisions", "*", "note"),
        ),
    ),
    Part(
        "votes",
        "採決の票数",
        tuple(("conclusion", "lines", "*", f"votes_{side}") for side in ("for", "against", "abstained")),
    ),
    Part(
        "attendance",
        "出欠",
        (
            *(("attendance", "members", "*", name) for name in ("state", "note", "representative_name", "reply")),
            ("attendance", "withdrawn", "*", "note"),
            ("absences", "*", "reason"),
            ("ballot", "members", "*", "present"),
        ),
    ),
    Part("overrides", "規則の例外の理由", (("proposals", "*", "overrides", "*", "reason"),)),
    Part("files", "書類の名前", (("files", "*", "name"),)),
    Part("corrections", "訂正の内容と理由", tuple(("corrections", "*", name) for name in ("text", "reason"))),
    Part("words", "その他の語"),
)
BY_KEY = {part.key: part for part in PARTS}


@dataclasses.dataclass(frozen=True)
class Mark:
    """One part, not disclosed for a ground; `text` names the article. `words`: of the part "words", what to mask."""

    part: str
    ground: Ground
    text: str
    words: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """What stands in the place of a value."""
        return f"{SIGN} 非開示: {self.ground.label}"

    def as_json(self, *, with_words: bool) -> dict[str, Any]:
        """For the register (with the words), or for the copy (without)."""
        told = {"part": self.part, "label": BY_KEY[self.part].label, "ground": self.ground.value, "text": self.text}
        return told | ({"words": list(self.words)} if with_words and self.words else {})

    @classmethod
    def of_json(cls, row: Mapping[str, Any]) -> Mark:
        """As the register keeps it."""
        return cls(row["part"], Ground(row["ground"]), row["text"], tuple(row.get("words", ())))
