"""The resource types of FHIR R4, and by what each can be searched here.

Types: code system http://hl7.org/fhir/resource-types 4.0.1, without the two abstract ones and Parameters (which has no
endpoint). Which type has `identifier`, `patient` or `subject`: the R4 search parameter registry.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeAlias

Search: TypeAlias = Literal["token", "reference", "string", "date"]

TYPES = frozenset(
    """
    Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
    BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
    ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
    CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
    CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
    DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest
    EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
    FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
    ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List
    Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
    MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
    MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
    MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
    MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
    Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation Patient
    PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure Provenance
    Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition
    ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot
    Specimen SpecimenDefinition StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid
    SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification
    SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
    VisionPrescription
    """.split()  # noqa: SIM905  # 145 quoted words would hide the list
)

_NO_IDENTIFIER = frozenset(
    """
    AdverseEvent AuditEvent Binary BiologicallyDerivedProduct CapabilityStatement CatalogEntry CompartmentDefinition
    GraphDefinition ImplementationGuide Linkage MedicationKnowledge MedicinalProductContraindication
    MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
    MedicinalProductUndesirableEffect MessageHeader NamingSystem ObservationDefinition OperationDefinition
    OperationOutcome Provenance SearchParameter Subscription SubstanceNucleicAcid SubstancePolymer SubstanceProtein
    SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification TerminologyCapabilities
    VerificationResult
    """.split()  # noqa: SIM905  # as above
)

_SUBJECT = frozenset(
    """
    Account Basic CarePlan CareTeam ChargeItem ClinicalImpression Communication CommunicationRequest Composition
    Condition Contract DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter
    Flag Goal GuidanceResponse ImagingStudy Invoice List MeasureReport Media MedicationAdministration
    MedicationDispense MedicationRequest MedicationStatement Observation Procedure QuestionnaireResponse RequestGroup
    RiskAssessment ServiceRequest Specimen
    """.split()  # noqa: SIM905  # as above
)

_PATIENT = frozenset(
    """
    AllergyIntolerance BodyStructure Claim ClaimResponse Consent CoverageEligibilityRequest
    CoverageEligibilityResponse DetectedIssue Device EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory
    Immunization ImmunizationEvaluation ImmunizationRecommendation MolecularSequence NutritionOrder RelatedPerson
    SupplyDelivery VisionPrescription
    """.split()  # noqa: SIM905  # as above
)

_OTHERS: Mapping[str, Mapping[str, str]] = {
    "Coverage": {"patient": "beneficiary", "beneficiary": "beneficiary"},
    "Task": {"patient": "for", "subject": "for"},
    "Provenance": {"patient": "target", "target": "target"},
}


def references(type_: str) -> Mapping[str, str]:
    """Search parameter of a type → the element whose reference it looks at."""
    if type_ in _SUBJECT:
        return {"patient": "subject", "subject": "subject"}
    if type_ in _PATIENT:
        return {"patient": "patient"}
    return _OTHERS.get(type_, {})


@cache
def parameters(type_: str) -> Mapping[str, Search]:
    """Every search parameter that this server answers on a type."""
    known: dict[str, Search] = {"_id": "token", "_lastUpdated": "date", "_tag": "token", "_security": "token"}
    if type_ not in _NO_IDENTIFIER:
        known["identifier"] = "token"
    known |= dict.fromkeys(references(type_), "reference")
    if type_ == "Patient":
        known |= {"name": "string", "family": "string", "birthdate": "date"}
    return known
