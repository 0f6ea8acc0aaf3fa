"""Lists keys of Polyaxon 0.x that have no counterpart or another name. Each row says what to do instead."""

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
# Keys at the top of the values that only Polyaxon's charts and this chart have. Other charts have the other keys, too.
OWN_KEYS = frozenset(
    """runDefaults adminViewEnabled cleaningIntervals defaultPersistence eventMonitors eventsHandlers
    hpsearch k8sEventsHandlers monitorNamespace monitorResources monitorStatuses nodeSelectorsGPU nvidiaDriverDir
    passwordLenght polyaxonSecret reposAccessToken resourcesDaemon sessionCookieAgeDays tablesHook
    trackerBackend uiOffline""".split()
)
# The keys of nfsProvisioner in Polyaxon's charts. The first two are in no other chart that has nfsProvisioner.
SERVER_KEYS = ("pvc", "persistence", "enabled", "image", "resources", "service", "affinity")
NOTHING = "nothing to do"
# Why keys without an effect become comments: of one key, and of several keys. One note lists all keys of a reason.
NOTES = {
    "services": ("is about Polyaxon's own services", "are about Polyaxon's own services"),
    "ignored": ("had no effect in Polyaxon", "had no effect in Polyaxon"),
    "none": ("has no effect on the run", "have no effect on the run"),
}
FIRST_SERVER = "nfs-server-provisioner"  # the name of nfsProvisioner in 0.0.81
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
UNUSED_NAME = (
    "Polyaxon used it only for a volume without a name, with nfsProvisioner.enabled; if runs need this claim, write "
    "existingClaim"
)
ENTRY_KEYS = frozenset(
    "mountPath hostPath existingClaim readOnly subPath store bucket secret secretKey name accessMode size".split()
)
# Keys of a run in this chart from which it has a program.
PROGRAM_KEYS = ("polyaxonfile", "image", "command", "args")
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

# Section and key of the first versions, and the key that later versions called it.
RENAMED = {("run", "envs"): "env_vars", ("environment", "master_resources"): "resources"}
# Keys of settings (0.0 to 0.1.0): those about a search, which later versions have under hptuning, and the others.
SEARCH_KEYS = (
    "matrix", "concurrency", "concurrent_experiments", "search_method", "n_experiments", "grid_search",
    "random_search", "hyperband", "bo", "early_stopping", "seed",
)  # fmt: skip
SETTINGS_WITHOUT_EFFECT = ("run_type", "export_strategies")
# By section: keys that become comments, with what to do instead.
GONE = {
    "": {
        "logging": "set the log level in the program, or write POLYAXON_LOG_LEVEL in run.env_vars for get_log_level()",
        "termination": "write environment.max_restarts, and runs.<run>.activeDeadlineSeconds",
    },
    "environment": {"restart_policy": "write environment.max_restarts"},
}
# By section: keys that decide what the run does, so they can't become comments. The chart gives the same advice.
REPLICAS = (
    "write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation"
)
RESOURCES = "write cpu, memory and gpu, each with requests and limits; or runs.<run>.resources in Kubernetes' form"
IN_IMAGE = "build.image, and remove this key"
STEPS = f"build an image with these steps and write its name in {IN_IMAGE}"
CODE = f"build an image that contains the code and write its name in {IN_IMAGE}"
CONDITIONS = "install this run when its conditions are true: all runs of a release start at the same time"
OF_THE_ENVIRONMENT = """resources node_selector node_selectors tolerations affinity env_vars secret_refs config_map_refs
configmap_refs data_refs artifact_refs max_restarts service_account image_pull_secrets security_context""".split()
DECIDE = {
    "": {
        **dict.fromkeys(("model", "train", "eval"), "write the model in the program that run.cmd starts"),
        **dict.fromkeys(("ops", "templates"), "write one run for each operation"),
        **dict.fromkeys(("conditions", "trigger", "dependencies"), CONDITIONS),
        **dict.fromkeys(("schedule", "execute_at"), "write runs.<run>.schedule"),
        "timeout": "write runs.<run>.activeDeadlineSeconds",
        "max_retries": "write environment.max_restarts",
        "image": "write build.image",
        **dict.fromkeys(("cmd", "command"), "write run.cmd"),
        **{key: f"write environment.{key}" for key in OF_THE_ENVIRONMENT},
        **{key: f"write hptuning.{key}" for key in ("concurrency", "grid_search")},
        "lang_env": "write build.lang_env",
    },
    "build": {
        "build_steps": STEPS,
        **dict.fromkeys(("dockerfile", "context"), f"build that image and write its name in {IN_IMAGE}"),
        "ref": f"write the name of the built image in {IN_IMAGE}",
        **dict.fromkeys(("git", "commit", "branch"), CODE),
    },
    "run": {
        **dict.fromkeys(("build_steps", "steps"), STEPS),
        **dict.fromkeys(("git", "commit", "branch"), CODE),
        "dockerfile": f"build that image and write its name in {IN_IMAGE}",
        "lang_env": "write build.lang_env",
        "resources": "write environment.resources",
        **dict.fromkeys(("command", "args"), "write run.cmd"),
    },
    "environment": {
        **dict.fromkeys(
            """replicas tensorflow pytorch horovod mpi mxnet n_workers n_ps default_worker_resources
            default_ps_resources worker_resources ps_resources default_worker_config default_ps_config worker_configs
            ps_configs delay_workers_by_global_step run_config""".split(),
            REPLICAS,
        ),
        "image": "write build.image",
        "max_retries": "write environment.max_restarts",
    },
    "environment.resources": {
        "tpu": "write runs.<run>.resources, with the resource's full name",
        "requests": RESOURCES,
        "limits": RESOURCES,
    },
}
# Section and key of a polyaxonfile, and the key of the run in this chart.
OF_THE_RUN = {
    ("", "project"): "project",
    ("", "user"): "user",
    ("", "ttl"): "ttlSecondsAfterFinished",
    ("environment", "security_context"): "podSecurityContext",
    ("environment", "ttl"): "ttlSecondsAfterFinished",
}
STARTS_AGAIN = "Kubernetes then removes the finished Job, and the next upgrade starts the run again"
NO_COUNTERPART = {
    "build": "build the image elsewhere and write its name in build.image of an experiment or job",
    "pipeline": "write one run for each operation",
    "plugin": "write kind: notebook or kind: tensorboard",
}
