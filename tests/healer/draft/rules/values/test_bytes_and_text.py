"""Bytes and text that meet: where they come in or go out, or the literal beside them."""

import gzip
from pathlib import Path

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

POST_DATA = (
    "TypeError: POST data should be bytes, an iterable of bytes, or a file object. It cannot be"
    " of type str."
)
WANTS_BYTES = "TypeError: a bytes-like object is required, not 'str'"
MENDED = [
    example_case(
        "a program's output",
        "bytes-that-came-in",
        """
          import subprocess, sys
        - out = subprocess.check_output([sys.executable, '-V'])
        + out = subprocess.check_output([sys.executable, '-V'], text=True)
          x = out.split('\\n')  #! TypeError: a bytes-like object is required, not 'str'
        """,
    ),
    example_case(
        "a program's output, of what it has run",
        "bytes-that-came-in",
        """
          import subprocess, sys
        - done = subprocess.run([sys.executable, "-V"], capture_output=True)
        + done = subprocess.run([sys.executable, "-V"], capture_output=True, text=True)
          print("version: " + done.stdout)
          #! TypeError: can only concatenate str (not "bytes") to str
        """,
    ),
    example_case(
        "a program's lines, in a loop",
        "bytes-that-came-in",
        """
          from subprocess import check_output
          import sys
        - lines = check_output([sys.executable, "-V"]).splitlines()
        + lines = check_output([sys.executable, "-V"], text=True).splitlines()
          for line in lines:
              print(line.startswith("Python"))
              #! TypeError: startswith first arg must be bytes or a tuple of bytes, not str
        """,
    ),
    example_case(
        "what base64 gives",
        "bytes-that-came-in",
        """
          import base64
        - print("Basic " + base64.b64encode(b"ann:pw"))
        #! TypeError: can only concatenate str (not "bytes") to str
        + print("Basic " + base64.b64encode(b"ann:pw").decode())
        """,
    ),
    example_case(
        "a reply that is read",
        "bytes-that-came-in",
        f"""
          from urllib.request import urlopen
          def lines(url):
              reply = urlopen(url)
        -     return reply.read().split(",")
        #! {WANTS_BYTES}
        +     return reply.read().decode().split(",")
        """,
        is_reported=True,
    ),
    example_case(
        "data that is sent",
        "text-to-send",
        f"""
          from urllib.request import urlopen
        - x = urlopen('http://127.0.0.1:9', 'a=1')
        #! {POST_DATA}
        + x = urlopen('http://127.0.0.1:9', 'a=1'.encode())
        """,
        is_reported=True,
    ),
    example_case(
        "data that is sent, by name",
        "text-to-send",
        f"""
          from urllib.request import urlopen
          def send(url, text):
        -     return urlopen(url, timeout=3, data=text)
        #! {POST_DATA}
        +     return urlopen(url, timeout=3, data=text.encode())
        """,
        is_reported=True,
    ),
    example_case(
        "a program's input",
        "text-to-send",
        """
          import subprocess, sys
        - subprocess.run([sys.executable, "-c", "input()"], input="a")
        #! TypeError: memoryview: a bytes-like object is required, not 'str'
        + subprocess.run([sys.executable, "-c", "input()"], input="a", text=True)
        """,
        is_reported=True,
    ),
    example_case(
        "a literal beside bytes",
        "text-or-bytes",
        """
        - x = b'a,b'.split(',')  #! TypeError: a bytes-like object is required, not 'str'
        + x = b'a,b'.split(b',')
        """,
    ),
    example_case(
        "a literal that is looked for in bytes",
        "text-or-bytes",
        """
          head = b"PK"
        - print("PK" in head)  #! TypeError: a bytes-like object is required, not 'str'
        + print(b"PK" in head)
        """,
    ),
    example_case(
        "a text that is hashed",
        "text-or-bytes",
        """
          import hashlib
          name = 'a'
        - h = hashlib.md5(name)  #! TypeError: Strings must be encoded before hashing
        + h = hashlib.md5(name.encode())
        """,
    ),
    example_case(
        "a text that is compressed",
        "text-or-bytes",
        """
          import zlib
          text = "a" * 9
        - print(len(zlib.compress(text)))  #! TypeError: a bytes-like object is required, not 'str'
        + print(len(zlib.compress(text.encode())))
        """,
    ),
    example_case(
        "a text in a variable, and not what is printed of it",
        "text-or-bytes",
        """
          import io
          mark = "b"
        - print(io.BytesIO(b"abc").read().split(mark))
        #! TypeError: a bytes-like object is required, not 'str'
        + print(io.BytesIO(b"abc").read().split(mark.encode()))
        """,
    ),
    example_case(
        "bytes that are written as text",
        "text-or-bytes",
        """
          import io
          file, data = io.StringIO(), b"a"
        - file.write(data)  #! TypeError: string argument expected, must be str, not bytes
        + file.write(data.decode())
        """,
        is_reported=True,
    ),
    example_case(
        "text that is decoded",
        "needless-decode",
        """
        - x = 'a'.decode('utf-8')  #! AttributeError: 'str' object has no attribute 'decode'
        + x = 'a'
        """,
    ),
    example_case(
        "bytes that are encoded",
        "needless-decode",
        """
          import hashlib
          data = b"a"
        - print(hashlib.md5(data.encode("utf-8")).hexdigest())
        #! AttributeError: 'bytes' object has no attribute 'encode'
        + print(hashlib.md5(data).hexdigest())
        """,
    ),
    example_case(
        "a chain of calls",
        "needless-decode",
        """
          name = " Ann "
        - print(name.strip().decode("latin-1").lower())
        #! AttributeError: 'str' object has no attribute 'decode'
        + print(name.strip().lower())
        """,
    ),
]
GUESSED = [
    example_case(
        "the literal, or what came in",
        "text-or-bytes",
        """
          line = b"a,b"
        - print(line.split(","))  #! TypeError: a bytes-like object is required, not 'str'
        + print(line.split(b","))
        """,
    ),
    example_case(
        "bytes in another encoding than the machine's",
        "bytes-that-came-in",
        """
          import subprocess, sys
        - out = subprocess.check_output([sys.executable, "-V"])
        + out = subprocess.check_output([sys.executable, "-V"], text=True)
          print(out.split("."))  #! TypeError: a bytes-like object is required, not 'str'
        """,
    ),
]
SILENT = [
    example_case(
        "bytes that are no text",
        "*",
        """
        x = b'\\xff'.decode()
        #! UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start
        #! byte
        """,
    ),
    example_case(
        "bytes that were handed in",
        "bytes-that-came-in",
        """
        def fields(line):
            return line.split(",")  #! TypeError: a bytes-like object is required, not 'str'
        fields(b"a,b")
        """,
    ),
    example_case(
        "a program whose output is text already",
        "bytes-that-came-in",
        """
        import subprocess, sys
        out = subprocess.check_output([sys.executable, "-V"], encoding="utf-8")
        print(b"a,b".split(out[:1]))  #! TypeError: a bytes-like object is required, not 'str'
        """,
    ),
    example_case(
        "a program that is only started",
        "bytes-that-came-in",
        """
        import subprocess, sys
        subprocess.run([sys.executable, "-V"])
        line = b"a"
        line.split("a")  #! TypeError: a bytes-like object is required, not 'str'
        """,
    ),
    example_case(
        "data in a request of its own",
        "text-to-send",
        f"""
        from urllib.request import Request, urlopen
        def send(url, text):
            request = Request(url, text)
            return urlopen(request)
        #! {POST_DATA}
        """,
        is_reported=True,
    ),
    example_case(
        "a literal with letters that bytes cannot hold",
        "text-or-bytes",
        """
        b"a".split("\\u20ac")  #! TypeError: a bytes-like object is required, not 'str'
        """,
    ),
    example_case(
        "the mode of a file is no data",
        "text-or-bytes",
        f"""
        def save(path):
            open(path, "wb").write(3)
        #! {WANTS_BYTES}
        """,
        is_reported=True,
    ),
    example_case(
        "text that holds base64, decoded as Python 2 did",
        "needless-decode",
        """
        token = "YQ=="
        print(token.decode("base64"))  #! AttributeError: 'str' object has no attribute 'decode'
        """,
    ),
    example_case(
        "text that holds numbers in hex",
        "needless-decode",
        """
        print("61".decode("hex"))  #! AttributeError: 'str' object has no attribute 'decode'
        """,
    ),
    example_case(
        "text with escapes",
        "needless-decode",
        """
        print("a".decode("unicode_escape"))
        #! AttributeError: 'str' object has no attribute 'decode'
        """,
    ),
    example_case(
        "a list is neither",
        "needless-decode",
        """
        ["a"].decode()  #! AttributeError: 'list' object has no attribute 'decode'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_bytes_meet_bytes_and_text_meets_text(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_conversion_at_another_place_may_be_meant(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_data_that_shows_no_conversion_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize("mode", ["", ", 'r'", ", 'rb'", ", mode='rb'"])
def test_a_compressed_file_is_opened_as_text(mode: str, tmp_path: Path) -> None:
    data = tmp_path / "x.gz"
    data.write_bytes(gzip.compress(b"a,1\n"))
    source = (
        f"import gzip\nwith gzip.open({str(data)!r}{mode}) as f:\n"
        "    x = [n.split(',') for n in f]\n"
    )
    draft = draft_script(source)[0]
    assert draft.rule == "bytes-that-came-in"
    assert f'gzip.open({str(data)!r}, "rt")' in content_of(draft)
    assert run_script(content_of(draft))["x"] == [["a", "1\n"]]


def test_a_compressed_file_that_is_written_is_left_alone(tmp_path: Path) -> None:
    source = (
        f"import gzip\nwith gzip.open({str(tmp_path / 'x.gz')!r}, 'wb') as f:\n    f.write('a')\n"
    )
    rules = {draft.rule for draft in draft_script(source)}
    assert "bytes-that-came-in" not in rules
