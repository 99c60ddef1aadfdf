"""Why nothing is proposed to a talent: what concerns the talent alone first, else what is broken most often."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.talents.barriers import barriers_of
from app.talents.facts import RequestFacts, TalentFacts

TALENT = TalentFacts(
    id=1, audiences=("大人",), areas=("市内全域",), availability=("sat-am",), reward="無償", free_places=1
)  # fmt: skip
REQUEST = RequestFacts(id=1, audiences=("大人",), area="市内全域", times=("sat-am",), reward_offered="無償")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"is_consented": False}, [("登録・同意の状態", "登録への同意がない")]),
        ({"is_consented": False, "is_active": False}, [("登録・同意の状態", "登録への同意がない")]),
        ({"is_active": False}, [("登録・同意の状態", "登録が休止か終了になっている")]),
        ({"is_valid": False, "availability": ()}, [("登録・同意の状態", "同意の有効期間が切れている")]),
        ({"free_places": 0}, [("引き受けられる件数", "同時に引き受けられる件数がいっぱい")]),
        ({"availability": ()}, [("日時", "活動できる曜日・時間帯の登録がない")]),
        (
            {"areas": (), "audiences": ()},
            [("対面・オンライン", "行ける地域の登録がない"), ("対象", "対象の登録がない")],
        ),
        ({}, [("対象", "合わない依頼が2件"), ("日時", "合わない依頼が1件")]),
    ],
)
def test_what_is_in_the_way(values: dict[str, Any], told: list[tuple[str, str]]) -> None:
    requests = [replace(REQUEST, audiences=("小学生",)), replace(REQUEST, audiences=("乳幼児",), times=("sun-am",))]
    assert barriers_of(replace(TALENT, **values), requests) == told
