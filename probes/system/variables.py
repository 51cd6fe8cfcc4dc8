"""Which of the server's variables a process below the app is given: lists of names, so that no secret goes along.

What starts a process takes its environment from here, and a test holds that nothing else in the house hands on the
whole of ``os.environ`` (the executor aside, which is the app itself).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

#: What finds programs and libraries. Nothing that tunes a framework.
PASSED = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV",
    "SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMFILES", "PROGRAMDATA", "COMSPEC",
    "PATHEXT", "WINDIR", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "CUDA_HOME", "CUDA_PATH", "NVIDIA_VISIBLE_DEVICES", "CC", "CXX",
)  # fmt: skip

#: What an installer needs besides: the way to its index, certificates to trust, its configuration, room for its files.
#: https://pip.pypa.io/en/stable/topics/configuration/ and https://pip.pypa.io/en/stable/topics/https-certificates/
INSTALLERS = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC",
    "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_CACHE_HOME", "TMPDIR", "TEMP", "TMP",
)  # fmt: skip
#: Settings of a user's pip that would put packages elsewhere.
_ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_PYTHON")


def variables(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """For any process: ``PASSED``, where set in ``source`` (this process' own variables)."""
    source = os.environ if source is None else source
    return {name: source[name] for name in PASSED if name in source}


def starting_with(prefix: str, source: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program of that name reads of its own, whatever it holds."""
    source = os.environ if source is None else source
    return {name: value for name, value in source.items() if name.startswith(prefix)}


def npm(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """For npm: what installers need, and what a user told npm by variables (its manual, «config»)."""
    of_npm = starting_with("npm_config_", source) | starting_with("NPM_CONFIG_", source)
    return installers(source) | of_npm


def installers(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """For venv and pip: also ``INSTALLERS`` and what a user told pip, which may hold the password of their index."""
    source = os.environ if source is None else source
    pips = (name for name in source if name.startswith("PIP_") and name not in _ELSEWHERE)
    passed = variables(source) | {name: source[name] for name in (*INSTALLERS, *pips) if name in source}
    return passed | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
