"""What the parts of the calls' demonstration data share: the scene, and a call that was opened."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.actor import Actor
from app.calls import call_opening, call_services, challenge_services
from app.japanese.dates import format_fiscal_year
from models.calls import Call, ProjectKind
from models.directory import Organization
from models.reference import Department, Program
from seed.demo_call_texts import CHALLENGES, THEMES

DAY = dt.timedelta(days=1)


@dataclasses.dataclass
class Scene:
    """What every part of the set needs."""

    session: Session
    actor: Actor
    today: dt.date
    departments: dict[str, Department]
    programs: dict[str, Program]
    groups: dict[str, Organization]

    def department(self, code: str) -> Department:
        """The department of that code; another city's folder may not have it: then the first one."""
        return self.departments.get(code) or next(iter(self.departments.values()))


def call_of(
    scene: Scene,
    program: str,
    fiscal_year: int,
    titles: list[str],
    dates: dict[str, Any],
    copied_from: Call | None,
    challenges: Sequence[tuple[str, ...]] | None = None,
) -> Call:
    """A call that was opened, with its challenges (those of the program) and dates."""
    call = call_services.prepare_call(
        scene.session,
        actor=scene.actor,
        program=scene.programs[program],
        fiscal_year=fiscal_year,
        copied_from=copied_from,
        is_demo=True,
    )
    rows: Sequence[tuple[str, ...]] = challenges or (THEMES if program == "suggested" else CHALLENGES)
    shown = []
    for place, (title, department, background, expectation, *kind) in enumerate(rows):
        challenge = challenge_services.draft_challenge(
            scene.session,
            actor=scene.actor,
            values={
                "program_id": call.program_id,
                "fiscal_year": fiscal_year,
                "department_id": scene.department(department).id,
                "title": title,
                "background": background,
                "expectation": expectation,
                "kind": ProjectKind(kind[0]) if kind else ProjectKind.NEW,
                "position": place + 1,
            },
            is_demo=True,
        )
        challenge_services.submit_challenge(scene.session, actor=scene.actor, challenge=challenge)
        decided = min(dates["opens_on"] - 14 * DAY, scene.today)
        challenge_services.decide_challenge(
            scene.session,
            actor=scene.actor,
            challenge=challenge,
            is_chosen=True,
            decided_on=decided,
            note=f"{format_fiscal_year(fiscal_year)}第1回 協働推進庁内検討会議",
        )
        if title in titles or not titles:
            shown.append(challenge)
    call_services.show_challenges(scene.session, actor=scene.actor, call=call, challenges=shown)
    texts = {
        "purpose_text": scene.programs[program].rules.get("purpose", ""),
        "application_text": "申請書などの書類を、期間内に市民協働・男女参画推進課の窓口へお持ちください(デモ)。",
        "contact_text": "市民協働・男女参画推進課 市民協働・市民活動推進担当(デモ)",
    }
    call_services.update_call(
        scene.session,
        actor=scene.actor,
        call=call,
        version=None,
        values=dates | texts,
        settings={"rounding_unit_yen": 1} if program == "suggested" else {},
    )
    return call_opening.open_call(scene.session, actor=scene.actor, call=call)
