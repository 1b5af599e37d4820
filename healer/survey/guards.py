"""Which paths of a repository people should look at before anything changes there.

Belongs here: words in names that tell money, access, migrations and delivery. Does not belong here:
what is protected always (`quarantine.protection`).
"""

import re
from collections.abc import Iterable

from healer.survey.facts import Action, Guard

_WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])")
_MONEY = frozenset(
    ("billing", "bills", "invoice", "invoices", "invoicing", "ledger", "payment",
     "payments", "payout", "payouts", "payroll", "pricing", "prices", "refund", "refunds", "salary",
     "tax", "taxes", "vat", "wallet", "accounting", "banking", "trading")
)  # fmt: skip
_ACCESS = frozenset(
    ("auth", "authentication", "authorization", "authz", "credentials", "crypto", "encryption",
     "login", "oauth", "password", "passwords", "permission", "permissions", "rbac", "secrets",
     "security", "iam", "jwt", "saml", "sso")
)  # fmt: skip
_MIGRATIONS = frozenset(("migrations", "alembic", "migration"))
_DELIVERY = re.compile(
    r"(^|/)(Dockerfile[^/]*|docker-compose[^/]*\.ya?ml|compose\.ya?ml|[^/]+\.tf|Jenkinsfile|fabfile\.py)$"
)
_DELIVERY_FOLDERS = frozenset(
    ("ansible", "terraform", "helm", "k8s", "kubernetes", "deploy", "deployment")
)
_LOCKS = frozenset(
    ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "yarn.lock",
     "pnpm-lock.yaml", "conda-lock.yml")
)  # fmt: skip
_BY_WORD: tuple[tuple[frozenset[str], str, Action], ...] = (
    (_MONEY, "money is looked at by people", "review"),
    (_ACCESS, "who may do what is decided by people", "review"),
    (_MIGRATIONS, "a migration runs once and cannot be taken back", "escalate"),
)


def find_guards(paths: Iterable[str], is_test: Iterable[str] = ()) -> tuple[Guard, ...]:
    """Guards for what is there; `is_test`: paths that are protected as tests anyway."""
    tests = frozenset(is_test)
    files = [path for path in sorted(paths) if path not in tests]
    guards = []
    for words, reason, action in _BY_WORD:
        places = dict.fromkeys(place for path in files if (place := _place_of(path, words)))
        guards.append(Guard(_outermost(places), reason, action))
    locks = tuple(path for path in files if path.rpartition("/")[2] in _LOCKS)
    guards.append(Guard(locks, "versions are chosen by people", "escalate"))
    delivery = dict.fromkeys(place for path in files if (place := _delivery_place(path)))
    guards.append(Guard(_outermost(delivery), "delivery is changed by people", "review"))
    return tuple(guard for guard in guards if guard.paths)


def _place_of(path: str, words: frozenset[str]) -> str:
    """The outermost folder, or the Python file, that is called by one of the words."""
    *folders, name = path.split("/")
    for count, folder in enumerate(folders, 1):
        if words & _words_of(folder):
            return "/".join(folders[:count]) + "/**"
    stem = name.removesuffix(".py")
    return path if stem != name and words & _words_of(stem) else ""


def _words_of(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _delivery_place(path: str) -> str:
    """The folder or the file that delivers; empty for others."""
    folder, slash, _ = path.partition("/")
    if slash and folder in _DELIVERY_FOLDERS:
        return f"{folder}/**"
    return path if _DELIVERY.search(path) else ""


def _outermost(places: Iterable[str]) -> tuple[str, ...]:
    """Without what lies in a folder that is named, too."""
    folders = [place.removesuffix("**") for place in places if place.endswith("/**")]
    return tuple(
        place
        for place in places
        if not any(place.startswith(folder) and place != f"{folder}**" for folder in folders)
    )
