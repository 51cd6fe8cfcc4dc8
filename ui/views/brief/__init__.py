from ui.views.brief.page import VIEW, render

__all__ = ["VIEW", "render"]
