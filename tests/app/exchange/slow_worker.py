"""Run as a process by the test that kills it: a worker whose import stops in the middle of applying and waits."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from app.audit.recorder import Act
from app.config import Settings
from app.exchange.specs import Context, PlannedRow, register_import
from app.factory import create_app
from app.jobs.worker import Worker
from tests.app.exchange.conftest import OrganizationTable
from tests.support.databases import test_settings


class SlowOrganizationTable(OrganizationTable):
    """Writes a file and waits once some rows are written, unless told to go on."""

    name = "test_slow"

    def apply(self, context: Context, rows: Sequence[PlannedRow], act: Act) -> None:
        """Write, then stop where a kill hurts most."""
        super().apply(context, rows, act)
        context.session.flush()
        folder = context.options.get("folder")
        if folder and not Path(folder, "go_on").exists():
            Path(folder, "reached").write_text(str(os.getpid()))
            time.sleep(120)


register_import(SlowOrganizationTable())


def main(data_dir: str, database_url: str) -> None:
    """One job."""
    settings: Settings = test_settings(Path(data_dir), database_url)
    app = create_app(settings)
    with app.app_context():
        Worker(app).run(once=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
