"""Reads an XML report as others do, and prints what is in it as JSON.

    read.py checkstyle SCHEMA REPORT
    read.py junit SCHEMA REPORT
"""

import json
import sys

import junitparser
from lxml import etree

kind, schema, report = sys.argv[1:]
document = etree.parse(report)
etree.XMLSchema(etree.parse(schema)).assertValid(document)
if kind == "checkstyle":
    found = [
        {"file": file.get("name"), **error.attrib}
        for file in document.getroot()
        for error in file
    ]
else:
    suites = junitparser.JUnitXml.fromfile(report)
    found = {
        "tests": suites.tests,
        "failures": suites.failures,
        "errors": suites.errors,
        "cases": [
            {
                "suite": suite.name,
                "class": case.classname,
                "name": case.name,
                "results": [
                    {"kind": type(result).__name__, "type": result.type, "message": result.message, "text": result.text}
                    for result in case.result
                ],
                "output": case.system_out,
            }
            for suite in suites
            for case in suite
        ],
    }
json.dump(found, sys.stdout)
