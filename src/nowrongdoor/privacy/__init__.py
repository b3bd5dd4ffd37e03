"""Label by sensitivity, decide by consent: the only place that lets anything out.

    clear(Graph(parcels, consents, peers, held, holds), Terms(recipients, purposes, now, timezone, synthetic))

answers with a `Cleared` or a `Withheld` for each parcel; `reason(rule)` is the sentence for its word.
"""

from nowrongdoor.privacy.answers import Terms
from nowrongdoor.privacy.gate import GOES, STAYS, Graph, clear, reason

__all__ = ["GOES", "STAYS", "Graph", "Terms", "clear", "reason"]
