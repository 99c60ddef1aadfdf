"""Whether a meeting, and each item of it, has its quorum. Pure: no database.

The handbook does not give the rule (実践編2): until the office sets the body's kind, nothing is said (未設定).
Seats are counted, not persons: a substitute (補欠委員) in another's place fills that seat, a representative does where
the body says so, the secretariat never counts. Who is out for an item (退席) is out of its count, not out of the seats.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

from models.bodies import MemberRole, QuorumKind
from models.meetings import AttendanceState

#: Roles whose members hold a seat.
SEATED = (MemberRole.CHAIR, MemberRole.DEPUTY, MemberRole.MEMBER)


@dataclasses.dataclass(frozen=True)
class Place:
    """One member at one meeting, by membership ids. stands_in_for: whose seat a substitute takes."""

    membership: int
    role: MemberRole
    state: AttendanceState = AttendanceState.UNKNOWN
    stands_in_for: int | None = None


@dataclasses.dataclass(frozen=True)
class Count:
    """seats: N; present: n; is_met: None while the rule is 未設定."""

    seats: int
    present: int
    is_met: bool | None

    @property
    def text(self) -> str:
        """「委員7人中5人出席」."""
        return f"委員{self.seats}人中{self.present}人出席"


def is_met(kind: QuorumKind | str | None, present: int, seats: int) -> bool | None:
    """half_or_more: 2n ≥ N; majority: 2n > N. None without a rule. A body without seats never has its quorum."""
    if kind is None:
        return None
    if seats <= 0:
        return False
    return 2 * present >= seats if QuorumKind(kind) is QuorumKind.HALF_OR_MORE else 2 * present > seats


def least_present(kind: QuorumKind | str | None, seats: int) -> int | None:
    """The smallest number of members with which the quorum is met."""
    if kind is None or seats <= 0:
        return None
    return -(-seats // 2) if QuorumKind(kind) is QuorumKind.HALF_OR_MORE else seats // 2 + 1


def filled_seats(places: Iterable[Place], *, counts_representatives: bool = False) -> dict[int, int]:
    """{membership of the seat: membership of whoever sits there}."""
    all_places = list(places)
    seats = {place.membership for place in all_places if place.role in SEATED}
    coming = {AttendanceState.PRESENT} | ({AttendanceState.REPRESENTED} if counts_representatives else set())
    filled = {place.membership: place.membership for place in all_places if _sits(place, seats, coming)}
    for place in all_places:
        is_there = place.role is MemberRole.SUBSTITUTE and place.state is AttendanceState.PRESENT
        if is_there and place.stands_in_for in seats and place.stands_in_for not in filled:
            filled[place.stands_in_for] = place.membership
    return filled


def _sits(place: Place, seats: set[int], coming: set[AttendanceState]) -> bool:
    return place.membership in seats and place.state in coming


def count(
    kind: QuorumKind | str | None,
    places: Iterable[Place],
    *,
    out: Collection[int] = (),
    counts_representatives: bool = False,
) -> Count:
    """The count of a meeting, or with `out` (memberships out of the room) of one item."""
    all_places = list(places)
    seats = sum(place.role in SEATED for place in all_places)
    filled = filled_seats(all_places, counts_representatives=counts_representatives)
    # A representative leaves with the member sent for: the interest is the member's.
    present = sum(seat not in out and sitter not in out for seat, sitter in filled.items())
    return Count(seats, present, is_met(kind, present, seats))


def presiding(places: Iterable[Place], *, out: Collection[int] = ()) -> int | None:
    """Who leads: the chair, in the chair's absence the deputy (職務代理); None: the members choose."""
    there = [place for place in places if place.state is AttendanceState.PRESENT and place.membership not in out]
    for role in (MemberRole.CHAIR, MemberRole.DEPUTY):
        for place in there:
            if place.role is role:
                return place.membership
    return None
