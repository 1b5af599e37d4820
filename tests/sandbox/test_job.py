"""What a command needs of its container is told with it."""

from sandbox.job import Command, Limits
from sandbox.world import World


def test_a_command_brings_its_folders() -> None:
    command = Command(argv=("python", "x.py"), world=World(folders=("/srv/data",)))
    assert Limits().with_folders_of(command).folders == ("/srv/data",)
    assert Limits().with_folders_of(Command(argv=("x",))) == Limits()
    assert Limits().with_folders_of(None) == Limits()
