// What only clinical documents state: who cares for somebody, when they met, what was found, done and prescribed.

RuleSet: OfDocument
* insert Labels
* insert SlicedIdentifier
* insert Gateway

Profile: NWDCareTeam
Parent: us-core-careteam
Id: nwd-care-team
Title: "Care team that a document names"
Description: "A team of a Care Teams section, or whoever the header of a document names as performers of the care that it speaks of. Who is known by nothing but a name is a display."
* insert OfDocument
* participant.role ^short = "Function as the document codes it; of the header, marked absent where it codes none"
* participant.member ^short = "Who; a display where nothing identifies them"

Profile: NWDEncounter
Parent: us-core-encounter
Id: nwd-encounter
Title: "Visit that a document is about, or tells of"
Description: "The encounter of a document's header and those of its Encounters section: one id, one Encounter, however often it is told."
* insert OfDocument
* class ^comment = "Only where the document codes it, or gives a CPT code of a visit that names it; else marked absent."
* type ^comment = "What kind of visit, as coded; marked absent where the document says only when."
* period MS
* participant MS
* diagnosis MS
* location.location ^short = "Name of the place, as written"

Profile: NWDObservation
Parent: us-core-simple-observation
Id: nwd-observation
Title: "Finding, status or outcome"
Description: "Functional and mental status, risks and facts that health concerns rest on, and outcomes that a goal is judged by. Results and vital signs stay in the document's words."
* insert OfDocument
* effective[x] MS
* performer MS
* value[x] MS
* dataAbsentReason MS
* component MS

Profile: NWDScreening
Parent: us-core-observation-screening-assessment
Id: nwd-screening
Title: "Screening score"
Description: "What somebody scored on an assessment scale such as the PHQ-9, and the answers that the score is made of."
* insert OfDocument
* component MS
* component ^short = "An answer that the score is made of"

Profile: NWDProcedure
Parent: us-core-procedure
Id: nwd-procedure
Title: "Something done for a plan"
Description: "A procedure or intervention that a plan, goal or request of the document names as done. It is never a request."
* insert OfDocument
* performer MS

Profile: NWDMedicationRequest
Parent: us-core-medicationrequest
Id: nwd-medication-request
Title: "Medicine that somebody plans, orders or supplies"
Description: "Of entries that ask for a medicine or its supply. Medicines that somebody merely takes stay in the document's words."
* insert OfDocument
* medication[x] only CodeableConcept
* medication[x] ^comment = "Marked absent where the document names no medicine."
* authoredOn MS
* requester MS
* dosageInstruction MS
* dispenseRequest MS

Profile: NWDDeviceRequest
Parent: DeviceRequest
Id: nwd-device-request
Title: "Device that somebody plans or orders"
Description: "A planned supply of a thing that is no medicine, such as a walker. US Core has no profile of it."
* insert OfDocument
* status 1..1 MS
* intent MS
* code[x] only CodeableConcept
* code[x] MS
* subject MS
* subject only Reference(us-core-patient)
* authoredOn MS
* requester MS
