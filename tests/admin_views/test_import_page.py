"""Where an import's report leads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from admin_views.import_page import list_url_of
from app.exchange.specs import get_import
from models.exchange import ImportStatus


def _state(name: str, status: ImportStatus) -> Any:
    return SimpleNamespace(run=SimpleNamespace(spec_name=name, status=status))


@pytest.mark.parametrize(
    ("name", "url"),
    [("organizations", "/organization/"), ("projects", "/project/"), ("staff", "/user/"), ("talents", "/talent/")],
)
def test_an_applied_import_leads_to_the_list_of_what_it_brought(app: Flask, name: str, url: str) -> None:
    with app.test_request_context("/"):
        assert get_import(name).name == name
        assert list_url_of(_state(name, ImportStatus.APPLIED)) == url
        assert list_url_of(_state(name, ImportStatus.READY)) is None
        assert list_url_of(_state("officers", ImportStatus.APPLIED)) is None
