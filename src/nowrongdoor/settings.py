"""Read `nwd.toml` and the environment once: who this deployment is, its partners, its servers. Closed keys."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nowrongdoor import layouts, shelf, sources
from nowrongdoor.errors import Usage
from nowrongdoor.model import value
from nowrongdoor.model.values import Bad, npi

FILE = "nwd.toml"
SECRET, TOKEN = (
    "NWD_SECRET_FILE",
    "NWD_TOKEN_",
)  # environment: path of the secret; bearer token of a server, by its name
DEMO_SECRET = b"no wrong door: the public secret of demonstrations"
PURPOSES = ("TREAT", "HPAYMT", "HOPERAT", "CAREMGT", "COC")
_LEAST = 16  # bytes of a secret

_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "deployment": ("namespace", "secret_file", "timezone"),
    "sources": ("programmes", "part2"),
    "partners": ("name", "kind", "npi"),
    "servers": ("base", "audience", "purposes", "synthetic"),
}
_LATER: Mapping[str, tuple[str, ...]] = {  # planned: said now, they would be believed and do nothing
    "sources": ("organization",),
    "partners": ("calaim", "state", "basis"),
    "servers": ("tenant", "custody", "auth", "capabilities"),
    "policy": (),
    "store": (),
}
_NAMED = ("sources", "partners", "servers")
_TEXTS = ("namespace", "secret_file", "timezone", "name", "kind", "npi", "base")
_HERE = ("127.0.0.1", "localhost", "::1")  # one machine by three names
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_BASE = 'for example "http://127.0.0.1:8080/fhir"'


@value
class Partner:
    """A partner organization of the deployment."""

    name: str
    kind: str = ""
    npi: str = ""


@value
class ServerEntry:
    """One FHIR server: where it is, whose eyes read it (`audience`), for what."""

    name: str
    base: str
    audience: tuple[str, ...]
    purposes: tuple[str, ...]
    synthetic: bool = False
    bearer: str = ""

    @property
    def key(self) -> str:
        """What the ledger calls it: its base, never the name in the settings; this machine has one name."""
        return re.sub(r"(?<=//)(localhost|\[::1])(?=[:/]|$)", _HERE[0], self.base)


@value
class Settings:
    """One deployment. Without a workspace: the public demo secret, no partners, no servers."""

    workspace: Path | None = None
    namespace: str = "demo"
    timezone: str = "America/Los_Angeles"
    secret: bytes = DEMO_SECRET
    partners: Mapping[str, Partner] = field(default_factory=dict)
    servers: Mapping[str, ServerEntry] = field(default_factory=dict)
    stricter: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def demo(self) -> bool:
        return self.secret == DEMO_SECRET

    def server(self, name: str) -> ServerEntry:
        if name not in self.servers:
            raise Usage(
                f"settings: no server is called {name!r}",
                shelf.nearest(name, self.servers, f"add [servers.{name}] to {FILE}"),
            )
        return self.servers[name]

    def source(self, name: str) -> sources.Source:
        """A source as this deployment has it: its layout knows every column it names. Usage where it is wrong."""
        source = sources.load(name, self.workspace, self.stricter.get(name))
        layouts.check(source)
        return source


def load(workspace: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings of a workspace folder, or of none. Raises Usage that names the key and the cure."""
    environment = os.environ if environment is None else environment
    if workspace is None:
        return Settings(secret=_secret("", Path(), environment))
    path = workspace / FILE
    if not path.is_file():
        raise Usage(
            f"no workspace in {workspace.absolute()}: it has no {FILE}",
            f"`nwd init {workspace}` makes one; --workspace FOLDER names another",
        )
    _, told = shelf.toml(path, f"settings: {FILE}")
    _check(told)
    deployment = told.get("deployment", {})
    partners = {name: _partner(f"partners.{name}", keys) for name, keys in told.get("partners", {}).items()}
    return Settings(
        workspace=workspace,
        namespace=deployment.get("namespace", "demo"),
        timezone=_zone(deployment.get("timezone", "America/Los_Angeles")),
        secret=_secret(deployment.get("secret_file", ""), workspace, environment),
        partners=partners,
        servers=_servers(told.get("servers", {}), partners, environment),
        stricter=_stricter(told.get("sources", {}), sources.names(workspace)),
    )


def _text(key: str, said: object) -> str:
    if not isinstance(said, str) or not said:
        raise Usage(f"settings: {key} is missing or not text", f"write it in quotes in {FILE}")
    return said


def _partner(where: str, keys: Mapping[str, Any]) -> Partner:
    try:
        number = npi(keys["npi"]) if "npi" in keys else ""
    except Bad as bad:
        raise Usage(f"settings: {where}.npi is {bad.cause}", bad.cure) from None
    return Partner(_text(f"{where}.name", keys.get("name")), keys.get("kind", ""), number)


def _zone(said: str) -> str:
    try:
        ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError):
        raise Usage("settings: deployment.timezone is no time zone", 'for example "America/Los_Angeles"') from None
    return said


def _check(told: Mapping[str, Any]) -> None:
    for section, inside in told.items():
        if section not in _SECTIONS:
            raise _unknown(f"[{section}]", "section", section, _SECTIONS, _LATER)
        named = inside if section in _NAMED else {"": inside}
        for name, keys in named.items() if isinstance(named, dict) else [("", named)]:
            where = f"{section}.{name}" if name else section
            if not isinstance(keys, dict):
                raise Usage(f"settings: {where} is not a section", f"write [{where}] above its keys")
            for key, said in keys.items():
                _check_key(section, where, key, said)


