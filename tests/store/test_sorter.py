"""One set of lines makes one file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.store import Sorted

LINES = st.lists(st.tuples(st.sampled_from(["Patient", "Consent"]), st.text("abc", max_size=3), st.binary(max_size=9)))


def written(lines, folder, **room):
    with Sorted(folder, **room) as out:
        for line in lines:
            out.put(*line)
        counts = {type_: out.write(type_, folder / type_) for type_ in out.types}
        return {type_: (count, (folder / type_).read_bytes()) for type_, count in counts.items()}


@settings(max_examples=50)
@given(LINES, st.randoms(use_true_random=False))
def test_the_file_does_not_depend_on_order_or_room(tmp_path_factory, lines, random):
    folder = tmp_path_factory.mktemp("sorted")
    expected = {
        type_: (
            sum(line[0] == type_ for line in lines),
            b"".join(line for _, line in sorted((id_, body + b"\n") for kind, id_, body in lines if kind == type_)),
        )
        for type_ in {line[0] for line in lines}
    }
    random.shuffle(lines)
    assert expected == written(lines, folder)
    assert expected == written(lines, folder, room=500)


@pytest.mark.parametrize("count", [1, 5000])
def test_more_runs_than_may_be_open_at_once(tmp_path, count):
    """5000 lines in runs of three: runs are merged on the way, and none is lost."""
    lines = [("Patient", f"{number:06d}", b"%d" % number) for number in range(count)]
    expected = b"".join(b"%d\n" % number for number in range(count))
    assert {"Patient": (count, expected)} == written(reversed(lines), tmp_path, room=600)
    assert ["Patient"] == [path.name for path in tmp_path.iterdir()]
