"""What of a group the comparison looks at, from the fields that a reader of a level may read (`app.directory.consent`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.directory.completeness import assess, filled_fields
from app.directory.consent import open_fields
from app.japanese.dates import format_fiscal_year
from app.talents.facts import ANYWHERE, EVERYBODY, TalentFacts
from models.directory import Organization

#: Free texts of the profile that say what a group does.
TEXTS = ("purpose", "policy", "founding_reason", "activities", "pr", "plans", "public_interest")
WHENEVER = ("いつでも",)
#: So many members are enough to carry something more.
_ENOUGH_MEMBERS = 20


@dataclass(frozen=True)
class GroupProfile:
    """A group as the comparison keeps it: nothing in it is closed to readers of its level."""

    organization_id: int
    name: str
    texts: tuple[str, ...]
    fields: tuple[int, ...]
    completeness: int
    members: int | None
    record_years: tuple[int, ...]
    #: Fiscal year of the latest statement without a deficit.
    sound_year: int | None

    def facts(self, projects: Sequence[tuple[int, str]]) -> TalentFacts:
        """The group as the engine sees it, with what it did together with the city."""
        return TalentFacts(
            id=self.organization_id,
            kind="group",
            skills=(self.name,),
            fields=self.fields,
            description="。".join([*self.texts, *(name for _, name in projects)]),
            audiences=(EVERYBODY,),
            areas=(ANYWHERE,),
            availability=WHENEVER,
        )

    def capacity(self, projects: Sequence[tuple[int, str]]) -> tuple[float, list[str]]:
        """(0 to 1, signs in words) of whether the group can carry something more."""
        signs, points = [], 0.0
        if self.members:
            points += 0.4 * min(self.members, _ENOUGH_MEMBERS) / _ENOUGH_MEMBERS
            signs.append(f"会員{self.members}人")
        if years := [*self.record_years, *(year for year, _ in projects)]:
            points += 0.3
            signs.append(f"活動の記録が{format_fiscal_year(max(years))}まである")
        if self.sound_year is not None:
            points += 0.3
            signs.append(f"{format_fiscal_year(self.sound_year)}の収支が赤字でない")
        return points, signs


def profile_of(organization: Organization, level: int) -> GroupProfile:
    """The profile for readers of that level."""
    is_open = open_fields(organization, level)
    texts = [text for name in TEXTS if name in is_open and (text := getattr(organization, name))]
    records = organization.activity_records if "activity_records" in is_open else []
    statement = organization.statements[0] if "statements" in is_open and organization.statements else None
    is_sound = statement is not None and statement.income_yen >= statement.expenditure_yen
    return GroupProfile(
        organization_id=organization.id,
        name=organization.name,
        texts=(*texts, *(record.heading for record in records)),
        fields=tuple(row.activity_field.number for row in organization.fields) if "fields" in is_open else (),
        completeness=int(assess(filled_fields(organization) & is_open).level),
        members=organization.member_count if "member_count" in is_open else None,
        record_years=tuple(record.fiscal_year for record in records),
        sound_year=statement.fiscal_year if statement is not None and is_sound else None,
    )
