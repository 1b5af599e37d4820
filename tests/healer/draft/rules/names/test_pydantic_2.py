"""What pydantic 2 refuses, asked of the library itself; its messages have more lines than these."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

UNANNOTATED = "PydanticUserError: A non-annotated attribute was detected"
PRE_FALSE = (
    "PydanticUserError: If you use `@root_validator` with pre=False (the default) you MUST"
    " specify `skip_on_failure=True`."
)
MENDED = [
    example_case(
        "a number",
        "unannotated-field",
        f"""
          from pydantic import BaseModel
          class A(BaseModel):
        -     n = 1  #! {UNANNOTATED}: `n = 1`.
        +     n: int = 1
        """,
        is_reported=True,
    ),
    example_case(
        "a text",
        "unannotated-field",
        f"""
          from pydantic import BaseModel
          class A(BaseModel):
              size: int = 3
        -     name = "ann"  #! {UNANNOTATED}: `name = 'ann'`.
        +     name: str = "ann"
        """,
        is_reported=True,
    ),
    example_case(
        "a truth, which is a number too",
        "unannotated-field",
        f"""
          from pydantic import BaseModel
          class A(BaseModel):
        -     is_open = False  #! {UNANNOTATED}: `is_open = False`.
        +     is_open: bool = False
        """,
        is_reported=True,
    ),
    example_case(
        "a variable of the module by that name stays",
        "unannotated-field",
        f"""
          from pydantic import BaseModel
          rate = 2.5
          class A(BaseModel):
        -     rate = 1.5  #! {UNANNOTATED}: `rate = 1.5`.
        +     rate: float = 1.5
        """,
        is_reported=True,
    ),
    example_case(
        "a validator without brackets",
        "root-validator",
        f"""
          from pydantic import BaseModel, root_validator
          class A(BaseModel):
        -     @root_validator  #! {PRE_FALSE}
        +     @root_validator(skip_on_failure=True)
              def f(cls, v):
                  return v
        """,
        is_reported=True,
    ),
    example_case(
        "a validator with another argument, by the module's name",
        "root-validator",
        f"""
          import pydantic
          class A(pydantic.BaseModel):
        -     @pydantic.root_validator(allow_reuse=True)  #! {PRE_FALSE}
        +     @pydantic.root_validator(allow_reuse=True, skip_on_failure=True)
              def f(cls, v):
                  return v
        """,
        is_reported=True,
    ),
    example_case(
        "a model's setting",
        "orm-mode",
        """
          from pydantic import BaseModel
          class A(BaseModel):
              n: int = 1
              class Config:
        -         orm_mode = True
        +         from_attributes = True
          x = A.from_orm(object())
          #! PydanticUserError: You must set the config attribute `from_attributes=True` to use
          #! from_orm
        """,
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "a value that shows no type",
        "*",
        f"""
        from pydantic import BaseModel
        class A(BaseModel):
            n = object()  #! {UNANNOTATED}: `n = <object object>`.
        """,
        is_reported=True,
    ),
    example_case(
        "a value that is None",
        "unannotated-field",
        f"""
        from pydantic import BaseModel
        class A(BaseModel):
            n = None  #! {UNANNOTATED}: `n = None`.
        """,
        is_reported=True,
    ),
    example_case(
        "a list, whose items' type it does not show",
        "unannotated-field",
        f"""
        from pydantic import BaseModel
        class A(BaseModel):
            names = []  #! {UNANNOTATED}: `names = []`.
        """,
        is_reported=True,
    ),
    example_case(
        "another field's name",
        "unannotated-field",
        f"""
        from pydantic import BaseModel
        class A(BaseModel):
            m = 1  #! {UNANNOTATED}: `n = 1`.
        """,
        is_reported=True,
    ),
    example_case(
        "a validator that says when it runs",
        "root-validator",
        f"""
        from pydantic import BaseModel, root_validator
        class A(BaseModel):
            @root_validator(pre=True)  #! {PRE_FALSE}
            def f(cls, v):
                return v
        """,
        is_reported=True,
    ),
    example_case(
        "a function of one's own named otherwise",
        "root-validator",
        f"""
        def validator(function):
            return function
        @validator  #! {PRE_FALSE}
        def f(cls, v):
            return v
        """,
        is_reported=True,
    ),
    example_case(
        "a model without the old setting",
        "orm-mode",
        """
        from pydantic import BaseModel
        class A(BaseModel):
            n: int = 1
        A.from_orm(object())
        #! PydanticUserError: You must set the config attribute `from_attributes=True` to use
        #! from_orm
        """,
        is_reported=True,
    ),
]
ASKED = [
    (
        "old-argument",
        "from pydantic import Field\nx = Field('a', regex='a')\n",
        "Field('a', pattern='a')",
    ),
    (
        "unannotated-field",
        "from pydantic import BaseModel\nclass A(BaseModel):\n    n = 1\n",
        "    n: int = 1",
    ),
    (
        "root-validator",
        "from pydantic import BaseModel, root_validator\nclass A(BaseModel):\n    n: int = 1\n"
        "    @root_validator\n    def f(cls, v):\n        return v\n",
        "@root_validator(skip_on_failure=True)",
    ),
    (
        "orm-mode",
        "from pydantic import BaseModel\nclass A(BaseModel):\n    n: int = 1\n"
        "    class Config:\n        orm_mode = True\nclass O:\n    n = 2\nx = A.from_orm(O())\n",
        "        from_attributes = True",
    ),
    (
        "moved-name",
        "from pydantic import BaseModel, BaseSettings\n",
        "from pydantic import BaseModel\nfrom pydantic_settings import BaseSettings\n",
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_model_is_written_as_pydantic_2_wants(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_draft_where_the_value_shows_nothing(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rule", "broken", "expected"), ASKED)
def test_what_the_installed_library_itself_says_is_understood(
    rule: str, broken: str, expected: str
) -> None:
    draft = draft_script(broken)[0]
    assert draft.rule == rule
    assert expected in content_of(draft)
    if rule != "moved-name":  # whose new package is not installed here
        run_script(content_of(draft))


@pytest.mark.filterwarnings("ignore")
def test_the_installed_library_s_words_about_a_value_without_a_type_get_no_draft() -> None:
    broken = "from pydantic import BaseModel\nclass A(BaseModel):\n    n = object()\n"
    assert draft_script(broken) == ()
