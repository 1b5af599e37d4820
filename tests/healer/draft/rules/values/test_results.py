"""Results that are none: in place, never returned, never awaited."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a list sorted in place",
        "in-place-result",
        """
          x = [2, 1]
        - y = x.sort()
        + y = sorted(x)
          y[0]  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a list sorted in place, with a key",
        "in-place-result",
        """
          names = ["bb", "a"]
        - shortest = names.sort(key=len, reverse=True)
        + shortest = sorted(names, key=len, reverse=True)
          print(shortest[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a list turned round in place",
        "in-place-result",
        """
          days = ["mon", "tue"]
        - last_first = days.reverse()
        + last_first = list(reversed(days))
          for day in last_first:  #! TypeError: 'NoneType' object is not iterable
              print(day)
        """,
    ),
    example_case(
        "a list that is replaced by nothing",
        "in-place-result",
        """
          rows = []
          for n in (1, 2):
        -     rows = rows.append(n)  #! AttributeError: 'NoneType' object has no attribute 'append'
        +     rows.append(n)
        """,
    ),
    example_case(
        "a dictionary that is replaced by nothing",
        "in-place-result",
        """
          rates = {}
        - rates = rates.update({"eur": 1})
        + rates.update({"eur": 1})
          print(rates["eur"])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a function that gives what sort gives",
        "in-place-result",
        """
          def ordered(rows):
        -     return rows.sort()
        +     return sorted(rows)
          print(ordered([2, 1])[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a sum that is never returned",
        "missing-return",
        """
          def total(rows):
              s = 0
              for r in rows:
                  s += r
        +     return s
          print(total([1]) + 1)
          #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "a list that is never returned",
        "missing-return",
        """
          def clean(rows):
              result = []
              for row in rows:
                  result.append(row.strip())
        +     return result
          for row in clean([" a"]):  #! TypeError: 'NoneType' object is not iterable
              print(row)
        """,
    ),
    example_case(
        "a dictionary that is never returned, through a name",
        "missing-return",
        """
          def by_name(rows):
              table = {}
              for row in rows:
                  table[row] = 1
        +     return table
          names = by_name(["a"])
          print(names["a"])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a last value that is never returned",
        "missing-return",
        """
          def price(amount):
              gross = amount * 1.2
        +     return gross
          print(price(10) / 2)
          #! TypeError: unsupported operand type(s) for /: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "a method's result",
        "missing-return",
        """
          class Report:
              def total(self, rows):
                  result = 0
                  for row in rows:
                      result += row
        +         return result
          print(Report().total([1]) + 1)
          #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "a coroutine that is not awaited",
        "missing-await",
        """
          import asyncio
          async def one():
              return 1
          async def two():
        -     x = one()
        +     x = await one()
              return x + 1  #! TypeError: unsupported operand type(s) for +: 'coroutine' and 'int'
          asyncio.run(two())
        """,
    ),
    example_case(
        "a coroutine in the middle of a sum",
        "missing-await",
        """
          import asyncio
          async def rate():
              return 2
          async def main():
        -     return rate() * 3 + 1
        #! TypeError: unsupported operand type(s) for *: 'coroutine' and 'int'
        +     return (await rate()) * 3 + 1
          print(asyncio.run(main()))
        """,
    ),
    example_case(
        "a method that gives a coroutine",
        "missing-await",
        """
          import asyncio
          class Shop:
              async def rows(self):
                  return [1]
              async def first(self):
        -         rows = self.rows()
        +         rows = await self.rows()
                  return rows[0]  #! TypeError: 'coroutine' object is not subscriptable
          asyncio.run(Shop().first())
        """,
    ),
    example_case(
        "a plain value that is awaited",
        "missing-await",
        """
          import asyncio
          def rate():
              return 2
          async def main():
        -     return await rate()  #! TypeError: object int can't be used in 'await' expression
        +     return rate()
          asyncio.run(main())
        """,
    ),
    example_case(
        "a coroutine outside of async functions",
        "run-coroutine",
        """
        + import asyncio
          async def n():
              return 1
        - x = n() + 1  #! TypeError: unsupported operand type(s) for +: 'coroutine' and 'int'
        + x = asyncio.run(n()) + 1
        """,
    ),
    example_case(
        "a coroutine through a name",
        "run-coroutine",
        """
          import asyncio
          async def rows():
              return [1]
        - result = rows()
        + result = asyncio.run(rows())
          print(result[0])  #! TypeError: 'coroutine' object is not subscriptable
        """,
    ),
]
GUESSED = [
    example_case(
        "the list itself was to be sorted too",
        "in-place-result",
        """
          days = ["tue", "mon"]
        - first = days.sort()
        + first = sorted(days)
          print(first[0], days)  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "the same value under two names",
        "missing-return",
        """
          def mean(rows):
              result = sum(rows)
              print(result)
              average = result / len(rows)
        +     return average
          print(mean([1, 3]) + 1)
          #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
]
SILENT = [
    example_case(
        "a result in place that has nothing to do with the failure",
        "in-place-result",
        """
        days, row = ["tue", "mon"], None
        names = days.sort()
        print(row[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a list sorted as it should be",
        "in-place-result",
        """
        days = ["tue", "mon"]
        days.sort()
        names = None
        print(names[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "an item put into a list of another name",
        "in-place-result",
        """
        rows = []
        result = rows.append(1)
        print(result[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a function that never made a value to return",
        "*",
        """
        def f(x):
            print(x)
        y = f(1)
        y + 1  #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "a function that makes two values",
        "missing-return",
        """
        def split(rows):
            odd, even = [], []
            first = []
            second = []
            for row in rows:
                first.append(row)
                second.append(row)
        print(split([1])[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "a function that returns on one way only",
        "missing-return",
        """
        def find(rows):
            result = None
            for row in rows:
                if row > 3:
                    return row
                result = row
        print(find([1]) + 1)  #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "a function that yields",
        "missing-return",
        """
        def rows():
            total = 0
            for n in (1, 2):
                total += n
                yield None
        print(next(rows()) + 1)
        #! TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "None is a value that was handed in",
        "missing-return",
        """
        def show(row):
            print(row["a"])  #! TypeError: 'NoneType' object is not subscriptable
        show(None)
        """,
    ),
    example_case(
        "a function of the standard library",
        "missing-return",
        """
        import re
        print(re.match("a", "b")[0])  #! TypeError: 'NoneType' object is not subscriptable
        """,
    ),
    example_case(
        "coroutines that run beside each other",
        "missing-await",
        """
        import asyncio
        async def rate():
            return 2
        async def main():
            rates = asyncio.gather(rate(), rate())
            return rates[0]  #! TypeError: '_GatheringFuture' object is not subscriptable
        asyncio.run(main())
        """,
        is_reported=True,
    ),
    example_case(
        "a coroutine that is collected to be run later",
        "missing-await",
        """
        import asyncio
        async def rate():
            return 2
        async def main():
            jobs = []
            jobs.append(rate())
            return jobs[0] * 3  #! TypeError: unsupported operand type(s) for *: 'coroutine'
        asyncio.run(main())
        """,
        is_reported=True,
    ),
    example_case(
        "a task made of a coroutine",
        "missing-await",
        """
        import asyncio
        async def rate():
            return 2
        async def main():
            task = asyncio.create_task(rate())
            return task.value + 1  #! AttributeError: 'coroutine' object has no attribute 'value'
        """,
        is_reported=True,
    ),
    example_case(
        "a coroutine that was handed in",
        "missing-await",
        """
        import asyncio
        async def rate():
            return 2
        async def main(price):
            return price * 3  #! TypeError: unsupported operand type(s) for *: 'coroutine' and 'int'
        asyncio.run(main(rate()))
        """,
    ),
    example_case(
        "a coroutine that is run already",
        "run-coroutine",
        """
        import asyncio
        async def rate():
            return None
        print(asyncio.run(rate()) * 3)
        #! TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
        """,
    ),
    example_case(
        "within a function nobody knows whether a loop runs",
        "run-coroutine",
        """
        async def rate():
            return 2
        def price():
            return rate() * 3
            #! TypeError: unsupported operand type(s) for *: 'coroutine' and 'int'
        price()
        """,
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_result_that_was_meant_is_given(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_result_with_another_reading_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_result_that_nobody_made_is_not_made_up(rule: str, example: Example) -> None:
    check_silence(rule, example)
