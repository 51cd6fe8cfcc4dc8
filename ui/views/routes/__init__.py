from ui.views.routes.page import VIEW, render

__all__ = ["VIEW", "render"]
