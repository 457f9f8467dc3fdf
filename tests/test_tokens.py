"""Access tokens: made, kept as digests, revoked; what their scopes cover."""

from __future__ import annotations

import json
import stat
import threading

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import TokenError
from kg.terms import BASE
from kg.tokens import SHAPE, TokenFile


@pytest.fixture
def tokens(tmp_path):
    return TokenFile(tmp_path / "tokens.json")


def test_without_a_file_there_are_no_tokens(tokens):
    assert tokens.tokens() == ()
    assert tokens.find("exqt_x") is None


def test_a_token_is_found_again_and_another_is_not(tokens):
    secret = tokens.add("Ada", ["write:*"])
    other = tokens.add("ci", ["validate"])
    assert SHAPE.fullmatch(secret)
    assert tokens.find(secret).name == "Ada"
    assert tokens.find(other).name == "ci"
    for wrong in ("", secret[:-1], secret + "x", secret.lower(), "exqt_" + "é" * 43):
        assert tokens.find(wrong) is None


def test_only_a_digest_is_kept_and_only_the_owner_reads_it(tokens):
    secret = tokens.add("Ada", ["admin"])
    text = tokens.path.read_text(encoding="utf-8")
    assert secret not in text
    assert secret.removeprefix("exqt_") not in text
    assert stat.S_IMODE(tokens.path.stat().st_mode) == 0o600


def test_a_name_is_taken_once(tokens):
    tokens.add("Ada", ["admin"])
    with pytest.raises(TokenError, match="already"):
        tokens.add("Ada", ["validate"])
    assert len(tokens.tokens()) == 1


def test_a_revoked_token_is_forgotten(tokens):
    secret = tokens.add("Ada", ["admin"])
    tokens.revoke("Ada")
    assert tokens.find(secret) is None
    with pytest.raises(TokenError, match="no token 'Ada'"):
        tokens.revoke("Ada")
    assert tokens.find(tokens.add("Ada", ["admin"])) is not None
    assert tokens.find(secret) is None


@pytest.mark.parametrize("name", ["", " Ada", "A\nda", "x" * 65, "<a>", "a;b"])
def test_a_name_that_cannot_stand_in_the_log_is_refused(tokens, name):
    with pytest.raises(TokenError, match="cannot name"):
        tokens.add(name, ["admin"])


@pytest.mark.parametrize(
    "scope", ["", "write", "write:", "write:a*b*", "write:nothing", "Admin", "read"]
)
def test_what_is_no_scope_is_refused_with_those_that_are(tokens, scope):
    with pytest.raises(TokenError, match="validate, write:"):
        tokens.add("Ada", [scope])
    assert not tokens.path.exists()


def test_a_token_without_a_scope_is_refused(tokens):
    with pytest.raises(TokenError, match="of no use"):
        tokens.add("Ada", [])


@pytest.mark.parametrize(
    ("scope", "graph", "covered"),
    [
        ("admin", "urn:any", True),
        ("validate", "urn:any", False),
        ("write:*", "urn:any", True),
        ("write:urn:one", "urn:one", True),
        ("write:urn:one", "urn:one#s01", False),
        ("write:urn:one", "urn:on", False),
        ("write:urn:one*", "urn:one#s01", True),
        ("write:urn:one*", "urn:one", True),
        ("write:urn:one*", "urn:two", False),
    ],
)
def test_a_scope_covers_a_graph_or_those_that_begin_so(tokens, scope, graph, covered):
    token = tokens.find(tokens.add("Ada", [scope]))
    assert token.may_write(graph) is covered
    assert token.may_validate()


def test_several_at_once_lose_no_token(tokens):
    names = [f"reader {number}" for number in range(8)]
    threads = [
        threading.Thread(target=tokens.add, args=(name, ["validate"])) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(token.name for token in tokens.tokens()) == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"layout": 2, "tokens": []}',
        '{"layout": 1, "tokens": [{"name": "Ada"}]}',
        '{"layout": 1, "tokens": [{"name": "Ada", "digest": "x", "scopes": ["all"],'
        ' "created": ""}]}',
    ],
)
def test_a_file_that_cannot_be_read_grants_nothing(tokens, text):
    tokens.path.write_text(text, encoding="utf-8")
    tokens.path.chmod(0o600)
    with pytest.raises(TokenError, match="cannot be used"):
        tokens.find("exqt_x")


def test_a_file_that_others_may_write_grants_nothing(tokens):
    secret = tokens.add("Ada", ["admin"])
    tokens.path.chmod(0o620)
    with pytest.raises(TokenError, match="chmod 600"):
        tokens.find(secret)


# --- the commands -----------------------------------------------------------------


@pytest.fixture
def kg(tmp_path):
    def run(*arguments):
        store = str(tmp_path / "store")
        return CliRunner().invoke(main, ["--store", store, "token", *arguments])

    return run


def test_the_command_prints_a_token_once(kg, tmp_path):
    made = kg("add", "Ada", "--scope", "write:src:story*", "--scope", "validate")
    assert made.exit_code == 0
    secret = made.stdout.strip()
    tokens = TokenFile(tmp_path / "exequatur-tokens.json")
    token = tokens.find(secret)
    assert token
    assert token.scopes == (f"write:{BASE}source/story*", "validate")
    listed = kg("list")
    assert "Ada" in listed.stdout
    assert token.digest not in listed.stdout
    assert secret not in listed.stdout


def test_the_command_revokes(kg, tmp_path):
    kg("add", "Ada", "--scope", "admin")
    assert kg("revoke", "Ada").exit_code == 0
    assert TokenFile(tmp_path / "exequatur-tokens.json").tokens() == ()
    again = kg("revoke", "Ada")
    assert again.exit_code == 2
    assert "no token" in again.stderr


def test_the_command_wants_a_scope(kg, tmp_path):
    assert kg("add", "Ada").exit_code == 2
    assert kg("add", "Ada", "--scope", "everything").exit_code == 2
    assert not (tmp_path / "exequatur-tokens.json").exists()


def test_the_file_has_a_place_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("EXEQUATUR_TOKENS", str(tmp_path / "kept" / "t.json"))
    (tmp_path / "kept").mkdir()
    arguments = ["--store", str(tmp_path / "store"), "token", "add", "a", "--scope"]
    assert CliRunner().invoke(main, [*arguments, "admin"]).exit_code == 0
    kept = json.loads((tmp_path / "kept" / "t.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in kept["tokens"]] == ["a"]
