// Where our data comes from: the columns of the shipped layouts by the layouts' own names, for `nwd explain --profile`.
// `nwd explain --profile NAME SOURCE` finds a source's own columns by trying.

Mapping: PatientColumns
Source: NWDPatient
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* extension[race] -> "RACE, by the source's code table"
* extension[ethnicity] -> "ETHNICITY, by the source's code table"
* identifier[gateway] -> "CLIENT_ID, CLIENT_NO, MEMBER_ID or ID: the source's own key"
* identifier[cin] -> "CIN"
* identifier[client] -> "CLIENT_ID or CLIENT_NO of a county or clinic"
* identifier[member] -> "MEMBER_ID of a plan"
* active -> "nothing: true in a current full extract"
* name -> "LAST_NAME, FIRST_NAME, MIDDLE_NAME, SUFFIX, PREFERRED_NAME; MEMBER_NAME where it is one cell"
* telecom -> "PHONE, EMAIL"
* gender -> "SEX, by the source's code table; unknown where it is blank"
* birthDate -> "DOB"
* deceased[x] -> "DATE_OF_DEATH"
* address -> "STREET, STREET2, CITY, COUNTY, STATE, ZIP; words such as \"homeless\" stay text"
* maritalStatus -> "MARITAL_STATUS, by its code table"
* communication -> "LANGUAGE, by the source's code table"
* generalPractitioner -> "CLINICIAN with CLINICIAN_NPI; PCP_NAME"
* managingOrganization -> "[organization] of the source's TOML"

Mapping: RelatedPersonColumns
Source: NWDRelatedPerson
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* identifier[gateway] -> "the client's own key"
* active -> "nothing: the client names them in a current extract"
* patient -> "CLIENT_ID or CLIENT_NO"
* relationship -> "CONTACT_RELATION, by its code table"
* name -> "CONTACT_NAME"
* telecom -> "CONTACT_PHONE"

Mapping: CoverageColumns
Source: NWDCoverage
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* identifier[memberid] -> "CIN"
* status -> "nothing: active, as long as the person stands in a current extract as a member"
* type -> "AID_CODE, as text"
* subscriberId -> "CIN"
* beneficiary -> "CLIENT_ID or MEMBER_ID"
* relationship -> "nothing: Medi-Cal covers the member"
* period -> "START, END"
* payor -> "HEALTH_PLAN or TYPE, by the source's code table; else the source itself"

Mapping: OrganizationColumns
Source: NWDOrganization
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* identifier[gateway] -> "its name in code tables and settings"
* identifier[NPI] -> "[organization] of the source's TOML, or [partners] of nwd.toml"
* active -> "nothing: it sends us files, or a row names it"
* name -> "[organization] of the source's TOML, or [partners] of nwd.toml"
* telecom -> "[organization] of the source's TOML"

Mapping: PractitionerColumns
Source: NWDPractitioner
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* identifier[gateway] -> "the NPI"
* identifier[NPI] -> "CLINICIAN_NPI, PROVIDER_NPI, REFERRED_BY_NPI, REFER_FROM_NPI"
* name -> "CLINICIAN, PROVIDER, REFERRED_BY, REFER_FROM: each spelling once"

Mapping: PractitionerRoleColumns
Source: NWDPractitionerRole
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* identifier[gateway] -> "the NPI"
* practitioner -> "PROVIDER_NPI"
* organization -> "[organization] of the source's TOML"
* code -> "PROVIDER_TITLE"
* telecom -> "nothing: no export states one"

Mapping: ConditionColumns
Source: NWDCondition
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* identifier[gateway] -> "PLAN_ID with ITEM_NO, FORM_ID with LINE_NO, or ID"
* clinicalStatus -> "STATUS, by the source's code table of problems"
* category -> "nothing: a problem of a list, where no CATEGORY says otherwise"
* code -> "CODE or ICD10 with DESCRIPTION or PROBLEM"
* subject -> "CLIENT_ID, CLIENT_NO or PERSON_ID"
* onset[x] -> "START or ONSET"
* abatement[x] -> "END, of a problem that is over"
* recorder -> "PROVIDER with PROVIDER_NPI; IDENTIFIED_BY"
* note -> "NOTE, and what stands in the code cell besides a code"

