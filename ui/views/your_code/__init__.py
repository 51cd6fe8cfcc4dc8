from ui.views.your_code.page import VIEW, render

__all__ = ["VIEW", "render"]
