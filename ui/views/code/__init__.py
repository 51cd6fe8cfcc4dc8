from ui.views.code.page import VIEW, render

__all__ = ["VIEW", "render"]
