"""Keys of Polyaxon 0.x without a counterpart, or with another spelling: a row each, with what to do instead."""

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

# The sections of a polyaxonfile that today's chart looks into; a test holds them to it.
SECTIONS = ("build", "run", "environment", "environment.resources")
# What starts a run of each kind may be, and what starts it otherwise.
BACKENDS = {
    "experiment": (("native",), "the run becomes a Job"),
    "job": (("native",), "the run becomes a Job"),
    "notebook": (("notebook", "lab"), "jupyter notebook is started; backend: lab starts jupyter lab"),
    "tensorboard": (("native",), "tensorboard is started"),
}
# Keys that are for runs that end, with their sections.
FOR_JOBS = (*(("environment", key) for key in ("max_restarts", "restart_policy", "ttl")), ("", "termination"))

# Sections of a polyaxonfile: what to do instead of a key. Such a key goes, as comments.
IMAGE = "build an image that has this done and write its name in build.image"
GONE = {
    "": {
        "logging": "the program sets its own log level",
        "termination": "write environment.max_restarts, and runs.<run>.activeDeadlineSeconds",
    },
    "build": {
        **dict.fromkeys(("build_steps", "dockerfile", "context", "ref", "git", "commit", "branch"), IMAGE),
        **dict.fromkeys(("environment", "nocache", "backend"), "nothing is built here"),
    },
    "run": {"build_steps": IMAGE, "git": IMAGE, "nocache": "nothing is built here"},
    "environment": {"restart_policy": "write environment.max_restarts"},
}
# A key that decides what runs, so that leaving it out would start something else.
REPLICAS = "write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation"
RESOURCES = "write cpu, memory and gpu, each with requests and limits"
DECIDE = {
    "": {
        "hptuning": "write one run for each set of params, of kind experiment, and take hptuning out",
        **dict.fromkeys(("settings", "matrix"), "write one run for each set of params"),
        **dict.fromkeys(("model", "train", "eval"), "write the model in the program that run.cmd starts"),
        **dict.fromkeys(("ops", "templates"), "write one run for each operation"),
        "conditions": "all runs of a release start at once: install this one when they hold",
        "schedule": "write runs.<run>.schedule, a cron line, in values of your own",
        "inputs": "write the values under params",
        "outputs": "write what the program writes below POLYAXON_RUN_OUTPUTS_PATH; "
        "environment.persistence.outputs chooses the volume",
        "image": "write build.image",
        **dict.fromkeys(("cmd", "command"), "write run.cmd"),
    },
    "run": dict.fromkeys(("command", "args"), "write run.cmd"),
    "environment": {
        **dict.fromkeys(
            ("replicas", "tensorflow", "pytorch", "horovod", "mpi", "mxnet", "n_workers", "n_ps"), REPLICAS
        ),
        "image": "write build.image",
    },
    "environment.resources": {
        "tpu": "write runs.<run>.resources, with the resource's full name, in values of your own",
        "requests": RESOURCES,
        "limits": RESOURCES,
    },
}
# Keys of a polyaxonfile that are keys of the run here.
OF_THE_RUN = {
    ("", "project"): "project",
    ("", "user"): "user",
    ("environment", "security_context"): "podSecurityContext",
    ("environment", "ttl"): "ttlSecondsAfterFinished",
}
NO_COUNTERPART = {
    "build": "build the image elsewhere and write its name in build.image of an experiment or job",
    "pipeline": "write one run for each operation",
}
