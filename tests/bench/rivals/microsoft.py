"""python-fhir-converter: on each line of standard input a list of paths; CPU seconds and how many it could not.

It renders the templates of Microsoft's converter, each document as a CCD.
"""

import json
import sys
from pathlib import Path
from time import process_time

from fhir_converter.renderers import CcdaRenderer

render = CcdaRenderer().render_fhir_string
print("READY", flush=True)
for line in sys.stdin:
    failed, begun = 0, process_time()
    for path in json.loads(line):
        try:
            with Path(path).open("rb") as document:
                render("CCD", document)
        except Exception:  # noqa: BLE001 - broken JSON, dates it cannot read: it says so in many ways
            failed += 1
    print(json.dumps({"seconds": process_time() - begun, "failed": failed}), flush=True)
