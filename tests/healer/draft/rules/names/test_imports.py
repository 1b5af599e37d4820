"""Imports that fail themselves: a misspelled name or module, a leading dot, a file in the way."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

NO_PARENT = "ImportError: attempted relative import with no known parent package"
MENDED = [
    example_case(
        "a function of the module beside the script, at its uses too",
        "misspelled-import",
        """
        - from textual import slugg
        #! ImportError: cannot import name 'slugg' from 'textual' (textual.py)
        + from textual import slug
        - x = slugg(1)
        + x = slug(1)
        """,
        files={"textual.py": "def slug(text):\n    return text\n"},
        is_reported=True,
    ),
    example_case(
        "under another local name, which stays",
        "misspelled-import",
        """
        - from textual import slugg as clean
        #! ImportError: cannot import name 'slugg' from 'textual' (textual.py)
        + from textual import slug as clean
          x = clean(1)
        """,
        files={"textual.py": "def slug(text):\n    return text\n"},
        is_reported=True,
    ),
    example_case(
        "beside names that are right",
        "misspelled-import",
        """
        - from lib.textual import LIMIT, slugg
        #! ImportError: cannot import name 'slugg' from 'lib.textual' (lib/textual.py)
        + from lib.textual import LIMIT, slug
        """,
        files={"lib/textual.py": "LIMIT = 3\ndef slug(text):\n    return text\n"},
        is_reported=True,
    ),
    example_case(
        "a standard module",
        "misspelled-module",
        """
        - import jsn  #! ModuleNotFoundError: No module named 'jsn'
        + import json
        """,
    ),
    example_case(
        "a standard module, at its uses too",
        "misspelled-module",
        """
        - import colections  #! ModuleNotFoundError: No module named 'colections'
        + import collections
        - print(colections.Counter("abba"))
        + print(collections.Counter("abba"))
        """,
    ),
    example_case(
        "under another local name, which stays",
        "misspelled-module",
        """
        - import maht as m  #! ModuleNotFoundError: No module named 'maht'
        + import math as m
          print(m.pi)
        """,
    ),
    example_case(
        "a part of a package",
        "misspelled-module",
        """
        - from urlib.parse import quote  #! ModuleNotFoundError: No module named 'urlib'
        + from urllib.parse import quote
        """,
    ),
    example_case(
        "a file beside the script",
        "misspelled-module",
        """
        - import helpres  #! ModuleNotFoundError: No module named 'helpres'
        + import helpers
        """,
        files={"helpers.py": "x = 1\n"},
    ),
    example_case(
        "a folder of the repository",
        "misspelled-module",
        """
        - from servces.rates import latest  #! ModuleNotFoundError: No module named 'servces'
        + from services.rates import latest
        """,
        files={"services/rates.py": "def latest(): ...\n"},
    ),
    example_case(
        "a script that imports its neighbour with a dot",
        "relative-import",
        f"""
        - from .helpers import x  #! {NO_PARENT}
        + from helpers import x
        """,
        files={"helpers.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "each of the neighbours",
        "relative-import",
        f"""
        - from .helpers import x  #! {NO_PARENT}
        + from helpers import x
        - from .rates import latest
        + from rates import latest
        """,
        files={"helpers.py": "x = 1\n", "rates/__init__.py": "latest = 1\n"},
        is_reported=True,
    ),
    example_case(
        "a neighbour in a folder of jobs",
        "relative-import",
        f"""
        - from .helpers import x  #! {NO_PARENT}
        + from helpers import x
        """,
        path="jobs/job.py",
        files={"jobs/helpers.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "a file that is named like a standard module",
        "shadowed-module",
        """
        + import sys
        +
        + sys.path.append(sys.path.pop(0))  # json.py hides `json`
        +
          import json
          json.loads("1")
          #! AttributeError: partially initialized module 'json' has no attribute 'loads'
        """,
        files={"json.py": "import json\n"},
        is_reported=True,
    ),
    example_case(
        "a file in the script's folder, below the future",
        "shadowed-module",
        """
          from __future__ import annotations
        + import sys
        +
        + sys.path.append(sys.path.pop(0))  # jobs/csv.py hides `csv`
        +
          import csv
          csv.reader([])
          #! AttributeError: module 'csv' from 'jobs/csv.py' has no attribute 'reader'
        """,
        path="jobs/job.py",
        files={"jobs/csv.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "a name that cannot be imported from it",
        "shadowed-module",
        """
        + import sys
        +
        + sys.path.append(sys.path.pop(0))  # random.py hides `random`
        +
          from random import choice
          #! ImportError: cannot import name 'choice' from 'random' (random.py)
        """,
        files={"random.py": "x = 1\n"},
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "one beside many",
        "misspelled-import",
        """
        - from shop import rate  #! ImportError: cannot import name 'rate' from 'shop' (shop.py)
        + from shop import rates
        """,
        files={"shop.py": "rates = [1.1]\n"},
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "the module defines nothing like it",
        "*",
        """
        from textual import slugg
        #! ImportError: cannot import name 'slugg' from 'textual' (textual.py)
        """,
        files={"textual.py": "def unlike(text):\n    return text\n"},
        is_reported=True,
    ),
    example_case(
        "the module is not the repository's",
        "misspelled-import",
        """
        from os import gtcwd
        #! ImportError: cannot import name 'gtcwd' from 'os'
        #! (/usr/lib/python3.11/os.py)
        """,
        is_reported=True,
    ),
    example_case(
        "a package with a name of its own",
        "misspelled-module",
        """
        import requessts_cache  #! ModuleNotFoundError: No module named 'requessts_cache'
        """,
    ),
    example_case(
        "a package whose name is near two modules",
        "misspelled-module",
        """
        import tkk  #! ModuleNotFoundError: No module named 'tkk'
        """,
    ),
    example_case(
        "a well-known package that is not installed",
        "*",
        """
        import boto3  #! ModuleNotFoundError: No module named 'boto3'
        """,
    ),
    example_case(
        "a package one letter from a module, and known by its own name",
        "misspelled-module",
        """
        import pandas  #! ModuleNotFoundError: No module named 'pandas'
        """,
        is_reported=True,
    ),
    example_case(
        "the neighbour is not there",
        "*",
        f"""
        from .helpers import x  #! {NO_PARENT}
        """,
        files={"other.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "two dots leave the folder",
        "relative-import",
        f"""
        from ..helpers import x  #! {NO_PARENT}
        """,
        path="jobs/job.py",
        files={"helpers.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "no file of that name lies there",
        "shadowed-module",
        """
        import json
        json.loads("1")
        #! AttributeError: partially initialized module 'json' has no attribute 'loads'
        """,
        is_reported=True,
    ),
    example_case(
        "the module is no standard one",
        "shadowed-module",
        """
        import tools
        tools.loads("1")
        #! AttributeError: partially initialized module 'tools' has no attribute 'loads'
        """,
        files={"tools.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "the file lies in another folder",
        "shadowed-module",
        """
        import json
        json.loads("1")
        #! AttributeError: partially initialized module 'json' has no attribute 'loads'
        """,
        path="jobs/job.py",
        files={"json.py": "import json\n"},
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_import_is_mended(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_name_that_the_module_may_lack_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_may_not_be_installed_or_written_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)
