"""Stands before OpenVINO's telemetry in every child: OpenVINO falls back on its own stub, which is silent.

There is no variable that turns it off. Where this can't be imported, ``openvino.tools.ovc`` takes ``telemetry_stub``.
"""

raise ImportError("openvino_telemetry is kept out of every process below the app: nothing goes out (docs/adr/0019)")
