"""Settings: one place, one order, and clear refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.config import Settings, explain
from kg.errors import ConfigError

NOWHERE = Path("/nonexistent/exequatur.toml")


def load(options=None, environ=None, file=NOWHERE):
    return Settings.load(options, environ=environ or {}, file=file)


def test_defaults_hold_where_nothing_is_said():
    assert load() == Settings()


def test_options_come_before_environment_before_file(tmp_path):
    file = tmp_path / "exequatur.toml"
    file.write_text('port = 1001\nhost = "a"\nstore = "s"\n', encoding="utf-8")
    environ = {"EXEQUATUR_PORT": "1002", "EXEQUATUR_HOST": "b", "HOME": "/"}
    settings = load({"port": 1003, "host": None}, environ, file)
    assert settings.port == 1003
    assert settings.host == "b"
    assert settings.store == Path("s")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"EXEQUATUR_PORT": "many"}, "EXEQUATUR_PORT: 'many' does not fit"),
        ({"EXEQUATUR_PORT": "many"}, "it must be a whole number"),
        ({"EXEQUATUR_QUERY_SECONDS": "long"}, "it must be a number"),
        ({"EXEQUATUR_STORE": "ftp://a/b"}, "EXEQUATUR_STORE: 'ftp://a/b' is no place"),
        ({"EXEQUATUR_STORE": "htps://a/b"}, "begins with http:// or https://"),
        ({"EXEQUATUR_STORE": ""}, "EXEQUATUR_STORE: '' is no place of a store"),
        ({"EXEQUATUR_PORT": "70000"}, "between 0 and 65535"),
        ({"EXEQUATUR_WORKERS": "0"}, "at least 1"),
        ({"EXEQUATUR_BASE": "ftp://a/"}, "http or https"),
        ({"EXEQUATUR_BASE": "https://a/b"}, "end with a slash"),
        ({"EXEQUATUR_PROT": "1"}, "no such setting; have store, base, host, port"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_place(environ, message):
    with pytest.raises(ConfigError, match=message):
        load(environ=environ)


def test_a_file_that_is_not_toml_is_told(tmp_path):
    file = tmp_path / "exequatur.toml"
    file.write_text("port: 1", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"exequatur\.toml"):
        load(file=file)


@pytest.mark.parametrize("value", ["[1]", "1.5", "true", "inf", '"x"'])
def test_what_is_no_whole_number_in_the_file_does_not_fit(tmp_path, value):
    file = tmp_path / "exequatur.toml"
    file.write_text(f"port = {value}", encoding="utf-8")
    with pytest.raises(ConfigError, match="it must be a whole number"):
        load(file=file)


def test_what_is_no_text_in_the_file_does_not_fit(tmp_path):
    file = tmp_path / "exequatur.toml"
    file.write_text("store = [1]", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"store: .* it must be a text"):
        load(file=file)


def test_every_setting_is_explained_with_the_value_in_force():
    for setting in explain({"port": 9}, environ={"EXEQUATUR_HOST": "h"}, file=NOWHERE):
        assert setting.variable == f"EXEQUATUR_{setting.name.upper()}"
        assert len(setting.meaning) > 10
        sources = {"port": ("9", "option --port"), "host": ("h", "EXEQUATUR_HOST")}
        expected = sources.get(setting.name, (setting.default, "default"))
        assert (setting.value, setting.source) == expected