def _check_key(section: str, where: str, key: str, said: object) -> None:
    if key not in _SECTIONS[section]:
        raise _unknown(f"{where}.{key}", "key", key, _SECTIONS[section], _LATER.get(section, ()))
    if key in _TEXTS and not isinstance(said, str):
        raise Usage(f"settings: {where}.{key} is not text", f"write it in quotes in {FILE}")
    if key == "programmes" and not isinstance(said, dict):
        raise Usage(f"settings: {where}.programmes is not a table", "for example programmes = { ABC = true }")


def _unknown(where: str, what: str, word: str, among: Collection[str], later: Collection[str]) -> Usage:
    if word in later:
        return Usage(f"settings: {where} is not supported yet", "remove it")
    return Usage(f"settings: {where} is no {what}", shelf.nearest(word, among, f"{what}s: {', '.join(among)}"))


def _secret(file: str, workspace: Path, environment: Mapping[str, str]) -> bytes:
    told = environment.get(SECRET, "") or file
    if not told:
        return DEMO_SECRET
    path = Path(told) if Path(told).is_absolute() else workspace / told
    try:
        secret = path.read_bytes().strip()
    except (OSError, ValueError):
        raise Usage(
            f"settings: deployment.secret_file {path.name!r} cannot be read",
            "its loss makes every id new: restore it, never make another",
        ) from None
    if len(secret) < _LEAST:
        raise Usage(
            f"settings: the secret in {path.name} is shorter than {_LEAST} bytes", "`nwd init` makes a good one"
        )
    return secret


def _servers(
    told: Mapping[str, Any], partners: Mapping[str, Partner], environment: Mapping[str, str]
) -> dict[str, ServerEntry]:
    made: dict[str, ServerEntry] = {}
    for name, keys in told.items():
        entry = _server(name, keys, partners, environment)
        if other := next((e for e in made.values() if e.key == entry.key), None):
            raise Usage(
                f"settings: servers.{name} and servers.{other.name} are one server",
                "one entry a server: its audience is all who read it",
            )
        made[name] = entry
    return made


def _server(
    name: str, keys: Mapping[str, Any], partners: Mapping[str, Partner], environment: Mapping[str, str]
) -> ServerEntry:
    where = f"servers.{name}"
    base = base_of(f"settings: {where}.base", _text(f"{where}.base", keys.get("base")))
    audience, purposes = (_words(f"{where}.{k}", keys.get(k, ())) for k in ("audience", "purposes"))
    for partner in audience:
        if partner not in partners:
            raise Usage(
                f'settings: {where}.audience names "{partner}", which is not in [partners]',
                shelf.nearest(partner, partners, f"add [partners.{partner}]"),
            )
    for purpose in purposes:
        if purpose not in PURPOSES:
            raise Usage(f"settings: {where}.purposes: {purpose!r} is no purpose", f"one of: {', '.join(PURPOSES)}")
    if not isinstance(keys.get("synthetic", False), bool):
        raise Usage(f"settings: {where}.synthetic is not true or false", "true only where no real person's data is")
    bearer = environment.get(TOKEN + name.upper().replace("-", "_"), "")
    if not (bearer.isascii() and bearer.isprintable()):
        variable = TOKEN + name.upper().replace("-", "_")
        raise Usage(f"{variable} holds characters that no token has", "put in the token alone, as it was given")
    if bearer and base.startswith("http:") and not is_here(base):
        raise Usage(f"settings: {where} would send a token over plain http", "use https")
    return ServerEntry(name, base, audience, purposes, keys.get("synthetic", False), bearer)


def base_of(what: str, said: str) -> str:
    """The address of a FHIR server in its one spelling: small letters, no default port, single slashes, none at the
    end. Raises Usage where it is none.
    """
    try:
        parts = urlsplit(said)
        host = _host(parts)
        port = parts.port
    except ValueError:
        host, port = "", None
    if not host or re.search(r"[^!-~]|[?#@\\]", said):
        raise Usage(f"{what} is not the http(s) address of a FHIR server", _BASE)
    place = host if port in {None, {"http": 80, "https": 443}[parts.scheme]} else f"{host}:{port}"
    return f"{parts.scheme}://{place}{re.sub('/+', '/', parts.path).rstrip('/')}"


def _host(parts: SplitResult) -> str:
    """As it stands in an address; "" where it is none."""
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"}:
        return ""
    return f"[{ip_address(host)}]" if ":" in host else host if _HOST.fullmatch(host) else ""


def is_here(base: str) -> bool:
    """The server is on this machine."""
    return urlsplit(base).hostname in _HERE


def _words(key: str, said: object) -> tuple[str, ...]:
    if not isinstance(said, list) or not said or not all(isinstance(x, str) for x in said):
        raise Usage(f"settings: {key} is not a list of words", 'for example ["bay-laurel"]')
    return tuple(said)


def _stricter(told: Mapping[str, Any], known: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """A workspace may only make a programme, or rows that name none (""), stricter: true or "unknown", never false."""
    made: dict[str, Mapping[str, Any]] = {}
    for name, keys in told.items():
        if name not in known:
            raise Usage(f"settings: [sources.{name}]: there is no such source", shelf.nearest(name, known, "remove it"))
        flags = {**keys.get("programmes", {}), **({"": keys["part2"]} if "part2" in keys else {})}
        for code, flag in flags.items():
            if flag is not True and flag != "unknown":
                raise Usage(
                    f"settings: sources.{name}: {code or 'part2'} would make a programme less strict",
                    'only true or "unknown" may stand here',
                )
        made[name] = flags
    return made
