# SPDX-License-Identifier: GPL-2.0
"""Runs the image once; every result is a property of the test.

pytest --lg-env env.yaml --junitxml results.xml test_chargeback.py
"""
import re

RESULT = re.compile(r"^cb: (\w+) (\S+) (\d+\.\d+) s\r?$", re.M)
PLAN = re.compile(r"^1\.\.(\d+)\r?$", re.M)


def test_chargeback(strategy, record_property):
    strategy.transition("finished")
    results = RESULT.findall(strategy.log)
    for verdict, name, _ in results:
        record_property(name, verdict)
    plan = PLAN.search(strategy.log)
    assert plan, "the machine printed no plan"
    assert len(results) == int(plan.group(1)), "some results are missing"
    bad = [f"{name}: {verdict}" for verdict, name, _ in results
           if verdict not in ("pass", "skip")]
    assert not bad
