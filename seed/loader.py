"""`flask seed load`: the reference data and the published lists, in one logged act. Running it twice changes nothing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.actor import Actor
from app.audit.recorder import act
from seed.files import city_folder
from seed.meetings import load_bodies
from seed.notices import load_templates
from seed.reference import Counts, load_reference
from seed.registry import load_lists
from seed.reviews import load_presets
from seed.state import COMPLETE, LOADING, set_state, state_of


def load(session: Session, city: str, *, actor: Actor) -> Counts:
    """Load `seed/<city>/` in one transaction. An interrupted load leaves the state "loading" and can be run again."""
    folder = city_folder(city)
    if state_of(session, "seed") != COMPLETE:
        set_state(session, "seed", LOADING)
    session.commit()
    counts = Counts()
    with act(session, actor, "seed:load", f"参照データの読み込み({city})"):
        load_reference(session, folder, counts)
        load_lists(session, folder, counts)
        load_bodies(session, folder, counts)
        load_templates(session, folder, counts)
        load_presets(session, folder, counts)
        set_state(session, "seed", COMPLETE)
    return counts
