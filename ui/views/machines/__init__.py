from ui.views.machines.page import VIEW, render

__all__ = ["VIEW", "render"]
