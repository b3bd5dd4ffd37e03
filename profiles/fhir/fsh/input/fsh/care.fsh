RuleSet: ConditionRules
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* code ^comment = "ICD-10-CM where the cell is one code; else the words as written."
* recorder ^short = "Who identified the problem; a display where no NPI is known"
* recorder MS

Profile: NWDCondition
Parent: us-core-condition-problems-health-concerns
Id: nwd-condition
Title: "Problem of a problem list"
Description: "A problem, diagnosis or health concern that a plan row, problem list or form states."
* insert ConditionRules
* category[us-core] = $condition#problem-list-item

Profile: NWDEncounterDiagnosis
Parent: us-core-condition-encounter-diagnosis
Id: nwd-encounter-diagnosis
Title: "Diagnosis of an encounter"
Description: "A diagnosis that the source itself files under an encounter."
* insert ConditionRules

Profile: NWDGoal
Parent: us-core-goal
Id: nwd-goal
Title: "Goal that the source states"
Description: "Only ever from a goal row: never derived, and nothing without the plan that it belongs to."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* description.text 1..1
* target.due[x] only date

Profile: NWDCarePlan
Parent: us-core-careplan
Id: nwd-care-plan
Title: "Treatment or care plan"
Description: "A plan that the source states, of the parts that stood. What is planned are ServiceRequests and Tasks that it refers to. A plan that the source does not state as one is marked derived; it comes only of a stated next step, plan type or enrolment, never of a problem list alone."
* insert Labels
* insert SlicedIdentifier
* insert Gateway
* extension contains DerivedPlan named derived 0..1 MS and Programme named programme 0..1
* extension[derived] ^short = "No row states it as a plan"
* extension[programme] ^short = "The kind of programme it belongs to"
* intent = #plan
* category[AssessPlan] ^short = "US Core's category of every assessment and plan"
* period MS
* author MS
* contributor MS
* contributor only Reference(us-core-organization)
* contributor ^short = "The source that states the plan"
* addresses MS
* addresses ^short = "Problems of the plan's own rows, or of the code that it gives as its reason"
* goal MS
* activity MS
* activity.reference MS
* activity.reference only Reference(ServiceRequest or Task)
* activity.detail 0..0
* note MS
