"""The states and territories of the United States by the two letters of the Postal Service, which US Core asks for."""

_NAMES = """
AL Alabama AK Alaska AZ Arizona AR Arkansas CA California CO Colorado CT Connecticut DE Delaware DC District of Columbia
FL Florida GA Georgia HI Hawaii ID Idaho IL Illinois IN Indiana IA Iowa KS Kansas KY Kentucky LA Louisiana ME Maine
MD Maryland MA Massachusetts MI Michigan MN Minnesota MS Mississippi MO Missouri MT Montana NE Nebraska NV Nevada
NH New Hampshire NJ New Jersey NM New Mexico NY New York NC North Carolina ND North Dakota OH Ohio OK Oklahoma OR Oregon
PA Pennsylvania RI Rhode Island SC South Carolina SD South Dakota TN Tennessee TX Texas UT Utah VT Vermont VA Virginia
WA Washington WV West Virginia WI Wisconsin WY Wyoming PR Puerto Rico GU Guam AS American Samoa VI Virgin Islands
MP Northern Mariana Islands FM Micronesia MH Marshall Islands PW Palau
AA Armed Forces Americas AE Armed Forces Europe AP Armed Forces Pacific
"""


def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    words: list[str] = []
    for word in reversed(_NAMES.split()):
        if len(word) == 2 and word.isupper():
            codes[" ".join(reversed(words)).casefold()] = codes[word.casefold()] = word
            words = []
        else:
            words.append(word)
    return codes


_CODES = _codes()


def usps(told: str) -> str:
    """Two letters for a state's name or code in any case; "" for any other text."""
    return _CODES.get(" ".join(told.replace(".", "").split()).casefold(), "")
