from ui.views.trust.page import VIEW, render

__all__ = ["VIEW", "render"]
