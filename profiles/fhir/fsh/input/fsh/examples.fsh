// One example of each profile: invented people, in one record that belongs together.

RuleSet: Invented(profile, parent, id)
* meta.profile[+] = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/{profile}"
* meta.profile[+] = "http://hl7.org/fhir/us/core/StructureDefinition/{parent}"
* meta.security[+] = $reason#HTEST
* identifier[gateway].system = "https://w3id.org/nowrongdoor/id/gateway"
* identifier[gateway].value = "{id}"

RuleSet: InventedAlone(profile, id)
* meta.profile[+] = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/{profile}"
* meta.security[+] = $reason#HTEST
* identifier[gateway].system = "https://w3id.org/nowrongdoor/id/gateway"
* identifier[gateway].value = "{id}"

RuleSet: Part2
* meta.security[+] = $act#SUD
* meta.security[+] = $act#42CFRPart2

Instance: manzanita-county
InstanceOf: NWDOrganization
Usage: #example
Title: "An invented county"
* insert Invented(nwd-organization, us-core-organization, manzanita-county)
* identifier[NPI].system = $npi
* identifier[NPI].value = "1900009014"
* active = true
* name = "Manzanita County Behavioral Health"
* telecom.system = #phone
* telecom.value = "559-555-0140"

Instance: toyon-health-plan
InstanceOf: NWDOrganization
Usage: #example
Title: "An invented plan"
* insert Invented(nwd-organization, us-core-organization, toyon-health-plan)
* active = true
* name = "Toyon Health Plan"

Instance: clinician
InstanceOf: NWDPractitioner
Usage: #example
Title: "An invented clinician"
* insert Invented(nwd-practitioner, us-core-practitioner, clinician)
* identifier[NPI].type = $v2-0203#NPI
* identifier[NPI].system = $npi
* identifier[NPI].value = "1900001011"
* name.text = "Ferro, Adela"
* name.family = "Ferro"
* name.given = "Adela"

Instance: clinician-role
InstanceOf: NWDPractitionerRole
Usage: #example
Title: "An invented clinician's title"
* insert Invented(nwd-practitioner-role, us-core-practitionerrole, clinician-role)
* practitioner = Reference(clinician)
* organization = Reference(manzanita-county)
* code.text = "LMFT"
* telecom.system = #phone
* telecom.value.extension.url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
* telecom.value.extension.valueCode = #unknown

Instance: client
InstanceOf: NWDPatient
Usage: #example
Title: "An invented client"
* insert Invented(nwd-patient, us-core-patient, client)
* identifier[cin].type = $v2-0203#MA
* identifier[cin].system = "https://w3id.org/nowrongdoor/id/cin"
* identifier[cin].value = "90000501A"
* identifier[client].type = $v2-0203#MR
* identifier[client].system = "https://w3id.org/nowrongdoor/id/county-client/manzanita-county"
* identifier[client].value = "004417"
* active = true
* name[+].use = #official
* name[=].family = "Okafor-Lindgren"
* name[=].given[+] = "Ivy"
* name[=].given[+] = "Maren"
* telecom.system = #phone
* telecom.value = "559-555-0141"
* gender = #female
* birthDate = "1987-08-19"
* address.line = "12 Quarry Rd"
* address.city = "Three Forks"
* address.state = "CA"
* address.postalCode = "93271"
* communication.language = urn:ietf:bcp:47#en "English"
* communication.language.text = "English"
* generalPractitioner = Reference(clinician)
* managingOrganization = Reference(manzanita-county)

Instance: contact
InstanceOf: NWDRelatedPerson
Usage: #example
Title: "Somebody the client named"
* insert Invented(nwd-related-person, us-core-relatedperson, contact)
* active = true
* patient = Reference(client)
* relationship = $role#SIS "sister"
* relationship.text = "sister"
* name.text = "Nora Lindgren"
* telecom.system = #phone
* telecom.value = "559-555-0142"

