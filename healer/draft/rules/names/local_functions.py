"""Functions within functions, where another process has to find them by name.

Belongs here: moving one to the module's level. Does not belong here: lambdas; they have no name.
"""

import ast
import re
import textwrap
from collections.abc import Iterator

from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import bound_names, module_names
from healer.draft.rules.source_file import FunctionNode, TextEdit

_LOCAL = re.compile(
    r"Can't (?:get|pickle)(?: local object)? '?<?(?:function )?[\w.<>]*<locals>\.(\w+)"
)


@rule(
    "local-function",
    "AttributeError PicklingError",
    estimate=0.85,
    is_outward=True,
    example=Example(
        """
          import pickle
        + def double(number):
        +     return number * 2
        +
        +
          def main():
        -     def double(number):
        -         return number * 2
              pickle.dumps(double)
        #! AttributeError: Can't pickle local object 'main.<locals>.double'
          main()
        """,
        is_reported=True,
    ),
    silent="""
        import pickle
        def main(factor):
            def scale(number):
                return number * factor
            pickle.dumps(scale)  #! AttributeError: Can't pickle local object 'main.<locals>.scale'
        main(2)
        """,
    rivals=("the work was to stay in this process, with threads",),
    link="https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
)
def local_function(site: FaultSite) -> Iterator[Fix]:
    """A function within a function is given to another process, which finds only those of the
    module; it is moved there, where it uses nothing of the outer one."""
    match, code = site.search(_LOCAL), site.code
    name = match[1] if match else ""
    functions = [n for n in code.nodes if isinstance(n, FunctionNode) and n.name == name]
    if len(functions) != 1 or functions[0].decorator_list or name in module_names(code):
        return
    (function,) = functions
    outer = code.outermost_function_at(function.lineno)
    if outer is None or outer is function or _uses_outer_names(code.functions_at(function.lineno)):
        return
    top = next(node for node in code.nodes_on_line(outer.lineno) if isinstance(node, ast.stmt))
    decorators: list[ast.expr] = getattr(top, "decorator_list", [])
    start = code.line_start(min([top.lineno, *(d.lineno for d in decorators)]))
    low, high = code.line_start(function.lineno), code.line_after(function)
    text = textwrap.dedent(code.text[low:high]).rstrip() + code.newline * 3
    cause = f"Another process finds `{name}` only at the module's level; it is moved there."
    yield Fix(cause, (TextEdit(start, start, text), TextEdit(low, high, "")))


def _uses_outer_names(around: list[FunctionNode]) -> bool:
    """The innermost uses a name that one around it binds, or is all that there is in it."""
    *outer_functions, function = around
    names = {name for outer in outer_functions for name in bound_names(outer)} - {function.name}
    own_names = set(bound_names(function))
    uses = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    is_alone = any(outer.body == [function] for outer in outer_functions)
    return bool((uses - own_names) & names) or is_alone
