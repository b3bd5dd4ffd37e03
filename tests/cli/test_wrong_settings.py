"""A slip of the pen in nwd.toml, in a source or in a code table: one line that says what and how, never silence."""

from dataclasses import replace

import pytest

from nowrongdoor import codes, settings, shelf, sources
from nowrongdoor.errors import Usage
from nowrongdoor.layouts import flat
from nowrongdoor.settings import ServerEntry, Settings, base_of

TULE = shelf.find("profiles/sources/tule-county.toml").read_text(encoding="utf-8")
PARTNER = '[partners.p]\nname = "P"\n'
NPI, WRONG_NPI = "1900009014", "1900009015"
MANY = "1" * 5000  # digits: Python reads 4300
DEEP = "[" * 30_000 + "]" * 30_000


def told(error):
    return str(error.value)


def server(base, name="s"):
    return f'[servers.{name}]\nbase = "{base}"\naudience = ["p"]\npurposes = ["COC"]\n'


@pytest.fixture
def settle(tmp_path):
    """Settings of a workspace with that nwd.toml."""

    def load(text):
        (tmp_path / settings.FILE).write_text(text, encoding="utf-8")
        return settings.load(tmp_path, {})

    return load


@pytest.fixture
def sender(tmp_path):
    """Tule County under another name, its TOML changed."""

    def load(old="", new="", stricter=None, above=""):
        assert old in TULE
        path = tmp_path / "profiles/sources/own.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(above + (TULE.replace(old, new, 1) if old else new + TULE), encoding="utf-8")
        return Settings(workspace=tmp_path, stricter={"own": stricter or {}}).source("own")

    return load


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[deployment]\nnamespace = {MANY}\n", ["nwd.toml is not TOML"]),
        (f"[deployment]\nnamespace = {DEEP}\n", ["nwd.toml is not TOML", "nested"]),
        ('[deployment]\nsecret_file = "a\\u0000b"\n', ["secret_file"]),
        ('[policy]\nfile = "x"\n', ["[policy] is not supported yet", "remove it"]),
        ('[store]\nurl = "x"\n', ["[store] is not supported yet"]),
        (PARTNER + 'calaim = "ecm"\n', ["partners.p.calaim is not supported yet"]),
        (PARTNER + 'basis = "x"\n', ["partners.p.basis is not supported yet"]),
        (PARTNER + 'npi = "123"\n', ["partners.p.npi", "ten digits"]),
        (PARTNER + f'npi = "{WRONG_NPI}"\n', ["partners.p.npi", "check digit"]),
        *(
            (PARTNER + server("http://x") + f'{key} = "banana"\n', [f"servers.s.{key} is not supported yet"])
            for key in ("tenant", "custody", "auth", "capabilities")
        ),
        (PARTNER + server("http://x") + "synthetic = 1\n", ["servers.s.synthetic"]),
        ("[sources.alder-count]\npart2 = true\n", ["sources.alder-count", 'did you mean "alder-county"?']),
        ('[sources.alder-county]\norganization = "x"\n', ["organization is not supported yet"]),
        ("[sources.alder-county]\npart2 = false\n", ["alder-county", "part2", "less strict"]),
        ("[sources.alder-county]\npart2 = 1\n", ["alder-county", "part2"]),
    ],
)  # fmt: skip
def test_settings_that_would_do_nothing_or_harm(settle, text, words):
    with pytest.raises(Usage) as error:
        settle(text)
    assert [] == [w for w in words if w not in told(error)], told(error)


@pytest.mark.parametrize(
    "base",
    [
        "http://[::1", "http://[1.2]", "http://x:abc", "http://x:99999", "http://a\\nb", "http://a b", "http://",
        f"http://{'a' * 300}", f"http://{'a.' * 150}", "ftp://x", "x.org/fhir", "http://u@x", "http://x?a=1", "http://x#a",
    ],
)  # fmt: skip
def test_what_is_no_address(settle, base):
    with pytest.raises(Usage, match=r"s\.base is not the http\(s\) address"):
        settle(PARTNER + server(base))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://localhost:8080/fhir", "http://127.0.0.1:8080/fhir"),
        ("http://[::1]:8080/fhir", "http://127.0.0.1:8080/fhir"),
        ("HTTP://X.org/fhir", "http://x.org/fhir"),
        ("https://x.org:443/fhir", "https://x.org/fhir"),
        ("http://x.org:80", "http://x.org/"),
        ("http://x.org//fhir//", "http://x.org/fhir"),
    ],
)
def test_one_server_has_one_entry(settle, one, other):
    """Two entries would be two audiences, of which each would see what only the other may."""
    with pytest.raises(Usage, match=r"servers\.b and servers\.a are one server"):
        settle(PARTNER + server(one, "a") + server(other, "b"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://x.org/fhir", "https://x.org/fhir"),
        ("http://x.org/fhir", "http://x.org/FHIR"),
        ("http://localhost:1/", "http://localhost:2/"),
        ("http://localhost.org/", "http://127.0.0.1/"),
    ],
)
def test_two_servers_have_two(settle, one, other):
    assert 2 == len(settle(PARTNER + server(one, "a") + server(other, "b")).servers)


