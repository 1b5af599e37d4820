"""What a failed job ran on, packed once for the hub, as long as it stays the same.

Belongs here: which interpreter and programs, and when to pack anew. Does not belong here: what is
packed (`sandbox.packed`), and sending it (`healer.watch.agent`).
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from healer.app.job_needs import find_needs, find_programs_called
from healer.app.sandbox_setup import find_interpreter
from healer.config import Config, ConfigError
from healer.failure import Failure
from healer.support.atomic_file import write_atomically
from healer.tape.recordings import Recordings
from healer.watch.environment_files import (
    PackedEnvironment,
    file_of,
    open_folder,
    prune_environments,
)
from healer.watch.posts import MAX_BLOB_BYTES
from quarantine.repository import Repository
from sandbox import ImageError
from sandbox.image import AUTO
from sandbox.packed import PackedLayer, fingerprint, pack

FILE = "environment.json"
"""In healer's folder: what was packed last, and of what."""


class EnvironmentPacker:
    """Of one checkout, on the machine where its jobs run."""

    def __init__(
        self,
        repository: Repository,
        config: Config,
        note: Callable[[str], None],
        pack_layer: Callable[[Path, Sequence[str], Path], PackedLayer] = pack,
    ) -> None:
        """`note` is told why nothing can be packed."""
        self._repository, self._config, self._note = repository, config, note
        self._pack_layer = pack_layer
        self._state_dir = repository.state_dir

    def pack(self, failure: Failure) -> PackedEnvironment | None:
        """What a failure ran on, in a file; None where another image is configured, it is not to
        be sent, or nothing can be made of it."""
        if not self._config.agent.environment or self._config.sandbox.image != AUTO:
            return None
        try:
            return self._find_or_pack(failure)
        except (ImageError, ConfigError, OSError) as error:
            self._note(f"the environment of failure {failure.id} is not brought: {error}")
            return None

    def _find_or_pack(self, failure: Failure) -> PackedEnvironment | None:
        root = self._repository.root or self._repository.git_dir
        tape = Recordings(self._state_dir).of_failure(failure)
        needs = find_needs(failure, tape, root)
        python = needs.python or find_interpreter(self._repository, self._config)
        tip = self._repository.tip(self._config.target)
        programs = find_programs_called(self._repository.tree(tip)) if tip else ()
        programs = tuple(sorted({*programs, *needs.programs}))
        key = fingerprint(python, programs)
        environment = self._read(key) or self._pack(python, programs, key)
        size = file_of(self._state_dir, environment.digest).stat().st_size
        if size > MAX_BLOB_BYTES:
            self._note(f"the environment of {python} has {size >> 20} MB, more than a hub takes")
            return None
        return environment

    def _pack(self, python: Path, programs: tuple[str, ...], key: str) -> PackedEnvironment:
        layer = self._pack_layer(python, programs, open_folder(self._state_dir))
        data = json.dumps({"key": key, "digest": layer.digest, "python": layer.python})
        write_atomically(self._state_dir / FILE, data.encode("ascii"))
        prune_environments(self._state_dir)
        return PackedEnvironment(layer.digest, layer.python)

    def _read(self, key: str) -> PackedEnvironment | None:
        """What was packed last, if that was the same and is still there."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            facts = json.loads((self._state_dir / FILE).read_bytes())
            environment = PackedEnvironment(str(facts["digest"]), str(facts["python"]))
            is_there = file_of(self._state_dir, environment.digest).exists()
            return environment if facts["key"] == key and is_there else None
        return None
