"""The tally once more, written another way: whole numbers only, every ranking found by trying all orders.

Weights arrive as (numerator) over one common denominator; comparisons are by cross-multiplication.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise, permutations
from typing import Any


def oracle(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """{proposal id: the contract's figures} for a ballot whose weights and minimum have at most two places."""
    hundred = {c["key"]: int(Decimal(str(c["weight"])) * 100) for c in case["criteria"]}
    full = sum(hundred[c["key"]] * c["max"] for c in case["criteria"])
    rule, names = case["rule"], [m["id"] for m in case["members"]]
    chair = [m["id"] for m in case["members"] if m.get("chair")]
    rows: dict[str, dict[str, Any]] = {}
    for p in case["proposals"]:
        judges = [m["id"] for m in case["members"] if m["present"] and m["id"] not in p.get("conflicts", [])]
        points = {j: sum(hundred[k] * p["scores"][j][k] for k in hundred) for j in judges}
        top, bottom = sum(points.values()), len(judges) * full
        if rule["missing"] == "fill_mean" and judges:
            # floor in whole points: points are hundredths here
            top += 100 * (top * (len(names) - len(judges)) // (len(judges) * 100))
            bottom = len(names) * full
        floor = int(Decimal(str(rule["minimum_percent"])) * 100)
        majority = rule["quorum"] == "majority"
        vetoed = False
        for c in case["criteria"]:
            if c.get("veto_at") is not None:
                low = [j for j in judges if p["scores"][j][c["key"]] <= c["veto_at"]]
                vetoed = vetoed or len(low) > len(judges) - len(low)
        rows[p["id"]] = {
            "share": (top, bottom) if judges else None,
            "percent": _percent(top, bottom) if judges else None,
            "meets_minimum": bool(judges) and top * 10_000 >= floor * bottom,
            "vetoed": vetoed,
            "quorum": len(judges) * 2 >= len(names) + (1 if majority else 0),
            "requested": p["requested"],
            "chair": points.get(chair[0]) if chair else None,
        }
    _rank(rows, rule)
    _walk(rows, rule)
    return {key: {k: row[k] for k in (*FIGURES,)} for key, row in rows.items()}


FIGURES = ("percent", "rank", "tie_undecided", "meets_minimum", "vetoed", "quorum", "outcome", "amount")


def _percent(top: int, bottom: int) -> str:
    whole, rest = divmod(top * 10_000, bottom)
    if rest * 2 >= bottom:
        whole += 1
    digits = str(whole).rjust(3, "0")
    return f"{digits[:-2]}.{digits[-2:]}"


def _before(rows: dict[str, dict[str, Any]], rule: dict[str, Any], tied: list[str], a: str, b: str) -> bool | None:
    """Whether a stands before b by the first link of the chain that tells them apart; None if none does.

    The chain is walked for the whole group: which proposals are "still tied" with a and b at each link.
    """
    still = list(tied)
    for link in rule["tie"]:
        if link == "smaller_request":
            value = {x: rows[x]["requested"] for x in still}
        elif any(rows[x]["chair"] is None for x in still):
            continue
        else:
            value = {x: -rows[x]["chair"] for x in still}
        if value[a] != value[b]:
            return bool(value[a] < value[b])
        still = [x for x in still if value[x] == value[a]]
    return None


def _rank(rows: dict[str, dict[str, Any]], rule: dict[str, Any]) -> None:
    good = [k for k, r in rows.items() if r["quorum"] and r["meets_minimum"] and not r["vetoed"]]
    for key, row in rows.items():
        row["rank"], row["tie_undecided"] = None, False
        if key not in good:
            continue
        equals, better = [], 0
        for other in good:
            left, right = rows[other]["share"], row["share"]
            difference = left[0] * right[1] - right[0] * left[1]
            if difference > 0:
                better += 1
            elif difference == 0:
                equals.append(other)
        ahead = [o for o in equals if o != key and _before(rows, rule, equals, o, key) is True]
        level = [o for o in equals if o != key and _before(rows, rule, equals, o, key) is None]
        row["rank"], row["tie_undecided"] = better + len(ahead) + 1, bool(level)


def _walk(rows: dict[str, dict[str, Any]], rule: dict[str, Any]) -> None:
    for row in rows.values():
        row["amount"], row["outcome"] = 0, "reject" if row["quorum"] else "no_quorum"
    ranked = [key for key, row in rows.items() if row["rank"] is not None]
    # The one order in which no neighbour stands wrongly, found by trying them all.
    order = next(
        list(order)
        for order in permutations(ranked)
        if all((rows[x]["rank"], x) < (rows[y]["rank"], y) for x, y in pairwise(order))
    )
    spent, stopped = 0, False
    for key in order:
        row = rows[key]
        if not stopped and spent + row["requested"] <= rule["budget_yen"]:
            row["outcome"], row["amount"] = "adopt", row["requested"]
            spent += row["requested"]
            continue
        row["outcome"] = "reserve"
        if rule["next_best"] == "partial" and not stopped:
            row["amount"], stopped = rule["budget_yen"] - spent, True
