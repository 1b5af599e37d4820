"""What reads and writes data formats: the other function of the pair, or text never parsed."""

from pathlib import Path

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_example,
    draft_script,
    example_case,
    run_script,
)

NO_LOADER = "TypeError: load() missing 1 required positional argument: 'Loader'"
BINARY = "TypeError: File must be opened in binary mode, e.g. use `open('foo.toml', 'rb')`"
MENDED = [
    example_case(
        "text is loaded",
        "text-to-load",
        """
          import json
          text = '[1]'
        - x = json.load(text)  #! AttributeError: 'str' object has no attribute 'read'
        + x = json.loads(text)
        """,
    ),
    example_case(
        "text that was read",
        "text-to-load",
        """
          import io, json
          reply = io.StringIO("[1]")
          body = reply.read()
        - print(json.load(body))  #! AttributeError: 'str' object has no attribute 'read'
        + print(json.loads(body))
        """,
    ),
    example_case(
        "bytes are loaded",
        "text-to-load",
        """
          import pickle
          data = pickle.dumps([1])
        - print(pickle.load(data))
        #! AttributeError: 'bytes' object has no attribute 'read'
        + print(pickle.loads(data))
        """,
        is_reported=True,
    ),
    example_case(
        "a file's name is loaded",
        "text-to-load",
        """
        + from pathlib import Path
          import json
        - x = json.load("rates.json")  #! AttributeError: 'str' object has no attribute 'read'
        + x = json.loads(Path("rates.json").read_text())
        """,
        is_reported=True,
    ),
    example_case(
        "a file's name in a variable, as it was recorded",
        "text-to-load",
        """
          import json
          from pathlib import Path
          def load(name):
        -     return json.load(name), Path
        #! AttributeError: 'str' object has no attribute 'read'
        +     return json.loads(Path(name).read_text()), Path
        """,
        recorded={"name": "'data/rates.json'"},
        is_reported=True,
    ),
    example_case(
        "an open file for text",
        "file-to-loads",
        """
          import io, json
        - x = json.loads(io.StringIO('[1]'))
        #! TypeError: the JSON object must be str, bytes or bytearray, not StringIO
        + x = json.load(io.StringIO('[1]'))
        """,
    ),
    example_case(
        "what is decoded already",
        "file-to-loads",
        """
        - import json
          d = {'a': 1}
        - x = json.loads(d)  #! TypeError: the JSON object must be str, bytes or bytearray, not dict
        + x = d
        """,
    ),
    example_case(
        "a path for text",
        "file-to-loads",
        """
          import json
          def load(path):
        -     return json.loads(path)
        #! TypeError: the JSON object must be str, bytes or bytearray, not PosixPath
        +     return json.loads(path.read_text())
        """,
        is_reported=True,
    ),
    example_case(
        "a dump without a file",
        "dump-without-file",
        """
          import json
        - x = json.dump([1])  #! TypeError: dump() missing 1 required positional argument: 'fp'
        + x = json.dumps([1])
        """,
    ),
    example_case(
        "a dump into a file",
        "dump-without-file",
        """
          import io, json
          f = io.StringIO()
        - json.dumps([1], f)  #! TypeError: dumps() takes 1 positional argument but 2 were given
        + json.dump([1], f)
        """,
    ),
    example_case(
        "YAML without a loader",
        "yaml-loader",
        """
          import yaml
        - x = yaml.load('a: 1')
        #! TypeError: load() missing 1 required positional argument: 'Loader'
        + x = yaml.safe_load('a: 1')
        """,
    ),
    example_case(
        "YAML without a loader, from a file",
        "yaml-loader",
        """
          import io, yaml
          file = io.StringIO("a: 1")
        - print(yaml.load(file)["a"])
        #! TypeError: load() missing 1 required positional argument: 'Loader'
        + print(yaml.safe_load(file)["a"])
        """,
    ),
    example_case(
        "TOML from a text file",
        "toml-as-text",
        f"""
          import tomllib
          def settings(path):
        -     with open(path, "r", encoding="utf-8") as file:
        +     with open(path, "rb") as file:
                  return tomllib.load(file)  #! {BINARY}
        """,
        is_reported=True,
    ),
    example_case(
        "JSON's text is asked for a key",
        "never-parsed",
        """
        + import json
          import io
        - text = io.StringIO('{"a": 1}').read()
        + text = json.loads(io.StringIO('{"a": 1}').read())
          x = text['a']  #! TypeError: string indices must be integers, not 'str'
        """,
    ),
    example_case(
        "a reply's text is asked for a key",
        "never-parsed",
        """
          import json
          def rate(reply):
        -     body = reply.text
        +     body = json.loads(reply.text)
              return body["rate"], json  #! TypeError: string indices must be integers, not 'str'
        """,
        recorded={"body": "'{\"rate\": 1}'"},
        is_reported=True,
    ),
    example_case(
        "a day in JSON",
        "not-serialisable",
        """
          import json, datetime
        - x = json.dumps({'at': datetime.date(2020, 1, 1)})
        #! TypeError: Object of type date is not JSON serializable
        + x = json.dumps({'at': datetime.date(2020, 1, 1)}, default=str)
        """,
    ),
    example_case(
        "a set in JSON, in order",
        "not-serialisable",
        """
          import json
        - print(json.dumps({"names": {"b", "a"}}, indent=1))
        #! TypeError: Object of type set is not JSON serializable
        + print(json.dumps({"names": {"b", "a"}}, indent=1, default=sorted))
        """,
    ),
    example_case(
        "a path in JSON that is written to a file",
        "not-serialisable",
        """
          import io, json
          from pathlib import Path
        - json.dump([Path("a")], io.StringIO())
        #! TypeError: Object of type PosixPath is not JSON serializable
        + json.dump([Path("a")], io.StringIO(), default=str)
        """,
    ),
]
GUESSED = [
    example_case(
        "text, or the name of a file",
        "text-to-load",
        """
          import json
          def load(source):
        -     return json.load(source)
        #! AttributeError: 'str' object has no attribute 'read'
        +     return json.loads(source)
        """,
        is_reported=True,
    ),
    example_case(
        "a dump whose text nobody takes",
        "dump-without-file",
        """
          import json
        - json.dump([1])  #! TypeError: dump() missing 1 required positional argument: 'fp'
        + json.dumps([1])
        """,
    ),
    example_case(
        "objects of Python in YAML",
        "yaml-loader",
        """
          import yaml
        - print(yaml.load("a: 1"))
        #! TypeError: load() missing 1 required positional argument: 'Loader'
        + print(yaml.safe_load("a: 1"))
        """,
    ),
    example_case(
        "a day that may be wanted in another form",
        "not-serialisable",
        """
          import json
          from datetime import datetime
        - print(json.dumps({"at": datetime(2024, 1, 1)}))
        #! TypeError: Object of type datetime is not JSON serializable
        + print(json.dumps({"at": datetime(2024, 1, 1)}, default=str))
        """,
    ),
]
SILENT = [
    example_case(
        "a number is no JSON",
        "*",
        """
        import json
        x = json.loads(3)  #! TypeError: the JSON object must be str, bytes or bytearray, not int
        """,
    ),
    example_case(
        "a list is loaded",
        "text-to-load",
        """
        import json
        json.load([1])  #! AttributeError: 'list' object has no attribute 'read'
        """,
    ),
    example_case(
        "another object is asked to read",
        "text-to-load",
        """
        text = "a"
        text.read()  #! AttributeError: 'str' object has no attribute 'read'
        """,
    ),
    example_case(
        "a name of TOML's file: nothing says how to open it",
        "text-to-load",
        """
        import tomllib
        tomllib.load("settings.toml")  #! AttributeError: 'str' object has no attribute 'read'
        """,
        is_reported=True,
    ),
    example_case(
        "nothing is decoded",
        "file-to-loads",
        """
        import json
        json.loads(None)
        #! TypeError: the JSON object must be str, bytes or bytearray, not NoneType
        """,
    ),
    example_case(
        "a dump of nothing",
        "dump-without-file",
        """
        import json
        json.dump()  #! TypeError: dump() missing 2 required positional arguments: 'obj' and 'fp'
        """,
    ),
    example_case(
        "a loader of one's own",
        "yaml-loader",
        """
        def load(text, Loader):
            return Loader(text)
        load("a: 1")  #! TypeError: load() missing 1 required positional argument: 'Loader'
        """,
    ),
    example_case(
        "TOML's file is opened elsewhere",
        "toml-as-text",
        f"""
        import tomllib
        def settings(file):
            return tomllib.load(file)  #! {BINARY}
        """,
        is_reported=True,
    ),
    example_case(
        "text of the script's own",
        "never-parsed",
        """
        reply = "rate"
        print(reply["rate"])  #! TypeError: string indices must be integers, not 'str'
        """,
    ),
    example_case(
        "text that was handed in",
        "never-parsed",
        """
        def rate(reply):
            return reply["rate"]  #! TypeError: string indices must be integers, not 'str'
        rate('{"rate": 1}')
        """,
    ),
    example_case(
        "an object of no known kind in JSON",
        "*",
        """
        import json
        json.dumps({'f': object()})  #! TypeError: Object of type object is not JSON serializable
        """,
    ),
    example_case(
        "bytes in JSON, whose encoding nobody knows",
        "not-serialisable",
        """
        import json
        json.dumps([b"a"])  #! TypeError: Object of type bytes is not JSON serializable
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_data_is_read_or_written_as_it_is(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_data_with_another_reading_makes_it_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_data_that_shows_nothing_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_a_writer_that_the_call_has_already_is_not_exchanged() -> None:
    example = Example(
        """
        import json
        json.dumps(rows, default=write)  #! TypeError: Object of type date is not JSON serializable
        """
    )
    assert draft_example(example).candidates == ()


def test_toml_is_read_in_binary_mode(tmp_path: Path) -> None:
    data = tmp_path / "x.toml"
    data.write_text("a = 1\n")
    source = (
        f"import tomllib\nwith open({str(data)!r}, encoding='utf-8') as f:\n"
        "    x = tomllib.load(f)\n"
    )
    draft = draft_script(source)[0]
    assert draft.rule == "toml-as-text"
    assert f'open({str(data)!r}, "rb")' in content_of(draft)
    assert run_script(content_of(draft))["x"] == {"a": 1}


def test_a_file_s_name_is_opened_and_its_json_read(tmp_path: Path) -> None:
    data = tmp_path / "rates.json"
    data.write_text('{"eur": 1}')
    draft = draft_script(f"import json\nname = {str(data)!r}\nx = json.load(name)\n")[0]
    assert draft.rule == "text-to-load"
    assert run_script(content_of(draft))["x"] == {"eur": 1}
