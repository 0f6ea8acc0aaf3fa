"""Tables of keys of Polyaxon 0.x that have no counterpart or another name. Each row says what to do instead."""

from __future__ import annotations

# The top-level keys of this chart; a test compares them with its schema.
TODAY = (
    "persistence", "runDefaults", "runs", "guard", "admissionPolicy", "argocd", "global",
    "enabled", "nameOverride", "fullnameOverride",
)  # fmt: skip

# Keys of Polyaxon's own chart about runs. All its other keys are about its services.
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
    **dict.fromkeys(
        ("dirs", "nvidiaDriverDir"),
        "nothing to do if the GPU device plugin mounts the libraries; else write runDefaults.extraVolumes",
    ),
    "mountPaths": "nothing to do if the GPU device plugin mounts the libraries; else runDefaults.extraVolumeMounts",
    "serviceAccount": "write runDefaults.serviceAccountName",
    "imagePullSecrets": "write runDefaults.imagePullSecrets",
    **dict.fromkeys(("secretRefs", "configmapRefs"), "write runDefaults.envFrom"),
    "nodeSelectorsGPU": "write runDefaults.nodeSelector for the runs",
    "namespace": "write the namespace in Helm's --namespace",
    **dict.fromkeys(("timeZone", "timezone"), "write runs.<run>.timeZone for each run with a schedule"),
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
# More keys of the charts, with names so common that a file is not known by them to be Polyaxon's values.
MORE_SERVICES = frozenset(
    """adminApiKey adminEmail adminModels agent apiEvents apps artifactsStore cleaningIntervals connections cron debug
    dockerizer dockerRegistry eventsHandlers exchanges gateway globalConcurrency globalReplicas includeChartRevision
    init internalToken job k8sEventsHandlers kaniko logLevel logsHandlers moutPaths nfs-server-provisioner
    notificationConnections operator passwordLenght queues reposAccessToken roles routingKeys service services
    tablesHook trackerBackend ttl types useRBAC versions worker""".split()
)
NOTHING = "nothing to do"
# Why keys without an effect become comments: of one key, and of several keys. One note lists all keys of a reason.
NOTES = {
    "services": ("is about Polyaxon's own services", "are about Polyaxon's own services"),
    "ignored": ("had no effect in Polyaxon", "had no effect in Polyaxon"),
}
MUST_STAY = "keep the claim when you remove Polyaxon: set the reclaim policy of its volume to Retain"
NFS = (
    "write your claims as existingClaim; to keep the data of a claim that Polyaxon created, set the reclaim policy of "
    "its volume to Retain before you remove Polyaxon"
)

# Volumes of Polyaxon itself, under persistence.
OWN_VOLUMES = {
    "logs": "kubectl logs reads a run's logs; to keep them, let the program write below POLYAXON_RUN_OUTPUTS_PATH",
    "repos": "build an image that holds the code, or name the volume under persistence.data",
    "upload": "copy data into the volume itself: kubectl cp",
}
# Keys of an entry from which Polyaxon's chart created its claim.
CLAIM_KEYS = {
    "name": "another key of the entry names its volume",
    "accessMode": "write accessModes with the access modes of the claim: kubectl get pvc",
    "size": "nothing to do, the claim has its own size: kubectl get pvc",
}
ENTRY_KEYS = frozenset(
    "mountPath hostPath existingClaim readOnly subPath store bucket secret secretKey name accessMode size".split()
)
MADE_CLAIM = "polyaxon-pvc-{role}"  # the names of the claims that Polyaxon's chart created

# The sections of a polyaxonfile that this chart reads; a test compares them with the chart.
SECTIONS = ("build", "run", "environment", "environment.resources")
# For each kind: the backends that mean what the chart does, and the hint for another backend.
BACKENDS = {
    "experiment": (("native",), "the run becomes a Job"),
    "job": (("native",), "the run becomes a Job"),
    "notebook": (("notebook", "lab"), "jupyter notebook is started; backend: lab starts jupyter lab"),
    "tensorboard": (("native",), "tensorboard is started"),
}
# Section and key of settings that only apply to runs that end.
FOR_JOBS = (*(("environment", key) for key in ("max_restarts", "restart_policy", "ttl")), ("", "termination"))

# By section: keys that become comments, with what to do instead.
IMAGE = "build an image that contains this, and write its name in build.image"
GONE = {
    "": {
        "logging": "set the log level in the program",
        "termination": "write environment.max_restarts, and runs.<run>.activeDeadlineSeconds",
    },
    "build": {
        **dict.fromkeys(("build_steps", "dockerfile", "context", "ref", "git", "commit", "branch"), IMAGE),
        **dict.fromkeys(("environment", "nocache", "backend"), "nothing to do, this chart builds no images"),
    },
    "run": {"build_steps": IMAGE, "git": IMAGE, "nocache": "nothing to do, this chart builds no images"},
    "environment": {"restart_policy": "write environment.max_restarts"},
}
# By section: keys that decide what the run does, so they can't become comments.
REPLICAS = "write one run for each replica, or an object of a training operator, annotated with the polyaxonfile"
RESOURCES = "write cpu, memory and gpu, each with requests and limits"
DECIDE = {
    "": {
        "hptuning": "write one run for each set of params, of kind experiment, and remove hptuning",
        **dict.fromkeys(("settings", "matrix"), "write one run for each set of params"),
        **dict.fromkeys(("model", "train", "eval"), "write the model in the program that run.cmd starts"),
        **dict.fromkeys(("ops", "templates"), "write one run for each operation"),
        "conditions": "install this run when its conditions are true: all runs of a release start at the same time",
        "schedule": "write runs.<run>.schedule, in the format of cron, in another values file",
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
        "tpu": "write runs.<run>.resources, with the full name of the resource, in another values file",
        "requests": RESOURCES,
        "limits": RESOURCES,
    },
}
# Section and key of a polyaxonfile, and the key of the run in this chart.
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
