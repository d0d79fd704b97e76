"""Canonical JSON against the vectors of RFC 8785 that concern what we hold."""

import hashlib
import json
import random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence.canonical import DEPTH_MAX, NotCanonical, Plain, canonical, sha256_of
from compliance.evidence.plain import plain_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def test_keys_are_sorted_by_utf16_code_units() -> None:
    """RFC 8785 §3.2.3, the example of the text."""
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign"]
    order += ["Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"]
    assert list(json.loads(canonical(value)).values()) == order


def test_text_is_escaped_as_ecmascript_does() -> None:
    """RFC 8785 §3.2.2, the string and the literals of its sample object, byte for byte."""
    value: Plain = {
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value) == expected.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("\x00\x08\t\n\x0b\x0c\r\x1f\x7f", '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\x7f"'),
        ("网点/\u2028", '"网点/\u2028"'),
        (0, "0"),
        (-0, "0"),
        (2**53 - 1, "9007199254740991"),
        (-(2**53) + 1, "-9007199254740991"),
        ([], "[]"),
        ({}, "{}"),
        ([True, 1, "1"], '[true,1,"1"]'),
        (
            {"b": 1, "a": {"d": [2, {"f": 1, "e": None}], "c": ""}},
            '{"a":{"c":"","d":[2,{"e":null,"f":1}]},"b":1}',
        ),
    ],
)
def test_forms(value: Plain, text: str) -> None:
    assert canonical(value) == text.encode()


@pytest.mark.parametrize(
    "value", [1.0, 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, b"x", {1, 2}, object()]
)
def test_whatever_has_no_form_is_refused(value: object) -> None:
    holder: dict[str, object] = {"at": [value]}
    with pytest.raises(NotCanonical):
        canonical(cast("Plain", holder))


def test_depth_has_an_end() -> None:
    value: Plain = 1
    for _ in range(DEPTH_MAX):
        value = [value]
    canonical(value)
    with pytest.raises(NotCanonical, match="deeper"):
        canonical([value])


def test_the_message_names_the_place() -> None:
    with pytest.raises(NotCanonical, match=r"^/a/1/b: "):
        canonical(cast("Plain", {"a": [0, {"b": 0.5}]}))


@given(VALUES)
def test_reading_back_gives_the_same_value_and_text(value: Plain) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text
    assert sha256_of(value) == hashlib.sha256(text).hexdigest()


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2, max_size=8), st.randoms())
def test_the_order_of_insertion_does_not_matter(value: dict[str, int], chance: random.Random) -> None:
    keys = list(value)
    chance.shuffle(keys)
    assert canonical({key: value[key] for key in keys}) == canonical(value)


@given(VALUES)
def test_what_we_wrote_ourselves_has_the_same_digest_however_it_is_found(value: Plain) -> None:
    assert plain_text(value) == canonical(value).decode()


@pytest.mark.parametrize(
    "value",
    [
        {"\ufb33": 1, "\U0001f600": 2},
        {"\uffff": 1, "\U00010000": 2},
        [2**53 - 1, -(2**53) + 1],
        {"digits": "0123456789012345", "more": ["0123456789012345,:[0123456789012345"]},
    ],
)
def test_what_the_librarys_writer_orders_otherwise_has_the_canonical_digest(value: Plain) -> None:
    assert plain_text(value) == canonical(value).decode()


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), [-(2**53)], [1, 2**53], {"a": 2**53}, "\ud800", {"\udfff": 1}]
)
def test_what_has_no_canonical_form_has_no_digest(value: Plain) -> None:
    with pytest.raises(NotCanonical):
        plain_text(value)
