"""The measured child: ``python -m probes.engine.child.worker FRAMEWORK PARENT_PID``. One framework, one process."""

from __future__ import annotations

import sys
from typing import cast

from probes.engine.child import command_loop
from probes.engine.child.worker_bench import COMMANDS, Worker
from probes.schema import Framework

if __name__ == "__main__":
    command_loop.serve(int(sys.argv[2]), COMMANDS, lambda: Worker.guarded(cast(Framework, sys.argv[1])))
