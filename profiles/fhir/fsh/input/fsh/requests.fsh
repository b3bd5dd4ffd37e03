Profile: NWDServiceRequest
Parent: us-core-servicerequest
Id: nwd-service-request
Title: "Service asked for"
Description: "An intervention of a plan (intent plan), a county's referral, or one line of a plan's authorization (intent order). Of an order, the Task says how far it has come; its state moves the status here by one table."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* insert PlacerAndFiller
* extension contains Programme named programme 0..1
* extension[programme] ^short = "The kind of programme it belongs to"
* status from ServiceRequestStates (required)
* intent from ServiceRequestIntents (required)
* category contains communitySupport 0..1 MS
* category[communitySupport] ^patternCodeableConcept.coding.system = "https://w3id.org/nowrongdoor/fhir/CodeSystem/community-supports"
* category[communitySupport] from CommunitySupports (required)
* category[communitySupport] ^short = "The Community Support that code and modifiers mean together"
* priority MS
* code.text 1..1
* code ^comment = "HCPCS Level II as written, or a word of the source's own code list. H0043 alone means four different Community Supports: the modifiers decide."
* orderDetail MS
* orderDetail ^slicing.discriminator.type = #pattern
* orderDetail ^slicing.discriminator.path = "$this"
* orderDetail ^slicing.rules = #open
* orderDetail contains modifier 0..5 MS
* orderDetail[modifier] ^patternCodeableConcept.coding.system = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
* orderDetail[modifier] ^short = "Modifier of the code, in the order written, whichever slot it stood in"
* orderDetail[modifier].coding 1..1
* orderDetail[modifier].coding.code 1..1
* quantity[x] only Quantity
* quantity[x] ^short = "Units asked for or approved"
* occurrence[x] only Period
* performer MS
* performer only Reference(us-core-organization)
* performer ^short = "To whom it was sent; a display where it is no partner"
* reasonCode MS
* note MS

Profile: NWDTask
Parent: Task
Id: nwd-task
Title: "State of an order"
Description: "How far a referral or authorization has come: requested, accepted, denied, waiting, closed. Two sources' records of one referral join here, by placer and filler numbers."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* insert PlacerAndFiller
* status MS
* status from TaskStates (required)
* statusReason MS
* statusReason from ReferralClosures (preferred)
* statusReason ^short = "Why it was closed, as written"
* businessStatus 1..1 MS
* businessStatus ^short = "How far it has come: one of our words, and the source's own"
* businessStatus.coding 1..* MS
* businessStatus.coding ^slicing.discriminator.type = #pattern
* businessStatus.coding ^slicing.discriminator.path = "$this"
* businessStatus.coding ^slicing.rules = #open
* businessStatus.coding contains state 1..1 MS
* businessStatus.coding[state] ^patternCoding.system = "https://w3id.org/nowrongdoor/fhir/CodeSystem/referral-status"
* businessStatus.coding[state] from ReferralStates (required)
* businessStatus.coding[state] ^short = "What the source's own word means"
* businessStatus.coding[state].code 1..1
* businessStatus.text ^short = "The source's own word, or what its code table calls it"
* intent = #order
* priority MS
* code 1..1 MS
* code = $task#fulfill
* focus 1..1 MS
* focus ^short = "What was asked for"
* focus only Reference(ServiceRequest)
* for 1..1 MS
* for ^short = "Whom it is for"
* for only Reference(us-core-patient)
* authoredOn MS
* lastModified MS
* lastModified ^short = "Since when the state holds, where the source says"
* requester MS
* owner MS
* owner only Reference(us-core-organization)
* owner ^short = "Who is asked; a display where it is no partner"
