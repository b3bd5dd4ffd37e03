"""Night after night: a no that came in once is never lost, in whatever order files come and however they spell."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from delivery.county import SUD, County, word


def night(way, county, *files, as_of=""):
    """Tables of the county as they are now, named in this order; all of them where none is named."""
    done = way.gateway.told(
        [
            "intake", "--source", county.name, *(["--as-of", as_of] if as_of else []),
            *(str(path) for path in way.gateway.written(county, files)),
        ],
        (0, 3),
    )  # fmt: skip
    assert done["balanced"]
    return done


def refusals(way):
    """The rules of each open refusal."""
    lines = way.gateway.ask("refusals", "--json").stdout.splitlines()
    return [[issue["rule"] for issue in json.loads(line)["issues"]] for line in lines]


def stays(way):
    """Nothing of anybody goes."""
    way.push(0, 3)
    assert {entry.name.split("/")[0] for request in way.wire.sent for entry in request} <= {"Organization"}


@pytest.fixture
def way(road, sandbox):
    return road(sandbox)


@pytest.fixture
def county():
    made = County()
    made.client("p")
    return made


def test_refusals_of_files_old_and_new_are_all_kept(way, county):
    """An unchanged file has its old number, a new one has a higher: each keeps its own refusals, and their holds."""
    county.client("bad", PROGRAM="XX")
    night(way, county)
    county.row("clients", "p")["LAST_NAME"] = word("Zeb")
    county.release("p", SHARE="perhaps")
    said = night(way, county, "clients", "releases", "plans", "referrals")

    assert sum(file["refused"] for file in said["files"]) == len(refusals(way))
    stays(way)


@pytest.fixture
def releasing():
    """Somebody all of whose data is of a Part 2 programme, and their release."""
    county = County()
    county.client("p", plan=SUD, PROGRAM=SUD)
    return county, county.release("p")


def test_taken_back_given_anew_and_taken_back(way, releasing):
    """The third extract says the very bytes of the first, of another day."""
    county, release = releasing
    for n, status in enumerate(("revoked", "active", "revoked")):
        release["STATUS"] = status
        night(way, county, as_of=f"2026-11-2{n}")
    stays(way)


def test_the_same_where_nobody_says_of_which_day_they_are(way, releasing):
    """Equal bytes may be the first file once more: a person has to say, and nothing of it is taken."""
    county, release = releasing
    for status in ("revoked", "active"):
        release["STATUS"] = status
        night(way, county, "releases") if status == "active" else night(way, county)
    release["STATUS"] = "revoked"
    done = way.gateway.ask("intake", "--source", county.name, *map(str, way.gateway.written(county, ["releases"])))
    assert (1, True) == (done.returncode, "say --as-of" in done.stderr)


def test_a_day_and_a_moment_of_that_day(way, releasing):
    county, release = releasing
    night(way, county)
    release["STATUS"] = "revoked"
    night(way, county, as_of=datetime.now(ZoneInfo("America/Los_Angeles")).date().isoformat())
    stays(way)


def test_the_first_file_again_gives_nothing_back(way, releasing):
    county, release = releasing
    night(way, county, as_of="2026-11-20")
    release["STATUS"] = "revoked"
    night(way, county, as_of="2026-11-20")
    release["STATUS"] = "active"
    night(way, county, as_of="2026-11-20")
    stays(way)


def test_an_end_that_says_it_is_older_holds(way, releasing):
    """One that claims to be of last week is not merged into silence."""
    county, release = releasing
    night(way, county, as_of="2026-11-20")
    release["STATUS"] = "revoked"
    night(way, county, as_of="2026-11-13")
    stays(way)


@pytest.mark.parametrize("wrong", [{"DOB": "1980-13-44"}, {"PROGRAM": "XX"}], ids=["birth date", "programme"])
def test_a_no_crosses_by_the_cin_of_a_row_that_is_refused(way, county, wrong):
    other = County("willow-county")
    other.client("d", **{"CIN": county.row("clients", "p")["CIN"], **wrong})
    other.release("d", SHARE="N")
    night(way, other)
    night(way, county)
    stays(way)


def test_a_no_crosses_by_a_cin_that_is_blank_by_now(way, county):
    other = County("willow-county")
    named = other.client("d", CIN=county.row("clients", "p")["CIN"])
    other.release("d", SHARE="N")
    night(way, other, as_of="2026-11-20")
    named["CIN"] = ""
    night(way, other, as_of="2026-11-21")
    night(way, county)
    stays(way)


def test_a_link_in_doubt_stays_until_the_registration_is_mended(way, county):
    """The refused row named another CIN; a later file of other tables says nothing of it."""
    other = County("willow-county")
    named = other.client("d")
    other.release("d", SHARE="N")
    night(way, other, as_of="2026-11-20")
    named["CIN"], named["DOB"] = county.row("clients", "p")["CIN"], "1980-13-44"
    night(way, other, as_of="2026-11-21")
    night(way, other, "plans", "referrals", as_of="2026-11-22")
    night(way, county)
    stays(way)


def test_a_cin_that_was_mended_lets_go(way, county):
    """It was a slip of the pen: the no was another person's."""
    other = County("willow-county")
    named = other.client("d", CIN=county.row("clients", "p")["CIN"])
    other.release("d", SHARE="N")
    night(way, other, as_of="2026-11-20")
    named["CIN"] = "90006999X"
    night(way, other, as_of="2026-11-21")
    night(way, county)
    assert way.push(0, 3)[0]["sent"] > 0


