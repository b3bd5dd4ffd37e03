"""Is this a code of its code system? For systems that we ship: HL7's, US Core's, ours; others are not checked."""

from collections.abc import Iterator

from nowrongdoor.checks.local import objects
from nowrongdoor.checks.tables import Tables
from nowrongdoor.model import Issue, Resource

# Named in what is told, so that a reader knows what was left out; licences keep most of these from being shipped.
_ELSEWHERE = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://unitsofmeasure.org": "UCUM",
    "http://nucc.org/provider-taxonomy": "NUCC",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "urn:oid:2.16.840.1.113883.6.285": "HCPCS",
    "urn:oid:2.16.840.1.113883.6.238": "CDC race and ethnicity",
    "urn:ietf:bcp:13": "media types",
    "urn:ietf:bcp:47": "languages",
    "urn:iso:std:iso:4217": "currencies",
}


_IDS = "https://w3id.org/nowrongdoor/id/"  # identities, of no code system


class Terms:
    """Every `system` and `code` that stand together, whatever binds them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def knows(self, system: str, code: str) -> bool | None:
        """None where the system is not shipped."""
        codes = self._tables.systems.get(system)
        return None if codes is None else code in codes

    def issues(self, kind: str, resource: Resource, *, us_core: bool = False) -> Iterator[Issue]:
        """`us_core`: it follows a profile of US Core, which asks that states of addresses are the Postal Service's."""
        for at, node in objects(resource, kind):
            if us_core and isinstance(node.get("state"), str) and "address" in at.rpartition(".")[2]:
                cure = "look it up in the list of the Postal Service"
                yield Issue("not-checked", "a code of US states", cure, f"{at}.state", "warning")
            system, code = node.get("system"), node.get("code")
            if isinstance(system, str) and isinstance(code, str) and not system.startswith(_IDS):
                known = self.knows(system, code)
                if known is None:
                    cause = f"a code of {_ELSEWHERE.get(system, 'a system that is not here')}"
                    yield Issue("not-checked", cause, "look it up where that system is kept", f"{at}.code", "warning")
                elif not known:
                    yield Issue("code", "is no code of its system", "use a code that the system has", f"{at}.code")
