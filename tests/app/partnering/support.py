"""A search of a department, for the tests of partnering."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.partnering import services
from models.partnering import PartnerSearch
from models.reference import CollaborationForm
from tests.factories import SYSTEM


def a_search(session: Session, department_id: int, by: Actor = SYSTEM, **more: Any) -> PartnerSearch:
    """Written down, with method and criteria."""
    form = session.scalars(select(CollaborationForm.id).order_by(CollaborationForm.id).limit(1)).one()
    values = {
        "title": "用水沿いの清掃",
        "fiscal_year": 2027,
        "department_id": department_id,
        "problem": "落ち葉が積もって人が滑ります。",
        "goal": "安心して歩ける道",
        "method": "むすぶから挙げて話を聞く",
        "criteria": "実績があること",
        "form_id": form,
        "form_reason": "ともに行うため",
    }
    return services.create_search(session, actor=by, values=values | more)
