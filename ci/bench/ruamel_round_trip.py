"""The usual way in Python: loads with ruamel.yaml, which keeps comments, adds volumes, mounts and variables, and dumps."""

import sys

from ruamel.yaml import YAML

yaml = YAML()
yaml.preserve_quotes = True
yaml.width = 1_000_000
documents = list(yaml.load_all(sys.stdin.buffer))
for document in documents:
    annotations = ((document or {}).get("metadata") or {}).get("annotations") or {}
    job = (document or {}).get("spec") or {}
    job = (job.get("jobTemplate") or {}).get("spec") or job
    spec = (job.get("template") or {}).get("spec")
    if "polyaxon.com/polyaxonfile" not in annotations or spec is None:
        continue
    spec.setdefault("volumes", []).append({"name": "data1", "hostPath": {"path": "/mnt/data1"}})
    for container in spec["containers"]:
        for key in ("env", "volumeMounts"):
            container[key] = container.get(key) or []
        container["env"].insert(0, {"name": "POLYAXON_DATA_PATHS", "value": '{"data1": "/data/1"}'})
        container["volumeMounts"].append({"name": "data1", "mountPath": "/data/1"})
yaml.dump_all(documents, sys.stdout.buffer)
