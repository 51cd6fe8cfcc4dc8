"""Figures of the pages, pure: a decision or results in, a plotly figure out. The only importer of plotly.

Every chart reads without colour: shape, pattern and words say what colour says. ``theme`` is ``light`` or ``dark``.
"""