Mapping: EncounterDiagnosisColumns
Source: NWDEncounterDiagnosis
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* identifier[gateway] -> "ID or DIAGNOSIS_ID"
* clinicalStatus -> "STATUS, by the source's code table of problems"
* category -> "CATEGORY, by the source's code table"
* code -> "CODE with CODE_SYSTEM and DESCRIPTION"
* subject -> "PERSON_ID or CLIENT_ID"
* onset[x] -> "START or ONSET"
* abatement[x] -> "END or RESOLVED"
* recordedDate -> "DIAGNOSED"
* recorder -> "CLINICIAN with CLINICIAN_NPI"
* note -> "RANK, and what stands in the code cell besides a code"

Mapping: GoalColumns
Source: NWDGoal
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* identifier[gateway] -> "PLAN_ID with ITEM_NO"
* lifecycleStatus -> "STATUS, by the source's code table of goals"
* description -> "DESCRIPTION"
* subject -> "CLIENT_ID"
* start[x] -> "START"
* target -> "TARGET_DATE"
* note -> "NOTE"

Mapping: CarePlanColumns
Source: NWDCarePlan
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* text -> "DESCRIPTION and NOTE, said again for people"
* extension[derived] -> "nothing: set where no row states the plan"
* extension[programme] -> "not filled yet: rows are known by whether their programme is under Part 2, not by its kind"
* identifier[gateway] -> "PLAN_ID or ID; EPISODE of an enrolment"
* status -> "STATUS of the plan's own row, by the source's code table of plans; whether an enrolment has ended"
* intent -> "nothing: a treatment plan is a plan"
* category -> "nothing: US Core's category; a code where the row has CODE"
* title -> "DESCRIPTION; PROGRAM_NAME or PROGRAM of an enrolment"
* subject -> "CLIENT_ID or PERSON_ID"
* period -> "START, END; ADMITTED, DISCHARGED"
* author -> "PROVIDER with PROVIDER_NPI; AUTHOR; CLINICIAN with CLINICIAN_NPI"
* contributor -> "[organization] of the source's TOML"
* addresses -> "the plan's problem rows; REASON_CODE, REASON"
* goal -> "the plan's goal rows"
* activity -> "the plan's intervention rows, and referrals that name its PLAN_ID"
* note -> "NOTE; DISCHARGE_REASON"

Mapping: ServiceRequestColumns
Source: NWDServiceRequest
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* extension[programme] -> "not filled yet: rows are known by whether their programme is under Part 2, not by its kind"
* identifier[gateway] -> "PLAN_ID with ITEM_NO, REFERRAL_ID, FORM_ID, or AUTHORIZATION_ID with code and modifiers"
* identifier[placer] -> "REFERRAL_ID or FORM_ID"
* identifier[filler] -> "AUTHORIZATION_ID"
* status -> "STATUS or AUTH_STATUS, through the referral status that a code table gives it"
* intent -> "nothing: plan for an intervention row, order for a referral or authorization"
* category[communitySupport] -> "SERVICE_CODE with MODIFIER, HCPCS1 to HCPCS5 with theirs: services.csv"
* priority -> "URGENCY, by the source's code table"
* code -> "SERVICE_CODE, CODE, HCPCS1 to HCPCS5; the words from DESCRIPTION, HCPCS1_DESC or the code table"
* orderDetail[modifier] -> "MODIFIER, HCPCS1_MOD1 to HCPCS5_MOD4, and what is glued to the code"
* quantity[x] -> "HCPCS1_UNITS to HCPCS5_UNITS"
* subject -> "CLIENT_ID, CLIENT_NO or MEMBER_ID"
* occurrence[x] -> "START, END of an intervention; AUTH_START, AUTH_END"
* authoredOn -> "REFERRAL_DATE"
* requester -> "PROVIDER, REFERRED_BY or REFER_FROM with its NPI"
* performer -> "REFER_TO, by the source's code table of organizations"
* reasonCode -> "REASON"
* note -> "NOTE"

