"""`healer verify` finds every tampering with what was merged and with what was written of it."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from healer.app.configuration import read_configuration
from healer.app.state import open_ledger
from healer.app.trust import find_untrusted, trust
from healer.app.verify import Verification, verify
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from quarantine.attestation import STATEMENTS
from quarantine.repository import Repository
from tests.support.git import git
from tests.support.postgres import is_installed, server
from tests.support.shop import SCRIPT, Shop, shop


def make_key(path: Path) -> Path:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return make_key(folder / "ours"), make_key(folder / "theirs")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    """A shop with one merged repair and no key."""
    with shop(tmp_path / "shop") as made:
        made.merged()
        yield made


@pytest.fixture
def signed(tmp_path: Path, keys: tuple[Path, Path]) -> Iterator[Shop]:
    """The same where a key is set."""
    with shop(tmp_path / "shop") as made:
        git(made.folder, "config", "healer.signingKey", str(keys[0]))
        made.merged()
        yield made


def execute(here: Shop, *statements: str) -> None:
    connection = sqlite3.connect(here.folder / ".git" / "healer" / "ledger.sqlite")
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def statement_of(here: Shop) -> dict[str, Any]:
    text = git(here.folder, "show", f"{STATEMENTS}{here.tip}:statement.json")
    statement: dict[str, Any] = json.loads(text)
    return statement


def replace_statement(here: Shop, *options: str, **predicate: Any) -> None:
    """As somebody who may write refs could; the ledger is told, too."""
    known = statement_of(here)
    known["predicate"] |= predicate
    blob = git(here.folder, "hash-object", "-w", "--stdin", stdin=json.dumps(known).encode())
    tree = git(here.folder, "mktree", stdin=f"100644 blob {blob}\tstatement.json\n".encode())
    words = [*options, "commit-tree", *(["-S"] if options else []), tree, "-p", here.tip]
    new = git(here.folder, *words, "-m", "x")
    old = git(here.folder, "rev-parse", f"{STATEMENTS}{here.tip}")
    git(here.folder, "update-ref", f"{STATEMENTS}{here.tip}", new)
    execute(here, f"UPDATE healer_steps SET inputs = '{new}' WHERE inputs = '{old}'")
    relink(here)


def relink(here: Shop) -> None:
    """A whole new chain, as somebody who may write the database can make one."""
    execute(here, "DROP TABLE healer_chain")
    Ledger.in_folder(here.folder / ".git" / "healer").close()


def kinds(result: Verification) -> list[str]:
    return [each.kind for each in result.problems]


def test_a_merge_says_what_it_rests_on_and_who_let_it(here: Shop) -> None:
    statement = statement_of(here)
    facts, row = statement["predicate"], here.services.ledger.repairs()[0]
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": "main", "digest": {"gitCommit": here.tip}}]
    assert (facts["kind"], facts["repair"], facts["script"]) == ("fix", row.id, SCRIPT)
    assert (facts["drafter"], facts["approver"]) == ("scripted", "Ada")
    assert facts["base"] == git(here.folder, "rev-parse", "main~1")
    assert facts["tree"] == git(here.folder, "rev-parse", "main^{tree}")
    assert {"name": "syntax", "status": "pass"} in facts["checks"]
    assert facts["image"]
    assert facts["ledger"]["position"] > 0


def test_what_was_only_merged_holds_and_a_rollback_has_its_own_statement(here: Shop) -> None:
    result = verify(here.folder)
    assert (result.holds, result.statements, result.signed) == (True, 1, 0), result
    assert verify(here.folder, "main").holds
    here.decide("rollback", here.services.ledger.repairs()[0].id)
    assert (verify(here.folder).statements, statement_of(here)["predicate"]["kind"]) == (
        2,
        "revert",
    )
    assert verify(here.folder).holds


def test_a_signature_is_gits_own_and_counts_for_this_machines_key_and_for_named_ones(
    signed: Shop, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    result = verify(signed.folder)
    assert (result.holds, result.signed) == (True, 1), result
    signers = tmp_path / "signers"
    git(signed.folder, "config", "gpg.ssh.allowedSignersFile", str(signers))
    signers.write_text(f"healer@localhost {keys[0].with_name('ours.pub').read_text()}")
    assert verify(signed.folder).signed == 1
    git(signed.folder, "verify-commit", f"{STATEMENTS}{signed.tip}")
    signers.write_text(f"healer@localhost {keys[1].with_name('theirs.pub').read_text()}")
    result = verify(signed.folder)
    assert (kinds(result), result.signed) == (["signature"], 0)
    assert "is not by an allowed key" in result.problems[0].sentence


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (["UPDATE healer_steps SET outcome = 'x' WHERE kind = 'outcome'"], "not what was written"),
        (["DELETE FROM healer_steps WHERE kind = 'examine'"], "a step was removed"),
        (
            [
                f"DELETE FROM {table} WHERE {number} = (SELECT max({number}) FROM {table})"
                for table, number in (("healer_chain", "position"), ("healer_steps", "number"))
            ],
            "cut off",
        ),
    ],
)
def test_a_ledger_that_was_tampered_with_does_not_hold(
    here: Shop, statements: list[str], sentence: str
) -> None:
    execute(here, *statements)
    result = verify(here.folder)
    assert not result.holds
    assert sentence in result.problems[0].sentence


def test_a_ledger_that_was_rewritten_with_a_new_chain_does_not_fit_its_statements(
    here: Shop,
) -> None:
    execute(here, "UPDATE healer_steps SET detail = 'all was well' WHERE kind = 'outcome'")
    relink(here)
    (problem,) = verify(here.folder).problems
    assert "are not those of when it was merged" in problem.sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tree": "a" * 40}, "was checked"),
        ({"base": "a" * 40}, "it was not made on"),
        ({"repair": "other"}, "its statement as other"),
    ],
)
def test_another_tree_base_or_repair_than_the_statements_is_found(
    here: Shop, change: dict[str, str], sentence: str
) -> None:
    replace_statement(here, **change)
    assert any(sentence in problem.sentence for problem in verify(here.folder).problems)


def test_a_statement_that_is_gone_or_another_is_found(here: Shop) -> None:
    name = f"{STATEMENTS}{here.tip}"
    old = git(here.folder, "rev-parse", name)
    git(here.folder, "update-ref", "-d", name)
    assert "its statement is gone" in verify(here.folder).problems[0].sentence
    other = git(here.folder, "commit-tree", f"{old}^{{tree}}", "-p", here.tip, "-m", "x")
    git(here.folder, "update-ref", name, other)
    assert "is not the one that the ledger has" in verify(here.folder).problems[0].sentence


def test_a_statement_signed_anew_with_a_wrong_key_or_none_is_found(
    signed: Shop, keys: tuple[Path, Path]
) -> None:
    replace_statement(signed, "-c", "gpg.format=ssh", "-c", f"user.signingKey={keys[1]}")
    assert "signature" in kinds(verify(signed.folder))
    replace_statement(signed, approver="Eve")
    assert "its signature is gone" in [p.sentence for p in verify(signed.folder).problems]


def test_a_commit_that_only_says_it_is_healers_is_found(here: Shop) -> None:
    (here.folder / "x.py").write_text("x = 1\n")
    git(here.folder, "add", "x.py")
    git(here.folder, "commit", "-q", "-m", "Repair x.py\n\nHealer-Repair: deadbeef\n")
    (problem,) = verify(here.folder).problems
    assert (problem.kind, problem.where) == ("commit", here.tip[:12])


def test_what_another_machine_merged_needs_its_signature_and_not_its_ledger(
    signed: Shop, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(signed.folder), str(clone))
    (problem,) = verify(clone).problems
    assert "which the ledger does not know" in problem.sentence
    git(clone, "fetch", "-q", "origin", f"{STATEMENTS}*:{STATEMENTS}*")
    assert "git config gpg.ssh.allowedSignersFile" in verify(clone).problems[-1].sentence
    signers = tmp_path / "signers"
    signers.write_text(f"healer@localhost {keys[0].with_name('ours.pub').read_text()}")
    git(clone, "config", "gpg.ssh.allowedSignersFile", str(signers))
    result = verify(clone)
    assert (result.holds, result.signed, len(result.notes)) == (True, 1, 1), result
    assert "whose ledger is not here" in result.notes[0]


def test_an_unsigned_statement_from_elsewhere_vouches_for_nothing(
    here: Shop, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(here.folder), str(clone))
    git(clone, "fetch", "-q", "origin", f"{STATEMENTS}*:{STATEMENTS}*")
    assert "is not in the ledger" in verify(clone).problems[0].sentence


def test_a_statement_of_another_repository_or_commit_is_found(signed: Shop, tmp_path: Path) -> None:
    with shop(tmp_path / "other") as other:
        git(other.folder, "config", "healer.signingKey", str(tmp_path / "key"))
        make_key(tmp_path / "key")
        other.merged()
        git(signed.folder, "fetch", "-q", str(other.folder), f"{STATEMENTS}*:refs/x/*")
    foreign = git(signed.folder, "for-each-ref", "--format=%(objectname)", "refs/x/")
    git(signed.folder, "update-ref", f"{STATEMENTS}{signed.tip}", foreign)
    said = [problem.sentence for problem in verify(signed.folder).problems]
    assert "its statement is about something else" in said
    assert any("was made for another commit" in each for each in said)
    assert any("is not by an allowed key" in each for each in said)


def test_a_merge_that_is_under_way_or_did_not_come_about_is_a_note(here: Shop) -> None:
    ours = git(here.folder, "rev-parse", f"{STATEMENTS}{here.tip}")
    side = git(here.folder, "commit-tree", "main^{tree}", "-p", "main", "-m", "never merged")
    facts = statement_of(here)
    facts["subject"][0]["digest"]["gitCommit"] = side
    facts["predicate"] |= {"base": here.tip, "repair": "never"}
    blob = git(here.folder, "hash-object", "-w", "--stdin", stdin=json.dumps(facts).encode())
    tree = git(here.folder, "mktree", stdin=f"100644 blob {blob}\tstatement.json\n".encode())
    never = git(here.folder, "commit-tree", tree, "-p", side, "-m", "x")
    git(here.folder, "update-ref", f"{STATEMENTS}{side}", never)
    result = verify(here.folder)
    assert (result.holds, result.notes) == (True, (f"{side[:12]} was to be merged, and was not",))
    execute(
        here,
        "UPDATE healer_repairs SET state = 'waiting', outcome = 'review'",
        f"DELETE FROM healer_steps WHERE inputs = '{ours}' OR kind = 'approval'",
    )
    relink(here)
    result = verify(here.folder)
    assert (result.holds, len(result.notes)) == (True, 2), result
    assert any("is under way" in note for note in result.notes)


@pytest.mark.skipif(not is_installed(), reason="needs PostgreSQL's programs")
def test_a_ledger_on_postgresql_is_held_to_the_same(tmp_path: Path) -> None:
    entries = [Entry(repair="r1", kind="attempt", number=n, outcome="fixed") for n in (1, 2, 3)]
    with server() as url, shop(tmp_path / "shop") as here:
        (here.folder / "healer.toml").write_text(f'state = "{url}"\n')
        repository = Repository.open(here.folder)
        trust(repository, find_untrusted(repository, read_configuration(repository)))
        config = read_configuration(repository)
        with open_ledger(repository, config) as ledger, ThreadPoolExecutor(4) as pool:
            list(pool.map(ledger.record, entries * 4))
            assert verify(here.folder).steps == 3
            assert verify(here.folder).holds
            for change, count in (
                ("UPDATE healer.all_healer_steps SET cost_usd = 1", 3),
                ("DELETE FROM healer.all_healer_chain WHERE position > 1", 4),
                ("DELETE FROM healer.all_healer_chain", 1),
            ):
                with psycopg.connect(url) as connection:
                    connection.execute(change)
                assert len(verify(here.folder).problems) == count


def test_where_the_key_cannot_sign_nothing_is_merged_and_the_reason_is_said(
    tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    with shop(tmp_path / "shop") as here:
        git(here.folder, "config", "healer.signingKey", str(tmp_path / "gone"))
        repair, before = here.fix().repair, here.tip
        decided = here.decide("approve", repair)
        assert (decided.done, here.tip) == (False, before)
        assert "could not be signed with healer.signingKey" in decided.reason
        git(here.folder, "config", "healer.signingKey", str(keys[0]))
        assert here.decide("approve", repair).done
        assert verify(here.folder).signed == 1
