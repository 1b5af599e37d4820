"""Looks a repository over: one commit's files, and nothing of the machine.

Belongs here: putting the parts together. Does not belong here: each part (the modules beside it).
"""

from healer.notify.owners import PLACES
from healer.survey.commands import Starts
from healer.survey.dependencies import find_dependencies
from healer.survey.facts import Survey
from healer.survey.guards import find_guards
from healer.survey.programs import choose_globs, find_programs
from healer.survey.schedules import find_jobs
from healer.survey.suites import WithCommand, find_suite
from quarantine.project_tests import Listed, ProjectTests


def survey(tree: Listed, target: str) -> Survey:
    """Never raises for what the files hold: what cannot be read says nothing."""
    paths = tree.paths()
    suite = find_suite(tree)
    tests = ProjectTests.load(WithCommand(tree, suite.command))
    starts = Starts(tree)
    jobs = find_jobs(tree, starts)
    programs = find_programs(tree, starts, jobs, tests)
    return Survey(
        target=target,
        globs=choose_globs(programs, tree, starts, tests),
        programs=programs,
        jobs=jobs,
        suite=suite,
        dependencies=find_dependencies(tree),
        guards=find_guards(paths, filter(tests.is_test_code, paths)),
        owners=next((path for path in PLACES if path in paths), ""),
    )
