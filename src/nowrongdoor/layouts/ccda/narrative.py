"""The words of a section as XHTML that FHIR allows: its tables, lists and lines, and nothing that could run or load.

HL7's narrative block has a closed list of elements; what is not on it is kept as its text. Sources: CDA R2 4.3.5
(NarrativeBlock), HL7's C-CDA on FHIR guide (narrative text), FHIR R4 narrative (txt-1).
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from nowrongdoor.layouts.ccda.tree import Element, Notes, local, name, plain, said, speaks

__all__ = ["LIMIT", "div", "join", "plain", "section"]

LIMIT: Final = 1 << 20  # characters of one section's XHTML

_OPEN = '<div xmlns="http://www.w3.org/1999/xhtml">'
_SAME = {word: word for word in ("sub", "sup", "thead", "tbody", "tfoot", "tr", "td", "th", "colgroup")} | {
    "item": "li", "content": "span", "footnote": "span", "footnoteRef": "span",
}  # fmt: skip  # elements that are as they are in XHTML, or under another name
_EMPTY = {"br", "col"}
_BLOCK = {"paragraph", "list", "table", "caption"}
_STYLED = {"span", "li", "td", "th", "p", "a", "b"}
_STYLES = {"bold": "b", "italics": "i", "emphasis": "em"}  # styleCode → element; Underline is a style
_ID = re.compile(r"[A-Za-z_][\w.-]{0,254}", re.ASCII)
_SPAN = re.compile("[1-9][0-9]{0,3}")
_LINK = re.compile(r"(?:https?://[^\s<>\"'&]|#[A-Za-z_])[^\s<>\"']*", re.IGNORECASE)
_OWN = {  # attributes that mean the same in XHTML
    "td": ("colspan", "rowspan", "align"), "th": ("colspan", "rowspan", "align"), "tr": ("align",),
    "col": ("span", "align"), "colgroup": ("span",),
}  # fmt: skip
_ALIGN = {"left", "center", "right", "justify", "char"}
_CUT = "<p>[The rest of this section is in the document itself.]</p>"


def div(text: Element, notes: Notes, limit: int = LIMIT) -> str:
    """The XHTML of one section/text; "" where it has no words. Longer than `limit` it is cut, with an issue."""
    return join([section(text, notes, limit)])


def section(text: Element, notes: Notes, limit: int = LIMIT, title: str = "") -> str:
    """The same without the div around it, under its title; what several sections are joined from."""
    if not speaks(text):
        return ""
    page = _Page(limit)
    body = _lines(text.text or "") if not len(text) else page.inside(text)
    if page.left < 0:
        notes.note(text, "ccda-narrative-size", f"words longer than {limit} characters are cut", "read the document")
        body += _CUT
    return (f"<h2>{escape(title, quote=False)}</h2>" if title.strip() else "") + body


def join(parts: list[str]) -> str:
    """One div of several sections; "" where there are no words."""
    body = "".join(parts)
    return f"{_OPEN}{body}</div>" if body else ""


def _lines(told: str) -> str:
    """Text without any markup: its lines stay lines."""
    return "<br/>".join(escape(" ".join(line.split()), quote=False) for line in told.splitlines() if line.strip())


class _Page:
    """What was written so far: how much is left, which ids are taken."""

    def __init__(self, limit: int) -> None:
        self.left, self.ids = limit, set[str]()

    def inside(self, element: Element) -> str:
        """Text and children of an element."""
        made = self._words(told) if (told := element.text) else ""
        if len(element):  # most have only words
            for child in element:
                if self.left < 0:
                    break
                made += self.piece(child)
                if told := child.tail:
                    made += self._words(told)
        return made

    def _words(self, told: str) -> str:
        made = told.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self.left -= len(made)
        return made if self.left >= 0 else ""

    def piece(self, element: Element) -> str:
        """One element of HL7's narrative as XHTML."""
        word = local(element.tag)
        self.left -= 12
        if tag := _SAME.get(word):
            return self._wrap(tag, element, self.inside(element))
        if word in _EMPTY:
            return f"<{word}{self._attributes(_given(element), word)}/>{self.inside(element)}"  # which should be empty
        if word == "list":
            return self._list(element)
        if word == "table":
            return self._table(element)
        if word == "renderMultiMedia":
            return self._wrap("span", element, f"[{self._words(plain(element)) or 'picture'}]")
        tag = self._tag(element, word)
        return self._wrap(tag, element, self.inside(element)) if tag else self.inside(element)

    def _tag(self, element: Element, word: str) -> str:
        """Its name in XHTML; "" where only its text is kept."""
        if word == "paragraph":  # XHTML has no table, list or paragraph inside a p
            return "div" if any(name(e) in _BLOCK for e in element) else "p"
        if word == "caption":
            return "caption" if name(element.getparent()) == "table" else "b"
        if word == "linkHtml":
            return "a" if _LINK.fullmatch(said(element, "href")) else ""
        return ""

    def _wrap(self, tag: str, element: Element, inner: str) -> str:
        if not element.attrib:
            return f"<{tag}>{inner}</{tag}>"
        given = _given(element)
        if inner and tag in _STYLED and "styleCode" in given:
            styles = given["styleCode"].lower().split()
            for style, mark in _STYLES.items():
                if style in styles:
                    inner = f"<{mark}>{inner}</{mark}>"
        return f"<{tag}{self._attributes(given, tag)}>{inner}</{tag}>"

    def _list(self, element: Element) -> str:
        """XHTML has only items in a list: captions and loose text stand before it."""
        tag = "ol" if said(element, "listType") == "ordered" else "ul"
        loose, items = [self._loose(element)], list[str]()
        for e in element:
            if name(e) == "caption":
                loose.append(self._wrap("p", e, self.inside(e)))
            else:
                items.append(self.piece(e) if name(e) == "item" else f"<li>{self.piece(e)}</li>")
        made = f"<{tag}{self._attributes(_given(element), tag)}>{''.join(items)}</{tag}>" if items else ""
        return "".join(loose) + made

    def _table(self, element: Element) -> str:
        """A caption comes first in XHTML; loose text of a table stands before it."""
        children = sorted(element, key=lambda e: name(e) != "caption")
        loose = self._loose(element)
        return (
            loose + f"<table{self._attributes(_given(element), 'table')}>{''.join(map(self.piece, children))}</table>"
        )

    def _loose(self, element: Element) -> str:
        """Text that stands between children, where XHTML has no place for it."""
        told = " ".join(" ".join([element.text or "", *(e.tail or "" for e in element)]).split())
        return f"<p>{self._words(told)}</p>" if told else ""

    def _attributes(self, given: Mapping[str, str], tag: str) -> str:
        made = ""
        id_ = given.get("ID", "")
        if id_ and _ID.fullmatch(id_) and id_ not in self.ids and tag != "br":
            self.ids.add(id_)
            made = f' id="{id_}"'
        for word in _OWN.get(tag, ()):
            if word in given and (given[word] in _ALIGN if word == "align" else _SPAN.fullmatch(given[word])):
                made += f' {word}="{given[word]}"'
        if tag == "a":
            made += f' href="{escape(given.get("href", ""))}"'
        style = _style(given) if "revised" in given or "styleCode" in given else ""
        return f'{made} style="{style}"' if style else made


def _given(element: Element) -> dict[str, str]:
    return {word: told.strip() for word, told in element.items()}


def _style(given: Mapping[str, str]) -> str:
    if given.get("revised") == "delete":
        return "text-decoration: line-through"
    return "text-decoration: underline" if "underline" in given.get("styleCode", "").lower().split() else ""
