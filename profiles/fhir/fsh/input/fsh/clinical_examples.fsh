// One example of each profile of what documents state, of the client of the other examples.

Instance: team
InstanceOf: NWDCareTeam
Usage: #example
Title: "Who cares for the client"
* insert Invented(nwd-care-team, us-core-careteam, team)
* subject = Reference(client)
* participant[+].role.text = "Primary clinician"
* participant[=].member = Reference(clinician)
* participant[+].role.extension.url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
* participant[=].role.extension.valueCode = #unknown
* participant[=].member.display = "Tamsin Orr"

Instance: visit
InstanceOf: NWDEncounter
Usage: #example
Title: "A visit"
* insert Invented(nwd-encounter, us-core-encounter, visit)
* status = #finished
* class = $act#AMB
* type.text = "Outpatient visit"
* subject = Reference(client)
* participant.individual = Reference(clinician)
* period.start = "2026-04-06"
* diagnosis.condition = Reference(diagnosis)
* location.location.display = "Quarry Road clinic"

Instance: sleep
InstanceOf: NWDObservation
Usage: #example
Title: "An outcome that the goal is judged by"
* insert Invented(nwd-observation, us-core-simple-observation, sleep)
* status = #final
* category = $category#social-history
* code.text = "Sleep pattern"
* subject = Reference(client)
* effectiveDateTime = "2026-04-06"
* performer = Reference(clinician)
* valueCodeableConcept.text = "Sleeps through most nights"

Instance: phq-9
InstanceOf: NWDScreening
Usage: #example
Title: "A screening score"
* insert Invented(nwd-screening, us-core-observation-screening-assessment, phq-9)
* status = #final
* category[survey] = $category#survey
* category[screening-assessment] = $uscategory#cognitive-status
* code = $loinc#44261-6
* code.text = "PHQ-9 total score"
* subject = Reference(client)
* effectiveDateTime = "2026-04-06"
* performer = Reference(clinician)
* valueInteger = 11
* component.code = $loinc#44250-9
* component.code.text = "Little interest or pleasure in doing things"
* component.valueInteger = 2

Instance: education
InstanceOf: NWDProcedure
Usage: #example
Title: "An intervention that was done"
* insert Invented(nwd-procedure, us-core-procedure, education)
* status = #completed
* code.text = "Counseling"
* subject = Reference(client)
* performedDateTime = "2026-04-06"
* performer.actor = Reference(clinician)

Instance: medicine
InstanceOf: NWDMedicationRequest
Usage: #example
Title: "A medicine that is planned"
* insert Invented(nwd-medication-request, us-core-medicationrequest, medicine)
* status = #active
* intent = #plan
* medicationCodeableConcept.text = "Sertraline 25 mg oral tablet"
* subject = Reference(client)
* encounter = Reference(visit)
* authoredOn = "2026-04-06"
* requester = Reference(clinician)
* reasonReference = Reference(diagnosis)
* dosageInstruction.patientInstruction = "One each morning"

Instance: walker
InstanceOf: NWDDeviceRequest
Usage: #example
Title: "A device that is asked for"
* insert InventedAlone(nwd-device-request, walker)
* status = #active
* intent = #order
* codeCodeableConcept.text = "Walker"
* subject = Reference(client)
* authoredOn = "2026-04-06"
* requester = Reference(clinician)
