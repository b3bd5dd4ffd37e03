"""Is what stands in `unit` a unit of UCUM, as C-CDA wants, or a word such as "tablet" that must not pass for one?

The units of clinical documents, not all of UCUM: what is not understood here stays a word, and nothing is lost. There
is no kelvin among them, for whoever writes K/uL means thousands. Source: The Unified Code for
Units of Measure, version 2.1, case-sensitive.
"""

import re
from functools import lru_cache

_PREFIX = "(?:da|[kMGhdcmunpf])?"
_METRIC = r"g|s|mol|L|l|eq|osm|U|\[IU\]|\[iU\]|Cel|m\[Hg\]|m\[H2O\]|m|Pa|bar|J|cal|kat|Hz|Bq|Ci|Gy|Sv"
_OTHER = (
    r"%|\[degF\]|min|h|d|wk|mo|a|\[pH\]|\[in_i\]|\[in_us\]|\[ft_i\]|\[ft_us\]|\[yd_i\]|\[mi_i\]|\[lb_av\]|\[oz_av\]"
    r"|\[drp\]|\[tsp_us\]|\[tbs_us\]|\[foz_us\]|\[cup_us\]|\[pt_us\]|\[qt_us\]|\[gal_us\]|\[ppm\]|\[ppth\]|deg"
)
_NOTE = r"\{[!-z|~]*\}"  # what is counted: {tbl}, {score}
_SIMPLE = rf"(?:{_OTHER}|{_PREFIX}(?:{_METRIC}))(?:[+-]?[1-9])?|10[*^][+-]?[1-9][0-9]?|[1-9][0-9]*"
_TERM = rf"(?:(?:{_SIMPLE})(?:{_NOTE})?|{_NOTE})"
_UNIT = re.compile(rf"/?{_TERM}(?:[./]{_TERM})*")


@lru_cache(maxsize=1024)
def ucum(unit: str) -> bool:
    return _UNIT.fullmatch(unit) is not None
