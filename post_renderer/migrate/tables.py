"""What Polyaxon 0.x had and we have not, or spell otherwise: a row each, with what to do instead."""

from __future__ import annotations

# The top-level keys of today's chart; a test holds them to its schema.
TODAY = ("persistence", "runDefaults", "runs", "guard", "admissionPolicy", "argocd", "global")

# Keys of Polyaxon's own chart that say something about runs. All its other keys are about its services.
RUN_DEFAULTS = {
    "nodeSelector": "write runDefaults.nodeSelector for the runs",
    "nodeSelectors": "write runDefaults.nodeSelector for the runs",
    "tolerations": "write runDefaults.tolerations for the runs",
    "affinity": "write runDefaults.affinity for the runs",
    "resources": "write runDefaults.resources for the runs",
    "securityContext": "write runDefaults.podSecurityContext, as in {runAsUser: 2222, runAsGroup: 2222, fsGroup: 2222}",
    "privateRegistries": "write runDefaults.imagePullSecrets",
    "registry": "write the image's full name in build.image, and runDefaults.imagePullSecrets",
    "docker-registry": "write the image's full name in build.image",
    "defaultPersistence": "write its entries under persistence.data and persistence.outputs",
    "dirs": "the device plugin of the GPUs mounts their libraries; or write runDefaults.extraVolumes",
    "mountPaths": "the device plugin of the GPUs mounts their libraries; or write runDefaults.extraVolumeMounts",
    "serviceAccount": "write runDefaults.serviceAccountName",
    "namespace": "give the namespace to Helm: --namespace",
    "timeZone": "write runs.<run>.timeZone where a run has a schedule",
}
SERVICES = frozenset(
    """admin adminViewEnabled allowedHosts allowedVersions api apiHost apiPort apiReplicas auth beat broker clusterId
    celery clusterIP commands config crons dashboard debugMode deploymentType deploymentVersion dnsPolicy dns email
    encryptionSecret environment events eventMonitors externalServices group hooks hostName hpsearch imageTag
    imageRepository imagePullPolicy ingress ingressController integrations intervals jobs k8s ldap limitResources
    logging metrics monitorNamespace monitorResources monitorStatuses namespaces nfsProvisioner notebook notebooks
    ownership passwordLength plugins podSecurityPolicy polyaxonSecret postgresql privileged rabbitmq
    rabbitmq-ha rbac redis replicas repos requirements resourcesDaemon scheduler security serviceType
    sessionCookieAgeDays sidecar ssl stores streams tests tensorboards tls tracker ui uiOffline user workers""".split()
)
NOTHING = "nothing to do"
MUST_STAY = "must stay when Polyaxon goes: set the reclaim policy of its volume to Retain"
NFS = (
    "write your claims as existingClaim; to keep data of a claim that it made, set the reclaim policy of its volume "
    "to Retain before Polyaxon goes"
)

# Volumes of Polyaxon itself, under persistence.
OWN_VOLUMES = {
    "logs": "kubectl logs reads a run's logs; to keep them, let the program write below POLYAXON_RUN_OUTPUTS_PATH",
    "repos": "build an image that holds the code, or name the volume under persistence.data",
    "upload": "copy data into the volume itself: kubectl cp",
}
# Keys of an entry that were about making its claim.
CLAIM_KEYS = {
    "name": "the entry says otherwise which volume it is",
    "accessMode": "write accessModes, as the claim itself has them: kubectl get pvc",
    "size": "the claim itself has one: kubectl get pvc",
}
ENTRY_KEYS = frozenset(
    "mountPath hostPath existingClaim readOnly subPath store bucket secret secretKey name accessMode size".split()
)
MADE_CLAIM = "polyaxon-pvc-{role}"  # what Polyaxon's chart called the claims that it made

# Sections of a polyaxonfile: what to do instead of a key. Such a key goes, as comments.
IMAGE = "build an image that has this done and write its name in build.image"
GONE = {
    "": {
        "backend": "the run becomes a Job",
        "logging": "the program sets its own log level",
    },
    "build": {
        "build_steps": IMAGE,
        "dockerfile": IMAGE,
        "context": IMAGE,
        "ref": IMAGE,
        "git": IMAGE,
        "commit": IMAGE,
        "branch": IMAGE,
        "lang_env": "write runs.<run>.env, as in {name: LANG, value: C.UTF-8}",
        "environment": "nothing is built here",
        "nocache": "nothing is built here",
        "backend": "nothing is built here",
    },
    "run": {"build_steps": IMAGE, "git": IMAGE, "nocache": "nothing is built here"},
}
# A key that decides what runs, so that leaving it out would start something else.
REPLICAS = "write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation"
DECIDE = {
    "": {
        "settings": "write one run for each set of params",
        "matrix": "write one run for each set of params",
        "model": "write the model in the program that run.cmd starts",
        "ops": "write one run for each operation",
        "templates": "write one run for each operation",
    },
    "environment": dict.fromkeys(("replicas", "tensorflow", "pytorch", "horovod", "mpi", "mxnet"), REPLICAS),
}
# Keys of a polyaxonfile that are keys of the run here.
OF_THE_RUN = {
    ("", "project"): "project",
    ("", "user"): "user",
    ("environment", "security_context"): "podSecurityContext",
    ("environment", "ttl"): "ttlSecondsAfterFinished",
    ("environment", "env_vars"): "env",
    ("build", "env_vars"): "env",
    ("run", "env_vars"): "env",
}
# Section and two spellings of one key.
SPELLINGS = (
    ("", "declarations", "params"),
    ("environment", "node_selectors", "node_selector"),
    ("environment", "configmap_refs", "config_map_refs"),
)
# What the run's key holds, and an example.
SHAPES = {
    "project": ("is a name: letters, digits, dashes, dots and underscores", "my-project"),
    "user": ("is a name: letters, digits, dashes, dots and underscores", "my-team"),
    "podSecurityContext": ("is a mapping", "{runAsUser: 2222}"),
    "ttlSecondsAfterFinished": ("is a number of seconds", "3600"),
    "env": ("is a list of names with their values", "[[NAME, value]]"),
}
KINDS = {
    "build": "build the image elsewhere and write its name in build.image of an experiment or job",
    "pipeline": "write one run for each operation",
}
