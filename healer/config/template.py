"""The commented files that `healer init` writes. Pure: text from what was found.

Belongs here: every key with its default and a word. Does not belong here: what is found in a
repository (`healer.survey`), writing files (`healer.cli.init`), or what a key means (`settings`).
"""

import json

from healer.survey.facts import Guard, Job, Survey

HEALER = """\
# What healer may do here. Every key has a default that works; remove the # to change one.
# `healer doctor` checks what a repair needs.

target = "{target}"                     # the branch that fixes are merged into
{scripts}
# autonomy = "merge"                  # merge | review | suggest | off
# state = "sqlite"                    # or a postgresql:// URL, which several machines may use
# state_env = ""                      # or the variable that holds that URL with its password
# search_s = 30                       # seconds of search for a draft without a model; 0: rules
# push = false                        # push what waits, and merges, to target's remote; "pr":
                                      # each fix is a pull request, whose checks are a gate more
# notes = false                       # write NAME.md beside a script that has none
# consolidate_at = "03:30"            # when the daemon looks for patterns over many repairs
# keep_days = 30                      # how long quarantine branches and evidence are kept
# probation_runs = 3                  # a merged fix is watched for so many runs,
# probation_h = 24                    # or for so long: if it fails, it is taken out again

# [tests]
# command = ["python", "-m", "pytest", "-q"]
# write = true                        # a fix leaves a test of the recorded case

# [watch]
# logs = ["logs/*.log"]               # files in which Python tracebacks appear
# after = 1                           # failures with one fingerprint before a repair starts
# cooldown_s = 300

# [sandbox]
# image = "auto"                      # auto | a Dockerfile path | an image name
# memory_mb = 512
# cpus = 1.0
# timeout_s = 120
# include = ["data/**"]               # untracked inputs that a run needs

# [capture]                           # what healer run records of a job's world
# enabled = true
# network = true                      # what goes through Python's sockets, without secrets
# max_mb = 32                         # of one run
# good_nights = 5                     # tapes of runs that ended well, of each script
# skip = []                           # globs of hosts, files and variables not to keep

# [model]                             # without it healer repairs by rules and search
# base_url = "http://localhost:11434/v1"
# api_key_env = "OPENAI_API_KEY"
# tiers = ["small-model", "large-model"]
# budget_usd_per_repair = 0.50
# budget_usd_per_day = 5.00
# budget_tokens_per_repair = 300000   # where the price of a model is not known
# candidates = 2                      # drafts side by side in each attempt; by the budget if unset
# reviewer = "second-model"           # reads every fix, and can only make the verdict stricter
# investigator = "large-model"        # asked last: may look around and try patches in the sandbox
# embedding = "embedding-model"       # finds similar failures of earlier by meaning, too
# calls_per_minute = 60               # for each endpoint; further calls wait for their turn

# [forge]                             # where pull requests are; token from HEALER_FORGE_TOKEN
# kind = "auto"                       # or github | gitlab | gitea (Forgejo), for another host
# url = ""                            # of its API, where it is not on the remote's host
# project = ""                        # owner/name; empty: as in the remote's URL
# issues = false                      # true: an issue for each incident that needs a person

# [mail]                              # password from HEALER_SMTP_PASSWORD
# smtp = "smtp://localhost:25"        # or smtps://user@host; elsewhere STARTTLS is a must
# from = "healer@example.com"
# to = ["oncall@example.com"]         # and whom protected.toml and CODEOWNERS name
# group_wait_s = 30                   # what comes so soon after a mail goes into one together
# repeat_h = 24                       # a reminder of what is still open
# digest_at = "07:00"                 # the daily mail on what healed by itself; "" for none
# letter_at = "mon 07:00"             # the weekly letter: healed, saved, waiting; "" for none
# channels_env = "HEALER_CHANNELS"    # variable with apprise URLs of chats, separated by spaces

# [fleet]                             # several machines on one PostgreSQL
# tenant = "default"                  # tenants of one database see nothing of each other

# [agent]                             # of healer agent, where jobs run and nothing is repaired
# hub = ""                            # a healer hub's https:// address
# token_env = "HEALER_HUB_TOKEN"
# environment = true                  # bring the packages that a failed job ran on, too

# [decide]                            # people decide from elsewhere; all of it is off by default
# url = ""                            # where your proxy serves healer web: mails hold a link
# days = 3                            # how long a link, or the answer to a mail, decides
# channels = false                    # chats get the link, too: whoever reads them may decide
# replies = false                     # an answer by mail decides: healer reply, or imap
# imap = ""                           # imaps://user@host/INBOX; password HEALER_IMAP_PASSWORD
# authserv = ""                       # a reply needs the dmarc=pass of this mail server

# [[maintenance]]                     # nothing is merged, no repair begins; what failed then is
# schedule = "0 22 * * 6"             # repaired when it is over
# duration = "8h"
# timezone = "Europe/Vienna"
# scripts = ["scripts/db/**"]         # globs; without them: all

# [[job]]
# script = "scripts/sync.py"
# command = ["python", "scripts/sync.py", "--all"]
# every = "15m"                       # healer also starts it, and notices missed and late runs
# max_runtime = "1h"                  # then it is stopped, which is a failure
# capture = true                      # keep standard input, too
# autonomy = "review"
# probation_runs = 10
# rerun = "after-heal"                # it may run twice: what failed is done again after the merge
# catch_up = "all"                    # of several failed runs each different one, not only the last

# [[job]]
# script = "scripts/rates.py"
# schedule = "10 2 * * 1-5"           # at these times, as cron means them, in timezone
# timezone = "Europe/Vienna"
# started_by = "cron"                 # others start it: healer notices the run that did not happen
# grace = "20m"                       # so much later is still in time
# [[job.expect]]                      # what a good outcome is; healer expect SCRIPT proposes it
# file = "out/rates.csv"
# rows = "20..60"
# columns = ["currency", "rate"]
# not_null = ["rate"]
"""

