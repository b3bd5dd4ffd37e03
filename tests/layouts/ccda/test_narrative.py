"""A section's words become XHTML that FHIR allows: nothing lost, nothing that could run, whatever comes in."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor import shelf
from nowrongdoor.checks import Checker
from nowrongdoor.files import xml
from nowrongdoor.layouts.ccda import narrative
from nowrongdoor.layouts.ccda.tree import Notes, plain

_OPEN = '<div xmlns="http://www.w3.org/1999/xhtml">'


@pytest.fixture(scope="module")
def wrong():
    """Issues of a CarePlan with that text."""
    checker = Checker(shelf.find("profiles/fhir/tables"))

    def issues(div):
        plan = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"display": "x"}}
        return [(i.rule, i.cause) for i in checker.issues({**plan, "text": {"status": "additional", "div": div}})]

    return issues


def element(inner):
    return xml.parse(f'<text xmlns="urn:hl7-org:v3">{inner}</text>'.encode())


def made(inner, limit=narrative.LIMIT):
    text = element(inner)
    return narrative.div(text, Notes(text), limit)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("Rest &amp; walk &lt;daily&gt;", "Rest &amp; walk &lt;daily&gt;"),
        ("one\n two \n\n", "one<br/>two"),
        ("<paragraph>a<br/>b</paragraph>", "<p>a<br/>b</p>"),
        ("<paragraph>a<list><item>b</item></list></paragraph>", "<div>a<ul><li>b</li></ul></div>"),
        ('<list listType="ordered"><caption>To do</caption><item>a</item></list>', "<p>To do</p><ol><li>a</li></ol>"),
        ("<list>only words</list>", "<p>only words</p>"),
        ("<list>and <content>a</content></list>", "<p>and</p><ul><li><span>a</span></li></ul>"),
        ('<content styleCode="Bold">a</content>', "<span><b>a</b></span>"),
        ('<content styleCode="Underline xRowShade">a</content>', '<span style="text-decoration: underline">a</span>'),
        ('<content revised="delete">a</content>', '<span style="text-decoration: line-through">a</span>'),
        ("<sub>a</sub><sup>b</sup>", "<sub>a</sub><sup>b</sup>"),
        (
            '<table><thead><tr><th colspan="2">h</th></tr></thead><caption>c</caption><tr><td>a</td></tr></table>',
            '<table><caption>c</caption><thead><tr><th colspan="2">h</th></tr></thead><tr><td>a</td></tr></table>',
        ),
        ('<table on="x"><tr align="x"><td rowspan="x">a</td></tr></table>', "<table><tr><td>a</td></tr></table>"),
        ("a<br>b</br>", "a<br/>b"),
        ('<linkHtml href="https://example.org/?a=1&amp;b=2">a</linkHtml>', '<a href="https://example.org/?a=1&amp;b=2">a</a>'),
        ('<linkHtml href="javascript:alert(1)">a</linkHtml>', "a"),
        ('<linkHtml href="#note">a</linkHtml>', '<a href="#note">a</a>'),
        ('<renderMultiMedia referencedObject="m"><caption>ECG</caption></renderMultiMedia>', "<span>[ECG]</span>"),
        ('a <renderMultiMedia referencedObject="m"/>', "a <span>[picture]</span>"),
        ("<footnote>n</footnote>", "<span>n</span>"),
        ('<script xmlns="http://www.w3.org/1999/xhtml">x()</script>', "x()"),
        ('<img src="http://x/y.png"/>a', "a"),
        ('<content ID="a1">a</content><content ID="a1">b</content>', '<span id="a1">a</span><span>b</span>'),
        ('<content ID="1 &quot;x">a</content>', "<span>a</span>"),
    ],
)  # fmt: skip
def test_each_element_of_the_narrative(inner, expected, wrong):
    div = made(inner)
    assert f"{_OPEN}{expected}</div>" == div
    assert [] == wrong(div)


@pytest.mark.parametrize("inner", ["", " \n ", "<table><tr><td> </td></tr></table>", "<br/>"])
def test_no_words_no_text(inner):
    assert "" == made(inner)
    assert "" == narrative.div(None, Notes(element("")))


def test_sections_are_joined_under_their_titles(wrong):
    parts = [narrative.section(element(word), Notes(element("")), title=f"{word} & more") for word in ("a", "b")]
    div = narrative.join(parts)
    assert f"{_OPEN}<h2>a &amp; more</h2>a<h2>b &amp; more</h2>b</div>" == div
    assert [] == wrong(div)
    assert "" == narrative.join(["", ""])


def test_words_beyond_the_limit_are_cut_and_told(wrong):
    text = element("<table>" + "<tr><td>word</td></tr>" * 500 + "</table>")
    notes = Notes(text)
    div = narrative.div(text, notes, limit=2000)
    assert ["ccda-narrative-size"] == [issue.rule for _, issue in notes.issues]
    assert (True, []) == (2000 < len(div) < 6000 and "in the document itself" in div, wrong(div))


def test_what_a_reference_leads_to_is_told_without_gluing_cells():
    row = element("<table><tr><td>120<content>/80</content></td><td>mm<br/>Hg</td></tr></table>")
    assert "120/80 mm Hg" == plain(row)


_TAGS = (
    "paragraph",
    "content",
    "list",
    "item",
    "table",
    "tbody",
    "tr",
    "td",
    "caption",
    "linkHtml",
    "footnote",
    "x",
    "br",
)
_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8).map(html.escape)


def _tree(children):
    inner = st.lists(children, max_size=3).map("".join)
    attribute = st.sampled_from(["", ' ID="a"', ' styleCode="Bold"', ' href="http://x.org"', ' colspan="2"'])
    return st.builds(
        lambda tag, a, b, tail: f"<{tag}{a}>{b}</{tag}>{tail}", st.sampled_from(_TAGS), attribute, inner, _WORDS
    )


@given(st.recursive(_WORDS, _tree, max_leaves=12))
def test_any_tree_keeps_its_words_and_is_valid(wrong, inner):
    """Every character that is no white space comes out, and the checker finds nothing wrong."""
    try:
        text = element(inner)
    except xml.Bad:  # a character that XML does not allow
        return
    div = narrative.div(text, Notes(text))
    told = html.unescape(re.sub(r"<[^>]*>", "", div))
    assert sorted(re.sub(r"\s", "", "".join(text.itertext()))) == sorted(re.sub(r"\s", "", told))
    assert [] == (wrong(div) if div else [])
