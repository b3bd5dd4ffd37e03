"""Finds out what one server really does before anything is sent to it; what it claims only spares a question.

Of the whole matrix of known habits, only what the push must know today is asked.
"""

from collections.abc import Callable
from typing import Final
from uuid import uuid4

from nowrongdoor.errors import Stop
from nowrongdoor.model import Resource, value
from nowrongdoor.sync.answers import problem
from nowrongdoor.sync.transport import Transport

HTEST: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
FAMILIES: Final = (  # a word of software.name, and what we call that family
    ("hapi", "hapi"), ("medplum", "medplum"), ("nowrongdoor", "sandbox"), ("helios", "helios"), ("wso2", "wso2"),
    ("aidbox", "aidbox"), ("blaze", "blaze"), ("azure", "azure"), ("microsoft", "azure"), ("healthlake", "aws"),
    ("firely", "firely"), ("vonk", "firely"),
)  # fmt: skip


@value
class Habits:
    """What the push goes by. `update_create`: a PUT to our id creates; `left`: what the probe could not delete."""

    family: str = "unknown"
    version: str = ""
    update_create: bool = False
    transaction: bool = False
    batch: bool = False
    put_entries_max: int = 50  # Medplum's limit, the lowest known
    left: tuple[str, ...] = ()


def probe(
    transport: Transport, *, synthetic: bool, known: Habits | None = None, new_id: Callable[[], object] = uuid4
) -> Habits:
    """Reads always; writes (one Organization, labelled HTEST, deleted again) only where `synthetic` data may go.

    `known` from an earlier time is believed as long as the same software answers in the same version. Raises Stop where
    the server does not speak FHIR R4. Without the writing question, creating by PUT is believed only
    where the CapabilityStatement says it of every type it lists.
    """
    claims = metadata(transport)
    told = claims.get("software", {})
    software = family(told.get("name", "")), told.get("version", "")
    if known and software == (known.family, known.version):
        return known
    rest: Resource = next(iter(claims.get("rest", ())), {})
    offered = {i.get("code") for i in rest.get("interaction", ())}
    name = f"Organization/{new_id()}"
    resources = rest.get("resource", ())
    left: tuple[str, ...] = ()
    creates = bool(resources) and all(r.get("updateCreate") is True for r in resources)
    if synthetic:
        creates, left = _put_creates(transport, name)
    return Habits(
        family=software[0],
        version=software[1],
        update_create=creates,
        transaction="transaction" in offered,
        batch=_batch_reads(transport, name),
        left=left,
    )


def metadata(transport: Transport) -> Resource:
    """The CapabilityStatement of an R4 server; Stop for anything else."""
    answer = transport.get("metadata")
    if not answer.ok or answer.body is None:
        said = problem(answer.body).said
        raise Stop(
            f"{transport.base} answers HTTP {answer.status} to /metadata {said}".rstrip(), "check base and token"
        )
    if not answer.body.get("fhirVersion", "").startswith("4.0."):
        raise Stop(f"{transport.base} does not speak FHIR R4 (4.0.x)", "use the server's R4 base")
    return answer.body


def family(software: str) -> str:
    return next((known for word, known in FAMILIES if word in software.lower()), "unknown")


def _put_creates(transport: Transport, name: str) -> tuple[bool, tuple[str, ...]]:
    body = {
        "resourceType": "Organization",
        "id": name.partition("/")[2],
        "meta": {"security": [HTEST]},
        "name": "nwd probe",
    }
    if not transport.put(name, body=body).ok:
        return False, ()
    found = transport.get(name)
    creates = found.ok and found.body is not None and found.body.get("id") == body["id"]
    return creates, () if transport.delete(name).ok else (name,)


def _batch_reads(transport: Transport, name: str) -> bool:
    """Asked by doing: HAPI answers batches without saying so in its CapabilityStatement."""
    question: Resource = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": name}}],
    }
    answer = transport.post("", body=question)
    return answer.ok and len(answer.parts) == 1
