"""What an entry is: its mood decides before its template, its template before its section, never a title.

A role says which resource stands for an entry (`KIND`), that it is part of another's (`MERGED`), or that only its
section's words are kept. Moods, templates and sections as HL7 C-CDA R1.1 and R2.1 define them; its guide C-CDA on FHIR
is silent about plans, goals, concerns and referrals.
"""

import re
from collections.abc import Callable, Mapping

from nowrongdoor.layouts.ccda.ledger import Entry, code_of
from nowrongdoor.layouts.ccda.values import negated
from nowrongdoor.model import Kind

_T = "2.16.840.1.113883.10.20.22.4."
INTENT = {"INT": "plan", "RQO": "order", "PRMS": "plan", "PRP": "proposal", "ARQ": "proposal", "APT": "plan",
          "OPT": "proposal"}  # fmt: skip
PLAN, ASSESSED, DONE = "18776-5", "51847-2", "62387-6"
CARE_PLAN = "52521-2"  # of a document
STATES = {"34133-9", CARE_PLAN}  # kinds of document that tell how things stand; the others, what took place
PLANS = {PLAN, ASSESSED, DONE}
REFERRAL, GOALS, CONCERNS, OUTCOMES, ASSESSMENT = "42349-1", "61146-7", "75310-3", "11383-7", "51848-0"
PROBLEMS, MENTAL, FUNCTIONAL, DIRECTIVES = "11450-4", "10190-7", "47420-5", "42348-3"
VISITS = {"46240-8", "11535-2", "46241-6"}
KEPT = {"48765-2", "10160-0", "10183-2", "42346-7", "29549-3", "30954-2", "47519-4"}  # told by their words alone

KIND: Mapping[str, Kind] = {
    "goal": "goal", "service": "service", "referral": "service", "medication": "medication", "device": "device",
    "condition": "condition", "concern": "condition", "risk": "observation", "observation": "observation",
    "procedure": "procedure", "encounter": "encounter", "note": "document", "directive": "document",
    "coverage": "coverage", "team": "team",
}  # fmt: skip
REQUESTS = {"service", "referral", "medication", "device"}
MERGED = {
    "holder", "link", "priority", "progress", "status", "prognosis", "comment", "reason", "handoff", "none",
    "instruction", "insurance", "level", "external", "component", "sig", "visit", "same", "member",
}  # fmt: skip
NARRATIVE, OUT = "narrative", "out of scope"
_FAMILY = (_T + "45", _T + "46")  # what a relative has or had
_NOT_PARTS = {"link", "priority", "comment", "handoff", "status"}


def classify(entry: Entry) -> str:
    """The role of an entry; what it hangs on has its own already."""
    if entry.under_denial:
        return unsaid(entry)
    role = _done(entry) if entry.mood == "EVN" else _meant(entry)
    about_another = entry.theirs or entry.has(*_FAMILY)
    return NARRATIVE if about_another and (role in KIND or role in MERGED) else role


def _done(entry: Entry) -> str:
    if not entry.theirs and _says_it(entry):
        entry.above.take(entry)  # type: ignore[union-attr]  # it hangs on what it says
        return "same"
    role = _by_template(entry) or _bare(entry) or _by_section(entry) or unsaid(entry)
    return NARRATIVE if (role in KIND or role in MERGED) and _void(entry, role) else role


def _void(entry: Entry, role: str) -> bool:
    """Denied or taken back, and no fact: a named problem that somebody does not have is one, and one told in error."""
    if entry.denied and not (role == "condition" and _names_a_problem(entry)):
        return True
    if any(map(negated, entry.at.get("value", ()))):
        return True
    if role in {"condition", "concern", "holder", "link"}:
        return False
    return any(map(_nullified, [entry] if role in MERGED else entry.up()))


def withdrawn(entry: Entry) -> bool:
    """It, or what it hangs on, was entered in error."""
    return _nullified(entry) or any(map(_nullified, entry.up()))


def _nullified(entry: Entry) -> bool:
    return entry.status.lower() == "nullified"


def unsaid(entry: Entry) -> str:
    """No fact: told by its section's words, or out of scope."""
    if entry.mood != "EVN" or entry.section.code in KEPT:
        return NARRATIVE
    return OUT


def _says_it(entry: Entry) -> bool:
    """What a planned entry leaves to an event of its own kind and id, which did not happen: some vendors write so."""
    above = entry.above
    return (
        above is not None
        and above.role in REQUESTS
        and above.tag == entry.tag
        and "code" not in above.at
        and above.id == entry.id != ""
    )


def holds(entry: Entry) -> bool:
    """Whether it has parts that say what it is about."""
    return any(_by_link(kid) not in _NOT_PARTS for kid in entry.kids)


