"""A place for files and what is made of them, and a workspace in it."""

import pytest

from flow.place import Place


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def home(place):
    return place.workspace()
