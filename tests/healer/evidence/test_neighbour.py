"""An edit of one expression makes a neighbour."""

import ast

from healer.draft.rules.source_file import SourceFile
from healer.evidence.neighbour import Neighbour, replace_node


def test_one_expression_is_replaced_and_its_line_is_known() -> None:
    code = SourceFile("job.py", "x = 1\ny = a + b\n")
    node = next(each for each in code.nodes if isinstance(each, ast.BinOp))
    expected = Neighbour("job.py", "x = 1\ny = a - b\n", "reading/a - b", 2)
    assert replace_node(code, node, "a - b", "reading") == expected
