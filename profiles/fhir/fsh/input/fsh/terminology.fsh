// Code systems of our own: names are those of California's Medi-Cal programmes, codes and definitions ours.

RuleSet: OwnCodes
* ^caseSensitive = true
* ^experimental = false

CodeSystem: CommunitySupportsCodes
Id: community-supports
Title: "Community Supports"
Description: "The services of Medi-Cal's Community Supports, by their current names. Which HCPCS code with which modifier means which of them is in the code tables."
* insert OwnCodes
* #housing-transition-navigation "Housing Transition Navigation Services"
* #housing-deposits "Housing Deposits"
* #housing-tenancy-sustaining "Housing Tenancy and Sustaining Services"
* #short-term-post-hospitalization-housing "Short-Term Post-Hospitalization Housing"
* #recuperative-care "Recuperative Care (Medical Respite)"
* #respite "Respite Services"
* #day-habilitation "Day Habilitation Programs"
* #assisted-living-transition "Assisted Living Facility Transitions"
* #home-transition "Community or Home Transition Services"
* #personal-care-homemaker "Personal Care and Homemaker Services"
* #environmental-accessibility-adaptations "Environmental Accessibility Adaptations"
* #medically-tailored-meals "Medically Tailored Meals" "Medically tailored meals or medically supportive food."
* #sobering-centers "Sobering Centers"
* #asthma-remediation "Asthma Remediation"
* #transitional-rent "Transitional Rent"

CodeSystem: PopulationOfFocusCodes
Id: population-of-focus
Title: "Populations of focus"
Description: "Populations of focus of Enhanced Care Management, as plans ask providers to report them; homelessness is told apart for adults and for families and youth."
* insert OwnCodes
* #homelessness-adults "Adults experiencing homelessness"
* #homelessness-families-youth "Families and unaccompanied youth experiencing homelessness"
* #avoidable-utilization "Individuals at risk for avoidable hospital or emergency department utilization"
* #serious-mental-health-sud "Individuals with serious mental health or substance use disorder needs"
* #transitioning-from-incarceration "Individuals transitioning from incarceration"
* #birth-equity "Birth equity"
* #at-risk-for-ltc "Living in the community and at risk for long-term care institutionalization"
* #nursing-facility-transition "Nursing facility residents transitioning to the community"
* #ccs "California Children's Services or its Whole Child Model"
* #child-welfare "Children and youth involved in child welfare"

CodeSystem: ReferralStatusCodes
Id: referral-status
Title: "Referral status"
Description: "How far a referral or authorization has come. Every source's own words are mapped to these, and these move ServiceRequest.status and Task.status."
* insert OwnCodes
* #planned "Planned" "Part of a plan, not yet asked for."
* #requested "Requested" "Sent; nobody has answered."
* #received "Received" "Whoever is asked has it."
* #accepted "Accepted" "Whoever is asked will do it."
* #approved "Approved" "The plan pays for it."
* #in-progress "In progress" "Contact or service has begun."
* #waiting "Waiting" "Wanted, but there is a waiting list or something is missing."
* #on-hold "On hold" "Set aside for now."
* #denied "Denied" "The plan does not pay for it."
* #declined "Declined" "Whoever was asked will not do it."
* #cancelled "Cancelled" "Taken back by who asked."
* #expired "Expired" "Its time is over."
* #completed "Completed" "Done."
* #closed-served "Closed, services received" "The loop is closed: the person received the service."
* #closed-unserved "Closed, no services received" "The loop is closed without a service."
* #entered-in-error "Entered in error" "It should never have been recorded."

CodeSystem: ReferralClosureCodes
Id: referral-closure
Title: "Referral closure"
Description: "Why a referral's loop was closed. Files write it in their own words, which stay text until a code table maps them."
* insert OwnCodes
* #services-received "Services received"
* #provider-declined "Provider declined"
* #unable-to-reach "Unable to reach the member"
* #no-longer-eligible "No longer eligible"
* #no-longer-needed "No longer needed, or the member declines"
* #other "Other" "Another reason, in words."

CodeSystem: ProgrammeKindCodes
Id: programme-kind
Title: "Programme kinds"
Description: "Kinds of Medi-Cal behavioral health and care management programmes. A kind says nothing of 42 CFR Part 2: that is a property of the single programme, and each source declares it."
* insert OwnCodes
* #smhs "Specialty Mental Health Services"
* #nsmhs "Non-Specialty Mental Health Services"
* #dmc "Drug Medi-Cal"
* #dmc-ods "Drug Medi-Cal Organized Delivery System"
* #fsp "Full Service Partnership"
* #tcm "Targeted Case Management"
* #ecm "Enhanced Care Management"
* #community-supports "Community Supports"
* #crisis "Crisis services"

