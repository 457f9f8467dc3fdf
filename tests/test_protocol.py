"""What a request asks by the SPARQL 1.1 Protocol, without a web framework."""

from __future__ import annotations

import codecs
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import protocol
from server.problems import (
    BadRequestError,
    ReadOnlyError,
    UnsupportedMediaTypeError,
)

ASK = b"query=ASK+%7B%7D"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
queries = texts.filter(str.strip)


def test_a_query_is_read_from_the_address():
    assert protocol.read_get(ASK).query == "ASK {}"


def test_a_query_is_read_from_a_form():
    asked = protocol.read_post(b"", protocol.FORM, ASK)
    assert asked.query == "ASK {}"


def test_a_query_is_read_as_the_body():
    asked = protocol.read_post(b"format=csv", protocol.QUERY, b"ASK {}")
    assert (asked.query, asked.format) == ("ASK {}", "csv")


@pytest.mark.parametrize("media_type", [protocol.FORM, protocol.QUERY])
def test_the_address_names_the_dataset_of_a_post(media_type):
    body = ASK if media_type == protocol.FORM else b"ASK {}"
    given_ = b"default-graph-uri=urn:a&default-graph-uri=urn:b&named-graph-uri=urn:c"
    asked = protocol.read_post(given_, media_type, body)
    assert asked.default_graphs == ("urn:a", "urn:b")
    assert asked.named_graphs == ("urn:c",)


@pytest.mark.parametrize(
    "query_string", [b"", b"query=", b"query=%20", b"other=1", b"query"]
)
def test_a_missing_query_is_refused(query_string):
    with pytest.raises(BadRequestError, match="missing"):
        protocol.read_get(query_string)


def test_two_queries_are_refused():
    with pytest.raises(BadRequestError, match="2 times"):
        protocol.read_get(ASK + b"&" + ASK)
    with pytest.raises(BadRequestError, match="2 times"):
        protocol.read_post(ASK, protocol.FORM, ASK)
    with pytest.raises(BadRequestError, match="the query is the body"):
        protocol.read_post(ASK, protocol.QUERY, b"ASK {}")


def test_an_update_is_refused_however_it_is_sent():
    for refused in (
        lambda: protocol.read_get(b"update=CLEAR+ALL"),
        lambda: protocol.read_post(b"", protocol.FORM, b"update=CLEAR+ALL"),
        lambda: protocol.read_post(b"", protocol.UPDATE, b"CLEAR ALL"),
    ):
        with pytest.raises(ReadOnlyError):
            refused()


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/json",
        "application/sparql-query; charset=UTF-16",
        "application/sparql-query; charset=latin1",
    ],
)
def test_another_media_type_or_charset_is_refused(content_type):
    with pytest.raises(UnsupportedMediaTypeError):
        protocol.read_post(b"", content_type, b"ASK {}")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/sparql-query",
        "application/sparql-query; charset=utf-8",
        'Application/SPARQL-Query;charset="UTF-8"',
    ],
)
def test_the_media_type_may_be_written_in_any_way(content_type):
    for body in (b"ASK {}", codecs.BOM_UTF8 + b"ASK {}"):
        assert protocol.read_post(b"", content_type, body).query == "ASK {}"


def test_bytes_that_are_not_utf_8_are_refused_with_their_place():
    with pytest.raises(BadRequestError, match=r"byte 4 is 0xff"):
        protocol.read_post(b"", protocol.QUERY, b"ASK \xff")
    with pytest.raises(BadRequestError, match="UTF-8"):
        protocol.read_get(b"query=%FF")
    with pytest.raises(BadRequestError, match="UTF-8"):
        protocol.read_get(b"query=\xff")


def test_too_many_parameters_are_refused():
    with pytest.raises(BadRequestError, match="more than"):
        protocol.read_get(b"&".join([b"a=1"] * 2000))


@given(queries, texts, texts)
def test_every_way_of_sending_a_query_gives_the_same_text(query, default, named):
    dataset = {"default-graph-uri": default, "named-graph-uri": named}
    whole = urlencode({"query": query, **dataset}).encode()
    sent = [
        protocol.read_get(whole),
        protocol.read_post(b"", protocol.FORM, whole),
        protocol.read_post(urlencode(dataset).encode(), protocol.QUERY, query.encode()),
    ]
    assert {asked.query for asked in sent} == {query}
    assert {(*asked.default_graphs, *asked.named_graphs) for asked in sent} == {
        (default, named)
    }


@given(
    st.lists(
        st.sampled_from(
            ["a", "é", "&", "=", "+", "%", "%C3", "%A9", "%26", "%4", "%zz", "\x00"]
        )
    )
)
def test_parameters_are_those_that_python_reads(parts):
    text = "".join(parts)
    try:
        wanted = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(BadRequestError, match="UTF-8"):
            protocol.read_parameters(text.encode(), where="here")
        return
    read = protocol.read_parameters(text.encode(), where="here")
    given_ = [(name, value) for name, values in read.items() for value in values]
    assert sorted(given_) == sorted(wanted)


def test_half_a_letter_is_not_made_whole_by_what_is_quoted():
    with pytest.raises(BadRequestError, match="UTF-8"):
        protocol.read_parameters(b"a=\xc3%A9", where="here")
