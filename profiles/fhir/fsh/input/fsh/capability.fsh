// What `nwd push` needs of a server. `nwd probe` finds out what a server really does, whatever its own statement says.

RuleSet: Needed(type, parameter, kind, profile)
* rest.resource[+].type = #{type}
* rest.resource[=].supportedProfile = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/{profile}"
* rest.resource[=].interaction[+].code = #read
* rest.resource[=].interaction[+].code = #create
* rest.resource[=].interaction[+].code = #update
* rest.resource[=].interaction[+].code = #search-type
* rest.resource[=].versioning = #versioned-update
* rest.resource[=].searchParam.name = "{parameter}"
* rest.resource[=].searchParam.type = #{kind}

Instance: needed-of-a-server
InstanceOf: CapabilityStatement
Usage: #definition
Title: "What we need of a server"
* url = "https://w3id.org/nowrongdoor/fhir/CapabilityStatement/needed-of-a-server"
* name = "NeededOfAServer"
* title = "What we need of a server"
* description = "FHIR R4 in JSON; reading, creating and updating with If-Match; search by identifier, or by _tag where a type has none. A transaction for several resources at once where the server has them. It is a client's statement of needs, not a server's of abilities."
* status = #draft
* experimental = false
* date = "2026-11-01"
* kind = #requirements
* fhirVersion = #4.0.1
* format = #json
* rest.mode = #server
* rest.documentation = "If-Match is honoured: an update that starts from a stale version is refused (409 or 412). Creating by PUT of our own id is used where the server offers it."
* rest.security.description = "TLS; SMART Backend Services, or whatever the partners agree on."
* insert Needed(Organization, identifier, token, nwd-organization)
* insert Needed(Practitioner, identifier, token, nwd-practitioner)
* insert Needed(PractitionerRole, identifier, token, nwd-practitioner-role)
* insert Needed(Patient, identifier, token, nwd-patient)
* insert Needed(RelatedPerson, identifier, token, nwd-related-person)
* insert Needed(Coverage, identifier, token, nwd-coverage)
* insert Needed(CareTeam, identifier, token, nwd-care-team)
* insert Needed(DocumentReference, identifier, token, nwd-document-reference)
* insert Needed(Consent, identifier, token, nwd-consent)
* insert Needed(Condition, identifier, token, nwd-condition)
* rest.resource[=].supportedProfile[+] = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/nwd-encounter-diagnosis"
* insert Needed(Encounter, identifier, token, nwd-encounter)
* insert Needed(Observation, identifier, token, nwd-observation)
* rest.resource[=].supportedProfile[+] = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/nwd-screening"
* insert Needed(Procedure, identifier, token, nwd-procedure)
* insert Needed(Goal, identifier, token, nwd-goal)
* insert Needed(ServiceRequest, identifier, token, nwd-service-request)
* insert Needed(MedicationRequest, identifier, token, nwd-medication-request)
* insert Needed(DeviceRequest, identifier, token, nwd-device-request)
* insert Needed(Task, identifier, token, nwd-task)
* insert Needed(CarePlan, identifier, token, nwd-care-plan)
* insert Needed(Provenance, _tag, token, nwd-provenance)
* rest.interaction[+].code = #transaction
* rest.interaction[+].code = #batch