Instance: membership
InstanceOf: NWDCoverage
Usage: #example
Title: "Membership of the plan"
* meta.profile[+] = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/nwd-coverage"
* meta.profile[+] = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-coverage"
* meta.security[+] = $reason#HTEST
* identifier[memberid].type = $v2-0203#MB
* identifier[memberid].system = "https://w3id.org/nowrongdoor/id/cin"
* identifier[memberid].value = "90000501A"
* identifier[1].system = "https://w3id.org/nowrongdoor/id/gateway"
* identifier[1].value = "membership"
* status = #active
* subscriberId = "90000501A"
* beneficiary = Reference(client)
* relationship = $subscriber#self
* payor = Reference(toyon-health-plan)

Instance: problem
InstanceOf: NWDCondition
Usage: #example
Title: "A problem of the list, from a programme under Part 2"
* insert Invented(nwd-condition, us-core-condition-problems-health-concerns, problem)
* insert Part2
* clinicalStatus = $clinical#active
* category[us-core] = $condition#problem-list-item
* code = $icd10cm#F10.20
* code.text = "Alcohol dependence, uncomplicated"
* subject = Reference(client)
* onsetDateTime = "2026-03"
* recorder = Reference(clinician)

Instance: diagnosis
InstanceOf: NWDEncounterDiagnosis
Usage: #example
Title: "A diagnosis of an encounter"
* insert Invented(nwd-encounter-diagnosis, us-core-condition-encounter-diagnosis, diagnosis)
* clinicalStatus = $clinical#active
* category[us-core] = $condition#encounter-diagnosis
* code = $icd10cm#F33.1
* code.text = "Major depressive disorder, recurrent, moderate"
* subject = Reference(client)
* onsetDateTime = "2026-02-11"

Instance: goal
InstanceOf: NWDGoal
Usage: #example
Title: "A goal of the plan"
* insert Invented(nwd-goal, us-core-goal, goal)
* insert Part2
* lifecycleStatus = #active
* description.text = "Sing in the choir again"
* subject = Reference(client)
* startDate = "2026-03-02"
* target.dueDate = "2026-12-31"

Instance: counseling
InstanceOf: NWDServiceRequest
Usage: #example
Title: "An intervention of the plan"
* insert Invented(nwd-service-request, us-core-servicerequest, counseling)
* insert Part2
* status = #active
* intent = #plan
* code = $hcpcs#H0004
* code.text = "Individual counseling, weekly"
* subject = Reference(client)
* occurrencePeriod.start = "2026-03-02"
* requester = Reference(clinician)

Instance: housing-referral
InstanceOf: NWDServiceRequest
Usage: #example
Title: "A referral to the plan for a Community Support"
* insert Invented(nwd-service-request, us-core-servicerequest, housing-referral)
* identifier[placer].type = $v2-0203#PLAC
* identifier[placer].system = "https://w3id.org/nowrongdoor/id/referral/manzanita-county"
* identifier[placer].value = "RF-0207"
* status = #active
* intent = #order
* category[communitySupport] = $services#housing-transition-navigation "Housing Transition Navigation Services"
* priority = #routine
* code = $hcpcs#H0043
* code.text = "Housing Transition Navigation Services"
* orderDetail[modifier] = $hcpcs#U6
* orderDetail[modifier].text = "U6"
* subject = Reference(client)
* authoredOn = "2026-04-06"
* requester = Reference(clinician)
* performer = Reference(toyon-health-plan)
* reasonCode.text = "Lease ends in June"

Instance: housing-task
InstanceOf: NWDTask
Usage: #example
Title: "How far the referral has come"
* insert InventedAlone(nwd-task, housing-task)
* identifier[placer].type = $v2-0203#PLAC
* identifier[placer].system = "https://w3id.org/nowrongdoor/id/referral/manzanita-county"
* identifier[placer].value = "RF-0207"
* status = #on-hold
* businessStatus.coding[state] = $referral#waiting
* businessStatus.text = "Wait List"
* intent = #order
* priority = #routine
* code = $task#fulfill
* focus = Reference(housing-referral)
* for = Reference(client)
* authoredOn = "2026-04-06"
* lastModified = "2026-04-20"
* requester = Reference(clinician)
* owner = Reference(toyon-health-plan)