@pytest.mark.parametrize("signed", ["2026-01-05", "2098-02-01"])
def test_a_no_counts_whatever_its_date(way, county, signed):
    county.release("p", SHARE="N", SIGNED=signed)
    night(way, county)
    stays(way)


def test_a_programme_that_became_part_2(way, county):
    """What was taken in under the old flag does not go; taken in again it is labelled, and stays."""
    night(way, county)
    with (way.gateway.folder / "nwd.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"[sources.{county.name}]\nprogrammes = {{ MH = true }}\n")
    done = way.gateway.ask("push", "there")
    assert (1, True) == (done.returncode, "take in again" in done.stderr and "clients.csv" in done.stderr)
    assert [] == way.wire.sent
    night(way, county)
    stays(way)


def test_a_new_programme_takes_nothing_in_again(way, county):
    """What is known of the others is as it was."""
    night(way, county)
    path = way.gateway.folder / "profiles" / "sources" / f"{county.name}.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[programmes]\n", "[programmes]\nNEW = false\n"), "utf-8")
    assert way.push(0)[0]["sent"] > 0


def test_a_release_that_is_mended_lets_go_while_other_files_stay_as_they_were(way, county):
    night(way, county)
    release = county.release("p", SHARE="perhaps")
    night(way, county)
    release["SHARE"] = "Y"
    night(way, county)
    assert [] == refusals(way)
    assert way.push(0)[0]["sent"] > 0


@pytest.mark.parametrize(("table", "left"), [("releases", 1), ("clients", 0)])
def test_a_torn_row_and_the_next_whole_list(way, county, table, left):
    """Of a release nobody can tell whether it was a no, and of whom: a person has to say. Any other is stated anew."""
    county.release("p")
    files = way.gateway.written(county)
    (torn,) = (path for path in files if path.stem == table)
    torn.write_bytes(torn.read_bytes() + b"one,cell,too,few\n")
    way.gateway.take_files(county.name, files, 3)
    assert 1 == len(refusals(way))
    county.release("p", STATUS="revoked")
    county.client("new")
    night(way, county)
    assert left == len(refusals(way))
    assert left == (way.push(0, 3)[0].get("held", 0) > 0)


def test_what_the_server_has_and_would_not_get_now(way, releasing):
    """Nothing is deleted there, and so the tally says how much of it there is."""
    county, release = releasing
    night(way, county, as_of="2026-11-20")
    sent = way.gateway.push()["sent"]
    release["STATUS"] = "revoked"
    night(way, county, as_of="2026-11-21")
    assert 0 < way.gateway.push(0, 3)["sent_before"] < sent
