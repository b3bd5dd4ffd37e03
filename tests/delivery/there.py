"""What a server holds, and what the gate lets go to it: the two sides that a delivery must make equal."""

from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx

from nowrongdoor import settings
from nowrongdoor.flow.deliver import _Push
from nowrongdoor.flow.workspace import open_store
from nowrongdoor.model import Cleared, Resource
from servers.dump import history

GATEWAY = "https://w3id.org/nowrongdoor/id/gateway"


class There:
    """A server, read as anybody may; `base` is the server's own, so that a counting proxy hears nothing of it."""

    def __init__(self, base: str) -> None:
        self.base = str(base)
        self._client = httpx.Client(
            timeout=60, headers={"Cache-Control": "no-cache", "Accept": "application/fhir+json"}
        )

    def get(self, kind: str, id_: str) -> Resource:
        return self._client.get(f"{self.base}/{kind}/{id_}").raise_for_status().json()

    def etag(self, kind: str, id_: str) -> str:
        return self._client.get(f"{self.base}/{kind}/{id_}").headers["etag"]

    def put(self, resource: Resource) -> None:
        """A stranger's change."""
        url = f"{self.base}/{resource['resourceType']}/{resource['id']}"
        self._client.put(url, json=resource, headers={"Content-Type": "application/fhir+json"}).raise_for_status()

    def delete(self, kind: str, id_: str) -> None:
        self._client.delete(f"{self.base}/{kind}/{id_}").raise_for_status()

    def named(self, kind: str, our_id: str) -> list[Resource]:
        """Every resource that carries our identity: as identifier, or as tag on the one type without."""
        parameter = "_tag" if kind == "Provenance" else "identifier"
        found = (
            self._client.get(f"{self.base}/{kind}", params={parameter: f"{GATEWAY}|{our_id}"}).raise_for_status().json()
        )
        return [entry["resource"] for entry in found.get("entry", ())]

    def versions(self, kind: str, id_: str) -> int:
        """How many there are in its history."""
        return sum(len(page.json()["entry"]) for page in history(self._client, f"{self.base}/{kind}/{id_}/_history"))

    def close(self) -> None:
        self._client.close()


def content(resource: Resource) -> dict[str, Any]:
    """What a resource says, apart from where and when it is kept; labels in no order, HTML however it is spelled."""
    meta = resource.get("meta", {})
    labels = {name: sorted((c["system"], c["code"]) for c in meta.get(name, ())) for name in ("security", "tag")}
    said = {name: bare(part) for name, part in resource.items() if name not in {"id", "meta"}}
    if "text" in said:
        said["text"] = said["text"] | {"div": unescape(said["text"]["div"])}
    return {**said, **labels, "profile": sorted(meta.get("profile", ()))}


def bare(part: Any) -> Any:
    """Medplum leaves out a list of nulls, which says nothing but where the reasons beside it belong."""
    if isinstance(part, dict):
        return {
            name: bare(inner)
            for name, inner in part.items()
            if not (isinstance(inner, list) and set(map(type, inner)) == {type(None)})
        }
    return [bare(inner) for inner in part] if isinstance(part, list) else part


def kept(gateway: Any) -> dict[str, Resource]:
    """By our id: all that was made of the files, whether it may go or not."""
    with open_store(settings.load(gateway.folder, {})) as store:
        graphs = [store.graph(source, person) for source, person in store.persons() if person]
        return {one.resource["id"]: one.resource for graph in graphs for one in graph} | {
            id_: one.resource for id_, one in store.shared().items()
        }


def cleared(gateway: Any) -> dict[str, Resource]:
    """By our id: what the gate lets go at this moment, as it lets it go."""
    told = settings.load(gateway.folder, {})
    with open_store(settings.load(gateway.folder, {})) as store:
        push = _Push(told.server("there"), told, store, lambda: datetime.now(UTC))
        answers = [answer for source, person in store.persons() if person for answer in push.clear(source, person)]
    return {answer.resource["id"]: answer.resource for answer in answers if isinstance(answer, Cleared)}
