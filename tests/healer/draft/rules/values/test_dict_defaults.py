"""Keys that are not there yet: only where nothing else can have put them in."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a counter",
        "first-of-its-key",
        """
          seen = {}
          for w in 'aba':
        -     seen[w] += 1  #! KeyError: 'a'
        +     seen[w] = seen.get(w, 0) + 1
        """,
    ),
    example_case(
        "a counter in a function",
        "first-of-its-key",
        """
          def count(words):
              counts = dict()
              for word in words:
        -         counts[word] += 1  #! KeyError: 'a'
        +         counts[word] = counts.get(word, 0) + 1
              return counts
          print(count(["a", "b"]))
        """,
    ),
    example_case(
        "groups of rows",
        "first-of-its-key",
        """
          groups = {}
          for n in (1, 2):
        -     groups[n % 2].append(n)  #! KeyError: 1
        +     groups.setdefault(n % 2, []).append(n)
        """,
    ),
    example_case(
        "groups without repetition",
        "first-of-its-key",
        """
          by_day = {}
          for day, name in [("mon", "ann"), ("mon", "ann")]:
        -     by_day[day].add(name)  #! KeyError: 'mon'
        +     by_day.setdefault(day, set()).add(name)
        """,
    ),
    example_case(
        "an object's counter",
        "first-of-its-key",
        """
          class A:
              def __init__(self):
                  self.n = {}
              def add(self, k):
        -         self.n[k] += 1  #! KeyError: 'x'
        +         self.n[k] = self.n.get(k, 0) + 1
          A().add('x')
        """,
    ),
    example_case(
        "lists that are put together",
        "first-of-its-key",
        """
          rows = {}
          for key in ("a", "a"):
        -     rows[key] += [key]  #! KeyError: 'a'
        +     rows[key] = rows.get(key, []) + [key]
        """,
    ),
    example_case(
        "a counter that is printed on the way",
        "first-of-its-key",
        """
          counts = {}
          for word in ("a", "b"):
              print(len(counts), sorted(counts))
        -     counts[word] += 1  #! KeyError: 'a'
        +     counts[word] = counts.get(word, 0) + 1
        """,
    ),
    example_case(
        "a default that the file gives elsewhere",
        "default-as-elsewhere",
        """
          a = {}
          print(a.get('tags', []))
        - for t in a['tags']:  #! KeyError: 'tags'
        + for t in a.get('tags', []):
              print(t)
        """,
    ),
    example_case(
        "a default in another function",
        "default-as-elsewhere",
        """
          def title(row):
              return row.get("title", "untitled").upper()
          def show(row):
        -     print(row["title"])  #! KeyError: 'title'
        +     print(row.get("title", "untitled"))
          show({})
        """,
    ),
    example_case(
        "the same default in two places",
        "default-as-elsewhere",
        """
          job = {}
          print(job.get("retries", 3), job.get("retries", 3))
        - print(job["retries"] + 1)  #! KeyError: 'retries'
        + print(job.get("retries", 3) + 1)
        """,
    ),
]
GUESSED = [
    example_case(
        "a number with a name may be the start",
        "first-of-its-key",
        """
          START = 100
          def points(events):
              held = {}
              for name in events:
        -         held[name] += 1  #! KeyError: 'ann'
        +         held[name] = held.get(name, 0) + 1
              return held
          points(["ann"])
        """,
    ),
    example_case(
        "a stock that is counted down has begun somewhere",
        "first-of-its-key",
        """
          stock = {}
          for name in ("tea", "tea"):
        -     stock[name] -= 1  #! KeyError: 'tea'
        +     stock[name] = stock.get(name, 0) - 1
        """,
    ),
    example_case(
        "sums of amounts that may be decimals or texts",
        "first-of-its-key",
        """
          totals = {}
          for name, amount in [("a", 2)]:
        -     totals[name] += amount  #! KeyError: 'a'
        +     totals[name] = totals.get(name, 0) + amount
        """,
    ),
    example_case(
        "texts that are put together",
        "first-of-its-key",
        """
          lines = {}
          for name in ("a", "b"):
        -     lines[name] += "x"  #! KeyError: 'a'
        +     lines[name] = lines.get(name, "") + "x"
        """,
    ),
    example_case(
        "here the missing key may have to stop the run",
        "default-as-elsewhere",
        """
          order = {"id": 7}
          print(order.get("price", 0))
        - charge = order["price"]  #! KeyError: 'price'
        + charge = order.get("price", 0)
        """,
    ),
]
SILENT = [
    example_case(
        "a key of data is missing",
        "*",
        """
        seen = {'a': 1}
        seen['b'] += 1  #! KeyError: 'b'
        """,
    ),
    example_case(
        "another key was put in",
        "*",
        """
        seen = {}
        seen['a'] = 1
        seen['b'] += 1  #! KeyError: 'b'
        """,
    ),
    example_case(
        "the dictionary comes from outside",
        "*",
        """
        def f(seen):
            seen['b'] += 1  #! KeyError: 'b'
        f({})
        """,
    ),
    example_case(
        "a helper fills the dictionary",
        "first-of-its-key",
        """
        def load(stock):
            for sku in ("tea", "milk"):
                stock[sku] = 10
        def sell(orders):
            stock = {}
            load(stock)
            for sku in orders:
                stock[sku] -= 1  #! KeyError: 'tee'
        sell(["tea", "tee"])
        """,
    ),
    example_case(
        "a helper fills it by name",
        "first-of-its-key",
        """
        def load(into):
            into["tea"] = 10
        stock = {}
        load(into=stock)
        stock["tee"] += 1  #! KeyError: 'tee'
        """,
    ),
    example_case(
        "an update fills it",
        "first-of-its-key",
        """
        stock = {}
        stock.update(tea=10)
        stock["tee"] += 1  #! KeyError: 'tee'
        """,
    ),
    example_case(
        "it is another's from the start",
        "first-of-its-key",
        """
        known = {"tea": 1}
        stock = dict(known)
        stock["tee"] += 1  #! KeyError: 'tee'
        """,
    ),
    example_case(
        "it begins empty, and is exchanged",
        "first-of-its-key",
        """
        stock = {}
        stock = {"tea": 1}
        stock["tee"] += 1  #! KeyError: 'tee'
        """,
    ),
    example_case(
        "a product begins with what it is multiplied by",
        "first-of-its-key",
        """
        factors = {}
        for name in ("a", "b"):
            factors[name] *= 2  #! KeyError: 'a'
        """,
    ),
    example_case(
        "a method that needs more than a start",
        "first-of-its-key",
        """
        files = {}
        for name in ("a", "b"):
            files[name].write("x")  #! KeyError: 'a'
        """,
    ),
    example_case(
        "another key has the default",
        "default-as-elsewhere",
        """
        a = {}
        print(a.get('other', []))
        print(a['tags'])  #! KeyError: 'tags'
        """,
    ),
    example_case(
        "two defaults for the key",
        "default-as-elsewhere",
        """
        a = {}
        print(a.get('tags', []), a.get('tags', 0))
        print(a['tags'])  #! KeyError: 'tags'
        """,
    ),
    example_case(
        "the key is asked for, and no default given",
        "default-as-elsewhere",
        """
        a = {}
        print(a.get('tags'))
        print(a['tags'])  #! KeyError: 'tags'
        """,
    ),
    example_case(
        "the key comes from a variable",
        "default-as-elsewhere",
        """
        a, key = {}, "tags"
        print(a.get("tags", []))
        print(a[key])  #! KeyError: 'tags'
        """,
    ),
    example_case(
        "a key that is deleted",
        "default-as-elsewhere",
        """
        a = {}
        print(a.get("tags", []))
        del a["tags"]  #! KeyError: 'tags'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_key_begins_with_what_the_code_shows(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_start_that_may_be_another_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_default_is_invented(rule: str, example: Example) -> None:
    check_silence(rule, example)
