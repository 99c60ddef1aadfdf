"""What is seen: Flask-Admin views, one module a domain; the menu, in order, in one list."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_admin import Admin
from flask_admin.menu import MenuView

from admin_views.home import HomeScreen
from app.access.login import current_visitor

#: (module, group of the menu) in the order of the menu. Each module has `screens() -> list[view]`.
MODULES: Sequence[tuple[str, str]] = (
    ("registry", "協働事業"),
    ("survey", "協働事業"),
    ("directory", "団体"),
    ("directory_rounds", "団体"),
    ("directory_editions", "団体"),
    ("directory_compare", "団体"),
    ("talents", "人財の森"),
    ("partnering", "人財の森"),
    ("calls", "公募・提案"),
    ("call_pages", "公募・提案"),
    ("call_questions", "公募・提案"),
    ("proposal_forms", "公募・提案"),
    ("proposal_notices", "公募・提案"),
    ("clock", "公募・提案"),
    ("reviews", "選考審査会"),
    ("review_results", "選考審査会"),
    ("meetings", "会議"),
    ("notices", "通知"),
    ("exchange", "データの取込み"),
    ("reference", "基礎データ"),
    ("people", "システム"),
    ("audit", "システム"),
)


@dataclasses.dataclass(frozen=True)
class Link:
    """One item of the menu."""

    label: str
    url: str
    is_current: bool


@dataclasses.dataclass(frozen=True)
class Group:
    """One group of the menu."""

    label: str
    items: list[Link]


def register_admin_views(admin: Admin) -> None:
    """Add every screen, in the order of the menu."""
    for name, group in MODULES:
        if importlib.util.find_spec(f"admin_views.{name}") is None:
            continue
        for view in importlib.import_module(f"admin_views.{name}").screens():
            view.category = group
            admin.add_view(view)


def init_screens(app: Flask) -> None:
    """Mount the admin at the root, the pages before login, and what every template may use."""
    admin = Admin(app, name="協働バックオフィス", url="/", index_view=HomeScreen(url="/"))
    register_admin_views(admin)
    importlib.import_module("admin_views.auth").init_auth(app)

    @app.context_processor
    def _frame() -> dict[str, Any]:
        visitor = current_visitor()
        is_in = visitor is not None and visitor.is_authenticated and visitor.duty is None
        return {"navigation": navigation(admin) if is_in else [], "banners": banners()}


def navigation(admin: Admin) -> list[Group]:
    """The menu of the one who asks: what is closed to them is not there."""
    # Views and addresses stay what they are while the application runs below the same path.
    addresses = current_app.extensions.setdefault("menu_addresses", {}).setdefault(request.script_root, {})
    if not addresses:
        views = [view for view in _views(admin.menu()) if view.is_visible()]
        addresses.update({view: url_for(f"{view.endpoint}.{view._default_view}") for view in views})
    current = (request.endpoint or "").split(".")[0]
    groups: dict[str, list[Link]] = {}
    for view, address in addresses.items():
        if view.is_accessible():
            groups.setdefault(view.category or "", []).append(Link(str(view.name), address, current == view.endpoint))
    return [Group(label, items) for label, items in groups.items()]


def _views(items: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if isinstance(item, MenuView):
            found.append(item._view)
        else:
            found += _views(item._children)  # all: `get_children` leaves out what is closed to the one who asks
    return found


def banners() -> list[dict[str, str]]:
    """What every page says at its top."""
    from app.demo import is_demonstration

    if is_demonstration():
        return [{"kind": "demo", "text": "デモ用のデータです。実在の個人・団体の情報は入力しないでください。"}]
    return []
