"""The command line: one module a domain, each with `register(app)`."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask


def register_commands(app: Flask) -> None:
    """Attach every group in this package. A command is a writing transaction, like a POST."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"app.cli.{module.name}").register(app)
