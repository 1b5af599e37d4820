"""Functions and methods that people take for one another.

Belongs here: the table. A pair is here because both take the same arguments.
"""

TWINS: dict[str, tuple[str, ...]] = {
    "min": ("max",), "max": ("min",), "any": ("all",), "all": ("any",),
    "append": ("extend", "add"), "extend": ("append", "update"), "add": ("update", "append"),
    "update": ("add",), "pop": ("popleft",), "popleft": ("pop",), "startswith": ("endswith",),
    "endswith": ("startswith",), "lstrip": ("rstrip", "strip"), "rstrip": ("lstrip", "strip"),
    "strip": ("rstrip", "lstrip"), "floor": ("ceil",), "ceil": ("floor",), "find": ("rfind",),
    "rfind": ("find",), "index": ("rindex",), "split": ("rsplit", "splitlines"),
    "rsplit": ("split",), "lower": ("upper",), "upper": ("lower",), "keys": ("values", "items"),
    "values": ("keys", "items"), "items": ("keys", "values"), "sort": ("reverse",),
    "remove": ("discard",), "union": ("intersection",), "intersection": ("union",),
    "read": ("readlines",), "readline": ("readlines", "read"), "readlines": ("read",),
    "int": ("float", "round"), "float": ("int",), "str": ("repr",), "list": ("set", "sorted"),
    "set": ("list",), "filter": ("map",), "insort_left": ("insort_right",), "dumps": ("dump",),
    "bisect_left": ("bisect_right",), "bisect_right": ("bisect_left",), "round": ("int",),
    "heappush": ("heappushpop", "heapreplace"), "match": ("search", "fullmatch"),
    "search": ("match",), "insert": ("append",), "appendleft": ("append",), "loads": ("load",),
    "load": ("loads",), "write": ("writelines",), "writerow": ("writerows",),
    "permutations": ("combinations",), "combinations": ("permutations",),
    "zip": ("zip_longest",), "timestamp": ("isoformat",), "now": ("utcnow",),
}  # fmt: skip
