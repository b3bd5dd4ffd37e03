"""Open and write one kind of file as rows that know where they stood: delimited text, workbooks, XML."""

from nowrongdoor.files.elements import Wish
from nowrongdoor.files.grid import Dialect, Grid
from nowrongdoor.files.headers import Fit, Mismatch, Wanted, plain, rank
from nowrongdoor.files.records import Record
from nowrongdoor.files.sniffing import Sniffed, sniff
from nowrongdoor.files.table import Found, Noise, find
from nowrongdoor.files.text import digest
from nowrongdoor.files.writing import escape, unescape, write_delimited, write_workbook

__all__ = [
    "Dialect", "Fit", "Found", "Grid", "Mismatch", "Noise", "Record", "Sniffed", "Wanted", "Wish",
    "digest", "escape", "find", "plain", "rank", "sniff", "unescape", "write_delimited", "write_workbook",
]  # fmt: skip
