"""Runs the unittest classes below the packages named on the command line, and writes one JSON object a line for each test.

    unittest_driver.py [--only TEXT] [--without PACKAGE]... [--before FILE] PACKAGE...

{"id", "result": "passed" | "failed" | "skipped", "why"}; a class that cannot be set up fails each of its tests.
"""
import argparse
import importlib
import json
import os
import pkgutil
import sys
import unittest

# Whatever tests print must not reach the answers.
answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)

arguments = argparse.ArgumentParser()
arguments.add_argument('--only', default='')
arguments.add_argument('--without', action='append', default=[])
arguments.add_argument('--before', help='a Python file that is run first')
arguments.add_argument('packages', nargs='+')
asked = arguments.parse_args()

if asked.before:
    exec(compile(open(asked.before).read(), asked.before, 'exec'), {})


def modules(name):
    module = importlib.import_module(name)
    yield module
    for _, child, _ in pkgutil.walk_packages(getattr(module, '__path__', []), name + '.'):
        yield importlib.import_module(child)


def tests(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests(test)
        else:
            yield test


def identity(test):
    """As stestr calls it, without the tags in brackets."""
    return test.id().split('[')[0]


class Result(unittest.TestResult):
    """Tells each result once: a test that fails and cannot be torn down either has failed once."""

    def __init__(self, expected):
        super().__init__()
        self.expected = {identity(test) for test in expected}
        self.why = {}

    def failed(self, test, why):
        name = identity(test)
        # setUpClass and its like are no test; all of their class have failed.
        names = [name] if name in self.expected else sorted(self.expected)
        for each in names:
            self.why.setdefault(each, ('failed', why))

    def addError(self, test, err=None, details=None):
        self.failed(test, self.text(test, err, details))

    def addFailure(self, test, err=None, details=None):
        self.failed(test, self.text(test, err, details))

    def addExpectedFailure(self, test, err=None, details=None):
        pass

    def addUnexpectedSuccess(self, test, details=None):
        self.failed(test, 'it should have failed')

    def addSkip(self, test, reason=None, details=None):
        name = identity(test)
        if reason is None and details:
            reason = '\n'.join(d.as_text() for n, d in details.items() if n == 'reason')
        for each in [name] if name in self.expected else sorted(self.expected):
            self.why.setdefault(each, ('skipped', reason))

    def addSuccess(self, test, details=None):
        self.why.setdefault(identity(test), ('passed', ''))

    def text(self, test, err, details):
        if err:
            return self._exc_info_to_string(err, test)
        return '\n'.join(d.as_text() for n, d in details.items() if 'traceback' in n)

    def tell(self):
        for name in sorted(self.expected):
            result, why = self.why.get(name, ('failed', 'it was not run'))
            answers.write(json.dumps({'id': name, 'result': result, 'why': why[-3000:] if why else ''}) + '\n')


loader = unittest.TestLoader()
for package in asked.packages:
    for module in modules(package):
        if any(module.__name__.startswith(other) for other in asked.without):
            continue
        for each in vars(module).values():
            if not (isinstance(each, type) and issubclass(each, unittest.TestCase) and each.__module__ == module.__name__):
                continue
            found = [test for test in tests(loader.loadTestsFromTestCase(each)) if asked.only in identity(test)]
            if not found:
                continue
            result = Result(found)
            unittest.TestSuite(found).run(result)
            # Class-level errors are told of at the end of the suite.
            result.tell()
