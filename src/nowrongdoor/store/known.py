"""What was taken in and what was made of it: files, facts, drafts, and the rows that were refused."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import orjson

from nowrongdoor.errors import Usage
from nowrongdoor.model import Fact, Kept, Key, Origin, pack, unpack, value
from nowrongdoor.store.database import Database

_PAGE = 500  # rows read at once: no cursor stays open while the caller writes


@value
class FileRow:
    """One table of one file. `read`: its data rows; `tables`: digests of the source's TOML and of each code table."""

    sha256: str
    source: str
    name: str
    table: str
    sheet: str
    as_of: str
    read: int
    tables: Mapping[str, str]
    number: int = 0  # given by the store


@value
class RefusalRow:
    """An open refusal. `line`: as in refusals.ndjson, with a person's data in it; `digest`: of the row's cells."""

    number: int
    source: str
    file: int
    row: int
    digest: str
    line: Mapping[str, Any]


class Known(Database):
    """Verbs of the way in."""

    def belongs(self, fingerprint: str) -> bool:
        """Is this the deployment that began here? The first to ask is."""
        with self._whole():
            self._all("INSERT INTO deployment SELECT ? WHERE NOT EXISTS (SELECT 1 FROM deployment)", fingerprint)
        return bool(self._one("SELECT 1 FROM deployment WHERE fingerprint = ?", fingerprint))

    # files ---------------------------------------------------------------

    def file(self, row: FileRow, *, stated: bool = True) -> int:
        """Its number, for ever. Taken again it keeps its name, as-of and place; `read` and `tables` are the latest.

        Equal bytes with another as-of are another file, where somebody `stated` that as-of; else they are the last one.
        """
        place = (row.sha256, row.source, row.table, row.sheet)
        where = 'SELECT number, as_of FROM file WHERE sha256 = ? AND source = ? AND "table" = ? AND sheet = ?'
        with self._whole():
            before = None if stated else self._one(f"{where} ORDER BY number DESC", *place)
            as_of = before[1] if before else row.as_of
            self._all(
                'INSERT INTO file (sha256, source, name, "table", sheet, as_of, read, tables) VALUES (?,?,?,?,?,?,?,?)'
                ' ON CONFLICT (sha256, source, "table", sheet, as_of)'
                " DO UPDATE SET read = excluded.read, tables = excluded.tables",
                *(row.sha256, row.source, row.name, row.table, row.sheet, as_of, row.read),
                orjson.dumps(dict(row.tables), option=orjson.OPT_SORT_KEYS),
            )
            return int(self._one(f"{where} AND as_of = ?", *place, as_of)[0])

    def file_of(self, number: int) -> FileRow:
        """Usage where there is no such file."""
        if row := self._one(f"{_FILES} WHERE number = ?", number):
            return _file(row)
        raise Usage(f"no file {number} was taken in", "`nwd status` lists the files")

    def files(self, source: str = "") -> list[FileRow]:
        return [_file(row) for row in self._all(f"{_FILES} WHERE ?1 IN ('', source) ORDER BY number", source)]

    # facts ---------------------------------------------------------------

    def facts(self, source: str, person: str) -> list[Fact]:
        row = self._one("SELECT packed FROM fact WHERE source = ? AND person = ?", source, person)
        return [unpack(_tuples(packed)) for packed in orjson.loads(row[0])] if row else []

    def put_facts(self, source: str, person: str, facts: Sequence[Fact]) -> None:
        """Replaces all facts of this person; none forgets them."""
        with self._whole():
            if not facts:
                self._all("DELETE FROM fact WHERE source = ? AND person = ?", source, person)
                return
            packed = orjson.dumps([pack(fact) for fact in facts])  # not marshal: its bytes are of one Python version
            self._all("INSERT OR REPLACE INTO fact VALUES (?,?,?)", source, person, packed)

    def link(self, source: str, person: str, cins: Collection[str], *, anew: bool) -> None:
        """The CINs stated of this person now. `anew`: instead of those of before, where one is stated at all."""
        if not cins:
            return
        with self._whole():
            if anew:
                self._all("DELETE FROM cin WHERE source = ? AND person = ?", source, person)
            self._db.executemany(
                "INSERT OR IGNORE INTO cin VALUES (?,?,?)", [(source, person, number) for number in sorted(cins)]
            )

    def cin_peers(self, source: str, person: str) -> list[tuple[str, str]]:
        """(source, person) of every other record with an equal CIN, also within the same source."""
        return self._all(
            "SELECT DISTINCT peer.source, peer.person FROM cin AS own JOIN cin AS peer ON peer.cin = own.cin"
            " WHERE own.source = ?1 AND own.person = ?2 AND (peer.source, peer.person) <> (?1, ?2) ORDER BY 1, 2",
            *(source, person),
        )

    def speaking(self, source: str) -> set[int]:
        """Numbers of the files whose rows what is known of somebody comes from."""
        rows = self._db.execute("SELECT packed FROM fact WHERE source = ? AND person <> ''", (source,))
        return {unpack(_tuples(fact)).origin.file for (packed,) in rows for fact in orjson.loads(packed)}

    # drafts --------------------------------------------------------------

    def keep(self, kept: Kept, content: bytes) -> Literal["new", "changed", "same"]:
        """`content`: SHA-256 of what the resource says; with an equal one the resource stays as it was kept first."""
        place = (kept.source, kept.key.kind, kept.key.id)
        row = (content, kept.person, kept.custodian, int(kept.synthetic), 1)
        with self._whole():
            old = self._one(
                "SELECT content, person, custodian, synthetic, stands FROM draft"
                " WHERE source = ? AND kind = ? AND id = ?",
                *place,
            )
            if old == row:
                return "same"
            self._all(
                "INSERT INTO draft (source, kind, id, fhir_id, resource, content, person, custodian, synthetic, stands)"
                " VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (source, kind, id) DO UPDATE SET fhir_id = excluded.fhir_id,"
                " resource = excluded.resource, content = excluded.content, person = excluded.person,"
                " custodian = excluded.custodian, synthetic = excluded.synthetic, stands = 1",
                *(*place, kept.resource["id"], orjson.dumps(kept.resource), *row),
            )
        return "changed" if old and old[4] else "new"

    def drop(self, source: str, key: Key) -> None:
        """It no longer stands. What was sent of it stays in the ledger."""
        with self._whole():
            self._all("UPDATE draft SET stands = 0 WHERE source = ? AND kind = ? AND id = ?", source, key.kind, key.id)

    def kept(self, fhir_id: str) -> Kept | None:
        row = self._one(f"{_DRAFTS} AND fhir_id = ?", fhir_id)
        return _kept(row) if row else None

    def owner(self, source: str, key: Key) -> str:
        """Of whom the draft with this key speaks that stands; "" where none does."""
        sql = "SELECT person FROM draft WHERE stands = 1 AND source = ? AND kind = ? AND id = ?"
        return str((self._one(sql, source, key.kind, key.id) or ("",))[0])

    def graph(self, source: str, person: str) -> list[Kept]:
        rows = self._all(f"{_DRAFTS} AND source = ? AND person = ? ORDER BY kind, id", source, person)
        return [_kept(row) for row in rows]

    def persons(self, source: str = "") -> Iterator[tuple[str, str]]:
        """(source, person) of everybody of whom a draft stands, sorted. One may write while reading them."""
        sources = [(source,)] if source else self._all("SELECT DISTINCT source FROM draft ORDER BY source")
        sql = "SELECT DISTINCT person FROM draft WHERE source = ? AND person > ? AND stands = 1 ORDER BY person LIMIT ?"
        for (name,) in sources:
            last = ""
            while page := self._all(sql, name, last, _PAGE):
                yield from ((name, person) for (person,) in page)
                last = page[-1][0]

    def shared(self) -> dict[str, Kept]:
        """Organizations, practitioners and roles, which speak of no client, by FHIR id."""
        return {
            kept.resource["id"]: kept for kept in map(_kept, self._all(f"{_DRAFTS} AND person = '' ORDER BY fhir_id"))
        }

    def provenances(self, source: str, person: str) -> int:
        """How many were ever kept for this person, standing or not: the next one's number."""
        sql = "SELECT count(*) FROM draft WHERE source = ? AND person = ? AND kind = 'provenance'"
        return int(self._one(sql, source, person)[0])

    # refusals ------------------------------------------------------------

    def refuse(self, at: Origin, line: Mapping[str, Any], holds: Sequence[str], digest: str) -> int:
        """Its number. What is said of a row adds up; a mended one opens again for other cells or a new issue."""
        with self._whole():
            place = (at.file, at.row)
            old = self._one("SELECT number, digest, mended, line FROM refusal WHERE file = ? AND row = ?", *place)
            if old and old[1] == digest:
                said = orjson.loads(old[3])
                line = _added(said, line)
                if old[2] and len(line["issues"]) == len(said["issues"]):
                    return int(old[0])
            self._all(
                "INSERT INTO refusal (file, row, digest, line) VALUES (?,?,?,?) ON CONFLICT (file, row)"
                " DO UPDATE SET digest = excluded.digest, line = excluded.line, mended = ''",
                *(*place, digest, orjson.dumps(dict(line))),
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO hold SELECT file.source, ?, refusal.number FROM refusal"
                " JOIN file ON file.number = refusal.file WHERE refusal.file = ? AND row = ?",
                [(person, *place) for person in holds],
            )
            return int(self._one("SELECT number FROM refusal WHERE file = ? AND row = ?", *place)[0])

    def refusals(self, source: str = "") -> Iterator[RefusalRow]:
        """Open ones, by file and row. One may write while reading them."""
        sql = (
            "SELECT refusal.number, source, file, row, digest, line FROM refusal JOIN file ON file.number = file"
            " WHERE mended = '' AND ?1 IN ('', source) AND (file, row) > (?2, ?3) ORDER BY file, row LIMIT ?4"
        )
        last = (0, -1)
        while page := self._all(sql, source, *last, _PAGE):
            for number, name, file, row, digest, line in page:
                yield RefusalRow(number, name, file, row, digest, orjson.loads(line))
            last = page[-1][2:4]

    def was_refused(self, row: str, digest: str) -> bool:
        """Was there ever a refusal of such a row: its number in the file as text, and the digest of its cells?"""
        return bool(self._one("SELECT 1 FROM refusal WHERE CAST(row AS TEXT) = ? AND digest = ?", row, digest))

    def is_open(self, number: int) -> bool:
        return bool(self._one("SELECT 1 FROM refusal WHERE number = ? AND mended = ''", number))

    def mend(self, number: int, how: str) -> None:
        """Close it and let go of whom it held; `how`: its mended cells as JSON, or words. Usage if it is not open."""
        with self._whole():
            if not self._one("SELECT 1 FROM refusal WHERE number = ? AND mended = ''", number):
                raise Usage(f"no open refusal has the number {number}", "`nwd refusals` lists the open ones")
            self._all("UPDATE refusal SET mended = ? WHERE number = ?", how or "mended", number)
            self._all("DELETE FROM hold WHERE refusal = ?", number)

    def corrected(self, file: int, row: int) -> list[str] | None:
        """The cells that a person gave a refused row; None where nobody did."""
        found = self._one("SELECT mended FROM refusal WHERE file = ? AND row = ? AND mended LIKE '[%'", file, row)
        return list(orjson.loads(found[0])) if found else None

    def forget_refusals_of(self, file: int) -> None:
        """Before a file is read again: its open refusals and their holds. In one transaction with the reading."""
        with self._whole():
            self._all("DELETE FROM refusal WHERE file = ? AND mended = ''", file)

    def holding(self, source: str = "") -> int:
        """How many people open refusals hold; everybody of a source counts as all of its people."""
        sql = (
            "SELECT count(*) FROM (SELECT DISTINCT draft.source, draft.person FROM draft JOIN hold"
            " ON hold.source = draft.source AND hold.person IN (draft.person, '*')"
            " WHERE draft.person <> '' AND ?1 IN ('', draft.source))"
        )
        return int(self._one(sql, source)[0])

    def held(self, source: str, person: str) -> str | None:
        """Which refused row holds this person, or everybody of the source; None where nothing does."""
        row = self._one(
            "SELECT file.name, refusal.row FROM hold JOIN refusal ON refusal.number = hold.refusal"
            " JOIN file ON file.number = refusal.file WHERE hold.source = ? AND hold.person IN (?, '*')"
            " ORDER BY file.number, refusal.row LIMIT 1",
            *(source, person),
        )
        return f"{row[0]} row {row[1]}" if row else None


_FILES = 'SELECT sha256, source, name, "table", sheet, as_of, read, tables, number FROM file'
_DRAFTS = "SELECT source, kind, id, person, custodian, resource, synthetic FROM draft WHERE stands = 1"


def _file(row: tuple[Any, ...]) -> FileRow:
    return FileRow(*(*row[:7], orjson.loads(row[7]), row[8]))


def _kept(row: tuple[Any, ...]) -> Kept:
    source, kind, id_, person, custodian, resource, synthetic = row
    return Kept(source, Key(kind, id_), person, custodian, orjson.loads(resource), bool(synthetic))


def _tuples(packed: Any) -> Any:
    return tuple(map(_tuples, packed)) if isinstance(packed, list) else packed


def _added(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    more = {name: [one for one in new[name] if one not in old[name]] for name in ("issues", "holds")}
    return {**new, **{name: [*old[name], *ones] for name, ones in more.items()}}