CodeSystem: KeyingCodes
Id: keying
Title: "Keying"
Description: "How many people have read a paper form."
* insert OwnCodes
* #keyed-once "Keyed once" "One person keyed it; nobody has compared it with the paper."
* #second-checked "Second-checked" "A second person compared it with the paper."

CodeSystem: DocumentCategoryCodes
Id: document-category
Title: "Document categories"
Description: "What kind of thing a document is."
* insert OwnCodes
* #keyed-form "Keyed form" "A paper form, keyed into a file."

ValueSet: CommunitySupports
Id: community-supports
Title: "Community Supports"
Description: "All Community Supports."
* ^experimental = false
* include codes from system CommunitySupportsCodes

ValueSet: PopulationsOfFocus
Id: population-of-focus
Title: "Populations of focus"
Description: "All populations of focus."
* ^experimental = false
* include codes from system PopulationOfFocusCodes

ValueSet: ReferralStates
Id: referral-status
Title: "Referral status"
Description: "All states of a referral or authorization."
* ^experimental = false
* include codes from system ReferralStatusCodes

ValueSet: ReferralClosures
Id: referral-closure
Title: "Referral closure"
Description: "All reasons for closing a referral."
* ^experimental = false
* include codes from system ReferralClosureCodes

ValueSet: ProgrammeKinds
Id: programme-kind
Title: "Programme kinds"
Description: "All kinds of programmes."
* ^experimental = false
* include codes from system ProgrammeKindCodes

ValueSet: KeyingStates
Id: keying
Title: "Keying"
Description: "How many people have read a paper form."
* ^experimental = false
* include codes from system KeyingCodes

ValueSet: ServiceRequestStates
Id: service-request-status
Title: "States of a service asked for"
Description: "The states that a referral status moves a ServiceRequest to."
* ^experimental = false
* http://hl7.org/fhir/request-status#active
* http://hl7.org/fhir/request-status#on-hold
* http://hl7.org/fhir/request-status#revoked
* http://hl7.org/fhir/request-status#completed
* http://hl7.org/fhir/request-status#entered-in-error

ValueSet: ServiceRequestIntents
Id: service-request-intent
Title: "Intents of a service asked for"
Description: "Part of a plan, or an order."
* ^experimental = false
* http://hl7.org/fhir/request-intent#plan
* http://hl7.org/fhir/request-intent#order

ValueSet: TaskStates
Id: task-status
Title: "States of an order"
Description: "The states that a referral status moves a Task to."
* ^experimental = false
* http://hl7.org/fhir/task-status#requested
* http://hl7.org/fhir/task-status#received
* http://hl7.org/fhir/task-status#accepted
* http://hl7.org/fhir/task-status#in-progress
* http://hl7.org/fhir/task-status#on-hold
* http://hl7.org/fhir/task-status#rejected
* http://hl7.org/fhir/task-status#cancelled
* http://hl7.org/fhir/task-status#completed
* http://hl7.org/fhir/task-status#failed
* http://hl7.org/fhir/task-status#entered-in-error

ValueSet: ConsentPurposes
Id: consent-purpose
Title: "Purposes of a release"
Description: "What forms are signed for: treatment, payment, operations, care management, coordination of care."
* ^experimental = false
* $reason#TREAT
* $reason#HPAYMT
* $reason#HOPERAT
* $reason#CAREMGT
* $reason#COC

ValueSet: ConsentLabels
Id: consent-label
Title: "Labels that a release speaks of"
Description: "Kinds of information that a form asks about by name. IHE's value set says ETH for what data is labelled SUD with, so a provision names both."
* ^experimental = false
* $act#SUD
* $act#ETH
* $act#ETHUD
* $act#OPIOIDUD
* $act#42CFRPart2
* $act#BH
* $act#MH
* $act#PSY
* $act#PSYTHPN
* $act#HIV
* $act#STD
* $act#SEX
* $act#SDV
* $confidentiality#N
* $confidentiality#R

ValueSet: DataLabels
Id: data-label
Title: "Labels of data"
Description: "Confidentiality, sensitivity, policy, and the mark of invented data."
* ^experimental = false
* include codes from valueset ConsentLabels
* $confidentiality#V
* $reason#HTEST
