"""python-fhir-converter: on each line of standard input a list of paths; CPU seconds and how many it could not; for
{"path": …} also the resources that it made of that one, by type.

It renders the templates of Microsoft's converter, each document as a CCD.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from time import process_time

from fhir_converter.renderers import CcdaRenderer

render = CcdaRenderer().render_fhir_string
print("READY", flush=True)
for line in sys.stdin:
    asked, failed, made = json.loads(line), 0, ""
    begun = process_time()
    for path in [asked["path"]] if isinstance(asked, dict) else asked:
        try:
            with Path(path).open("rb") as document:
                made = render("CCD", document)
        except Exception:  # noqa: BLE001 - broken JSON, dates it cannot read: it says so in many ways
            failed += 1
    told = {"seconds": process_time() - begun, "failed": failed}
    if isinstance(asked, dict):
        entries = json.loads(made)["entry"] if made else []
        told["made"] = Counter(entry["resource"]["resourceType"] for entry in entries)
    print(json.dumps(told), flush=True)
