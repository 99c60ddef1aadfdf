"""What the rules look at and what they say: facts of a proposal, findings, and the result of a check."""

from __future__ import annotations

import dataclasses
import datetime as dt
from fractions import Fraction
from typing import Any

from app.calls.money import BudgetLineFacts


@dataclasses.dataclass(frozen=True)
class OtherSubsidy:
    """Money that the same project gets from elsewhere; every entry counts as public."""

    source: str
    amount: Fraction | None = None


@dataclasses.dataclass(frozen=True)
class ProposalFacts:
    """A proposal as the rules see it. fiscal_year: of the call. None: not filled in yet, which is a finding."""

    fiscal_year: int
    applicant_kind: str | None = None
    is_nonprofit: bool | None = None
    is_planned_and_run_by_applicant: bool | None = None
    is_in_city: bool | None = None
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    other_subsidies: tuple[OtherSubsidy, ...] | None = ()
    budget: tuple[BudgetLineFacts, ...] = ()
    #: Yen including tax, as written; decimals are kept so that a rule can refuse them.
    requested: Fraction | None = None
    has_challenge: bool = False


#: What the contract of `flask calls check` says of a finding; the rest is for the screens.
_CONTRACT = ("rule", "clause", "ok", "overridable", "message")


@dataclasses.dataclass(frozen=True)
class Finding:
    """What one rule says of one proposal. rule: its code; clause: where it stands; overridable: by the office, with a reason."""

    rule: str
    clause: str
    ok: bool
    overridable: bool
    message: str
    #: It holds, but somebody should look at it (two equal lines of a budget).
    needs_look: bool = False
    #: Nothing to judge by: the value is 未設定.
    is_unset: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the contract of `flask calls check` words it."""
        return {name: getattr(self, name) for name in _CONTRACT}


@dataclasses.dataclass(frozen=True)
class CheckResult:
    """All findings and the most that the program may pay, in yen."""

    amount_allowed: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether no rule is broken, overridable or not."""
        return all(finding.ok for finding in self.findings)

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The rules that do not hold."""
        return tuple(finding for finding in self.findings if not finding.ok)

    def as_json(self) -> dict[str, Any]:
        """As the contract of `flask calls check` words it."""
        findings = [finding.as_json() for finding in self.findings]
        return {"ok": self.ok, "amount_allowed": self.amount_allowed, "findings": findings}
