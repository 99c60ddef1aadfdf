"""A ballot as the JSON that `ballot_reading` reads: what the sealed record keeps, so that anyone can tally it again."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from app.reviews.ballot import Ballot


def ballot_json(ballot: Ballot) -> dict[str, Any]:
    """The ballot as dicts, lists, ints and strings; `ballot_from(ballot_json(ballot)) == ballot`."""
    return {
        "criteria": [
            {
                "key": one.key,
                "stage": one.stage,
                "min": one.minimum,
                "max": one.maximum,
                "weight": decimal(one.weight),
                "veto_at": one.veto_at,
                "label": one.label,
            }
            for one in ballot.criteria
        ],
        "rule": {
            "minimum_percent": decimal(ballot.rule.minimum_percent),
            "missing": ballot.rule.missing.value,
            "quorum": ballot.rule.quorum.value,
            "tie": [one.value for one in ballot.rule.tie],
            "budget_yen": ballot.rule.budget_yen,
            "next_best": ballot.rule.next_best.value,
        },
        "members": [
            {"id": one.key, "present": one.is_present, "chair": one.is_chair, "label": one.name}
            for one in ballot.members
        ],
        "proposals": [
            {
                "id": one.id,
                "requested": one.requested_yen,
                "scores": {member: dict(given) for member, given in one.scores.items()},
                "conflicts": sorted(one.conflicts),
                "label": one.label,
            }
            # Only where there are any: records that were sealed before there was such a key stay as they are.
            | ({"withdrawn": sorted(one.withdrawn)} if one.withdrawn else {})
            for one in ballot.proposals
        ],
        "tie_decisions": [{"order": list(one.order), "how": one.how} for one in ballot.tie_decisions],
    }


def decimal(value: Fraction) -> str:
    """An exact decimal as text: Fraction(3, 2) -> "1.5". Raises ValueError for a fraction that is none."""
    places, scaled = 0, value
    while scaled.denominator != 1:
        places, scaled = places + 1, scaled * 10
        if places > 40:
            raise ValueError(f"{value} is no decimal")
    digits = str(scaled.numerator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
