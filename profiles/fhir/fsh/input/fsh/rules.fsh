// What holds for every type.

RuleSet: Labels
* meta.security from DataLabels (extensible)
* meta.security ^short = "Confidentiality and sensitivity; what carries no word of caution is normal"
* meta.security ^comment = "A row of a programme under 42 CFR Part 2, or of one that nobody has judged yet, carries SUD and 42CFRPart2. Invented data carries HTEST."

// Where the parent does not slice identifiers yet.
RuleSet: SlicedIdentifier
* identifier ^slicing.discriminator.type = #pattern
* identifier ^slicing.discriminator.path = "$this"
* identifier ^slicing.rules = #open

RuleSet: Gateway
* identifier 1..* MS
* identifier contains gateway 1..1 MS
* identifier[gateway] ^patternIdentifier.system = "https://w3id.org/nowrongdoor/id/gateway"
* identifier[gateway] ^short = "Our own id: the same for the same record of the same source, in every run"
* identifier[gateway].system 1..1
* identifier[gateway].value 1..1
* identifier[gateway].value ^comment = "A UUID made of the source, the kind of thing and the source's own key with the deployment's secret: without the secret nobody can list them."

RuleSet: PlacerAndFiller
* identifier contains placer 0..1 MS and filler 0..1 MS
* identifier[placer] ^patternIdentifier.type = http://terminology.hl7.org/CodeSystem/v2-0203#PLAC
* identifier[placer] ^short = "The number that who asked gave it (referral)"
* identifier[placer].system 1..1
* identifier[placer].value 1..1
* identifier[filler] ^patternIdentifier.type = http://terminology.hl7.org/CodeSystem/v2-0203#FILL
* identifier[filler] ^short = "The number that who answers gave it (authorization)"
* identifier[filler].system 1..1
* identifier[filler].value 1..1
