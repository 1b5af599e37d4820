"""What the code declares of its data is not made weaker; what is only added, or read, is free."""

import pytest

from quarantine.policy.example import Example
from quarantine.policy.rules.declared_data import weaker_declarations
from tests.quarantine.policy.examples import findings, hits

WEAKER = {
    "optional": "  class A(BaseModel):\n-     n: int\n+     n: int | None\n",
    "a default": "  class A(BaseModel):\n-     n: int\n+     n: int = 0\n",
    "anything": "  class A(pydantic.BaseModel):\n-     n: int\n+     n: Any\n",
    "gone": "  class A(BaseModel):\n      k: str\n-     n: int\n",
    "a bound": "  class A(BaseModel):\n-     n: int = Field(ge=0)\n+     n: int = Field()\n",
    "a default in the field": (
        "  class A(BaseModel):\n-     n: int = Field(..., ge=0)\n"
        "+     n: int = Field(default=0, ge=0)\n"
    ),
    "a validator": (
        "  class A(BaseModel):\n      n: int\n-     @field_validator('n')\n"
        "-     def positive(cls, n):\n-         return n\n"
    ),
    "unknown keys": (
        "  class A(BaseModel):\n-     model_config = ConfigDict(extra='forbid')\n"
        "+     model_config = ConfigDict()\n      n: int\n"
    ),
    "a typed dict": (
        "- class A(TypedDict):\n+ class A(TypedDict, total=False):\n-     n: int\n+     n: str\n"
    ),
    "not required": "  class A(TypedDict):\n-     n: int\n+     n: NotRequired[int]\n",
    "pandera": (
        "  class A(DataFrameModel):\n-     n: Series[int] = Field(ge=0, nullable=False)\n"
        "+     n: Series[int] = Field(ge=0)\n"
    ),
    "a schema's key": (
        "  S = {'type': 'object',\n-      'required': ['id', 'rate']}\n+      'required': ['id']}\n"
    ),
    "a schema's bound": ("- S = {'type': 'number', 'minimum': 0}\n+ S = {'type': 'number'}\n"),
    "a table": (
        "- SQL = 'CREATE TABLE rates (code TEXT NOT NULL, rate REAL)'\n"
        "+ SQL = 'CREATE TABLE rates (code TEXT, rate REAL)'\n"
    ),
    "a marshmallow field": (
        "  class A(Schema):\n-     n = fields.Int(required=True)\n+     n = fields.Int()\n"
    ),
    "a record's field": "  @dataclass\n  class A:\n-     n: int\n+     n: int = 0\n",
    "a named tuple's field": "  class A(NamedTuple):\n-     n: int\n+     n: int = 0\n",
    "a field of what is built on another": "  class A(Order):\n-     n: int\n+     n: int = 0\n",
    "what a record refuses": (
        "  @dataclass\n  class A:\n      n: int\n      def __post_init__(self):\n"
        "-         if self.n < 0:\n"
        "+         if self.n < -9:\n              raise ValueError(self.n)\n"
    ),
    "what a validator refuses": (
        "  class A(BaseModel):\n      n: int\n      @field_validator('n')\n      def f(cls, n):\n"
        "-         assert n > 0\n+         assert n > -9\n          return n\n"
    ),
    "attrs": (
        "  @define\n  class A:\n-     n: int = field(validator=ge(0))\n+     n: int = field()\n"
    ),
    "attrs of old": (
        "  @attr.s\n  class A:\n-     n = attr.ib(validator=ge(0))\n+     n = attr.ib()\n"
    ),
    "SQLAlchemy": (
        "  class A(Base):\n-     n = Column(Integer, nullable=False)\n+     n = Column(Integer)\n"
    ),
    "pandera's columns": (
        "- S = DataFrameSchema({'n': Column(int, Check.ge(0))})\n"
        "+ S = DataFrameSchema({'n': Column(int)})\n"
    ),
    "voluptuous": "- S = Schema({Required('n'): int})\n+ S = Schema({'n': int})\n",
    "a reference": (
        "- S = {'type': 'object', 'properties': {'n': {'$ref': '#/n'}}}\n"
        "+ S = {'type': 'object', 'properties': {'n': {}}}\n"
    ),
    "a name for a type": "- Money = Annotated[float, Field(gt=0)]\n+ Money = float\n",
    "a strict check": "- a = A.model_validate(row, strict=True)\n+ a = A.model_validate(row)\n",
}
AS_STRICT = {
    "a new field": "  class A(BaseModel):\n      n: int\n+     k: str = ''\n",
    "another name in the data": (
        "  class A(BaseModel):\n-     n: int = Field(ge=0)\n"
        "+     n: int = Field(ge=0, validation_alias=AliasChoices('n', 'number'))\n"
    ),
    "a bound more": "  class A(BaseModel):\n-     n: int\n+     n: int = Field(ge=0)\n",
    "no model": "  class A:\n-     n: int = 0\n+     n: int | None = None\n",
    "a record's list": (
        "  @dataclass\n  class A:\n"
        "-     n: list = []\n+     n: list = field(default_factory=list)\n"
    ),
    "a record's other type": "  @dataclass\n  class A:\n-     n: int\n+     n: float\n",
    "how a record looks": (
        "  @dataclass\n  class A:\n-     n: list = field(default_factory=list, repr=False)\n"
        "+     n: list = field(default_factory=list)\n"
    ),
    "a method of a record": (
        "  @dataclass\n  class A:\n      n: int\n      def f(self):\n-         if self.m: raise E\n"
        "+         if self.n: raise E\n"
    ),
    "a name for something else": "- Money = float\n+ Money = Decimal\n",
    "a call that is not a check": "- a = zip(b, c, strict=True)\n+ a = zip(b, d, strict=True)\n",
    "no schema": "- S = {'minimum': 0, 'name': 'a'}\n+ S = {'name': 'a'}\n",
    "another method": (
        "  class A(BaseModel):\n      n: int\n-     def f(self): return 1\n"
        "+     def f(self): return 2\n"
    ),
    "moved": "- class B(BaseModel):\n-     n: int\n  x = 1\n+ class B(BaseModel):\n+     n: int\n",
    "a query": "- SQL = 'SELECT a FROM t WHERE a NOT NULL'\n+ SQL = 'SELECT a FROM t'\n",
}  # fmt: skip


@pytest.mark.parametrize("name", WEAKER)
def test_what_is_declared_less_strictly_goes_to_a_person(name: str) -> None:
    example = Example.read(WEAKER[name])
    assert hits(weaker_declarations, example)
    assert "person" in {finding.severity for finding in findings(example)}


@pytest.mark.parametrize("name", AS_STRICT)
def test_what_is_as_strict_as_before_is_free(name: str) -> None:
    assert hits(weaker_declarations, Example.read(AS_STRICT[name])) == []