_SILENCE = {
    "a", "about", "an", "and", "any", "applicable", "are", "assessment", "assessments", "at", "available", "care",
    "currently", "data", "date", "details", "documented", "entered", "excluded", "file", "for", "found", "given",
    "history", "indicated", "information", "is", "known", "na", "ninguna", "ninguno", "no", "none", "not", "note",
    "noted", "of", "on", "or", "plan", "planned", "plans", "present", "provided", "reason", "recorded", "referral",
    "referrals", "reported", "the", "there", "this", "time", "to", "treatment", "unknown", "was", "were",
}  # fmt: skip
_NO = {"no", "none", "not", "na", "ninguna", "ninguno", "unknown", "excluded"}
_CLAUSES = re.compile(r"[;:!?]|(?<=\w{3})\.\s|\s[-–—]\s")
_DENIAL = re.compile(
    r"(?:the )?(?:(?:patient|client|member|pt|referral) )?(?:(?:has|is|was|does|did) )?"
    r"(?:no|none|n/?a|deny|denie[sd]|declin\w+|refus\w+|ningun[ao]|"
    r"not (?:\w+ )?(?:applic|avail|indicat|necess|need|record|refer|requir|want|wish)\w*)\b"
)
_ASKS = re.compile(r"\b(?:please|(?<!to )refer to)\b")


def silent(told: str) -> bool:
    """Words that only say that there are none ("No plan of care recorded"): from a closed list, so that no other is."""
    plain = told.lower().replace("n/a", "na").replace("/", " ")
    heard = set("".join(c for c in plain if c.isalnum() or c == " ").split())
    return not heard or (bool(heard & _NO) and {w for w in heard if not w.isdecimal()} <= _SILENCE)


def denies(told: str) -> bool:
    """Words that say no, clause for clause ("None needed at present", "Patient declined a referral to …")."""
    heard = told.lower()
    clauses = [c for each in _CLAUSES.split(heard) if (c := each.strip())]
    return bool(clauses) and all(map(_DENIAL.match, clauses)) and not _ASKS.search(heard)


def within(entry: Entry, *templates: str) -> bool:
    above = entry.above
    while above is not None:
        for template in templates:
            if _T + template in above.templates:
                return True
        above = above.above
    return False


# planned ------------------------------------------------------------------


INSTRUCTIONS = (_T + "20", "2.16.840.1.113883.10.20.1.49")
_ASKED = {"act", "encounter", "observation", "procedure"}


def _meant(entry: Entry) -> str:
    if entry.mood not in INTENT and entry.mood != "GOL":
        return NARRATIVE
    if entry.denied:
        return "none"
    return "goal" if entry.mood == "GOL" else _about(entry) or _asked(entry)


def _about(entry: Entry) -> str:
    """What is part of the request that it hangs on."""
    above = entry.above.role if entry.above else ""
    if entry.has(_T + "129") or above == "insurance":
        return "insurance"
    if entry.has(*INSTRUCTIONS) and above in REQUESTS:
        return "instruction"
    if entry.has(_T + "147"):
        return "sig" if above == "medication" else NARRATIVE
    return ""


def _asked(entry: Entry) -> str:
    if entry.tag in _ASKED and entry.has(_T + "140"):
        return "referral"
    if (entry.tag == "organizer" or entry.has(_T + "146")) and holds(entry):
        return "holder"
    if entry.tag == "supply":
        return "device" if _is_device(entry) else "medication"
    if entry.tag == "substanceAdministration":
        return "medication"
    return "service" if entry.tag in _ASKED else unsaid(entry)


def _is_device(entry: Entry) -> bool:
    """A supply of a thing: it names a device, and no product."""
    return "product" not in entry.at and any(True for _ in entry.element.iter("{*}playingDevice"))


# done, found, stated ------------------------------------------------------


def _by_link(entry: Entry) -> str:
    """Templates that are part of what they hang on, wherever they stand."""
    return next((role for t in entry.templates if (role := _LINKED.get(t))), "")


def _by_template(entry: Entry) -> str:
    if role := _by_link(entry):
        return role
    for template in entry.templates:
        if (rule := _RULES.get(template)) and (role := rule(entry)):
            return role
    return ""


def _concern(entry: Entry) -> str:
    if holds(entry) or (entry.kids and "text" not in entry.at):
        return "holder"
    return "risk" if entry.has(_T + "136") else "concern"


def category(entry: Entry) -> str:
    """Of a problem, by what holds it and by its section; "" where it is not one of ours."""
    code = entry.section.code
    if code == CONCERNS or within(entry, "132", "136"):
        return "health-concern"
    if code in VISITS or within(entry, "80", "33", "34"):
        return "encounter-diagnosis"
    return "problem-list-item" if code == PROBLEMS else ""


def _problem(entry: Entry) -> str:
    if within(entry, "136"):
        return "risk"
    if category(entry):
        return "condition"
    return "reason" if entry.link == "RSON" and entry.above and entry.above.role in REQUESTS | {"goal"} else ""


