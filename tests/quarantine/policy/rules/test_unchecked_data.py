"""Data does not get past what the code declares of it; what only reads it otherwise is free."""

import pytest

from quarantine.policy.example import Example
from quarantine.policy.rules.unchecked_data import unchecked_data
from tests.quarantine.policy.examples import findings, hits

PAST = {
    "a refusal that was told before": (
        "  try:\n      validate(row, S)\n  except SchemaError:\n-     raise\n+     pass\n"
    ),
    "a second one beside one that was passed over": (
        "  try:\n      validate(row, S)\n  except SchemaError:\n      pass\n"
        "- check(row)\n+ try:\n+     check(row)\n+ except SchemaError:\n+     pass\n"
    ),
    "no checks": "- a = Order(**row)\n+ a = Order.model_construct(**row)\n",
    "no checks, as it was called before": "- a = m.Order(**row)\n+ a = m.Order.construct(**row)\n",
    "not strict": "- a = A.model_validate(row)\n+ a = A.model_validate(row, strict=False)\n",
    "unknown keys": "- a = A().load(row)\n+ a = A().load(row, unknown=EXCLUDE)\n",
    "missing keys": "- a = A().load(row)\n+ a = A(partial=True).load(row)\n",
    "empty cells": "- S = {'n': Column(int)}\n+ S = {'n': Column(int, nullable=True)}\n",
    "numbers as text": (
        "  class A(BaseModel):\n+     model_config = ConfigDict(coerce_numbers_to_str=True)\n"
        "      n: str\n"
    ),
    "a refusal that is passed over": (
        "- validate(row, S)\n+ try:\n+     validate(row, S)\n"
        "+ except jsonschema.ValidationError:\n+     pass\n"
    ),
    "one of several": (
        "- a = A(**row)\n+ try:\n+     a = A(**row)\n"
        "+ except (KeyError, ValidationError):\n+     a = None\n"
    ),
    "a refusal that is suppressed": (
        "- S.validate(a)\n+ with suppress(SchemaError):\n+     S.validate(a)\n"
    ),
    "a validator in front": (
        "  class A(BaseModel):\n      n: int\n+     @field_validator('n', mode='before')\n"
        "+     def f(cls, n):\n+         return n or 0\n"
    ),
    "a validator in front, as it was called before": (
        "  class A(BaseModel):\n      n: int\n+     @validator('n', pre=True)\n"
        "+     def f(cls, n):\n+         return n or 0\n"
    ),
    "a validator in the type": (
        "- Money = float\n+ Money = Annotated[float, BeforeValidator(lambda v: v or 0)]\n"
    ),
    "marshmallow": (
        "  class A(Schema):\n+     @pre_load\n+     def f(self, data, **_):\n"
        "+         return {'n': 0, **data}\n"
    ),
    "an unknown member": (
        "  class A(Enum):\n      B = 1\n+     @classmethod\n+     def _missing_(cls, value):\n"
        "+         return cls.B\n"
    ),
    "a record that mends itself": (
        "  @dataclass\n  class A:\n      n: int\n      def __post_init__(self):\n"
        "+         self.n = abs(self.n)\n          if self.n < 0:\n              raise ValueError\n"
    ),
}
CHECKED = {
    "a refusal that was passed over before": (
        "  try:\n      validate(row, S)\n- except SchemaError:\n-     pass\n"
        "+ except SchemaError as error:\n+     errors.append(error)\n"
    ),
    "another name in the data": (
        "  class A(BaseModel):\n-     n: int\n+     n: int = Field(validation_alias='number')\n"
    ),
    "a validator behind": (
        "  class A(BaseModel):\n      n: int\n+     @field_validator('n')\n"
        "+     def f(cls, n):\n+         return n\n"
    ),
    "a refusal that is said": (
        "- a = A(**row)\n+ try:\n+     a = A(**row)\n"
        "+ except ValidationError as error:\n+     raise ValueError(row) from error\n"
    ),
    "another error": (
        "- a = int(row)\n+ try:\n+     a = int(row)\n+ except ValueError:\n+     raise\n"
    ),
    "pairs": "- a = zip(b, c)\n+ a = zip(b, c, strict=False)\n",
    "a builder": "- a = build(b)\n+ a = self.construct(b)\n",
    "a new member": "  class A(Enum):\n      B = 1\n+     C = 2\n",
    "as it was": (
        "  class A(BaseModel):\n-     k: int\n+     k: int = Field(alias='K')\n"
        "      @field_validator('n', mode='before')\n      def f(cls, n):\n          return n\n"
    ),
}


@pytest.mark.parametrize("name", PAST)
def test_a_way_past_the_declaration_goes_to_a_person(name: str) -> None:
    example = Example.read(PAST[name])
    assert hits(unchecked_data, example)
    assert "person" in {finding.severity for finding in findings(example)}


@pytest.mark.parametrize("name", CHECKED)
def test_what_is_checked_as_before_is_free(name: str) -> None:
    assert hits(unchecked_data, Example.read(CHECKED[name])) == []
