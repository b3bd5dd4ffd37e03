"""Service codes: HCPCS code and modifiers are one key, whichever cells they stand in; an unknown pair refuses."""

from collections.abc import Callable, Mapping, Sequence

from nowrongdoor.layouts.cells import unknown_code
from nowrongdoor.layouts.columns import Cells
from nowrongdoor.layouts.read import Bad
from nowrongdoor.model import Code, Spelling, value, values

TABLE = "services"

# The states of what was asked for; `resources` moves ServiceRequest and Task by them.
SERVICE_STATES = (
    "planned", "requested", "received", "accepted", "approved", "in-progress", "waiting", "on-hold", "denied",
    "declined", "cancelled", "expired", "completed", "closed-served", "closed-unserved", "entered-in-error",
)  # fmt: skip


@value
class Asked:
    """A service as coded: HCPCS code and modifiers, sorted; what the table calls it, on the code or on the category."""

    code: Code | None
    modifiers: tuple[str, ...] = ()
    category: Code | None = None


NOTHING = Asked(None)


class Service:
    """Cells of one code and any number of modifiers → `Asked`; all cells empty is nothing asked, where that may be."""

    def __init__(self, *, needed: bool) -> None:
        self.needed = needed

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], Asked]:
        file, known = spelling.code_file(TABLE), _normal(spelling.code(TABLE))

        def read(cells: Cells) -> Asked:
            told = [c.strip().upper() for c in cells]
            if not any(told):
                if self.needed:
                    raise Bad("empty", "no service code", "the sender must fill it in")
                return NOTHING
            found = known.get(_key(told))
            if found is None:
                raise unknown_code(file, "+".join(columns))
            return found

        return read


def _key(told: Sequence[str]) -> str:
    """`H0043`,`U6` and `H0043U6` and `H0043-U6` are one key."""
    try:
        code, glued = values.hcpcs(told[0])
    except Bad:
        code, glued = told[0], ()  # a source's own code: its table says what it is
    return "|".join((code, *sorted({m for m in (*glued, *told[1:]) if m})))


def _normal(table: Mapping[str, tuple[str, str, str]]) -> dict[str, Asked]:
    """What a line says: `H0043|U6` in source or target is code and modifiers; another target, the service they mean.

    A source's own word for a code is the service that the code means; a word without a code stays the source's own.
    """
    known: dict[str, Asked] = {}
    own: dict[str, str] = {}
    for source, (target, display, system) in table.items():
        key = _key(source.upper().split("|"))
        named = target if _is_hcpcs(target) or not _is_hcpcs(source) else source
        word, *modifiers = named.split("|")
        if named == target:
            known[key] = Asked((word, display, system), tuple(sorted(modifiers)))
            own[key] = _key(target.upper().split("|"))
        else:
            known[key] = Asked((word, "", ""), tuple(sorted(modifiers)), (target, display, system))
    for key, target in own.items():
        if target in known and (category := known[target].category):
            known[key] = Asked(known[target].code, known[key].modifiers, category)
    return known


def _is_hcpcs(code: str) -> bool:
    head = code.partition("|")[0]
    return len(head) == 5 and head[0].isalpha() and head[1:].isdigit()
