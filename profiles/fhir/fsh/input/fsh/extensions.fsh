Extension: DerivedPlan
Id: derived-plan
Title: "Derived plan"
Description: "The source did not state this as a plan: it was derived from a stated next step, plan type or enrolment."
Context: CarePlan
* value[x] only boolean
* value[x] 1..1

Extension: AsOf
Id: as-of
Title: "As of"
Description: "When the source's row says that this was true. It stands on the Provenance's pointer to the resource, so that it goes where the pointer goes, and a row that is only dated anew changes no resource."
Context: Provenance.target
* value[x] only dateTime
* value[x] 1..1

Extension: KeyedFromPaper
Id: keyed-from-paper
Title: "Keyed from paper"
Description: "Nobody typed this into a system of record: it was keyed from a paper form, by one person, or by one and checked by another."
Context: DocumentReference
* value[x] only code
* value[x] 1..1
* value[x] from KeyingStates (required)

Extension: Programme
Id: programme
Title: "Programme"
Description: "The programme that a plan or request belongs to. The name of a substance use programme is itself information under 42 CFR Part 2: where the programme is one, or nobody has judged it, the resource carries SUD and 42CFRPart2, or this extension is left out."
Context: CarePlan, ServiceRequest
* value[x] only CodeableConcept
* value[x] 1..1
* valueCodeableConcept from ProgrammeKinds (extensible)
