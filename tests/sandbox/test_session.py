"""Labels tell a living owner from a dead one."""

from sandbox.session import Owner, is_dead, owner_of_this_process


def test_an_owner_is_dead_only_when_that_is_certain() -> None:
    me = owner_of_this_process()
    assert not is_dead(me)
    assert is_dead(me.model_copy(update={"started": "1"}))
    assert not is_dead(Owner(machine="another", pid=me.pid, started="1"))
    assert Owner.parse(me.label()) == me
    assert Owner.parse("nonsense") is None