_GENERIC = {  # SNOMED CT: a problem, a finding, … of no kind
    "55607006", "404684003", "409586006", "64572001", "282291009", "248536006", "418799008", "373930000",
}  # fmt: skip


_KINDS = _GENERIC | {  # what the code of a problem may say (LOINC: problem, symptom, …); its value says which
    "", "ASSERTION", "29308-4", "75321-0", "75322-8", "75323-6", "75325-1", "75326-9",
}  # fmt: skip
_STATUS = "33999-4"


def _bare(entry: Entry) -> str:
    """A problem whose source names no template, in a section of problems: by what it says and what it hangs on."""
    if any(entry.templates) or entry.section.code not in {PROBLEMS, CONCERNS, *VISITS}:
        return ""
    above = entry.above.role if entry.above else ""
    if above == "condition":
        return "status" if entry.code == _STATUS else ""
    if above not in {"", "encounter", "holder"} or entry.link not in {"", "COMP", "REFR", "SUBJ"}:
        return ""
    if entry.tag == "act":
        return _held(entry)
    value = entry.one("value")
    told = value is not None and (code_of(value) or value.find("{*}originalText") is not None)
    return _problem(entry) if told and entry.tag == "observation" and entry.code in _KINDS else ""


def _names_a_problem(entry: Entry) -> bool:
    value = entry.one("value")
    return value is not None and (value.get("code") or "") not in _GENERIC | {""}


def _performed(entry: Entry) -> str:
    hung = entry.above is not None and any(a.role in REQUESTS | {"goal"} for a in entry.up())
    return "procedure" if hung or entry.section.code in PLANS else ""


def _held(entry: Entry) -> str:
    return "holder" if entry.kids else ""


def _always(role: str) -> Callable[[Entry], str]:
    return lambda _: role


def _intervention(entry: Entry) -> str:
    return "holder" if holds(entry) else "procedure"


def _handoff(entry: Entry) -> str:
    return "handoff" if entry.section.code in PLANS else ""


def _reason(entry: Entry) -> str:
    """An indication goes with what it is the reason of."""
    return "reason" if entry.above and entry.above.role in REQUESTS | {"goal", "encounter", "procedure"} else ""


def _scale(entry: Entry) -> str:
    return "component" if entry.above and entry.above.role == "observation" else ""


def _of_problem(role: str) -> Callable[[Entry], str]:
    return lambda entry: role if entry.above and entry.above.role in {"condition", "risk", "concern"} else ""


_LINKED = {_T + "122": "link", _T + "143": "priority"}
_RULES: Mapping[str, Callable[[Entry], str]] = {_T + t: rule for t, rule in {
    "132": _concern, "136": _concern, "4": _problem,
    "3": lambda e: "holder" if e.section.code == PROBLEMS or category(e) else "",
    "80": _held, "33": _held, "34": _held,
    "6": _of_problem("status"), "113": _of_problem("prognosis"), "64": _of_problem("comment"),
    "144": _always("observation"), "69": _always("observation"), "86": _scale,
    "110": lambda e: "progress" if e.above and e.above.role in {"observation", "goal"} else "",
    "12": _performed, "13": _performed, "14": _performed, "131": _intervention, "141": _handoff,
    "19": _reason, "202": _always("note"), "48": _always("directive"), "108": _held,
    "60": _held, "61": _always("coverage"), "500": _always("team"),
    "500.1": lambda e: "member" if e.above and e.above.role == "team" else "",
}.items()} | {
    "2.16.840.1.113883.10.20.1.19": lambda e: "holder" if e.kids and e.above else "",
    "2.16.840.1.113883.10.20.24.3.88": _reason,
}  # fmt: skip


def _by_section(entry: Entry) -> str:
    above = entry.above.role if entry.above else ""
    if entry.tag == "encounter":
        return "visit" if entry.above and "effectiveTime" not in entry.at else "encounter"
    if entry.tag == "observation" and entry.code == "ASSERTION" and above == "referral":
        return "level"
    if entry.section.code in {MENTAL, FUNCTIONAL}:
        return {"observation": "observation", "organizer": "holder" if entry.kids else ""}.get(entry.tag, "")
    if within(entry, "132") or (entry.section.code in {CONCERNS, OUTCOMES} and above in {"", "holder"}):
        return _under_concern(entry)
    if entry.tag == "act" and entry.section.code in PLANS and above in {"", "holder"}:
        return "external" if _is_external(entry) else "handoff"
    return ""


def _under_concern(entry: Entry) -> str:
    if entry.tag == "act" and _is_external(entry):
        return "external"
    if entry.tag in {"act", "organizer"}:
        return "holder" if entry.kids else "concern" if entry.section.code == CONCERNS and not entry.above else ""
    return "observation" if entry.tag == "observation" else ""


def _is_external(entry: Entry) -> bool:
    return any(ref.find("{*}externalDocument") is not None for ref in entry.at.get("reference", ()))
