"""How often the first draft of each rule is right: writes `healer/draft/rules/certainty.json`.

    python -m benchmarks.rule_certainty

The scripts are those of `corpus/` (`own_corpus`), run here with every first draft, and for texts
that do not parse those of `broken_syntax`. A draft counts for the rule that made it: right where
the script then prints what it should, wrong where it does not or where nothing may be drafted.
"""

import json
import tomllib
from collections import Counter

from benchmarks.broken_syntax import count_repairs
from benchmarks.own_corpus import CORPUS, RIGHT, draft_only
from healer.draft.rules.catalogue import RULES
from healer.draft.rules.certainty import CERTAINTY_JSON
from healer.draft.rules.syntax.rule import DOES_NOT_PARSE

CORPORA = ("cases", "held_out")
BROKEN_TEXTS = 196


def main() -> None:
    right, of = Counter[str](), Counter[str]()
    for name in CORPORA:
        text = (CORPUS / f"{name}.toml").read_text(encoding="utf-8")
        for case in tomllib.loads(text)["case"]:
            result, comment = draft_only(case)
            rule = comment.partition(":")[0]
            if rule in {each.name for each in RULES}:
                of[rule] += 1
                right[rule] += result == RIGHT
    table = {
        rule: {"right": right[rule], "of": count, "on": "own corpus"}
        for rule, count in sorted(of.items())
    }
    first, count = count_repairs(BROKEN_TEXTS)
    table[DOES_NOT_PARSE] = {"right": first, "of": count, "on": "broken syntax"}
    rows = ",\n".join(f' "{rule}": {json.dumps(figure)}' for rule, figure in sorted(table.items()))
    CERTAINTY_JSON.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
    for rule, figure in table.items():
        print(f"{rule:24} {figure['right']:4} of {figure['of']:4}  {figure['on']}")


if __name__ == "__main__":
    main()
