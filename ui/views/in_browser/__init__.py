from ui.views.in_browser.page import VIEW, render

__all__ = ["VIEW", "render"]
