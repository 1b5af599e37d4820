"""`import sandbox` costs no more than the facts."""

import subprocess
import sys


def test_importing_the_package_does_not_import_docker() -> None:
    code = "import sys, sandbox\nassert not {'docker', 'requests'} & set(sys.modules)\n"
    subprocess.run([sys.executable, "-c", code], check=True)
