"""Read an XML document as a tree that knows its lines, from a file that nobody vouches for.

No document type, no entity, nothing from elsewhere; bytes have a limit, and the parser's own is 256 elements inside
one another. Comments and processing instructions are left out, so that text on both sides of one is one text. A byte
order mark, also between pieces that were put together, a missing declaration and a wrong file ending are no faults.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from nowrongdoor.model.values import Bad

Element: TypeAlias = Any  # lxml's; typed as it is used

LIMIT = 64 << 20  # bytes of one document
_COUNTED = 0xFFFF
DEEPEST = 200  # elements inside one another, where a file is read as a stream
_SAFE: dict[str, Any] = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True,
    "remove_pis": True, "attribute_defaults": False, "dtd_validation": False,
}  # fmt: skip
_TYPED = (b"<!DOCTYPE", b"<!ENTITY")  # written in any other way they are no XML
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
_AGAIN = "ask its sender for the file again"
_CURE = "ask for the document again, or read it with --recover, which keeps what can be read and says so"


def read(path: Path) -> bytes:
    """The bytes of a document. Raises `Bad` where it is larger than the limit."""
    with path.open("rb") as file:
        content = file.read(min(path.stat().st_size, LIMIT) + 1)  # no more room than it needs
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
    wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    letters = content.replace(b"\0", b"")  # UTF-16 and UTF-32: ASCII has a NUL beside each letter
    if any(word in letters for word in _TYPED):
        raise _typed()
    parser = etree.XMLParser(recover=recover, **_SAFE)
    root: Element
    try:
        root = etree.fromstring(content if wide else content.replace(BOM_UTF8, b"").lstrip(b"\r\n\t "), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Bad("xml", _told(error), _CURE) from None
    if root is None:
        raise Bad("xml", "there is no XML in it", _CURE)
    if root.getroottree().docinfo.doctype:  # in an encoding that hides it
        raise _typed()
    return root


def stream(path: Path, encoding: str = "") -> Iterator[tuple[str, Element]]:
    """("start" | "end", element) of a file of any size; who reads lets go of (`forget`) what it has read.

    `encoding`: what the source declares, "" where the file says it. Raises `Bad`, as `parse` does.
    """
    from lxml import etree

    depth = 0
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
            file.seek(len(head) - len(head.lstrip(b"\r\n\t ")))
            for event, element in etree.iterparse(file, ("start", "end"), encoding=encoding or None, **_SAFE):
                if event == "start":
                    if not depth and element.getroottree().docinfo.doctype:
                        raise _typed()
                    depth += 1
                    if depth > DEEPEST:
                        cause = f"line {line(element)}: more than {DEEPEST} elements inside one another"
                        raise Bad("xml-depth", cause, _AGAIN)
                else:
                    depth -= 1
                yield event, element
    except LookupError:
        raise Bad("xml", "an encoding that is not known", "correct `encoding` in the source") from None
    except etree.XMLSyntaxError as error:
        raise Bad("xml", _told(error), _AGAIN) from None


def line(element: Element) -> int:
    """Where its start tag ends. Behind line 65 535 the parser only knows where the first text in or after it ends."""
    told = int(element.sourceline or 0)
    if told < _COUNTED:
        return told
    if not element.text and len(element):
        return line(element[0])
    return told - (element.text or element.tail or "").count("\n")


def forget(element: Element) -> bool:
    """Let go of an element that was read, and of what stands before it; was there text between those?"""
    element.clear(keep_tail=True)
    parent, text = element.getparent(), False
    while parent is not None and parent[0] is not element:
        text = text or bool((parent[0].tail or "").strip())
        del parent[0]
    return text


def _typed() -> Bad:
    return Bad("xml-doctype", "it declares a document type", "data has none: ask who made it")


def _told(error: Exception) -> str:
    """The parser's own text may quote the document: only its kind and its line are told."""
    last = getattr(getattr(error, "error_log", None), "last_error", None)
    if last is None:
        return "not XML"
    return f"line {last.line}: {_WORDS.get(last.type_name, 'not well-formed')}"
