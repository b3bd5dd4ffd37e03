// Where our data comes from, of what only clinical documents state: sections and parts of a C-CDA document.

RuleSet: FromDocument
* meta.security -> "what the source says of 42 CFR Part 2; confidentialityCode of document, section and entry"
* identifier[gateway] -> "the entry's first id with its element, mood and code; what it says, where it has none"
* subject -> "recordTarget"

Mapping: CareTeamSections
Source: NWDCareTeam
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Sections"
* insert FromDocument
* status -> "Care Teams section: statusCode of the team"
* name -> "Care Teams section: text of the team"
* period -> "Care Teams section: effectiveTime of the team"
* participant -> "Care Teams section: performers of the team; else those of documentationOf/serviceEvent"

Mapping: EncounterSections
Source: NWDEncounter
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Sections"
* insert FromDocument
* status -> "Encounters section: statusCode; a visit with an end is finished"
* class -> "the code of the encounter, where it is a class or a visit's own code"
* type -> "the code of the encounter"
* participant -> "performers; of the header's, those who took part or answer for it"
* period -> "effectiveTime"
* reasonCode -> "indications that hang on it"
* diagnosis -> "diagnoses that hang on it"
* location -> "the participant that is its place; location of the header's"

Mapping: ObservationSections
Source: NWDObservation
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Sections"
* insert FromDocument
* status -> "statusCode of the observation"
* category -> "nothing: by its section, which is of functional status, of mental status, or of health concerns"
* code -> "code of the observation"
* effective[x] -> "effectiveTime"
* performer -> "authors and performers of the entry"
* value[x] -> "value"
* dataAbsentReason -> "the null flavor of the value"
* interpretation -> "interpretationCode"
* note -> "comments and priorities that hang on it"
* component -> "observations that it is made of"

Mapping: ScreeningSections
Source: NWDScreening
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Sections"
* insert FromDocument
* status -> "statusCode of the scale's observation"
* category -> "nothing: survey, for its template is that of an assessment scale; and by its section"
* code -> "code of the scale"
* effective[x] -> "effectiveTime"
* performer -> "authors and performers of the entry"
* value[x] -> "value: the score"
* dataAbsentReason -> "the null flavor of the value"
* interpretation -> "interpretationCode"
* note -> "comments and priorities that hang on it"
* component -> "supporting observations of the scale"

Mapping: ProcedureSections
Source: NWDProcedure
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Sections"
* insert FromDocument
* status -> "statusCode of the procedure"
* code -> "code of the procedure"
* performed[x] -> "effectiveTime"
* performer -> "performers of the entry"
* bodySite -> "targetSiteCode"

Mapping: MedicationRequestSections
Source: NWDMedicationRequest
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Sections"
* insert FromDocument
* status -> "statusCode of the planned medicine or supply"
* intent -> "its mood: asked for, intended, promised or proposed"
* medication[x] -> "the product that it, or what it hangs on, names"
* encounter -> "the encounter that hangs on it"
* authoredOn -> "time of its first author"
* requester -> "its first author who is known"
* performer -> "its first performer who is known"
* reasonCode -> "indications that hang on it"
* reasonReference -> "indications that are problems of the document"
* insurance -> "the policy that it stands on"
* note -> "comments and priorities that hang on it"
* dosageInstruction -> "effectiveTime, routeCode, doseQuantity; free-text directions and instructions that hang on it"
* dispenseRequest -> "of a supply: quantity, repeatNumber, effectiveTime"
* extension -> "the goal that it is for"

Mapping: DeviceRequestSections
Source: NWDDeviceRequest
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Sections"
* insert FromDocument
* status -> "statusCode of the planned supply"
* intent -> "its mood: asked for, intended, promised or proposed"
* code[x] -> "the device that it names"
* occurrence[x] -> "effectiveTime"
* authoredOn -> "time of its first author"
* requester -> "its first author who is known"
* reasonCode -> "indications that hang on it"
* reasonReference -> "indications that are problems of the document"
* note -> "instructions and priorities that hang on it"
* extension -> "the goal that it is for"
