"""County messages that say something in a place, or in a way, that nobody looked at."""

from dataclasses import replace

import pytest

from nowrongdoor import sources
from nowrongdoor.errors import Stop
from nowrongdoor.flow import prepare, workspace
from nowrongdoor.flow.folder import translate
from nowrongdoor.identity import cins
from nowrongdoor.model import Coverage, Origin
from nowrongdoor.settings import Settings
from vendor_xml.test_messages import ADMISSION, COVERED, DEMOGRAPHICS, MOMENT, SOURCE, Desk, admit, message

UNCOVERED = (
    '<ClientFinEligibility xsi:type="NonMediCalClient"><EffectiveDate>2026-01-01</EffectiveDate></ClientFinEligibility>'
)


@pytest.mark.parametrize(("expected", "member"), [({"90006001A"}, "90006001A"), (set(), "HP-7781"), (set(), "")])
def test_member_number_that_is_a_cin_links(expected, member):
    """A plan's own number of its member does not."""
    assert expected == cins([Coverage("1", "1", Origin(0, 1, 2, 2, 0), False, (), "", member, "")])


def test_cin_of_the_second_eligibility_links(tmp_path):
    """Of two eligibilities the first, the county's own, names no CIN: the other's is the person's all the same."""
    desk = Desk(tmp_path)
    told = [
        message("AdmitNewClient", "2026-11-10", DEMOGRAPHICS.format(""), ADMISSION.format("1901", "2026-11-02"), *had,
                client=client)
        for client, had in (("600101", (UNCOVERED, COVERED)), ("600102", (COVERED,)))
    ]  # fmt: skip
    desk.intake(desk.file("20261110", *told))
    store = workspace.open_store(desk.settings)
    try:
        first, second = (person for _, person in store.persons(SOURCE))
        assert [(SOURCE, second)] == store.cin_peers(SOURCE, first)
    finally:
        store.close()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


CANCELLED = message("CancelAdmission", "2026-11-12", "<EpisodeNumber>1</EpisodeNumber>")


@pytest.mark.parametrize("others", [(), (admit(),)])
def test_message_of_an_unknown_kind_that_names_a_client_is_refused(desk, others):
    """It may undo what an older one said: a person must know, and what can be read is read."""
    accounting, made = desk.translate(desk.file("20261112", *others, CANCELLED))
    (refused,) = made["refusals"]
    assert ["unknown-record"] == [i["rule"] for i in refused["issues"]]
    assert "/Log/CancelAdmission" in refused["raw"]
    assert 1 == sum(f["refused"] for f in accounting["files"])
    assert 3 * len(others) == sum(f["written"] for f in accounting["files"])
    assert accounting["balanced"]


def test_each_such_message_is_one_refusal_also_in_a_workspace(desk):
    accounting, kept = desk.intake(desk.file("20261112", admit(), CANCELLED, CANCELLED))
    assert (2, 1) == (sum(f["refused"] for f in accounting["files"]), len(kept["Patient"]))
    assert accounting["balanced"]


def test_unknown_kind_that_the_source_ignores_is_no_refusal(desk):
    told = replace(sources.load(SOURCE), ignored=(*sources.load(SOURCE).ignored, "/Log/CancelAdmission"))
    accounting = translate(
        [desk.file("20261112", admit(), CANCELLED)], prepare(told, Settings(), MOMENT), desk.folder / "ignored"
    )
    assert [0] * 3 == [f["refused"] for f in accounting["files"]]


def test_label_on_what_holds_the_messages_stops_the_file(desk):
    """No message reads it there: without it, what is restricted would leave."""
    path = desk.file("20261112", admit())
    path.write_text(path.read_text(encoding="utf-8").replace("<Log", '<Log Confidentiality="V"'), encoding="utf-8")
    with pytest.raises(Stop, match="/Log/@Confidentiality may restrict"):
        desk.translate(path)
