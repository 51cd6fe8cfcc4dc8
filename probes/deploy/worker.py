"""The child that exports or plays: ``python -m probes.deploy.worker export|play PARENT_PID``."""

from __future__ import annotations

import sys

from probes.deploy import exporter, player
from probes.engine.child import command_loop
from probes.engine.child.import_guard import ImportGuard

if __name__ == "__main__":
    if sys.argv[1] == "export":
        command_loop.serve(int(sys.argv[2]), exporter.COMMANDS, exporter.Exporter)
    else:
        command_loop.serve(int(sys.argv[2]), player.COMMANDS, lambda: player.Player(ImportGuard()))
