"""A start and an end, read together: an end before its start is not understood, and no period is made of it (D40)."""

from collections.abc import Callable, Sequence

from nowrongdoor.layouts import read
from nowrongdoor.layouts.columns import Cells
from nowrongdoor.layouts.read import Bad, Warned
from nowrongdoor.model import Spelling

Dates = tuple[str, str]


class Span:
    """Two cells → (start, end), "" where there is none; what is not a date is left out, with a warning."""

    def bind(self, spelling: Spelling, columns: Sequence[str], /) -> Callable[[Cells], Dates]:
        readers = (read.date_or_blank.bind(spelling, columns[0]), read.end_date.bind(spelling, columns[1]))

        def told(cells: Cells) -> Dates:
            dates: list[str] = []
            trouble: Bad | None = None
            for reader, cell in zip(readers, cells, strict=True):
                try:
                    dates.append(reader(cell))
                except Bad as bad:
                    trouble = trouble or bad
                    dates.append(bad.value if isinstance(bad, Warned) else "")
            start, end = dates
            if start and end and end[: len(start)] < start[: len(end)]:
                cause = "it ends before it starts; the end is left out"
                raise Warned("D40", cause, "correct one of the two dates", (start, ""))
            if trouble:
                raise Warned(trouble.rule, trouble.cause, trouble.cure, (start, end))
            return start, end

        return told
