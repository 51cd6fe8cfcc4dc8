from ui.views.evidence.page import VIEW, render

__all__ = ["VIEW", "render"]