PROTECTED = """\
# What only people repair. Read from the commit that a repair starts from. Always protected,
# whatever stands here: this file, healer.toml, .git*, CI definitions, and every existing test
# and its configuration.

# [[protect]]
# paths = ["core/**", "*.lock"]       # gitignore patterns
# reason = "core infrastructure is repaired by people"
# action = "escalate"                 # escalate: no draft · review: it waits · extend: add only
#                                     # merge: it waits, but for a pin of a package that is proved
# notify = ["platform@example.com"]   # besides [mail] to
"""


CRON_FIELDS = 5


def format_healer_toml(survey: Survey) -> str:
    """healer.toml for a repository in which this was found."""
    patterns = ", ".join(map(json.dumps, survey.globs))
    line = f"scripts = [{patterns}]" if survey.globs else '# scripts = ["scripts/**/*.py"]'
    text = HEALER.format(target=survey.target, scripts=line)
    if survey.suite.command:
        words = ", ".join(map(json.dumps, survey.suite.command))
        default = '# [tests]\n# command = ["python", "-m", "pytest", "-q"]\n'
        text = text.replace(default, f"[tests]\ncommand = [{words}]  # by {survey.suite.place}\n")
    return text + "".join(map(_format_job, survey.jobs))


def format_protected_toml(survey: Survey) -> str:
    """protected.toml that guards what was found."""
    return PROTECTED + "".join(map(_format_guard, survey.guards))


def _format_job(job: Job) -> str:
    """Commented out: whoever starts it now goes on to, and healer need not."""
    words = ", ".join(map(json.dumps, job.command))
    is_cron = len(job.schedule.split()) == CRON_FIELDS and "=" not in job.schedule
    times = f'# schedule = "{job.schedule}"\n# started_by = "cron"\n' if is_cron else ""
    return (
        f"\n# [[job]]                             # {job.schedule} in {job.place}\n"
        f"# script = {json.dumps(job.script)}\n# command = [{words}]\n{times}"
    )


def _format_guard(guard: Guard) -> str:
    paths = "".join(f"\n    {json.dumps(path)}," for path in guard.paths)
    return (
        f"\n[[protect]]\npaths = [{paths}\n]\n"
        f'reason = "{guard.reason}"\naction = "{guard.action}"\n'
    )
