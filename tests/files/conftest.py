"""Files of any content, and the table found in them."""

import pytest

from nowrongdoor.files import Dialect, Wanted, find

CLIENTS = Wanted("clients", ("CIN", "Last Name", "DOB"), optional=("Phone",))


@pytest.fixture
def write(tmp_path):
    """Write bytes, or text as UTF-8, to a file."""

    def write(content):
        path = tmp_path / "export.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def opened(write):
    """The one table found in a file of this content."""

    def opened(content, *wanted, dialect=None):
        (found,) = find(write(content), 0, wanted or (CLIENTS,), dialect or Dialect())
        return found

    return opened
