"""The manifests of which the benchmark's streams consist, in the forms that public charts render to.

Two styles alternate: lists are indented below their key or not. Strings have quotes or none. `env:` is missing, empty, or
the first key after its dash. There are block scalars, and flow lists on one line or several lines.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

KINDS = {"Deployment": 70, "StatefulSet": 9, "DaemonSet": 13, "Job": 6, "CronJob": 2}
WORDS = "agent alert api batch cache config controller db events gateway index ingest job kube log meter node proxy queue store sync trace".split()
REQUESTS = [
    "kind: experiment\nenvironment:\n  persistence:\n    data: ['data1', 'data-foo']\n    outputs: 'outputs-foo'\n",
    "kind: job\nenvironment:\n  persistence:\n    outputs: outputs2\n",
    "{}\n",
]  # fmt: skip


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line if line.strip() else line for line in text.splitlines(keepends=True))


def request(number: int) -> str:
    return "polyaxon.com/polyaxonfile: |\n" + indented(REQUESTS[number % len(REQUESTS)], 2)


def container(name: str, chance: random.Random, dash: str) -> str:
    """Return a container as an item of a list; ``dash`` is the indentation of its lists below their keys."""
    tag = f"{chance.randrange(9)}.{chance.randrange(40)}.{chance.randrange(20)}"
    env = [
        f"{dash}- name: POD_NAME\n{dash}  valueFrom:\n{dash}    fieldRef:\n{dash}      fieldPath: metadata.name\n",
        f'{dash}- name: LOG_LEVEL\n{dash}  value: info\n{dash}- name: GOMAXPROCS\n{dash}  value: "2"\n',
    ]
    shape = chance.randrange(5)
    first = {0: "", 1: "env:\n", 2: ""}.get(shape, "env:\n" + "".join(env[: shape - 2]))
    commands = [
        f"args:\n{dash}- --config=/etc/{name}/config.yml\n{dash}- '--web.listen-address=:9090'\n{dash}- --log.level=info\n",
        'args: ["--config", "/etc/config.yml", "--verbose"]\n',
        'command: [\n    "/bin/sh",\n    "-c",\n    "exec serve"\n  ]\n',
        (
            f"command:\n{dash}- /bin/sh\n{dash}- -c\n{dash}- |\n{dash}  set -eu\n{dash}  # wait for the others\n\n"
            f'{dash}  until nc -z {name} 80; do sleep 1; done\n{dash}  exec serve --name "$POD_NAME"\n'
        ),
    ]
    probe = (
        "httpGet:\n    path: /-/ready\n    port: 9090\n    scheme: HTTP\n  initialDelaySeconds: 30\n"
        "  periodSeconds: 5\n  timeoutSeconds: 4\n  failureThreshold: 3\n  successThreshold: 1\n"
    )
    fields = [
        f"name: {name}\n",
        f'image: "registry.example/{name}/{chance.choice(WORDS)}:v{tag}"\n',
        "imagePullPolicy: IfNotPresent\n",
        chance.choice(commands),
        first if shape != 4 else "",
        f"ports:\n{dash}- containerPort: {9000 + chance.randrange(99)}\n{dash}  name: http\n{dash}  protocol: TCP\n",
        f"readinessProbe:\n  {probe}",
        f"livenessProbe:\n  {probe}",
        "resources:\n  limits:\n    cpu: 200m\n    memory: 50Mi\n  requests:\n    cpu: 100m\n    memory: 30Mi\n",
        (
            f"volumeMounts:\n{dash}- name: config-volume\n{dash}  mountPath: /etc/config\n{dash}- name: scratch\n"
            f'{dash}  mountPath: /scratch\n{dash}  subPath: ""\n'
        ),
        "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true}\n",
    ]
    if shape == 4:  # the list of variables comes first, on the line of the dash
        fields = ["env:\n" + "".join(env), *fields]
    text = "".join(fields)
    return "- " + indented(text, 2)[2:]


def workload(number: int, chance: random.Random, *, asks: bool) -> str:
    """Return an object with a pod template, about 96 lines."""
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    name = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}-{number}"
    dash = "  " if number % 2 else ""
    labels = f"app.kubernetes.io/name: {name}\napp.kubernetes.io/instance: demo\n"
    containers = container("main", chance, dash) + (container("sidecar", chance, dash) if number % 7 == 0 else "")
    pod = (
        f"serviceAccountName: {name}\n"
        f"containers:\n{indented(containers, len(dash))}"
        + ("restartPolicy: Never\n" if kind in ("Job", "CronJob") else "")
        + "securityContext:\n  fsGroup: 65534\n  runAsNonRoot: true\n  runAsUser: 65534\n"
        "terminationGracePeriodSeconds: 300\nnodeSelector:\n  kubernetes.io/os: linux\n"
        + ("tolerations: []\naffinity: {}\n" if number % 3 else f"tolerations:\n{dash}- operator: Exists\n")
        + f"volumes:\n{dash}- name: config-volume\n{dash}  configMap:\n{dash}    name: {name}\n"
        f"{dash}- name: scratch\n{dash}  emptyDir: {{}}\n"
    )
    template = f"template:\n  metadata:\n    labels:\n{indented(labels, 6)}"
    template += f"    annotations:\n      checksum/config: {chance.randbytes(32).hex()}\n  spec:\n{indented(pod, 4)}"
    selector = f"selector:\n  matchLabels:\n{indented(labels, 4)}"
    spec = {
        "Deployment": f"replicas: 2\nrevisionHistoryLimit: 10\n{selector}strategy:\n  type: RollingUpdate\n{template}",
        "StatefulSet": f"serviceName: {name}\nreplicas: 1\npodManagementPolicy: OrderedReady\n{selector}{template}",
        "DaemonSet": f"{selector}updateStrategy:\n  type: RollingUpdate\n{template}",
        "Job": f"backoffLimit: 0\n{template}",
        "CronJob": f'schedule: "0 3 * * *"\njobTemplate:\n  spec:\n{indented(template, 4)}',
    }[kind]
    annotations = f"meta.helm.sh/note: 'für {name} – nothing else'\n" + (request(number) if asks else "")
    group = "batch" if kind in ("Job", "CronJob") else "apps"
    return (
        f"---\n# Source: shop/charts/{chance.choice(WORDS)}/templates/{kind.lower()}.yaml\n"
        f"apiVersion: {group}/v1\nkind: {kind}\nmetadata:\n  labels:    \n{indented(labels, 4)}"
        f'    app.kubernetes.io/version: "{chance.randrange(9)}.0"\n    helm.sh/chart: shop-1.2.3\n'
        f"  name: {name}\n  namespace: default\n  annotations:\n{indented(annotations, 4)}spec:\n{indented(spec, 2)}"
    )


def bystander(number: int, chance: random.Random, *, large: bool = False) -> str:
    """Return an object without pods; most bytes of a chart are in such objects."""
    name = f"{chance.choice(WORDS)}-{number}"
    kinds = [_crd, _dashboard, _rules] if large else [_service, _cluster_role, _config_map, _account]
    return f"---\n# Source: shop/templates/{name}.yaml\n" + kinds[number % len(kinds)](name, chance)


def _service(name: str, chance: random.Random) -> str:
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  labels:\n    app: {name}\nspec:\n  ports:\n"
        f"    - name: http\n      port: {chance.randrange(1, 9999)}\n      protocol: TCP\n      targetPort: 9090\n"
        f'  selector:\n    app: {name}\n  type: "ClusterIP"\n'
    )


def _account(name: str, _: random.Random) -> str:
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\nautomountServiceAccountToken: true\n"


def _cluster_role(name: str, chance: random.Random) -> str:
    rule = '- apiGroups:\n  - ""\n  resources:\n  - nodes\n  - pods\n  verbs: ["get", "list", "watch"]\n'
    head = f"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: {name}\nrules:\n"
    return head + rule * chance.randrange(2, 9)


def _config_map(name: str, chance: random.Random) -> str:
    lines = [
        f"    - job_name: {chance.choice(WORDS)}\n      scrape_interval: {chance.randrange(9)}s\n" for _ in range(40)
    ]
    text = "    global:\n      evaluation_interval: 1m\n\n    # what to look at\n    scrape_configs:\n" + "".join(lines)
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  config.yml: |\n{text}  empty.yml: |\n    {{}}\n"


def _dashboard(name: str, chance: random.Random) -> str:
    panels = [
        {"id": number, "title": f"{chance.choice(WORDS)} é", "expr": 'rate(x{job="a"}[5m])'} for number in range(1800)
    ]
    one_line = json.dumps({"panels": panels, "uid": name}, separators=(",", ":"), ensure_ascii=False)
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  {name}.json: |-\n    {one_line}\n"


def _rules(name: str, chance: random.Random) -> str:
    rule = (
        "    - alert: {alert}\n      annotations:\n        description: Pod {{{{ $labels.pod }}}} is not well.\n"
        "        summary: 'It''s down'\n      expr: |-\n        sum by (pod) (rate(errors_total[5m])) > {limit}\n"
        "      for: 15m\n      labels:\n        severity: warning\n"
    )
    rules = "".join(rule.format(alert=f"{chance.choice(WORDS)}Down", limit=chance.random()) for _ in range(300))
    head = f"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: {name}\nspec:\n  groups:\n"
    return f"{head}  - name: {name}.rules\n    rules:\n{rules}"


def _crd(name: str, chance: random.Random) -> str:
    def schema(depth: int) -> Iterator[str]:
        for field in chance.sample(WORDS, 4):
            yield f"{field}:\n"
            yield f"  description: >-\n    What {field} is for, in more words\n    than one line takes.\n"
            if depth:
                yield "  properties:\n"
                yield from (indented(line, 4) for line in schema(depth - 1))
                yield "  required:\n  - name\n  type: object\n"
            else:
                yield "  pattern: ^[a-z0-9]+$\n  type: string\n"

    head = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n"
        f"    controller-gen.kubebuilder.io/version: v0.11.1\n  name: {name}.example.com\nspec:\n  group: example.com\n"
        f"  names:\n    kind: {name.title().replace('-', '')}\n    plural: {name}s\n  scope: Namespaced\n  versions:\n"
        "  - name: v1\n    schema:\n      openAPIV3Schema:\n        properties:\n"
    )
    return head + indented("".join(schema(4)), 10) + "        type: object\n    served: true\n    storage: true\n"
