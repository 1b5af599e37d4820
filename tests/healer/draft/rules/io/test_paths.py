"""Names of files: the loop or the repository shows the right one, or nothing is done."""

from pathlib import Path

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)


def missing(name: str) -> str:
    return f"FileNotFoundError: [Errno 2] No such file or directory: '{name}'"


MENDED = [
    example_case(
        "a name that was listed",
        "bare-name",
        f"""
          import os
          folder = "in"
          for name in sorted(os.listdir(folder)):
        -     size = os.path.getsize(name)  #! {missing("a.csv")}
        +     size = os.path.getsize(os.path.join(folder, name))
        """,
        is_reported=True,
    ),
    example_case(
        "a name that was listed, at each of its uses as a path",
        "bare-name",
        f"""
          import os
          for name in os.listdir("in"):
              if name.endswith(".csv"):
        -         with open(name) as file:  #! {missing("a.csv")}
        +         with open(os.path.join("in", name)) as file:
                      print(name, file.read())
        -         os.remove(name)
        +         os.remove(os.path.join("in", name))
        """,
        is_reported=True,
    ),
    example_case(
        "a name in a comprehension",
        "bare-name",
        f"""
          import os
          def sizes(folder):
        -     return [os.stat(name).st_size for name in os.listdir(folder)]
        #! {missing("a.csv")}
        +     return [os.stat(os.path.join(folder, name)).st_size for name in os.listdir(folder)]
        """,
        is_reported=True,
    ),
    example_case(
        "a file beside the script, started from elsewhere",
        "beside-the-script",
        f"""
        + from pathlib import Path
        - data = open('rates.json').read()  #! {missing("rates.json")}
        + data = open(Path(__file__).parent / 'rates.json').read()
        """,
        path="jobs/job.py",
        files={"jobs/rates.json": "{}"},
        is_reported=True,
    ),
    example_case(
        "a file in a folder beside the script",
        "beside-the-script",
        f"""
          from pathlib import Path
        - RATES = "data/rates.json"
        + RATES = Path(__file__).parent / "data/rates.json"
          print(Path(RATES).read_text())  #! {missing("data/rates.json")}
        """,
        path="jobs/job.py",
        files={"jobs/data/rates.json": "{}"},
        is_reported=True,
    ),
    example_case(
        "a misspelled file",
        "misspelled-file",
        f"""
        - exec(open('helpres.py').read())  #! {missing("helpres.py")}
        + exec(open('helpers.py').read())
        """,
        files={"helpers.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "a misspelled file in a folder",
        "misspelled-file",
        f"""
        - PATH = "data/raets.csv"
        + PATH = "data/rates.csv"
          def load():
              return open(PATH)  #! {missing("data/raets.csv")}
        """,
        files={"data/rates.csv": "a\n", "rates.csv": "b\n"},
        is_reported=True,
    ),
]
GUESSED = [
    example_case(
        "a file that is yet to be written",
        "misspelled-file",
        f"""
        - print(open("rate.csv").read())  #! {missing("rate.csv")}
        + print(open("rates.csv").read())
        """,
        files={"rates.csv": "a\n"},
        is_reported=True,
    ),
    example_case(
        "a file of the folder that the job was to be started in",
        "beside-the-script",
        f"""
        + from pathlib import Path
        - print(open("state.json").read())  #! {missing("state.json")}
        + print(open(Path(__file__).parent / "state.json").read())
        """,
        path="jobs/job.py",
        files={"jobs/state.json": "{}"},
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "input that is not there",
        "*",
        """
        open('nowhere.csv')
        #! FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.csv'
        """,
    ),
    example_case(
        "names from elsewhere",
        "bare-name",
        f"""
        import os
        def sizes(names):
            for name in names:
                print(os.path.getsize(name))  #! {missing("a.csv")}
        """,
        is_reported=True,
    ),
    example_case(
        "a name with its folder",
        "bare-name",
        f"""
        import os
        for name in os.listdir("in"):
            print(os.path.getsize(name))  #! {missing("in/a.csv")}
        """,
        is_reported=True,
    ),
    example_case(
        "the loop's name is no argument of what fails",
        "bare-name",
        f"""
        import os
        for name in os.listdir("in"):
            print(os.path.getsize("total.csv"), name)  #! {missing("total.csv")}
        """,
        is_reported=True,
    ),
    example_case(
        "os has another name here",
        "bare-name",
        f"""
        import os as system
        for name in system.listdir("in"):
            print(system.path.getsize(name))  #! {missing("a.csv")}
        """,
        is_reported=True,
    ),
    example_case(
        "the file lies in the repository's root, not beside the script",
        "*",
        f"""
        data = open('rates.json').read()  #! {missing("rates.json")}
        """,
        path="jobs/job.py",
        files={"rates.json": "{}"},
        is_reported=True,
    ),
    example_case(
        "the path is absolute",
        "beside-the-script",
        f"""
        print(open("/rates.json").read())  #! {missing("/rates.json")}
        """,
        path="jobs/job.py",
        files={"jobs/rates.json": "{}"},
        is_reported=True,
    ),
    example_case(
        "the name stands twice in the script",
        "beside-the-script",
        f"""
        print("rates.json", open("rates.json").read())  #! {missing("rates.json")}
        """,
        path="jobs/job.py",
        files={"jobs/rates.json": "{}"},
        is_reported=True,
    ),
    example_case(
        "the script lies in the root itself",
        "beside-the-script",
        f"""
        print(open("rates.json").read())  #! {missing("rates.json")}
        """,
        files={"rates.json": "{}"},
        is_reported=True,
    ),
    example_case(
        "no file is spelled like it",
        "*",
        f"""
        exec(open('helpres.py').read())  #! {missing("helpres.py")}
        """,
        files={"other.py": "x = 1\n"},
        is_reported=True,
    ),
    example_case(
        "the file that is spelled like it lies elsewhere",
        "misspelled-file",
        f"""
        print(open("raets.csv").read())  #! {missing("raets.csv")}
        """,
        files={"data/rates.csv": "a\n"},
        is_reported=True,
    ),
    example_case(
        "two files are spelled like it",
        "misspelled-file",
        f"""
        print(open("rates-3.csv").read())  #! {missing("rates-3.csv")}
        """,
        files={"rates-1.csv": "a\n", "rates-2.csv": "b\n"},
        is_reported=True,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_file_that_was_meant_is_named(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_file_that_may_be_missing_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_input_that_is_missing_is_not_the_code_s_fault(rule: str, example: Example) -> None:
    check_silence(rule, example)


def test_a_listed_name_gets_its_folder(tmp_path: Path) -> None:
    (tmp_path / "only-here.txt").write_text("abc")
    source = (
        f"import os\nfolder = {str(tmp_path)!r}\nfor name in sorted(os.listdir(folder)):\n"
        "    size = os.path.getsize(name)\n"
    )
    draft = draft_script(source)[0]
    assert draft.rule == "bare-name"
    assert "os.path.getsize(os.path.join(folder, name))" in content_of(draft)
    assert run_script(content_of(draft))["size"] == 3
