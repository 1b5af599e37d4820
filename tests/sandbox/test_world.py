"""A world is a fact of the command."""

import json

from sandbox.container import encode
from sandbox.job import Command, Job, Plan
from sandbox.world import World, WorldFile


def test_a_world_goes_over_the_wire_as_json() -> None:
    world = World(files=(WorldFile(path="/a", data=b"\xff"),))
    job = Job(tree=b"", plan=Plan(command=Command(argv=("x",), world=world)))
    head = encode(job).partition(b"{")[2]
    document = json.loads(b"{" + head[: head.rindex(b"}") + 1])
    assert document["plan"]["command"]["world"]["files"] == [
        {"path": "/a", "data": "_w==", "mtime_ns": 0, "is_name_only": False, "size": 0}
    ]
