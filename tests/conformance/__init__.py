"""The same requests to kube-apiserver and to the in-memory server, and what differs between their answers.

How to write a case: `case.py`. How answers are made comparable: `normal.py`. `python -m tests.conformance --help`.
"""
