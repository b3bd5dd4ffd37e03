Profile: NWDDocumentReference
Parent: us-core-documentreference
Id: nwd-document-reference
Title: "Paper that a row was keyed from"
Description: "A paper form. Where there is no scan, the attachment is the keyed row itself as plain text, so that nobody has to believe the structured copy."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* extension contains KeyedFromPaper named keyed 0..1 MS
* extension[keyed] ^short = "How many people have read the paper"
* status = #current
* category contains keyed 1..1 MS
* category[keyed] ^patternCodeableConcept = https://w3id.org/nowrongdoor/fhir/CodeSystem/document-category#keyed-form
* category[keyed] ^short = "Keyed from a paper form"
* author ^short = "Who keyed it, by initials"
* custodian 1..1 MS
* custodian only Reference(us-core-organization)
* description MS
* description ^short = "Number and revision of the form, where the paper lies"
* content 1..1
* content.attachment.creation MS
* content.attachment.creation ^short = "Day on which it was keyed"

Profile: NWDProvenance
Parent: us-core-provenance
Id: nwd-provenance
Title: "Where a person's new or changed resources came from"
Description: "One a person and intake, and only where something in that person's record was made or changed. It carries the labels of all that it speaks of. Which cell became which element stays in the ledger."
* insert Labels
* meta 1..1
* meta.tag 1..* MS
* meta.tag ^slicing.discriminator.type = #pattern
* meta.tag ^slicing.discriminator.path = "$this"
* meta.tag ^slicing.rules = #open
* meta.tag contains gateway 1..1 MS
* meta.tag[gateway] ^patternCoding.system = "https://w3id.org/nowrongdoor/id/gateway"
* meta.tag[gateway] ^short = "Our own id: Provenance has no identifier"
* meta.tag[gateway].code 1..1
* target.extension contains AsOf named asOf 0..1
* target.extension[asOf] ^short = "When the source's row says that it was true"
* agent contains assembler 1..1 MS and enterer 0..* MS and verifier 0..* MS
* agent[assembler].type 1..1
* agent[assembler].type = $provenance#assembler
* agent[assembler] ^short = "The source whose rows they were assembled from"
* agent[enterer].type 1..1
* agent[enterer].type = $provenance#enterer
* agent[enterer] ^short = "Who keyed the paper, by initials"
* agent[enterer].onBehalfOf 0..1 MS
* agent[verifier].type 1..1
* agent[verifier].type = $provenance#verifier
* agent[verifier] ^short = "Who checked it against the paper, by initials"
* agent[verifier].onBehalfOf 0..1 MS
* entity MS
* entity.role = #source
* entity.what.identifier 1..1 MS
* entity.what.identifier.system 1..1
* entity.what.identifier.system = "https://w3id.org/nowrongdoor/id/file"
* entity.what.identifier.value 1..1
* entity.what.identifier.value ^short = "SHA-256 of the file"
