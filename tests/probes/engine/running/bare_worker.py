"""The measured child without its framework, for files that fail before they need one: ``… FRAMEWORK PARENT_PID``."""

from __future__ import annotations

import sys
from typing import cast

from probes.engine.child import command_loop
from probes.engine.child.command_loop import Reply
from probes.engine.child.worker_bench import COMMANDS, Worker
from probes.schema import Framework


class BareWorker(Worker):
    def load(self, threads: int) -> Reply:
        """Nothing is imported, which takes seconds."""
        return {"import_s": 0.0, "devices": ["cpu"], "threads": threads}


if __name__ == "__main__":
    command_loop.serve(int(sys.argv[2]), COMMANDS, lambda: BareWorker.guarded(cast(Framework, sys.argv[1])))
