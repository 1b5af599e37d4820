"""A script of Python 2 that runs again may still say something else than it did."""

import pytest

from healer.draft.rules.names.python2_meaning import find_python2_meaning
from healer.draft.rules.source_file import SourceFile


def meaning(text: str) -> str:
    return find_python2_meaning(SourceFile("job.py", text))


@pytest.mark.parametrize(
    "text",
    [
        "pages = n / size\n",
        "n /= 2\n",
        "print(map(str, rows))\n",
        "pairs = zip(a, b)\n",
        "first = rates.keys()[0]\n",
        "print(rates.values())\n",
        "total = round(net * rate)\n",
        "name = input()\n",
        "print('total', 3)\n",
        "print()\n",
        "data = open('a', 'rb').read()\n",
        "text = data.decode()\n",
        "head = b'GIF'\n",
        "steps = range(3) + [5]\n",
        "def f(:\n",
    ],
)
def test_what_changed_its_meaning_is_found(text: str) -> None:
    assert meaning(text)


@pytest.mark.parametrize(
    "text",
    [
        "from __future__ import division\npages = n / size\n",
        "from __future__ import print_function\nprint('total', 3)\n",
        "pages = n // size\n",
        "for name, rate in rates.items():\n    print(name)\n",
        "names = sorted(rates.keys())\n",
        "print(', '.join(map(str, rows)))\n",
        "rows = [n for n in range(3)]\n",
        "if name in rates.keys():\n    print(1)\n",
        "text = open('a', 'r').read()\n",
        "item = row.items(3)\n",
    ],
)
def test_what_is_the_same_in_both_is_not(text: str) -> None:
    assert meaning(text) == ""