def test_an_address_is_asked_as_it_was_written():
    """Where `localhost` is only ::1, 127.0.0.1 is nobody; the ledger calls both one."""
    base = base_of("base", "HTTP://LocalHost:8080//fhir/")
    assert "http://localhost:8080/fhir" == base
    assert "http://127.0.0.1:8080/fhir" == ServerEntry("s", base, ("p",), ("COC",)).key


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", f"pivot = {MANY}\n", ["sources/own.toml is not TOML"]),
        ("", f"dates_ = {DEEP}\n", ["sources/own.toml is not TOML", "nested"]),
        ("", f"headers.{'a.' * 3000}a = 1\n", ["sources/own.toml"]),
        ('dates = ["D-MON-YYYY"]', "dates = [5]", ["own.toml: dates"]),
        ('dates = ["D-MON-YYYY"]', "dates = 0", ["own.toml: dates"]),
        ('npi = "1000002059"', 'npi = "123"', ["organization.npi", "ten digits"]),
        ('npi = "1000002059"', "npi = 1000002059", ["organization.npi", "quotes"]),
        ('name = "Tule County Salud Conductual y Recuperación"', "name = 5", ["organization.name", "quotes"]),
        ("CLIENT_ID = 6", 'CLIENT_ID = "x"', ["widths.CLIENT_ID", "digits"]),
        ("CLIENT_ID = 6", "CLIENT_ID = -6", ["widths.CLIENT_ID"]),
        ("CLIENT_ID = 6", "CLIENT_IT = 6", ["[widths] CLIENT_IT", 'did you mean "CLIENT_ID"?']),
        ("TARGET_DATE = [", "TARGET_DAY = [", ["[date_formats] TARGET_DAY", 'did you mean "TARGET_DATE"?']),
        ('TARGET_DATE = ["YYYY.MM.DD"]', "TARGET_DATE = 7", ["date_formats.TARGET_DATE"]),
        ('SEX = "M/H/X"', 'SEXX = "M/H/X"', ["[headers.clients] SEXX", 'did you mean "SEX"?']),
        ("[headers.clients]", "[headers.client]", ["[headers] client ", 'did you mean "clients"?']),
        ('SEX = "M/H/X"', "SEX = 5", ["headers.clients"]),
        ('file_name = "YYYYMMDD"', "file_name = 5", ["as_of.file_name"]),
        ('file_name = "YYYYMMDD"', 'filename = "YYYYMMDD"', ["as_of.filename", 'did you mean "file_name"?']),
        ('plans = ["MODIFIER", "NOTE"]', "plans = 5", ["absent.plans"]),
        ('plans = ["MODIFIER", "NOTE"]', 'plans = ["NOTES"]', ["[absent.plans] NOTES", 'did you mean "NOTE"?']),
        ('"pend." = "unknown"', '"pend." = 5', ["words.pend."]),
        ("", "keys = 7\n", ["own.toml: keys"]),
        ("", "keys.clients = 7\n", ["own.toml: keys.clients"]),
        ("", "pivot = -5\n", ["own.toml: pivot"]),
        ("", "pivot = true\n", ["own.toml: pivot"]),
        ('part2 = "unknown"', "part2 = 1.0", ["own.toml: part2"]),
        ('sex = "tule_sex.csv"', 'sex = "."', ["codes/.", "not a file"]),
        ('sex = "tule_sex.csv"', 'sex = "a\\u0000.csv"', ["no name of a file"]),
        ('sex = "tule_sex.csv"', f'sex = "{"a" * 400}"', ["no name of a file"]),
        ('sex = "tule_sex.csv"', "sex = []", ["codes.sex"]),
    ],
)  # fmt: skip
def test_a_source_that_would_be_misread(sender, old, new, words):
    with pytest.raises(Usage) as error:
        sender(old, new)
    assert [] == [w for w in words if w not in told(error)], told(error)


