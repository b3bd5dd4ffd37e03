"""Where the public documents are."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpora():
    if "NWD_CORPORA" not in os.environ:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("NWD_CORPORA is not set: the folder of public corpora, C-CDA documents among them")
    return Path(os.environ["NWD_CORPORA"])
