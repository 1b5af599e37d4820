"""A world is a fact of the command; its folders are a matter of the container."""

import json

from sandbox.container import encode
from sandbox.job import Command, Job, Limits, Plan
from sandbox.world import World, WorldFile


def test_a_command_brings_its_folders() -> None:
    command = Command(argv=("python", "x.py"), world=World(folders=("/srv/data",)))
    assert Limits().with_folders_of(command).folders == ("/srv/data",)
    assert Limits().with_folders_of(Command(argv=("x",))) == Limits()
    assert Limits().with_folders_of(None) == Limits()


def test_a_world_goes_over_the_wire_as_json() -> None:
    world = World(files=(WorldFile(path="/a", data=b"\xff"),))
    job = Job(tree=b"", plan=Plan(command=Command(argv=("x",), world=world)))
    head = encode(job).partition(b"{")[2]
    document = json.loads(b"{" + head[: head.rindex(b"}") + 1])
    assert document["plan"]["command"]["world"]["files"] == [
        {"path": "/a", "data": "_w==", "mtime_ns": 0}
    ]