Mapping: TaskColumns
Source: NWDTask
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* identifier[gateway] -> "REFERRAL_ID, FORM_ID, or AUTHORIZATION_ID with code and modifiers"
* identifier[placer] -> "REFERRAL_ID or FORM_ID"
* identifier[filler] -> "AUTHORIZATION_ID"
* status -> "STATUS, AUTH_STATUS or HCPCS1_STATUS to HCPCS5_STATUS, through the referral status that a code table gives it"
* statusReason -> "CLOSURE_REASON"
* businessStatus -> "the same cell: the referral status, and the source's own word"
* intent -> "nothing: it is about an order"
* priority -> "URGENCY, by the source's code table"
* code -> "nothing: the task of a referral is to fulfil it"
* focus -> "the row's own ServiceRequest"
* for -> "CLIENT_ID, CLIENT_NO or MEMBER_ID"
* authoredOn -> "REFERRAL_DATE"
* lastModified -> "STATUS_DATE"
* requester -> "REFERRED_BY or REFER_FROM with its NPI"
* owner -> "REFER_TO, by the source's code table of organizations"

Mapping: ConsentColumns
Source: NWDConsent
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme"
* identifier[gateway] -> "RELEASE_ID or FORM_ID"
* status -> "STATUS, REVOKED, EXPIRES; on paper, CHECKER as well: keyed by one person alone it is proposed"
* scope -> "nothing: a release is about privacy"
* category -> "nothing: a release of information"
* patient -> "CLIENT_ID or CLIENT_NO"
* dateTime -> "SIGNED"
* performer -> "SIGNED_BY; the client where it is blank"
* organization -> "[organization] of the source's TOML"
* source[x] -> "FORM, or the paper that the row was keyed from"
* policy -> "SUD: which law the answer is given under"
* policyRule -> "SUD"
* provision.type -> "SHARE, or SHARE_YES and SHARE_NO"
* provision.period -> "SIGNED, EXPIRES"
* provision.actor -> "RELEASE_TO, by the source's code table of organizations"
* provision.purpose -> "PURPOSE, by the source's code table"
* provision.data -> "RELEASE_FROM, by the source's code table of organizations; else the source itself"
* provision.provision -> "SUD, or SUD_YES, SUD_NO and SUD_INITIALS"

Mapping: DocumentReferenceColumns
Source: NWDDocumentReference
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.security -> "PROGRAM, by what the source says of each programme; CONFIDENTIALITY"
* extension[keyed] -> "KEYER, CHECKER"
* identifier[gateway] -> "FORM_ID, and LINE_NO of a problem list"
* status -> "nothing: current"
* type -> "which table the row stands in"
* category[keyed] -> "nothing: it is keyed paper"
* subject -> "CLIENT_NO"
* author -> "KEYER"
* custodian -> "[organization] of the source's TOML"
* description -> "FORM_NO, FORM_REV, BOX_PAGE"
* content -> "the whole row as text; FORM_NO, FORM_REV; DATE_KEYED"

Mapping: ProvenanceColumns
Source: NWDProvenance
Target: "https://w3id.org/nowrongdoor/columns"
Id: columns
Title: "Columns"
* meta.tag[gateway] -> "the person and how often their record has changed"
* target -> "what was made or changed in this intake"
* target.extension[asOf] -> "not filled yet: a row without a date of its own takes its file's, and the two cannot be told apart"
* recorded -> "the moment of the intake"
* agent[assembler] -> "[organization] of the source's TOML"
* agent[enterer] -> "KEYER"
* agent[verifier] -> "CHECKER"
* entity -> "the files that the rows stood in"
