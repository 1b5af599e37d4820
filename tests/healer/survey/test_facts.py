"""What is found can be written as JSON, as `healer init --json` does."""

import json
from dataclasses import asdict

from healer.survey.survey import survey
from tests.support.memory_tree import MemoryTree


def test_a_survey_is_plain_data() -> None:
    found = survey(MemoryTree({"a.py": "if __name__ == '__main__':\n    pass\n"}), "main")
    document = json.loads(json.dumps(asdict(found)))
    assert document["programs"] == [{"path": "a.py", "reasons": ["a __main__ part"]}]
    assert document["suite"] == {"command": [], "place": "", "file_count": 0}
