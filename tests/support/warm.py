"""What a test process need not do again for every application it builds: an application is made per test, its code is always
the same."""

from __future__ import annotations

import gc
from collections.abc import Callable

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

_compile_builder = Rule._compile_builder
_builders: dict[object, Callable[..., tuple[str, str]]] = {}


def _remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """The address builder of a rule: werkzeug compiles it from these values alone, and binds it to the rule afterwards."""
    if rule.defaults:
        return _compile_builder(rule, append_unknown)
    key = (tuple(rule._trace), rule.rule, append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


class _Bytecode(BytecodeCache):
    """Compiled templates by their name and the digest of their source."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks for a template's code."""
        found = self._known.get((bucket.key, bucket.checksum))
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja hands over a template's code."""
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_bytecode = _Bytecode()


def remember_builders() -> None:
    """Compile each rule's address builder once per process."""
    Rule._compile_builder = _remembered  # type: ignore[method-assign]


def share_templates(app: Flask) -> None:
    """Compile each template once per process."""
    app.jinja_env.bytecode_cache = _bytecode


def collect_seldom() -> None:
    """Look for garbage seldom: the code of the house is half a million objects that never become any."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
