"""The measured child, guarded or not, which tells its modules: ``… telling_worker FRAMEWORK HOW PARENT_PID``."""

from __future__ import annotations

import sys
from typing import cast

from probes.engine.child import command_loop
from probes.engine.child.command_loop import Reply
from probes.engine.child.worker_bench import COMMANDS, Worker
from probes.schema import Framework


class TellingWorker(Worker):
    def modules(self) -> Reply:
        """Those at the top that were loaded from a file."""
        files = (name for name, module in sys.modules.items() if getattr(module, "__file__", None))
        return {"modules": sorted({name.partition(".")[0] for name in files})}


if __name__ == "__main__":
    make = TellingWorker.guarded if sys.argv[2] == "guarded" else TellingWorker
    command_loop.serve(int(sys.argv[3]), (*COMMANDS, "modules"), lambda: make(cast(Framework, sys.argv[1])))
