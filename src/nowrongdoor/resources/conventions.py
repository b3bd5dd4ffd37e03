"""What the field's conventions may fill in where a source is silent: this table, shown by `explain`, and no more."""

from typing import NamedTuple


class Convention(NamedTuple):
    element: str
    value: str
    when: str


GENDER = Convention("Patient.gender", "unknown", "the cell is blank: the value set has a code for not knowing")
ACTIVE = Convention("Patient.active", "true", "the person stands in a current full extract")
RELATIONSHIP = Convention("Coverage.relationship", "self", "Medi-Cal covers the member, not a subscriber's family")
COVERED = Convention("Coverage.status", "active", "the person stands as a member in a current extract")
ORGANIZATION = Convention("Organization.active", "true", "it sends us files, or a release names it")
CONTACT = Convention("RelatedPerson.active", "true", "the client names them in a current extract")
PLAN_INTENT = Convention("CarePlan.intent", "plan", "a treatment plan is a plan, not a proposal or an order")
PLAN_CATEGORY = Convention("CarePlan.category", "assess-plan", "US Core's category of every assessment and plan")
TASK_CODE = Convention("Task.code", "fulfill", "the task of a referral is to fulfil it")
CONSENT_SCOPE = Convention("Consent.scope", "patient-privacy", "a release of information is about privacy")
NAME = Convention("Practitioner.name", "data-absent-reason unknown", "a file gives an NPI without a name")

CONVENTIONS = (
    GENDER, ACTIVE, COVERED, RELATIONSHIP, ORGANIZATION, CONTACT, PLAN_INTENT, PLAN_CATEGORY, TASK_CODE, CONSENT_SCOPE,
    NAME,
)  # fmt: skip
