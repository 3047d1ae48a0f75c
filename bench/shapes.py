"""Writes the same resources twice: as a Plumbline stack of `data_value` and as a Terraform module of `terraform_data`.

independent  N resources that know nothing of each other
layered      layers of 100; each resource refers to one or two of the layer before
counted      one declaration with `count: N`
"""

import json
import pathlib

WIDTH = 100
PER_FILE = 100


def parts(shape, index):
    """What resource `index` is made of: texts, and numbers that stand for the ids of other resources."""
    if shape == "independent":
        return [f"value-{index}"]
    layer, column = divmod(index, WIDTH)
    if layer == 0:
        return [f"root-{column}"]
    left = (layer - 1) * WIDTH + column
    right = (layer - 1) * WIDTH + (column + 1) % WIDTH
    return [left, f"-{index}"] if column % 2 == 0 else [left, "-", right]


def text(kind, shape, index):
    return "".join(
        part if isinstance(part, str) else "${%s.r%06d.id}" % (kind, part) for part in parts(shape, index)
    )


def write_plumb(shape, count, folder):
    folder.mkdir(parents=True)
    (folder / "stack.yaml").write_text(f"stack: bench-{shape}-{count}\n")
    if shape == "counted":
        (folder / "main.yaml").write_text(
            "resources:\n  data_value.r:\n"
            f"    count: {count}\n    spec:\n      input: value-${{count.index}}\n"
        )
        return
    for start in range(0, count, PER_FILE):
        lines = ["resources:"]
        for index in range(start, min(start + PER_FILE, count)):
            lines += [
                f"  data_value.r{index:06d}:",
                "    spec:",
                f"      input: {text('data_value', shape, index)}",
            ]
        (folder / f"r{start // PER_FILE:04d}.yaml").write_text("\n".join(lines) + "\n")


def write_terraform(shape, count, folder):
    folder.mkdir(parents=True)
    (folder / "versions.tf").write_text('terraform {\n  required_version = ">= 1.5"\n}\n')
    if shape == "counted":
        (folder / "main.tf").write_text(
            'resource "terraform_data" "r" {\n'
            f'  count = {count}\n  input = "value-${{count.index}}"\n}}\n'
        )
        return
    for start in range(0, count, PER_FILE):
        blocks = [
            f'resource "terraform_data" "r{index:06d}" {{\n'
            f'  input = "{text("terraform_data", shape, index)}"\n}}\n'
            for index in range(start, min(start + PER_FILE, count))
        ]
        (folder / f"r{start // PER_FILE:04d}.tf").write_text("\n".join(blocks))


def write(shape, count, folder):
    """Makes `folder/plumb` and `folder/terraform`."""
    folder = pathlib.Path(folder)
    write_plumb(shape, count, folder / "plumb")
    write_terraform(shape, count, folder / "terraform")


def write_terraform_state(shape, count, folder):
    """The state that Terraform would have after applying, written directly: applying ten thousand takes it an hour."""
    provider = 'provider["terraform.io/builtin/terraform"]'

    def attributes(value, index):
        typed = {"value": value, "type": "string"}
        return {"id": f"id-{index}", "input": typed, "output": typed, "triggers_replace": None}

    def instance(value, index, **more):
        return {"schema_version": 0, "attributes": attributes(value, index), "sensitive_attributes": [], **more}

    def block(name, instances, **more):
        head = {"mode": "managed", "type": "terraform_data", "name": name, "provider": provider}
        return {**head, **more, "instances": instances}

    if shape == "counted":
        instances = [instance(f"value-{index}", index, index_key=index) for index in range(count)]
        resources = [block("r", instances, each="list")]
    else:
        resources = []
        for index in range(count):
            made_of = parts(shape, index)
            value = "".join(part if isinstance(part, str) else f"id-{part}" for part in made_of)
            needs = sorted({f"terraform_data.r{part:06d}" for part in made_of if not isinstance(part, str)})
            resources.append(block(f"r{index:06d}", [instance(value, index, dependencies=needs)]))
    state = {
        "version": 4, "terraform_version": "1.5.0", "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000", "outputs": {}, "resources": resources,
    }
    (pathlib.Path(folder) / "terraform.tfstate").write_text(json.dumps(state))
