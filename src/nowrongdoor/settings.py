"""Read `nwd.toml` and the environment once: who this deployment is, its partners, its servers. Closed keys."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nowrongdoor.errors import Usage
from nowrongdoor.model import value

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
    "sources": ("organization", "programmes", "part2"),
    "partners": ("name", "kind", "npi", "calaim", "state", "basis"),
    "servers": ("base", "tenant", "audience", "purposes", "custody", "synthetic", "auth", "capabilities"),
    "policy": ("file",),
    "store": ("url",),
}
_NAMED = ("sources", "partners", "servers")
_TEXTS = ("namespace", "secret_file", "timezone", "name", "kind", "npi", "base", "tenant", "file", "url")


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
    tenant: str = ""
    synthetic: bool = False
    bearer: str = ""

    @property
    def key(self) -> str:
        """What the ledger calls it: base and tenant, never the name in the settings."""
        return f"{self.base}#{self.tenant}" if self.tenant else self.base


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
                _nearest(name, list(self.servers)) or f"add [servers.{name}] to {FILE}",
            )
        return self.servers[name]


def load(workspace: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings of a workspace folder, or of none. Raises Usage that names the key and the cure."""
    environment = os.environ if environment is None else environment
    if workspace is None:
        return Settings(secret=_secret("", Path(), environment))
    path = workspace / FILE
    if not path.is_file():
        raise Usage(f"{workspace} is no workspace: it has no {FILE}", f"`nwd init {workspace}` makes one")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise Usage(f"settings: {FILE} is not TOML: {e}", "correct that line") from None
    _check(told)
    deployment = told.get("deployment", {})
    partners = {
        k: Partner(_text(f"partners.{k}.name", v.get("name", "")), v.get("kind", ""), v.get("npi", ""))
        for k, v in told.get("partners", {}).items()
    }
    return Settings(
        workspace=workspace,
        namespace=deployment.get("namespace", "demo"),
        timezone=_zone(deployment.get("timezone", "America/Los_Angeles")),
        secret=_secret(deployment.get("secret_file", ""), workspace, environment),
        partners=partners,
        servers=_servers(told.get("servers", {}), partners, environment),
        stricter=_stricter(told.get("sources", {})),
    )


def _nearest(word: str, among: Sequence[str]) -> str:
    close = get_close_matches(word, among, 1)
    return f'did you mean "{close[0]}"?' if close else ""


def _text(key: str, said: object) -> str:
    if not isinstance(said, str) or not said:
        raise Usage(f"settings: {key} is missing or not text", f"write it in quotes in {FILE}")
    return said


def _zone(said: str) -> str:
    try:
        ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError):
        raise Usage("settings: deployment.timezone is no time zone", 'for example "America/Los_Angeles"') from None
    return said


def _check(told: Mapping[str, Any]) -> None:
    for section, inside in told.items():
        if section not in _SECTIONS:
            raise Usage(
                f"settings: [{section}] is no section",
                _nearest(section, list(_SECTIONS)) or f"sections: {', '.join(_SECTIONS)}",
            )
        named = inside if section in _NAMED else {"": inside}
        for name, keys in named.items() if isinstance(named, dict) else [("", named)]:
            where = f"{section}.{name}" if name else section
            if not isinstance(keys, dict):
                raise Usage(f"settings: {where} is not a section", f"write [{where}] above its keys")
            for key, said in keys.items():
                _check_key(section, where, key, said)


def _check_key(section: str, where: str, key: str, said: object) -> None:
    if key not in _SECTIONS[section]:
        raise Usage(
            f"settings: {where}.{key} is no key",
            _nearest(key, _SECTIONS[section]) or f"keys: {', '.join(_SECTIONS[section])}",
        )
    if key in _TEXTS and not isinstance(said, str):
        raise Usage(f"settings: {where}.{key} is not text", f"write it in quotes in {FILE}")
    if key == "programmes" and not isinstance(said, dict):
        raise Usage(f"settings: {where}.programmes is not a table", "for example programmes = { ABC = true }")


def _secret(file: str, workspace: Path, environment: Mapping[str, str]) -> bytes:
    told = environment.get(SECRET, "") or file
    if not told:
        return DEMO_SECRET
    path = Path(told) if Path(told).is_absolute() else workspace / told
    try:
        secret = path.read_bytes().strip()
    except OSError:
        raise Usage(
            f"settings: deployment.secret_file {path.name} cannot be read",
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
                f"settings: servers.{name} and servers.{other.name} are one base and tenant",
                "one entry a server: its audience is all who read it",
            )
        made[name] = entry
    return made


def _server(
    name: str, keys: Mapping[str, Any], partners: Mapping[str, Partner], environment: Mapping[str, str]
) -> ServerEntry:
    where = f"servers.{name}"
    base = _text(f"{where}.base", keys.get("base")).rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise Usage(
            f"settings: {where}.base is not the http(s) address of a FHIR server",
            'for example "http://127.0.0.1:8080/fhir"',
        )
    audience, purposes = (_words(f"{where}.{k}", keys.get(k, ())) for k in ("audience", "purposes"))
    for partner in audience:
        if partner not in partners:
            raise Usage(
                f'settings: {where}.audience names "{partner}", which is not in [partners]',
                _nearest(partner, list(partners)) or f"add [partners.{partner}]",
            )
    for purpose in purposes:
        if purpose not in PURPOSES:
            raise Usage(f"settings: {where}.purposes: {purpose!r} is no purpose", f"one of: {', '.join(PURPOSES)}")
    if keys.get("synthetic", False) not in (True, False):
        raise Usage(f"settings: {where}.synthetic is not true or false", "true only where no real person's data is")
    bearer = environment.get(TOKEN + name.upper().replace("-", "_"), "")
    if bearer and parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise Usage(f"settings: {where} would send a token over plain http", "use https")
    return ServerEntry(
        name, base, audience, purposes, keys.get("tenant", ""), keys.get("synthetic", False) is True, bearer
    )


def _words(key: str, said: object) -> tuple[str, ...]:
    if not isinstance(said, list) or not said or not all(isinstance(x, str) for x in said):
        raise Usage(f"settings: {key} is not a list of words", 'for example ["bay-laurel"]')
    return tuple(said)


def _stricter(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """A workspace may only make a programme stricter: true or "unknown", never false."""
    made = {}
    for name, keys in told.items():
        programmes = keys.get("programmes", {})
        for code, flag in {**programmes, "part2": keys.get("part2", True)}.items():
            if flag not in (True, "unknown"):
                raise Usage(
                    f"settings: sources.{name}: {code} would make a programme less strict",
                    'only true or "unknown" may stand here',
                )
        made[name] = programmes
    return made
