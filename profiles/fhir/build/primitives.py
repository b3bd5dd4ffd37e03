"""What a value of each primitive type of FHIR R4 looks like, as JSON Schema: real dates, no blanks, plain XHTML.

Source: FHIR R4 datatypes (the regexes there, and the words beside them), narrative (elements and attributes allowed).
"""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]
_YEAR = "([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_LEAP = "([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = (
    f"({_YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_PART = f"{_YEAR}(-(0[1-9]|1[0-2]))?"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = "(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_TEXT = r"^[^\S\x0b\x0c]*[^\s\x00-\x1f][^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
_WORD = "[A-Za-z0-9.-]{1,64}"
ABSOLUTE = "^[a-zA-Z][a-zA-Z0-9+.-]*:"
_BASE64 = "[0-9a-zA-Z+/]"
_OID = r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+"
_UUID = "urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TAGS = (
    "a|abbr|acronym|b|big|blockquote|br|caption|cite|code|col|colgroup|dd|dfn|div|dl|dt|em|h[1-6]|hr|i|img|li|ol|p|pre|q|samp"
    "|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|ul|var"
)
_ENTITY = "&(amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});"
_ATTRIBUTE = (
    r"\s+(xmlns|xml:lang|lang|dir|title|class|style|id|name|href|src|alt|width|height|border|align|valign|char|charoff"
    r"|abbr|axis|headers|scope|rowspan|colspan|span|summary|cellspacing|cellpadding|frame|rules|bgcolor|nowrap|start"
    r"|value|type|compact|rel|rev|hreflang|charset|longdesc|tabindex|accesskey|clear|cite)"
    rf"""\s*=\s*("([^"<&]|{_ENTITY})*"|'([^'<&]|{_ENTITY})*')"""
)
_PIECE = rf"(<({_TAGS})({_ATTRIBUTE})*\s*/?>|</({_TAGS})\s*>|<!--([^-]|-[^-])*-->|[^<&]|{_ENTITY})"
_XMLNS = r"""\s+xmlns\s*=\s*["']http://www\.w3\.org/1999/xhtml["']"""
_RUNS = r"""(?i)\s(href|src)\s*=\s*["']\s*(javascript|vbscript):"""


def _unlike(*heads: str) -> str:
    """Text without spaces that begins with none of these: the engine does not look ahead."""
    begun = sorted({head[:n] for head in heads for n in range(len(head))})
    then = {one: "".join(head[len(one)] for head in heads if head.startswith(one)) for one in begun}
    return "|".join([*(rf"{one}[^\s{then[one]}]\S*" for one in begun), *filter(None, begun)])


def _string(title: str, pattern: str, rule: str = "fhir-structure") -> Json:
    return {"title": title, "$comment": rule, "type": "string", "pattern": pattern}


PRIMITIVES: dict[str, Json] = {
    "base64Binary": _string(
        "must be base64", rf"^\s*({_BASE64}{{4}}\s*)*({_BASE64}{{4}}|{_BASE64}{{3}}=|{_BASE64}{{2}}==)\s*$"
    ),
    "boolean": {"title": "must be true or false", "type": "boolean"},
    "canonical": _string("must be a URL without spaces", r"^\S+$"),
    "code": _string("must be a code: no space before, after, or doubled", r"^\S+( \S+)*$"),
    "date": _string("must be a real date written YYYY, YYYY-MM or YYYY-MM-DD", f"^({_PART}|{_DAY})$", "fhir-date"),
    "dateTime": _string(
        "must be a real date, or one with time, seconds and zone", f"^({_PART}|{_DAY}(T{_CLOCK}{_ZONE})?)$", "fhir-date"
    ),
    "decimal": {"title": "must be a number", "type": "number"},
    "Element.id": _string("must be an id without spaces", r"^\S+$"),
    "id": _string("must be an id of 1 to 64 letters, digits, - and .", f"^{_WORD}$"),
    "instant": _string("must be a real date with time, seconds and zone", f"^{_DAY}T{_CLOCK}{_ZONE}$", "fhir-date"),
    "integer": {
        "title": "must be a whole number of 32 bits",
        "type": "integer",
        "whole": True,
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
    },
    "markdown": _string("must be text that is not blank and has no control characters", _TEXT),
    "oid": _string("must be urn:oid: and an OID", f"^{_OID}$"),
    "positiveInt": {
        "title": "must be a whole number from 1",
        "type": "integer",
        "whole": True,
        "minimum": 1,
        "maximum": 2**31 - 1,
    },
    "string": _string("must be text that is not blank and has no control characters", _TEXT),
    "time": _string("must be a time of day with seconds", f"^{_CLOCK}$", "fhir-date"),
    "unsignedInt": {
        "title": "must be a whole number from 0",
        "type": "integer",
        "whole": True,
        "minimum": 0,
        "maximum": 2**31 - 1,
    },
    "uri": _string(
        "must be a URI without spaces; what says it is an OID or a UUID must be one",
        f"^({_OID}|{_UUID}|{_unlike('urn:oid:', 'urn:uuid:')})$",
    ),
    "url": _string("must be a URL without spaces", r"^\S+$"),
    "uuid": _string("must be urn:uuid: and a UUID in small letters", f"^{_UUID}$"),
    "xhtml": {
        "title": "must be one div of plain XHTML: basic formatting only, not blank",
        "$comment": "txt-1",  # of no `type`: `not` refuses what is no text
        "pattern": rf"^\s*<div({_ATTRIBUTE})*{_XMLNS}({_ATTRIBUTE})*\s*>{_PIECE}*</div>\s*$",
        "allOf": [{"pattern": r">\s*[^\s<]|<img"}, {"nested": True}, {"not": {"pattern": _RUNS}}],
    },
}


def reference_pattern(types: Iterable[str]) -> str:
    """A literal reference to one of `types`, or a search for one as transactions may hold.

    `#local` ones are left to the checker, which sees the whole resource.
    """
    return rf"^(urn:(uuid|oid):\S+|(https?://\S+/)?({'|'.join(types)})(/{_WORD}(/_history/{_WORD})?|\?\S+))$"
