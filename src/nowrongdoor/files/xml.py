"""Read an XML document as a tree that knows its lines, from a file that nobody vouches for.

No document type, no entity, nothing from elsewhere; bytes have a limit, and the parser's own is 256 elements inside
one another. Comments and processing instructions are left out, so that text on both sides of one is one text. A byte
order mark, a missing declaration and a wrong file ending are no faults.
"""

import re
from pathlib import Path
from typing import Any, TypeAlias

from nowrongdoor.model.values import Bad

Element: TypeAlias = Any  # lxml's; typed as it is used

LIMIT = 64 << 20  # bytes of one document
_DOCTYPE = re.compile(rb"<\s*!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WORDS = {
    "ERR_TAG_NAME_MISMATCH": "an element is closed by another name",
    "ERR_TAG_NOT_FINISHED": "the document ends before its elements do",
    "ERR_DOCUMENT_EMPTY": "there is no XML in it",
    "ERR_DOCUMENT_END": "something follows the end of the document",
    "ERR_INVALID_CHAR": "a character that XML does not allow",
    "ERR_INVALID_ENCODING": "bytes that are not of its encoding",
    "ERR_UNSUPPORTED_ENCODING": "an encoding that is not known",
    "ERR_UNDECLARED_ENTITY": "an entity that is not declared",
    "ERR_NAME_TOO_LONG": "a name that is too long",
    "NS_ERR_UNDEFINED_NAMESPACE": "a prefix without a namespace",
    "ERR_ATTRIBUTE_REDEFINED": "an attribute that is there twice",
    "ERR_LT_IN_ATTRIBUTE": "a < inside an attribute",
    "ERR_RESERVED_XML_NAME": "an XML declaration that is not at the start",
}
_CURE = "ask for the document again, or read it with --recover, which keeps what can be read and says so"


def read(path: Path) -> bytes:
    """The bytes of a document. Raises `Bad` where it is larger than the limit."""
    with path.open("rb") as file:
        content = file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise Bad("xml-size", f"larger than {LIMIT >> 20} MiB", "send its parts as documents of their own")
    return content


def parse(content: bytes, *, recover: bool = False) -> Element:
    """The root element. Raises `Bad`, with line and cause, for what is not well-formed; no text holds a value.

    `recover`: a person's choice to keep what can be read of a damaged document.
    """
    from lxml import etree

    if len(content) > LIMIT:
        raise Bad("xml-size", f"larger than {LIMIT >> 20} MiB", "send its parts as documents of their own")
    wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}  # UTF-16: its ASCII has a NUL beside each letter
    if _DOCTYPE.search(content.replace(b"\0", b"") if wide else content):
        raise Bad("xml-doctype", "it declares a document type", "a clinical document has none: ask who made it")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, recover=recover, attribute_defaults=False, dtd_validation=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(content.lstrip(b"\r\n\t ") if not wide else content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Bad("xml", _told(error), _CURE) from None
    if root is None:
        raise Bad("xml", "there is no XML in it", _CURE)
    return root


def _told(error: Exception) -> str:
    """The parser's own text may quote the document: only its kind and its line are told."""
    last = getattr(getattr(error, "error_log", None), "last_error", None)
    if last is None:
        return "not XML"
    return f"line {last.line}: {_WORDS.get(last.type_name, 'not well-formed')}"
