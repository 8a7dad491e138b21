"""What importing a package costs a fresh process: CPU, and memory over that of Python itself."""

from __future__ import annotations

import importlib

import measure

parser = measure.parser()
parser.add_argument("--module", required=True, help="one, or several with commas between")
asked = parser.parse_args()
began, before = measure.used(), measure.memory("VmRSS")
for module in asked.module.split(","):
    importlib.import_module(module)
measure.alone(import_cpu=measure.used() - began, import_rss_mb=measure.memory("VmRSS"), python_rss_mb=before)
