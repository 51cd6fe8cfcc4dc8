"""Where the frameworks are in a team's code: areas, and in each the frameworks, as large as they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import plotly.graph_objects as go

from advisor.output.charts.layout import FONT
from advisor.output.charts.palette import PALETTES, Theme, translucent
from advisor.scan.report import AreaUse, CodeArea, FoundFramework
from advisor.wording.quantities import counted

#: What each is called here; «elsewhere» are names that belong to no area.
CODE_AREA_TITLES: Final[Mapping[CodeArea, str]] = {
    "model": "Model",
    "training_loop": "Training loop",
    "data_pipeline": "Data",
    "losses_metrics": "Losses and metrics",
    "export": "Export",
    "serving": "Serving",
    "distributed": "Several machines",
    "tests": "Tests",
}
CODE_FRAMEWORK_TITLES: Final[Mapping[FoundFramework, str]] = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "pytorch": "PyTorch",
    "jax": "JAX",
}
#: Shapes as in the palette, so that colour isn't alone; Keras and JAX belong to neither side.
_GLYPHS: Final[Mapping[FoundFramework, str]] = {"tensorflow": "◆", "keras": "◇", "pytorch": "●", "jax": "▲"}
_ROOT: Final = "code"


def code_map(areas: Mapping[CodeArea, AreaUse], theme: Theme) -> go.Figure:
    """A treemap: areas by how often frameworks' names stand in them, tests among them; frameworks within."""
    palette = PALETTES[theme]
    colours = {
        "tensorflow": translucent(palette.framework["tensorflow"], 0.32),
        "keras": translucent(palette.framework["tensorflow"], 0.14),
        "pytorch": translucent(palette.framework["pytorch"], 0.28),
        "jax": translucent(palette.neutral, 0.28),
    }
    ids, labels, parents, values, fills, hovers = [_ROOT], [""], [""], [0], ["rgba(0,0,0,0)"], [""]
    for area, use in areas.items():
        uses = {name: use.uses[name] for name in CODE_FRAMEWORK_TITLES if use.uses.get(name)}
        if not uses:
            continue
        total = sum(uses.values())
        ids.append(area)
        labels.append(CODE_AREA_TITLES[area])
        parents.append(_ROOT)
        values.append(total)
        fills.append(palette.surface)
        hovers.append(f"{CODE_AREA_TITLES[area]}: {counted(total, 'use')} in {counted(use.files, 'file')}")
        for name, number in uses.items():
            ids.append(f"{area} {name}")
            labels.append(f"{_GLYPHS[name]} {CODE_FRAMEWORK_TITLES[name]}")
            parents.append(area)
            values.append(number)
            fills.append(colours[name])
            hovers.append(f"{CODE_FRAMEWORK_TITLES[name]} in {CODE_AREA_TITLES[area]}: {counted(number, 'use')}")
    values[0] = sum(value for value, parent in zip(values, parents, strict=True) if parent == _ROOT)
    trace = {
        "type": "treemap",
        "ids": ids,
        "labels": labels,
        "parents": parents,
        "values": values,
        "branchvalues": "total",
        "marker": {
            "colors": fills,
            "line": {"color": palette.grid, "width": 1},
            "pad": {"t": 24, "l": 4, "r": 4, "b": 4},
        },
        "textfont": {"family": FONT, "size": 13, "color": palette.text},
        "texttemplate": "%{label}<br>%{value:,}",
        "tiling": {"pad": 2},
        "pathbar": {"visible": False},
        "hovertext": hovers,
        "hoverinfo": "text",
        "root": {"color": "rgba(0,0,0,0)"},
    }
    hover = {"bgcolor": palette.surface, "bordercolor": palette.grid, "font": {"family": FONT, "color": palette.text}}
    layout = {
        "height": 360,
        "margin": {"l": 0, "r": 0, "t": 4, "b": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": hover,
        "font": {"family": FONT, "size": 13, "color": palette.text},
        "uniformtext": {"minsize": 11, "mode": "hide"},
    }
    return go.Figure(data=[trace], layout=layout)


def code_map_words(areas: Mapping[CodeArea, AreaUse]) -> str:
    """The same in words."""
    said = []
    for area, use in areas.items():
        uses = [
            f"{CODE_FRAMEWORK_TITLES[name]} {use.uses[name]:,}" for name in CODE_FRAMEWORK_TITLES if use.uses.get(name)
        ]
        said.append(f"{CODE_AREA_TITLES[area]}: {', '.join(uses)}")
    return f"Uses of frameworks by area. {'; '.join(said)}"
