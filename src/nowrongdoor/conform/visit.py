"""A guest at somebody's server: labels all it makes as test data, remembers it, and takes it away again."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from nowrongdoor.errors import Trouble
from nowrongdoor.model import Resource
from nowrongdoor.sync import GATEWAY, HTEST, Answer, Transport
from nowrongdoor.sync.exchange import located

RUN = "https://w3id.org/nowrongdoor/id/run"


class Failed(Exception):  # noqa: N818 - a verdict, not a mishap
    """The server does not do what the check asks for."""


class Skipped(Exception):  # noqa: N818 - a verdict, not a mishap
    """The server cannot be asked this."""


def expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


class Visit:
    """One run against one server. `saw` is what came back since it was last emptied: methods and status codes."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.run = uuid4().hex[:12]
        self.saw: list[str] = []
        self._made: dict[str, None] = {}  # Type/id, in order

    def get(self, path: str, **more: Any) -> Answer:
        return self._noted("GET", self.transport.get(path, **more))

    def search(self, kind: str, **params: str) -> list[Resource]:
        answer = self._noted("SEARCH", self.transport.search(kind, params))
        expect(answer.ok, f"the search answers HTTP {answer.status}")
        return [resource for resource in answer.found if resource["resourceType"] == kind]

    def put(self, resource: Resource, headers: Mapping[str, str] | None = None) -> Answer:
        name = f"{resource['resourceType']}/{resource['id']}"
        new = name not in self._made
        self._made[name] = None  # before: a lost answer may have made it
        answer = self._noted("PUT", self.transport.put(name, body=resource, headers=headers))
        if new and 400 <= answer.status < 500:
            del self._made[name]
        return answer

    def post(self, resource: Resource, headers: Mapping[str, str] | None = None) -> Answer:
        body = {k: v for k, v in resource.items() if k != "id"}
        answer = self._noted("POST", self.transport.post(resource["resourceType"], body=body, headers=headers))
        if answer.ok and located(answer):
            self._made[located(answer)] = None
        return answer

    def bundle(self, kind: str, *entries: Resource) -> Answer:
        answer = self.transport.post("", body={"resourceType": "Bundle", "type": kind, "entry": list(entries)})
        for part in answer.parts if answer.ok else ():
            if part.ok and located(part):
                self._made[located(part)] = None
        return self._noted(kind.upper(), answer)

    def delete(self, name: str) -> Answer:
        return self._noted("DELETE", self.transport.delete(name))

    def organization(self, **more: Any) -> Resource:
        """An invented organization of this run, with an id and an identity nobody else has."""
        id_ = str(uuid4())
        meta = {"security": [HTEST], "tag": [{"system": RUN, "code": self.run}]}
        identifier = [{"system": GATEWAY, "value": id_}]
        return {
            "resourceType": "Organization",
            "id": id_,
            "meta": meta,
            "identifier": identifier,
            "name": "nwd test",
            **more,
        }

    def created(self, **more: Any) -> Resource:
        """An organization as the server holds it after a POST."""
        answer = self.post(self.organization(**more))
        if not answer.ok or not located(answer).startswith("Organization/"):
            raise Skipped(f"nothing can be created here (HTTP {answer.status})")
        found = self.get(located(answer))
        if not found.ok or found.body is None:
            raise Skipped(f"what was created cannot be read (HTTP {found.status})")
        return found.body

    def leave(self) -> tuple[str, ...]:
        """Deletes what was made, last first, and what carries our run tag besides; names what stayed."""
        names = list(dict.fromkeys([*self._strays("Patient"), *reversed(self._made), *self._strays("Organization")]))
        stayed = [name for name in names if not self._gone(name)]
        return tuple(name for name in stayed if not self._gone(name))  # again: what was pointed to may go now

    def _strays(self, kind: str) -> list[str]:
        """What a lost answer left behind; servers that do not search by tag are not believed."""
        try:
            tagged = self.search(kind, _tag=f"{RUN}|{self.run}")
        except (Failed, Trouble):
            return []
        ours = {"system": RUN, "code": self.run}
        return [f"{kind}/{r['id']}" for r in tagged if ours in r.get("meta", {}).get("tag", ())]

    def _gone(self, name: str) -> bool:
        try:
            return self.transport.delete(name).status in {200, 202, 204, 404, 410}
        except Trouble:
            return False

    def _noted(self, method: str, answer: Answer) -> Answer:
        self.saw.append(f"{method} {answer.status}")
        return answer
