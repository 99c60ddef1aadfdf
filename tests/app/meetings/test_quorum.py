"""The quorum: kinds, substitutes, representatives, those out of the room, who leads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.meetings.quorum import Place, count, filled_seats, is_met, least_present, presiding
from models.bodies import MemberRole, QuorumKind
from models.meetings import AttendanceState

PRESENT, ABSENT = AttendanceState.PRESENT, AttendanceState.ABSENT


def _places(*states: AttendanceState) -> list[Place]:
    """Members 1, 2, … : the first is the chair, the second the deputy."""
    roles = [MemberRole.CHAIR, MemberRole.DEPUTY, *[MemberRole.MEMBER] * len(states)]
    return [Place(number, roles[number - 1], state) for number, state in enumerate(states, start=1)]


@pytest.mark.parametrize(
    ("kind", "present", "seats", "expected"),
    [
        ("half_or_more", 3, 6, True),
        ("half_or_more", 3, 7, False),
        ("half_or_more", 4, 7, True),
        ("majority", 3, 6, False),
        ("majority", 4, 6, True),
        ("majority", 4, 7, True),
        ("majority", 0, 0, False),
        ("half_or_more", 0, 0, False),
        (None, 7, 7, None),
    ],
)
def test_kinds_as_the_contract_says(kind: str | None, present: int, seats: int, expected: bool | None) -> None:
    assert is_met(kind, present, seats) is expected


@given(st.sampled_from(QuorumKind), st.integers(1, 60))
def test_the_least_number_is_where_the_rule_turns(kind: QuorumKind, seats: int) -> None:
    least = least_present(kind, seats)
    assert least is not None
    assert (is_met(kind, least, seats), is_met(kind, least - 1, seats)) == (True, False)


@given(st.lists(st.sampled_from(AttendanceState), min_size=1, max_size=12), st.booleans(), st.sets(st.integers(1, 12)))
def test_those_out_never_help_and_never_lower_the_seats(
    states: list[AttendanceState], counts_representatives: bool, out: set[int]
) -> None:
    places = _places(*states)
    whole = count("majority", places, counts_representatives=counts_representatives)
    item = count("majority", places, out=out, counts_representatives=counts_representatives)
    assert item.seats == whole.seats == len(states)
    assert 0 <= item.present <= whole.present <= whole.seats


def test_a_member_with_a_conflict_is_out_of_the_quorum_of_that_item() -> None:
    places = _places(PRESENT, PRESENT, PRESENT, ABSENT, ABSENT)
    assert count("majority", places).is_met is True
    assert count("majority", places, out={2}).text == "委員5人中2人出席"
    assert count("majority", places, out={2}).is_met is False


def test_a_substitute_counts_only_in_the_place_of_somebody_absent() -> None:
    seated = _places(ABSENT, PRESENT, PRESENT)
    spare = Place(9, MemberRole.SUBSTITUTE, PRESENT)
    assert count("majority", [*seated, spare]).present == 2
    assert count("majority", [*seated, Place(9, MemberRole.SUBSTITUTE, PRESENT, stands_in_for=1)]).present == 3
    assert count("majority", [*seated, Place(9, MemberRole.SUBSTITUTE, PRESENT, stands_in_for=2)]).present == 2
    assert count("majority", [*seated, Place(9, MemberRole.SUBSTITUTE, ABSENT, stands_in_for=1)]).present == 2


def test_two_substitutes_fill_a_seat_once() -> None:
    seats = _places(ABSENT)
    two = [Place(key, MemberRole.SUBSTITUTE, PRESENT, stands_in_for=1) for key in (8, 9)]
    assert filled_seats([*seats, *two]) == {1: 8}


def test_a_substitute_with_an_interest_leaves_the_seat_empty() -> None:
    places = [*_places(ABSENT, PRESENT), Place(9, MemberRole.SUBSTITUTE, PRESENT, stands_in_for=1)]
    assert count("half_or_more", places, out={9}).present == 1


def test_representatives_count_where_the_body_says_so() -> None:
    places = _places(AttendanceState.REPRESENTED, PRESENT)
    assert count("majority", places).present == 1
    assert count("majority", places, counts_representatives=True).present == 2


def test_the_secretariat_never_counts() -> None:
    places = [*_places(PRESENT), Place(9, MemberRole.SECRETARIAT, PRESENT)]
    assert (count("majority", places).seats, count("majority", places).present) == (1, 1)


def test_the_deputy_leads_when_the_chair_is_away_or_out() -> None:
    assert presiding(_places(PRESENT, PRESENT)) == 1
    assert presiding(_places(ABSENT, PRESENT)) == 2
    assert presiding(_places(PRESENT, PRESENT), out={1}) == 2
    assert presiding(_places(ABSENT, ABSENT, PRESENT)) is None
