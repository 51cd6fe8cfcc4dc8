"""Under which addresses this server can be reached, and what it says of that at its start. Nobody outside is asked."""

from __future__ import annotations

from urllib.parse import quote

from streamlit import config

from advisor import wiring
from advisor.wiring import Settings
from ui.app.middleware.link_exchange import OPERATE
from ui.kit.reachable import base_address, is_loopback, reachable


def welcome(settings: Settings) -> str:
    """Where to open the app, what a visitor may do, and the operator's link."""
    own, others = reachable()
    base = base_address(own)
    lines = ["", "  Fulcrum is ready.", "", f"  On this machine:  {base}"]
    lines += [f"  For your team:    {base_address(other)}" for other in others]
    lines += [f"  To operate:       {base}/?{OPERATE}={quote(wiring.operator_key(settings).read())}", ""]
    if others:
        lines += [
            "  Whoever reaches these addresses may make decisions, read and change those whose links they have, and",
            "  start measurements within quotas. Environments, servers under load and self-checks take the operator's",
            "  link. For this machine alone: STREAMLIT_SERVER_ADDRESS=127.0.0.1. docs/team.md tells the rest.",
        ]
    else:
        lines += ["  Only this machine reaches it. How a team does is told in docs/team.md."]
    return "\n".join([*lines, ""])


def reached_by_others(settings: Settings) -> str:
    """Why other machines may reach the pages, as the end of a sentence; "" if none can, whatever it shows."""
    if not is_loopback(str(config.get_option("server.address") or "")):  # networks come and go, the binding stays
        return "not where other machines reach the pages"
    if settings.allowed_hosts:
        return "not together with FULCRUM_ALLOWED_HOSTS, by which a proxy lets others reach the pages"
    return ""


def why_no_own_models(settings: Settings) -> str:
    """Why pages may not have a team's own models run; "" if they may, or nobody wants it. Code is nothing that another
    machine should be able to start, whatever its browser can show."""
    why = reached_by_others(settings) if settings.own_models is not None else ""
    if not why:
        return ""
    return f"FULCRUM_OWN_MODELS: {why}, because a model file is code; allowed with STREAMLIT_SERVER_ADDRESS=127.0.0.1"
