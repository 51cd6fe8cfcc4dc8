from ui.views.recommendation.page import VIEW, render

__all__ = ["VIEW", "render"]
