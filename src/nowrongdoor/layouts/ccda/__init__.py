"""Clinical documents (HL7 C-CDA R1.1 and R2.1) of any vendor."""

from nowrongdoor.layouts.ccda.outline import HEADER, STATED, outline
from nowrongdoor.layouts.ccda.reader import Document, rows, statements

__all__ = ["DOCUMENT", "HEADER", "STATED", "Document", "outline", "rows", "statements"]

DOCUMENT = True  # a file is a tree with one person's statements, not rows
