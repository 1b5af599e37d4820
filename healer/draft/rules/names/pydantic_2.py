"""Rules for what pydantic 2 wants otherwise, where it is more than another name.

Belongs here: one rule for each such change. Does not belong here: what a table can say
(`renamed_apis`, `changed_apis`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, rule

_PYDANTIC = "https://docs.pydantic.dev/latest/migration/"


@rule(
    "root-validator",
    "PydanticUserError",
    estimate=0.95,
    is_outward=True,
    example=Example(
        """
          from pydantic import BaseModel, root_validator
          class Rate(BaseModel):
        -     @root_validator
        #! PydanticUserError: If you use `@root_validator` with pre=False (the default) you MUST
        #! specify `skip_on_failure=True`.
        +     @root_validator(skip_on_failure=True)
              def check(cls, values):
                  return values
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        from pydantic import BaseModel, root_validator
        class Rate(BaseModel):
            @root_validator(pre=True)
        #! PydanticUserError: If you use `@root_validator` with pre=False (the default) you MUST
        #! specify `skip_on_failure=True`.
            def check(cls, values):
                return values
        """,
        is_reported=True,
    ),
    rivals=("the validator was meant to run before the fields are checked (`pre=True`)",),
    link=_PYDANTIC,
)
def root_validator(site: FaultSite) -> Iterator[Fix]:
    """A `root_validator` without `pre` must say `skip_on_failure=True` in pydantic 2."""
    if "MUST specify `skip_on_failure=True`" not in site.message:
        return
    decorators = (d for node in site.code.nodes for d in getattr(node, "decorator_list", ()))
    for decorator in decorators:
        text = site.code.segment(decorator)
        if not re.fullmatch(r"(?:\w+\.)?root_validator(?:\(.*\))?", text, re.DOTALL):
            continue
        if "pre" not in text and "skip_on_failure" not in text:
            name, _, arguments = text.partition("(")
            before = f"{arguments.removesuffix(')')}, " if arguments.removesuffix(")") else ""
            cause = f"pydantic 2 wants `skip_on_failure=True` here ({_PYDANTIC})."
            edit = site.code.replace(decorator, f"{name}({before}skip_on_failure=True)")
            yield Fix(cause, (edit,))
            return


@rule(
    "orm-mode",
    "PydanticUserError ValidationError ConfigError",
    estimate=0.96,
    example=Example(
        """
          from pydantic import BaseModel
          class Rate(BaseModel):
              class Config:
        -         orm_mode = True
        +         from_attributes = True
          Rate.from_orm(object())
          #! PydanticUserError: You must set the config attribute `from_attributes=True` to use
          #! from_orm
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        from pydantic import BaseModel
        class Rate(BaseModel):
            name: str
        Rate.from_orm(object())
        #! PydanticUserError: You must set the config attribute `from_attributes=True` to use
        #! from_orm
        """,
        is_reported=True,
    ),
    link=_PYDANTIC,
)
def orm_mode(site: FaultSite) -> Iterator[Fix]:
    """A model's setting `orm_mode` is named `from_attributes` in pydantic 2."""
    if "from_attributes=True" not in site.message:
        return
    for node in site.code.nodes:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "orm_mode":
            cause = f"pydantic 2 calls `orm_mode` `from_attributes` ({_PYDANTIC})."
            yield Fix(cause, (site.code.replace(node.targets[0], "from_attributes"),))
            return


@rule(
    "unannotated-field",
    "PydanticUserError",
    estimate=0.93,
    example=Example(
        """
          from pydantic import BaseModel
          class Retry(BaseModel):
        -     times = 3
        #! PydanticUserError: A non-annotated attribute was detected: `times = 3`. All model fields
        #! require a type annotation.
        +     times: int = 3
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        from pydantic import BaseModel
        class Retry(BaseModel):
            times = None
        #! PydanticUserError: A non-annotated attribute was detected: `times = None`. All model
        #! fields require a type annotation.
        """,
        is_reported=True,
    ),
    rivals=("a constant of the class was meant (`ClassVar`), not a field",),
    link=_PYDANTIC,
)
def unannotated_field(site: FaultSite) -> Iterator[Fix]:
    """A model's field has no type, which pydantic 2 wants and the value shows."""
    match = site.search(r"non-annotated attribute was detected: `(\w+) =")
    for node in site.code.nodes if match else ():
        if not match or not isinstance(node, ast.Assign):
            continue
        value = node.value.value if isinstance(node.value, ast.Constant) else None
        is_in_class = isinstance(site.code.parents.get(node), ast.ClassDef)
        is_field = is_in_class and getattr(node.targets[0], "id", "") == match[1]
        if is_field and isinstance(value, bool | int | float | str):
            cause = f"pydantic 2 wants a type with every field ({_PYDANTIC}); the value shows it."
            edit = site.code.insert_after(node.targets[0], f": {type(value).__name__}")
            yield Fix(cause, (edit,))
            return
