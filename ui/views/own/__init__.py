from ui.views.own.page import VIEW, render

__all__ = ["VIEW", "render"]