Instance: treatment-plan
InstanceOf: NWDCarePlan
Usage: #example
Title: "A treatment plan"
* insert Invented(nwd-care-plan, us-core-careplan, treatment-plan)
* insert Part2
* text.status = #generated
* text.div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Outpatient treatment plan</p></div>"
* status = #active
* intent = #plan
* category[AssessPlan] = $careplan#assess-plan
* title = "Outpatient treatment plan"
* subject = Reference(client)
* period.start = "2026-03-02"
* author = Reference(clinician)
* contributor = Reference(manzanita-county)
* addresses = Reference(problem)
* goal = Reference(goal)
* activity.reference = Reference(counseling)

Instance: release-form
InstanceOf: NWDDocumentReference
Usage: #example
Title: "The paper of a release, keyed and checked"
* insert Invented(nwd-document-reference, us-core-documentreference, release-form)
* insert Part2
* extension[keyed].valueCode = #second-checked
* status = #current
* type = $loinc#64292-6
* category[keyed] = https://w3id.org/nowrongdoor/fhir/CodeSystem/document-category#keyed-form
* subject = Reference(client)
* author.display = "keyer ABC"
* custodian = Reference(manzanita-county)
* description = "ROI-42 2026-01, 3/17"
* content.attachment.contentType = #"text/plain; charset=utf-8"
* content.attachment.data = "Rk9STTogUk9JLTQyClNIQVJFX1lFUzogWApTVURfWUVTOiBY"
* content.attachment.title = "ROI-42 2026-01"
* content.attachment.creation = "2026-04-07"

Instance: release
InstanceOf: NWDConsent
Usage: #example
Title: "A release to the plan that speaks of substance use"
* insert InventedAlone(nwd-consent, release)
* insert Part2
* status = #active
* scope = $consentscope#patient-privacy
* category[release] = $loinc#64292-6
* category[disclosure] = $act#IDSCL
* patient = Reference(client)
* dateTime = "2026-04-06"
* performer = Reference(client)
* organization = Reference(manzanita-county)
* sourceReference = Reference(release-form)
* policy.uri = "https://www.ecfr.gov/current/title-42/section-2.31"
* policyRule = $act#42CFRPart2
* provision.type = #permit
* provision.period.start = "2026-04-06"
* provision.period.end = "2027-04-05"
* provision.actor.role = $participation#IRCP
* provision.actor.reference = Reference(toyon-health-plan)
* provision.purpose[+] = $reason#TREAT
* provision.purpose[+] = $reason#CAREMGT
* provision.data.meaning = #authoredby
* provision.data.reference = Reference(manzanita-county)
* provision.provision.type = #permit
* provision.provision.securityLabel[+] = $act#SUD
* provision.provision.securityLabel[+] = $act#ETH
* provision.provision.securityLabel[+] = $act#42CFRPart2

Instance: intake
InstanceOf: NWDProvenance
Usage: #example
Title: "Where the record came from"
* meta.profile[+] = "https://w3id.org/nowrongdoor/fhir/StructureDefinition/nwd-provenance"
* meta.profile[+] = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-provenance"
* meta.security[+] = $reason#HTEST
* insert Part2
* meta.tag[gateway].system = "https://w3id.org/nowrongdoor/id/gateway"
* meta.tag[gateway].code = #intake
* target[+] = Reference(client)
* target[+] = Reference(release-form)
* target[=].extension[asOf].valueDateTime = "2026-04-06"
* target[+] = Reference(release)
* recorded = "2026-04-08T06:30:00-07:00"
* agent[assembler].type = $provenance#assembler
* agent[assembler].who = Reference(manzanita-county)
* agent[enterer].type = $provenance#enterer
* agent[enterer].who.display = "ABC"
* agent[enterer].onBehalfOf = Reference(manzanita-county)
* entity.role = #source
* entity.what.identifier.system = "https://w3id.org/nowrongdoor/id/file"
* entity.what.identifier.value = "9f2c1be07a54d86e3c0f5a7719d2b8e46a1c0d5532e7f9b8846c1de2a07b35f4"
