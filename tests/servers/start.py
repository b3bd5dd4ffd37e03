"""Starts a real FHIR server as a process of its own, and ends it with the test run, however that ends.

Each server prints "READY base-url" and exits when its standard input closes: a run that is killed leaves no orphan.
"""

import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
LIMIT = 150.0  # seconds until READY; HAPI takes 12 on a quiet machine, 60 on a busy one
JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g", "-Dfile.encoding=UTF-8")  # half the time and memory


class CannotStart(Exception):  # noqa: N818 - named like the house's own: by what happened
    """The server is not there; the text says why and what to do."""


@contextmanager
def hapi(*options: str) -> Iterator[str]:
    """HAPI JPA with H2; `options` as in HapiServer.java. Built by Maven when a source is newer than the jar."""
    with running([program("java"), *JAVA, "-jar", str(hapi_jar()), "--exit-with-stdin", *options]) as base:
        yield base


@contextmanager
def medplum(*options: str) -> Iterator[str]:
    """Medplum's router over its memory repository; `options` as in server.mjs."""
    home = HERE / "medplum"
    if stale(home / "node_modules" / ".package-lock.json", [home / "package-lock.json"]):
        run([program("npm"), "ci", "--no-audit", "--no-fund"], home)
    with running([program("node"), str(home / "server.mjs"), "--exit-with-stdin", *options]) as base:
        yield base


@contextmanager
def running(command: Sequence[str], limit: float = LIMIT) -> Iterator[str]:
    """The base URL that `command` prints after READY.

    Raises CannotStart with the end of its error output where it ends or `limit` seconds pass without one.
    """
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
        ) as process,
    ):
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        reader = threading.Thread(target=drain, args=(process.stdout, lines), daemon=True)
        reader.start()
        try:
            yield ready(lines, errors, limit)
        finally:
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join()


def hapi_jar() -> Path:
    home = HERE / "hapi"
    jar = home / "target" / "testserver.jar"
    sources = [home / "pom.xml", *(path for path in (home / "src").rglob("*") if path.is_file())]
    if stale(jar, sources):
        run([program("mvn"), "-B", "-q", "package"], home)
    return jar


def drain(stream: IO[str], lines: "queue.SimpleQueue[str]") -> None:
    """To the end: a server whose output nobody reads stops when the pipe is full."""
    for line in stream:
        lines.put(line)
    lines.put("")


def ready(lines: "queue.SimpleQueue[str]", errors: IO[bytes], limit: float) -> str:
    end = time.monotonic() + limit
    cause = "it ended at once"
    try:
        while line := lines.get(timeout=max(0, end - time.monotonic())):
            if line.startswith("READY "):
                return line.split()[1]
    except queue.Empty:
        cause = f"no READY line within {limit:g} s"
    errors.seek(0)
    told = errors.read().decode(errors="replace").strip()[-2000:]
    raise CannotStart(f"{cause}; its last words: {told or 'none'}")


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise CannotStart(f"{name} is not installed (Java 17, Maven and Node 20.19 or newer are needed)")
    return path


def stale(product: Path, sources: Sequence[Path]) -> bool:
    return not product.exists() or product.stat().st_mtime < max(path.stat().st_mtime for path in sources)


def run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise CannotStart(f"{Path(command[0]).name} failed: {(done.stdout + done.stderr).strip()[-2000:]}")
