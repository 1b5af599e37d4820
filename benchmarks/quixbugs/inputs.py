"""Valid inputs for each program, made from what its docstring asks for; one maker each.

Belongs here: the makers, drawn from a seeded source of randomness. Does not belong here: when
results agree (`agreement`). Only the standard library: it runs in the box.
"""

import itertools
import random
from collections.abc import Callable
from typing import Any

Source = random.Random


class Node:
    """What graph and list programs are given."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.successor: Node | None = None
        self.successors: list[Node] = []
        self.predecessors: list[Node] = []
        self.incoming_nodes: list[Node] = []
        self.outgoing_nodes: list[Node] = []


def _ints(source: Source, most: int = 12, low: int = -20, high: int = 40) -> list[int]:
    return [source.randint(low, high) for _ in range(source.randint(0, most))]


def _unique(source: Source, least: int = 0, most: int = 10) -> list[int]:
    return source.sample(range(-50, 99), source.randint(least, most))


def _text(source: Source, letters: str, most: int) -> str:
    return "".join(source.choice(letters) for _ in range(source.randint(0, most)))


def _graph(source: Source) -> list[Node]:
    nodes = [Node(number) for number in range(source.randint(1, 8))]
    for node in nodes:
        count = source.randint(0, min(3, len(nodes)))
        node.successors = source.sample(nodes, count)
    return nodes


def _two_nodes(source: Source) -> list[Any]:
    nodes = _graph(source)
    return [source.choice(nodes), source.choice(nodes)]


def _linked_list(source: Source, least: int) -> list[Node]:
    nodes = [Node(number) for number in range(source.randint(least, 10))]
    for first, second in itertools.pairwise(nodes):
        first.successor = second
    return nodes


def _maybe_cyclic(source: Source) -> list[Any]:
    nodes = _linked_list(source, 1)
    if source.random() < 0.5:
        nodes[-1].successor = source.choice(nodes)
    return [nodes[0]]


def _list_head(source: Source) -> list[Any]:
    nodes = _linked_list(source, 0)
    return [nodes[0] if nodes else None]


def _sorted_and_value(source: Source) -> list[Any]:
    return [sorted(_ints(source, 12, 0, 15)), source.randint(-2, 17)]


def _nested_list(source: Source, depth: int = 3) -> list[Any]:
    return [
        _nested_list(source, depth - 1) if depth and source.random() < 0.4 else source.randint(0, 9)
        for _ in range(source.randint(0, 4))
    ]


def _hanoi(source: Source) -> list[Any]:
    return [source.randint(0, 6), *source.sample((1, 2, 3), 2)]


def _nearly_sorted(source: Source) -> list[Any]:
    values = sorted(_unique(source))
    reach = source.randint(0, 4)
    keys = {value: place + source.random() * reach for place, value in enumerate(values)}
    return [sorted(values, key=keys.__getitem__), reach]


def _knapsack(source: Source) -> list[Any]:
    items = [(source.randint(1, 20), source.randint(1, 30)) for _ in range(source.randint(0, 7))]
    return [source.randint(0, 60), items]


def _kth(source: Source) -> list[Any]:
    values = [*_ints(source, 12, 0, 15), source.randint(0, 15)]
    return [values, source.randrange(len(values))]


def _connected_graph(source: Source) -> list[Any]:
    count = source.randint(2, 7)
    weights = iter(source.sample(range(1, 200), 60))
    edges = {(source.randrange(node), node): next(weights) for node in range(1, count)}
    for _ in range(source.randint(0, 8)):
        pair = tuple(sorted(source.sample(range(count), 2)))
        edges.setdefault((pair[0], pair[1]), next(weights))
    order = list(edges.items())
    source.shuffle(order)
    return [dict(order)]


def _palindrome(source: Source) -> list[Any]:
    half = [source.choice((0, 1, 5, 8, 9, 9)) for _ in range(source.randint(1, 4))]
    half[0] = half[0] or 9
    return [half + half[::-1][source.randint(0, 1) :]]


def _permutation(source: Source) -> list[Any]:
    values = _unique(source, 2, 8)
    if values == sorted(values, reverse=True):
        values.reverse()
    return [values]


def _coins(source: Source) -> list[Any]:
    return [source.sample(range(1, 15), source.randint(1, 4)), source.randint(-3, 30)]


def _rpn(source: Source) -> list[Any]:
    tokens: list[Any] = [float(source.randint(1, 20))]
    waiting = 1
    while waiting > 1 or source.random() < 0.7:
        if waiting > 1 and source.random() < 0.6:
            tokens.append(source.choice("+-*/"))
            waiting -= 1
        elif len(tokens) < 12:
            tokens.append(float(source.randint(1, 20)))
            waiting += 1
    return [tokens]


def _infix(source: Source) -> list[Any]:
    tokens: list[Any] = [source.randint(0, 50)] if source.random() < 0.95 else []
    for _ in range(source.randint(0, 7) if tokens else 0):
        tokens += [source.choice("+-*/"), source.randint(0, 50)]
    return [tokens]


def _lengths(source: Source) -> list[Any]:
    nodes = _graph(source)
    lengths = {(a, b): 1 + 50 * source.random() for a in nodes for b in a.successors}
    return [lengths, source.choice(nodes), source.choice(nodes)]


def _weights(source: Source, count: int) -> dict[tuple[int, int], int]:
    """Edges of any sign without a negative cycle: lengths seen from heights of the nodes."""
    heights = [source.randint(0, 10) for _ in range(count)]
    edges = {}
    for _ in range(source.randint(1, 3 * count)):
        a, b = source.randrange(count), source.randrange(count)
        if a != b:
            edges[a, b] = source.randint(0, 8) + heights[a] - heights[b]
    return edges


def _all_lengths(source: Source) -> list[Any]:
    count = source.randint(2, 6)
    return [count, _weights(source, count)]


def _from_one(source: Source) -> list[Any]:
    count = source.randint(2, 6)
    return [source.randrange(count), _weights(source, count)]


def _acyclic(source: Source) -> list[Any]:
    nodes = [Node(number) for number in range(source.randint(1, 8))]
    for place, node in enumerate(nodes):
        for later in nodes[place + 1 :]:
            if source.random() < 0.35:
                node.outgoing_nodes.append(later)
                later.incoming_nodes.append(node)
    source.shuffle(nodes)
    return [nodes]


def _text_to_wrap(source: Source) -> list[Any]:
    # Words shorter than the columns: a leading space alone in reach is wrapped for ever.
    words = [_text(source, "abcde", 4) + "x" for _ in range(source.randint(0, 12))]
    return [" ".join(words), source.randint(7, 16)]


MAKERS: dict[str, Callable[[Source], list[Any]]] = {
    "bitcount": lambda s: [s.randrange(2 ** s.randint(1, 40))],
    "breadth_first_search": _two_nodes,
    "bucketsort": lambda s: [_ints(s, 12, 0, 14), 15 + s.randint(0, 4)],
    "depth_first_search": _two_nodes,
    "detect_cycle": _maybe_cyclic,
    "find_first_in_sorted": _sorted_and_value,
    "find_in_sorted": _sorted_and_value,
    "flatten": lambda s: [_nested_list(s)],
    "gcd": lambda s: [s.randint(0, 500), s.randint(0, 500)],
    "get_factors": lambda s: [s.randint(1, s.choice((30, 1000, 100_000)))],
    "hanoi": _hanoi,
    "is_valid_parenthesization": lambda s: [_text(s, "()", 12)],
    "kheapsort": _nearly_sorted,
    "knapsack": _knapsack,
    "kth": _kth,
    "lcs_length": lambda s: [_text(s, "abc", 9), _text(s, "abc", 9)],
    "levenshtein": lambda s: [_text(s, "abc", 6), _text(s, "abc", 6)],
    "lis": lambda s: [_unique(s)],
    "longest_common_subsequence": lambda s: [_text(s, "abcd", 7), _text(s, "abcd", 7)],
    "max_sublist_sum": lambda s: [_ints(s)],
    "mergesort": lambda s: [_ints(s)],
    "minimum_spanning_tree": _connected_graph,
    "next_palindrome": _palindrome,
    "next_permutation": _permutation,
    "pascal": lambda s: [s.randint(1, 25)],
    "possible_change": _coins,
    "powerset": lambda s: [_unique(s, 0, 6)],
    "quicksort": lambda s: [_ints(s)],
    "reverse_linked_list": _list_head,
    "rpn_eval": _rpn,
    "shortest_path_length": _lengths,
    "shortest_path_lengths": _all_lengths,
    "shortest_paths": _from_one,
    "shunting_yard": _infix,
    "sieve": lambda s: [s.randint(1, 300)],
    "sqrt": lambda s: [s.uniform(1, s.choice((10, 1000))), s.choice((0.5, 0.1, 0.01, 1e-4))],
    "subsequences": lambda s: [s.randint(-3, 4), s.randint(0, 8), s.randint(1, 4)],
    "to_base": lambda s: [s.randint(1, 10_000), s.randint(2, 36)],
    "topological_ordering": _acyclic,
    "wrap": _text_to_wrap,
}


def arguments(name: str, number: int) -> list[Any]:
    """The `number`-th arguments of a program: the same objects' values each time, made anew."""
    return MAKERS[name](random.Random(f"{name} {number}"))
