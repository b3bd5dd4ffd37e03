Profile: NWDConsent
Parent: Consent
Id: nwd-consent
Title: "Release of information"
Description: "A release as its form was answered. One instance satisfies IHE Privacy Consent on FHIR (Advanced) and the Gravity SDOHCC Consent. Keyed from paper and not yet checked by a second person it is proposed, and permits nothing. An empty SUD box says nothing, and nothing is not yes."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* status MS
* status ^short = "proposed: keyed once, never a permit; inactive: revoked or over"
* scope MS
* scope = $consentscope#patient-privacy
* category MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains release 1..1 MS and disclosure 1..1 MS
* category[release] = $loinc#64292-6
* category[disclosure] = $act#IDSCL
* patient 1..1 MS
* patient only Reference(us-core-patient)
* dateTime 1..1 MS
* dateTime ^short = "Day of the signature"
* performer 1..* MS
* performer only Reference(Patient or RelatedPerson)
* performer ^short = "Who signed: the person, or a representative as written"
* organization 1..1 MS
* organization only Reference(us-core-organization)
* organization ^short = "The one custodian; who may disclose stands in provision.data"
* source[x] 1..1 MS
* source[x] only Attachment or Reference(us-core-documentreference)
* source[x] ^short = "The form: its number, or the paper it was keyed from"
* policy 1..1 MS
* policy.uri 1..1 MS
* policy.uri ^short = "42 CFR 2.31 where the SUD box has an answer, else 45 CFR 164.508"
* policyRule 1..1 MS
* verification 0..0
* provision 1..1 MS
* provision.type 1..1 MS
* provision.period 1..1 MS
* provision.period ^comment = "A date without a time belongs to it whole: the end date is its last day."
* provision.actor 1..* MS
* provision.actor ^short = "Who may receive"
* provision.actor.role = $participation#IRCP
* provision.actor.reference only Reference(us-core-organization)
* provision.action 0..0
* provision.securityLabel from ConsentLabels (extensible)
* provision.purpose MS
* provision.purpose from ConsentPurposes (extensible)
* provision.class 0..0
* provision.code 0..0
* provision.data 1..* MS
* provision.data ^short = "Whose data: a permit counts for this discloser alone"
* provision.data.meaning = #authoredby
* provision.data.reference only Reference(us-core-organization)
* provision.provision MS
* provision.provision ^short = "Answers to single questions of the form: the SUD box, what the person said no to"
* provision.provision.type 1..1 MS
* provision.provision.action 0..0
* provision.provision.securityLabel 1..* MS
* provision.provision.securityLabel from ConsentLabels (extensible)
* provision.provision.class 0..0
* provision.provision.code 0..0
* provision.provision.provision 0..0
