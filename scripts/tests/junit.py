# SPDX-License-Identifier: GPL-2.0
"""Prints what the parser of others reads in the JUnit file argv[1], as JSON."""
import json
import sys

from junitparser import Error, Failure, JUnitXml, Skipped

xml = JUnitXml.fromfile(sys.argv[1])
suites = list(xml)
cases = [case for suite in suites for case in suite]


def with_result(kind):
    return sum(any(isinstance(one, kind) for one in case.result)
               for case in cases)


read = {
    "tests": len(cases),
    "failures": with_result(Failure),
    "errors": with_result(Error),
    "skipped": with_result(Skipped),
}
print(json.dumps({
    "read": read,
    "claimed": {key: sum(getattr(suite, key) for suite in suites)
                for key in read},
    "in_all": {key: getattr(xml, key) for key in read},
    "pairs": len({(case.classname, case.name) for case in cases}),
    "outputs": [case.system_out or "" for case in cases],
    "properties": {one.name: one.value for suite in suites
                   for one in suite.properties()},
}))
