"""Where documents lie: folders, archives, and what tries to pass for one."""

from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from nowrongdoor.errors import Stop, Usage
from nowrongdoor.files import documents, xml
from nowrongdoor.files.documents import gather, shown
from nowrongdoor.model.values import Bad

DOCUMENT = b'<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"/>'


def names(path):
    return [place.name for place in gather(path)]


def archive(path, members, **more):
    with ZipFile(path, "w", ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content, **more)
    return path


def test_a_folder_is_searched_to_the_bottom(tmp_path):
    """By ending, whatever its case, else by how the file begins; stylesheets and notes are no documents."""
    (tmp_path / "b" / "deep").mkdir(parents=True)
    for name in ("b/deep/1.CCD", "b/2.cda", "a.xml", "c.ccda"):
        (tmp_path / name).write_bytes(DOCUMENT)
    (tmp_path / "no ending").write_bytes(b"\xef\xbb\xbf" + DOCUMENT)
    (tmp_path / "wide.txt").write_bytes(DOCUMENT.decode().encode("utf-16"))
    (tmp_path / "cda.xsl").write_bytes(b"<xsl:stylesheet/>")
    (tmp_path / "notes.txt").write_bytes(b"nothing")
    assert ["a.xml", "b/2.cda", "b/deep/1.CCD", "c.ccda", "no ending", "wide.txt"] == names(tmp_path)


def test_a_named_file_is_taken_at_its_word(tmp_path):
    path = tmp_path / "export.dat"
    path.write_bytes(b"anything")
    (place,) = gather(path)
    assert ("export.dat", b"anything") == (place.name, place.read())


def test_nothing_there(tmp_path):
    with pytest.raises(Usage):
        gather(tmp_path / "gone")


def test_links_are_not_followed(tmp_path):
    """A link in somebody's folder could lead anywhere on the disk."""
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.xml").write_bytes(DOCUMENT)
    try:
        (tmp_path / "in" / "link.xml").symlink_to(tmp_path / "secret.xml")
    except OSError:
        pytest.skip("this system makes no links for us")
    assert [] == names(tmp_path / "in")


def test_an_archive_is_read_in_place(tmp_path):
    """Names in it are shown without the ways out of a folder, and nothing is written."""
    members = {
        "../../up.xml": DOCUMENT,
        "C:\\win\\x.xml": DOCUMENT,
        "/root.xml": DOCUMENT,
        "readme.txt": b"",
        "s": DOCUMENT,
    }
    path = archive(tmp_path / "all.zip", members)
    found = gather(path)
    assert {"up.xml", "C_/win/x.xml", "root.xml", "s"} == {p.name for p in found}
    assert {DOCUMENT} == {p.read() for p in found}
    assert [path] == list(tmp_path.iterdir())


def test_an_archive_inside_is_named_and_not_opened(tmp_path):
    inner = archive(tmp_path / "inner.zip", {"x.xml": DOCUMENT})
    outer = archive(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()})
    (place,) = gather(outer)
    assert "inner.zip" == place.name
    assert inner.read_bytes() == place.read()


def test_a_bomb_is_refused_before_it_goes_off(tmp_path):
    """By how much more it unpacks to than it is, or to in all; small members may be as dense as they like."""
    assert ["small.xml"] == names(archive(tmp_path / "small.zip", {"small.xml": b" " * (1 << 20)}))
    with pytest.raises(Stop, match="unpacks to far more"):
        gather(archive(tmp_path / "bomb.zip", {"x.xml": b" " * (2 << 20)}))


def test_an_archive_of_too_much_in_all(tmp_path, monkeypatch):
    path = archive(tmp_path / "many.zip", {f"{n}.xml": DOCUMENT for n in range(3)})
    monkeypatch.setattr(documents, "MOST_BYTES", 2 * len(DOCUMENT))
    with pytest.raises(Stop, match="unpacks to far more"):
        gather(path)
    monkeypatch.undo()
    monkeypatch.setattr(documents, "MOST_MEMBERS", 2)
    with pytest.raises(Stop, match="holds 3 files"):
        gather(path)


def test_a_member_that_cannot_be_unpacked_is_one_bad_document(tmp_path):
    path = archive(tmp_path / "torn.zip", {"a.xml": DOCUMENT * 50, "b.xml": DOCUMENT})
    raw = bytearray(path.read_bytes())
    raw[60:70] = b"\xff" * 10
    path.write_bytes(raw)
    torn, whole = gather(path)
    with pytest.raises(Bad) as bad:
        torn.read()
    assert "zip-damaged" == bad.value.rule
    assert DOCUMENT == whole.read()


def test_an_encrypted_member(tmp_path):
    path = archive(tmp_path / "locked.zip", {"a.xml": DOCUMENT})
    raw = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    path.write_bytes(raw)
    (place,) = gather(path)
    with pytest.raises(Bad) as bad:
        place.read()
    assert "zip-locked" == bad.value.rule


def test_another_archive_under_the_same_name(tmp_path):
    path = archive(tmp_path / "x.zip", {"one.xml": DOCUMENT})
    assert ["one.xml"] == names(path)
    archive(path, {"two.xml": DOCUMENT})
    assert ["two.xml"] == names(path)


def test_no_archive_at_all(tmp_path, monkeypatch):
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x05\x06" + b"\0" * 10)
    monkeypatch.setattr(documents, "is_zipfile", lambda _: True)
    with pytest.raises(Stop, match="is damaged"):
        gather(path)


def test_a_file_that_may_not_be_read(tmp_path):
    """It went away since it was found: one bad document."""
    path = tmp_path / "x.xml"
    path.write_bytes(DOCUMENT)
    (place,) = gather(path)
    path.unlink()
    with pytest.raises(Bad) as bad:
        place.read()
    assert "unreadable" == bad.value.rule


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a/b.xml", "a/b.xml"),
        ("..\\..\\etc/./b.xml", "etc/b.xml"),
        ("\x1b[31mred\u202e.xml", "_[31mred_.xml"),
        ("\udcff.xml", "_.xml"),
        ("x" * 300 + ".xml", "x" * 236 + ".xml"),
    ],
)
def test_a_name_as_it_may_be_shown(name, said):
    assert said == shown(name)


def test_a_byte_order_mark_between_pieces_is_no_text():
    """Some systems put files together with the mark of each; a cell of one mark alone says nothing."""
    root = xml.parse(b"\xef\xbb\xbf<a>\xef\xbb\xbf<b>\xef\xbb\xbf</b></a>")
    assert "" == "".join(root.itertext())
