"""The real parts behind ``advisor.ports`` on this machine."""
