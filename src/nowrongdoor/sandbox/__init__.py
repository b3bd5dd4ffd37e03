"""A small real FHIR R4 server for demonstrations and tests, with invented people only, and with the habits of others.

`app` is the ASGI application, `running` a server for as long as a `with` lasts, `serve` one until it is stopped.
"""

import os
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.sandbox.desk import Clock
from nowrongdoor.sandbox.door import app
from nowrongdoor.sandbox.habits import HONEST, Habits, habits_of
from nowrongdoor.sandbox.moments import now

__all__ = ["HONEST", "Habits", "app", "habits_of", "running", "serve"]

_HOST = "127.0.0.1"  # never reachable from outside


@contextmanager
def running(database: str = ":memory:", *, port: int = 0, habits: Habits = HONEST, clock: Clock = now) -> Iterator[str]:
    """A server in a thread of this process; yields its base URL. `port` 0: any free one."""
    with _listening(port) as listener:
        server = _server(database, habits, clock)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield _base(listener)
        finally:
            server.should_exit = True
            thread.join()


def serve(port: int, database: str = ":memory:", habits: Habits = HONEST) -> None:
    """A server in the foreground, until it is interrupted. Stop: the port is taken; Usage: no such database."""
    with _listening(port) as listener:
        server = _server(database, habits, now)
        sys.stdout.write(f"Sandbox FHIR server on {_base(listener)} (R4, synthetic)\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.run([listener])


def _base(listener: socket.socket) -> str:
    return f"http://{_HOST}:{listener.getsockname()[1]}/fhir"


def _listening(port: int) -> socket.socket:
    # asyncio sends without delay only where the protocol is named; else each answer waits 40 ms for an acknowledgement
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # a restart on the same port need not wait for old connections; elsewhere it means sharing
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise Stop(f"Port {port} is taken.", "Stop what listens there, or choose another port.") from None
    return listener


def _server(database: str, habits: Habits, clock: Clock) -> uvicorn.Server:
    try:
        application = app(database, habits=habits, clock=clock)
    except sqlite3.Error:
        raise Usage("The sandbox cannot open its database.", "Name a file in a folder that exists.") from None
    config = uvicorn.Config(application, log_config=None, access_log=False, server_header=False, lifespan="on")
    return uvicorn.Server(config)
