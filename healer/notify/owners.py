"""Who owns a file, as CODEOWNERS says: mail addresses only. Pure.

Belongs here: the patterns and their precedence. Does not belong here: where the file lies in a
repository. Names of teams and users (`@org/team`) say nothing that a mail could be sent to.
"""

from collections.abc import Iterable

from pathspec import GitIgnoreSpec

from healer.notify.settings import is_address

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where it is looked for; the first that exists counts."""


def find_owners(codeowners: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Addresses of the owners of any of the paths, in the file's order.

    For each path the last matching line counts, also when it names nobody. Lines that are not
    understood are passed over, as the sites that read this file do.
    """
    rules = tuple(_parse_rules(codeowners))
    people = {address for path in paths for address in _owners_of(path, rules)}
    in_order = (address for _, owners in rules for address in owners if address in people)
    return tuple(dict.fromkeys(in_order))


def _owners_of(
    path: str, rules: tuple[tuple[GitIgnoreSpec, tuple[str, ...]], ...]
) -> tuple[str, ...]:
    return next((owners for spec, owners in reversed(rules) if spec.match_file(path)), ())


def _parse_rules(text: str) -> Iterable[tuple[GitIgnoreSpec, tuple[str, ...]]]:
    for line in text.splitlines():
        words = line.split("#", 1)[0].replace("\\ ", "\0").split()
        if not words or words[0].startswith(("[", "^[", "!")):  # sections; `!` has no meaning here
            continue
        pattern = words[0].replace("\0", "\\ ")
        try:
            spec = GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            continue
        yield spec, tuple(word for word in words[1:] if is_address(word))
