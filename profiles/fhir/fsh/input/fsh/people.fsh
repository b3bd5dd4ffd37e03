Invariant: nwd-cin
Description: "A Medi-Cal Client Index Number is eight digits and one of sixteen letters"
Severity: #error
Expression: "value.matches('^[0-9]{8}[ACDEFGHMNTUVWXYZ]$')"

Profile: NWDPatient
Parent: us-core-patient
Id: nwd-patient
Title: "Patient of one source record"
Description: "A client or member as one source states them. Two records of one person stay two Patients; that they are one is the ledger's knowledge, not the resource's."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* identifier contains cin 0..1 MS and client 0..1 MS and member 0..1 MS
* identifier[cin] ^patternIdentifier.system = "https://w3id.org/nowrongdoor/id/cin"
* identifier[cin] ^short = "Medi-Cal Client Index Number"
* identifier[cin].type 1..1
* identifier[cin].type = $v2-0203#MA
* identifier[cin].value 1..1
* identifier[cin] obeys nwd-cin
* identifier[client] ^patternIdentifier.type = http://terminology.hl7.org/CodeSystem/v2-0203#MR
* identifier[client] ^short = "The county's own client number"
* identifier[member] ^patternIdentifier.type = http://terminology.hl7.org/CodeSystem/v2-0203#MB
* identifier[member] ^short = "The plan's own member number"
* name 1..*
* gender ^comment = "Blank in the file: unknown, for which the value set has a code."
* birthDate ^comment = "As precise as the file; a paper form may know only the year."
* generalPractitioner MS
* generalPractitioner ^short = "Primary clinician of the programme"
* managingOrganization MS
* managingOrganization only Reference(us-core-organization)
* managingOrganization ^short = "The source that keeps this record"

Profile: NWDRelatedPerson
Parent: us-core-relatedperson
Id: nwd-related-person
Title: "Somebody the client named"
Description: "Emergency contact, guardian or conservator, as the client's row names them. They are whoever the client says: nobody has identified them."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* patient ^short = "Who named them"
* relationship ^comment = "A word without a known code stays text."
* name ^comment = "As written, in one piece: a contact cell does not say which part is the surname."

Profile: NWDCoverage
Parent: us-core-coverage
Id: nwd-coverage
Title: "Membership of a Medi-Cal plan"
Description: "That a person is a Medi-Cal member, and of which plan where the file says. The gateway identifier is among the identifiers, as on every resource; the parent slices them by type, which it has none of."
* insert Labels
* identifier 1..* MS
* identifier[memberid] 1..1
* identifier[memberid].system 1..1
* identifier[memberid].system = "https://w3id.org/nowrongdoor/id/cin"
* identifier[memberid].value 1..1
* identifier[memberid] obeys nwd-cin
* subscriberId 1..1
* relationship = $subscriber#self
* payor only Reference(us-core-organization)
* payor ^short = "The plan; where the file names none, the source itself"

Profile: NWDOrganization
Parent: us-core-organization
Id: nwd-organization
Title: "Sender or partner"
Description: "A source's own organization, or a partner that a release, referral or authorization names. It belongs to the deployment and is matched by NPI; it leaves only with what points to it."
* meta.security from DataLabels (extensible)
* insert Gateway
* identifier[NPI] 0..1

Profile: NWDPractitioner
Parent: us-core-practitioner
Id: nwd-practitioner
Title: "Somebody with an NPI"
Description: "Whoever a file names with a National Provider Identifier, under every spelling that files give. Who is named without one stays a display."
* meta.security from DataLabels (extensible)
* insert Gateway
* identifier[NPI] 1..1
* identifier[NPI].type 1..1
* identifier[NPI].type = $v2-0203#NPI
* name ^comment = "Where only the whole name is known, it is text, and the family name is marked absent."

Profile: NWDPractitionerRole
Parent: us-core-practitionerrole
Id: nwd-practitioner-role
Title: "A title held at the source"
Description: "The titles that a source's rows give somebody. Never of rows under 42 CFR Part 2: a counselor's title would say what a client is treated for."
* meta.security from DataLabels (extensible)
* insert SlicedIdentifier
* insert Gateway
* practitioner 1..1
* organization 1..1
* code 1..*
* code.text 1..1
* telecom ^comment = "No export states one, and US Core asks for one: its value is marked absent."