@pytest.mark.parametrize("key", ["as_of", "date_formats", "widths", "words", "absent", "codes"])
def test_a_table_is_a_table(sender, key):
    with pytest.raises(Usage, match=f"own.toml: {key} is not a "):
        sender(f"[{key}]\n", f"[headers.{key}]\n", above=f"{key} = 7\n")


def test_releases_end_somehow(sender):
    """Where a source revokes by end date, a release without one would hold for ever."""
    expires = 'EXPIRES = "Vence / termina"\n'
    between = TULE.partition(expires)[2].partition('releases = ["REVOKED"')[0]
    old = expires + between + 'releases = ["REVOKED"'
    with pytest.raises(Usage, match='no release would end: revokes = "end-date"'):
        sender(old, between + 'releases = ["REVOKED", "EXPIRES"')


def test_a_programme_only_gets_stricter(sender):
    """nwd.toml may say Part 2 of a programme, and of rows that name none; of no programme that nobody declared."""
    plain = sender('part2 = "unknown"', "part2 = false")
    assert (False, False) == (plain.part2, plain.programmes["ESP-OP"])
    strict = sender('part2 = "unknown"', "part2 = false", {"": True, "ESP-OP": "unknown"})
    assert (True, True, False) == (strict.part2, strict.programmes["ESP-OP"], strict.programmes["CRISIS"])
    with pytest.raises(Usage, match=r'sources\.own\.programmes.*ESP-OPP.*did you mean "ESP-OP"'):
        sender(stricter={"ESP-OPP": True})


def test_part2_of_the_settings_reaches_the_source(settle):
    assert not sources.load("alder-county").part2
    assert settle("[sources.alder-county]\npart2 = true\n").source("alder-county").part2


@pytest.mark.parametrize("name", sources.names())
def test_the_shipped_sources_are_right(name):
    assert name == Settings().source(name).name


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("race", "2106-3", "white"),
        ("ethnicity", "2135-2", "2135"),
        ("language", "zh-Hant", "Spanish"),
        ("relation", "MTH", "MOTHER"),
        ("marital", "M", "married"),
        ("sex", "female", "F"),
    ],
)
def test_targets_are_codes_of_their_kind(tmp_path, kind, right, wrong):
    """File, line and what it may be; a line with a code system of its own may hold that system's codes."""
    own = tmp_path / "profiles/codes"
    own.mkdir(parents=True)
    head = "source,target,display,system\n"
    (own / "own.csv").write_text(f"{head}A,{right},,\nB,{wrong},,urn:own\nC,TODO,,\n", encoding="utf-8")
    assert {"A", "B"} == codes.load("own.csv", tmp_path, kind).rows.keys()
    (own / "own.csv").write_text(f"{head}A,{right},,\nB,{wrong},,\n", encoding="utf-8")
    with pytest.raises(Usage, match=f"codes/own.csv line 3: '{wrong}' is no target of a {kind}"):
        codes.load("own.csv", tmp_path, kind)


def test_a_status_that_nothing_stands_for():
    """A flat table with neither status nor end, of a source that derives none."""
    source = sources.load("synthea")
    tables = {**source.tables, "plan_status": sources.load("tule-county").tables["plan_status"]}
    source = replace(source, options={k: v for k, v in source.options.items() if k != "status"}, tables=tables)
    (plans,) = (t for t in flat.TABLES if t.name == "care_plans")
    where = {f.name: n for n, f in enumerate(plans.fields)} | {"STATUS": None, "END": None, "ID": 0}
    with pytest.raises(Usage, match=r"nothing can stand for STATUS\+END"):
        plans.bind(source, where)


@pytest.mark.parametrize("token", ["t\u00f6ken", "two\nlines"])
def test_a_token_that_is_none(tmp_path, token):
    """Said by the name of its variable, never by what it holds."""
    (tmp_path / settings.FILE).write_text(PARTNER + server("https://fhir.example.org"), encoding="utf-8")
    with pytest.raises(Usage, match="NWD_TOKEN_S") as error:
        settings.load(tmp_path, {"NWD_TOKEN_S": token})
    assert token not in told(error)
