"""What surrounds the pages: the lifespan (a tuned heap, the executor) and the middleware."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit import config

from advisor import wiring
from advisor.ports import OperatorKeyError, Services, StoreUnavailableError
from advisor.wiring import Settings, SettingsError
from probes.system import file_modes
from probes.system.data_files import HOME
from ui.app import addresses
from ui.app.event_loop import wake_once
from ui.app.in_browser import routes as in_browser
from ui.app.middleware import stack

log = logging.getLogger("fulcrum.server")

SHELL = Path(__file__).with_name("shell.py")
LOG_FILE = "executor.log"
LOG_BYTES = 5_000_000  # the log starts anew beyond this
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0  # seconds before an executor that died is started again
STOP_SECONDS = 8.0  # for the executor to end its children and write the end of its run


def start() -> None:
    """What ``streamlit run app.py`` does, wherever the app is installed; takes the same options."""
    from streamlit.web import cli

    cli.main(["run", str(HOME / "app.py"), *sys.argv[1:]])


def checked_services() -> Services:
    """The parts behind the pages, tried out: a server that can't store anything had better not start.

    Ends the process with one line if they can't be used.
    """
    try:
        settings = Settings.from_environment()
        if reason := addresses.why_no_own_models(settings):
            raise SettingsError(reason)
        services = wiring.build(settings, opens_folders=not addresses.reached_by_others(settings))
        services.operator_key.read()
    except (SettingsError, OperatorKeyError) as error:
        sys.exit(f"Fulcrum can't start. {error}")
    return services


def middleware(services: Services) -> list[Middleware]:
    return stack(services, allowed_hosts=Settings.from_environment().allowed_hosts)


def routes(services: Services) -> list[BaseRoute]:
    """What is served beside Streamlit's pages."""
    return in_browser.routes(services, str(config.get_option("server.baseUrlPath") or ""))


def say_what_failed(error: Exception) -> bool | None:
    """What a visitor reads where a page could not be drawn: for Streamlit's ``on_script_error``. True: said here.

    The log has the rest.
    """
    import streamlit as st

    if isinstance(error, StoreUnavailableError):
        st.error(
            f"This can't be shown now, because {error}. Nothing that was saved is lost. Reload the page in a minute.",
            icon=":material/sync_problem:",
        )
    else:
        st.error(
            "This part of the page failed, and that is Fulcrum's fault. What was saved is not lost; reload the page. "
            "If it happens again, whoever runs Fulcrum finds the reason in the server's log.",
            icon=":material/error:",
        )
    return True


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Warm up, freeze what will never be garbage, keep an executor alive until the server stops."""
    wake_once(asyncio.get_running_loop())
    await asyncio.to_thread(_warm)
    gc.collect()
    gc.freeze()  # hundreds of thousands of objects of modules need no further look (see docs/adr/0006)
    gc.enable()  # app.py switched it off while all that was imported
    settings = Settings.from_environment()
    raise_descriptor_limit()
    sys.stdout.write(await asyncio.to_thread(addresses.welcome, settings))
    sys.stdout.flush()
    keeper = asyncio.create_task(keep_executor(settings.data_dir))
    try:
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


def raise_descriptor_limit() -> None:
    """As many open files as the system lets this user have: a visitor's socket holds four (see ui/middleware)."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # POSIX only

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _warm() -> None:
    """What the first visitor would otherwise wait for. Reading the knowledge fills its cache."""
    import plotly.graph_objects  # noqa: F401
    import scipy.special  # noqa: F401

    from advisor import knowledge, questionnaire
    from ui import views

    views.pages()
    knowledge.load()
    questionnaire.questions()


async def keep_executor(folder: Path) -> None:
    """Start the executor, and start it again whenever it dies, ever more patiently; stop it when cancelled."""
    delay = FIRST_DELAY
    while True:
        started = asyncio.get_running_loop().time()
        with _log_file(folder) as output:
            process = await _start(output)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _stop(process)
            raise
        if asyncio.get_running_loop().time() - started > LONGEST_DELAY:
            delay = FIRST_DELAY
        log.warning("the executor ended with %s; it starts again in %.0f s (see %s)", code, delay, folder / LOG_FILE)
        await asyncio.sleep(delay)
        delay = min(2 * delay, LONGEST_DELAY)


async def _start(output: IO[bytes]) -> asyncio.subprocess.Process:
    """In a session of its own, so that Ctrl-C reaches the server alone and a killed server leaves the run alive.

    In the server's own working directory, so that relative paths in the settings mean the same; but it is this
    Fulcrum that is imported, whatever lies there.
    """
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "advisor", "agent", "--parent", str(os.getpid())),
        env=os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()  # its children follow: their standard input ends
            await process.wait()


def _log_file(folder: Path) -> IO[bytes]:
    path = folder / LOG_FILE
    too_long = path.exists() and path.stat().st_size > LOG_BYTES
    return open(path, "wb" if too_long else "ab", opener=file_modes.opener)
