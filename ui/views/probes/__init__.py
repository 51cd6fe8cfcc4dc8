from ui.views.probes.page import VIEW, render

__all__ = ["VIEW", "render"]
