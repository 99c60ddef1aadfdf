"""What the tables of reference data have in common: who may, the services behind, a view from a few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from admin_views.base import GuardedView
from admin_views.columns import Column, Filter
from admin_views.model_forms import form_of, values_of
from app.reference.services import create_reference, update_reference
from models.base import Base


def plain(model: type[Base], name: str, *, sort: bool = False, is_default: bool = True) -> Column:
    """A column that shows an attribute under its own label."""
    column = model.__mapper__.columns[name]
    return Column(
        key=name,
        label=column.info["label"],
        value=lambda record: getattr(record, name),
        sort=(getattr(model, name),) if sort else (),
        is_number=name.endswith("_yen"),
        is_default=is_default,
        attribute=name,
        needs=(name,),
    )


class ReferenceView(GuardedView):
    """A small table that everybody reads. `reference:edit` changes it."""

    resource = "reference"
    in_menu = False
    fields: ClassVar[Sequence[str]] = ()

    def may(self, action: str) -> bool:
        """Reference tables share two permissions: read (also as a file) and edit (also to add)."""
        return super().may({"create": "edit", "export": "read"}.get(action, action))

    def insert(self, form: Any) -> Any:
        return create_reference(self.db_session, self.model, actor=self.actor, values=values_of(form, self.model))

    def change(self, record: Any, form: Any, version: int | None) -> None:
        values = values_of(form, self.model)
        update_reference(self.db_session, record, actor=self.actor, values=values, version=version)


def view(
    model: type[Base],
    endpoint: str,
    title: str,
    names: Sequence[str],
    *,
    columns: Sequence[Column],
    order: Sequence[Any],
    lookup: str,
    lead: str | None = None,
    lookups: dict[str, str] | None = None,
    filters: Sequence[Filter] = (),
    eager: Sequence[Any] = (),
) -> ReferenceView:
    """A table with its list, form and lookup; `names` are the form's fields in their order."""
    kind = type(
        f"{model.__name__}View",
        (ReferenceView,),
        {
            "model": model,
            "title": title,
            "lead": lead,
            "columns": columns,
            "default_order": order,
            "lookup_attribute": lookup,
            "form_class": form_of(model, names, lookups=lookups),
            "filters": filters,
            "eager": eager,
        },
    )
    made: ReferenceView = kind(endpoint=endpoint)
    return made
