"""Runs the openstack client many times: one JSON object a line in, {"argv": [...], "refused": bool}, one out, {"code", "out", "err"}.

A start of the client costs seconds, nearly all of it Python imports. They are done once here; each command then runs in a process of
its own that is forked from this one, since the client keeps its connections in its classes. A command that is to be refused does not
wait between its tries: ironicclient asks six times when it is told of a conflict.
"""
import contextlib
import io
import json
import logging
import os
import sys
import tempfile
import time
import traceback

import ironicclient.v1.client  # noqa: F401
import keystoneclient.v3.client  # noqa: F401
import openstack.connection  # noqa: F401
from openstackclient import shell


def run(argv, refused, out, err):
    """The command, in a process of its own with these files as its output; gives its exit status."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        if refused:
            time.sleep = lambda _: None
        code = shell.main(argv) or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def text(file):
    file.seek(0)
    return file.read().decode('utf-8', 'replace')


# A command without a login loads every plugin and finds every command.
with contextlib.redirect_stdout(io.StringIO()):
    shell.main(['module', 'list'])
for handler in logging.getLogger().handlers[:]:
    logging.getLogger().removeHandler(handler)

for line in sys.stdin:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        asked = json.loads(line)
        code = run(asked['argv'], asked['refused'], out, err)
        print(json.dumps({'code': code, 'out': text(out), 'err': text(err)}), flush=True)
