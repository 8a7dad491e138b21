"""Everything that is generated, as text by path below the package."""

from __future__ import annotations

from pathlib import Path

from fairlead.codegen.classes import Class, classes
from fairlead.codegen.discovery import preferred, resources
from fairlead.codegen.enums import enums
from fairlead.codegen.gotypes import go_types
from fairlead.codegen.internals import internals
from fairlead.codegen.layout import META, Home, homes
from fairlead.codegen.openapi import Definitions, load
from fairlead.codegen.protobuf import in_written_order, messages
from fairlead.codegen.python import HEADER, module_text, package_text
from fairlead.codegen.release import KUBERNETES, Sources
from fairlead.codegen.schemas import (
    enums_text,
    gotypes_text,
    index_text,
    internals_text,
    of_home,
    protobuf_text,
    schema_text,
    structs_text,
)
from fairlead.codegen.structs import structs

__all__ = ["Outputs", "differing", "generate", "write"]

#: Path relative to the package → text.
Outputs = dict[str, str]


def generate(sources: Sources) -> Outputs:
    """All files' texts; the same for the same release."""
    definitions = load(sources.openapi())
    places = homes(definitions)
    order = preferred(sources)
    records = {home: resources(sources, home, definitions) for home in order}
    found = messages(sources.protos(), definitions)
    out: Outputs = {
        "schemas/index.json": index_text(KUBERNETES, order, places),
        "schemas/protobuf.json": protobuf_text(found),
        "schemas/internals.json": internals_text(internals(sources.kubernetes, sources.api)),
        "schemas/enums.json": enums_text(enums(sources.openapi_definitions, definitions)),
        "schemas/gotypes.json": gotypes_text(go_types(sources.packages(), definitions)),
        "schemas/structs.json": structs_text(structs(sources.packages(), definitions)),
    }
    for home in (*order, META):
        out[f"schemas/{home.file}"] = schema_text(home, records.get(home, []), of_home(definitions, places, home))
    out.update(_models(order, classes(in_written_order(definitions, found), records), definitions))
    return dict(sorted(out.items()))


def _models(order: list[Home], everywhere: list[Class], definitions: Definitions) -> Outputs:
    out: Outputs = {
        "machinery/meta.py": module_text(META, everywhere, definitions),
        "models/__init__.py": package_text(
            "The built-in types: one module per group and version, loaded when imported."
        ),
        "models/meta/__init__.py": package_text("Types that every group shares."),
        "models/meta/v1.py": f'{HEADER}"""The types of `fairlead.machinery.meta`."""\n\n'
        "from __future__ import annotations\n\nfrom fairlead.machinery.meta import *  # noqa: F403\n"
        "from fairlead.machinery.meta import __all__ as __all__\n",
    }
    for home in order:
        out[f"models/{home.label}/__init__.py"] = package_text(f"The types of group {home.group or 'core'}.")
        out[f"models/{home.label}/{home.version}.py"] = module_text(home, everywhere, definitions)
    return out


def _stale(root: Path, outputs: Outputs) -> list[str]:
    if not any(name.startswith("schemas/") for name in outputs):  # without the release nothing is known of its files
        return []
    kept = {root / name for name in outputs}
    there = [*(root / "schemas").glob("*.json"), *(root / "models").rglob("*.py")]
    return sorted(path.relative_to(root).as_posix() for path in there if path not in kept)


def differing(root: Path, outputs: Outputs) -> list[str]:
    """The paths whose file is missing, differs, or should not be there."""
    changed = [
        name
        for name, text in outputs.items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text
    ]
    return sorted([*changed, *_stale(root, outputs)])


def write(root: Path, outputs: Outputs) -> list[str]:
    """Make the files below `root` what they should be; returns the paths that changed."""
    changed = differing(root, outputs)
    for name in changed:
        path = root / name
        if name in outputs:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(outputs[name], encoding="utf-8")
        else:
            path.unlink()
    return changed
