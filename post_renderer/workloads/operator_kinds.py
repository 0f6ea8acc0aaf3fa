"""Has the table of operators' kinds with pod templates. To add a kind, add a row to TABLE.

The rows follow the operators' CRDs. The API group and the kind select a row; all versions of a kind have one row.
`make format` generates the tables in the docs and in the admission policy from TABLE. A golden case shows what a kind
gets. These are the columns, with the field of WorkloadKind in brackets:

``pods``        (pod_spec_paths) the paths to the pod specs, in the syntax of ``pod_paths``
``name``        (label) the pod label that contains the object's name, because the cluster may generate this name
``each``        (label, creates_many_runs) for an object that starts many runs, such as a schedule or a template: the
                pod label that contains the name of one run
``references``  (references) the paths to fields that name pod templates of other objects
``refused``     (unsupported_reason) why the kind can't get volumes
``advice``      (advice) what to write or to annotate instead, for ``references`` and ``refused``
``lacks``       (unsupported_mount_field) a field of volumeMounts that the CRD lacks
``mounts``      (shared_mounts_key) the key of a list of volumes that the operator mounts in all containers
``note``        (note) a sentence about the kind for users
"""

from __future__ import annotations

from post_renderer.workloads.model import WorkloadKind

# A shape describes a mapping that contains ``volumes`` and from which an operator makes a pod. The columns:
# ``containers``: the paths to mappings from which the operator makes containers; ``key=name`` for a fixed name.
# ``template``: the key of a mapping whose mounts and variables all containers inherit.
# ``around``: the key of more volumes, in a mapping around this mapping.
# ``defaults``: the key of a mapping with default values, in a mapping around this mapping.
# ``refers``: a key of a container; if it is set, another object defines the container.
# ``variables``: the keys of a container that contain mappings from names of variables to values.
# ``aside``: the paths to containers that get volumes only if the annotation ``containers`` names them. A container
# below a regular container, such as ``driver.sidecars[]``, can mount only volumes that the regular container mounts.
SHAPES: dict[str, dict[str, str]] = {
    "argo": {
        "containers": "container=main script=main containerSet.containers[]",
        "aside": "initContainers[] sidecars[]",
        "around": "volumes",
        "defaults": "templateDefaults",
    },
    "kserve": {
        "containers": "model=kserve-container huggingface=kserve-container lightgbm=kserve-container "
        "onnx=kserve-container paddle=kserve-container pmml=kserve-container pytorch=kserve-container "
        "sklearn=kserve-container tensorflow=kserve-container triton=kserve-container xgboost=kserve-container "
        "art=kserve-container containers[]",
        "aside": "initContainers[]",
    },
    "spark": {
        "containers": "driver executor",
        "aside": "driver.initContainers[] driver.sidecars[] executor.initContainers[] executor.sidecars[]",
        "variables": "envVars envSecretKeyRefs",
    },
    "tekton": {"template": "stepTemplate", "containers": "steps[]", "aside": "sidecars[]", "refers": "ref"},
}

JOB = "batch.kubernetes.io/job-name"
JOBSET = "jobset.sigs.k8s.io/jobset-name"
KSERVE = "serving.kserve.io/inferenceservice"
SPARK = "sparkoperator.k8s.io/app-name"
TRAINING = "training.kubeflow.org/job-name"
VOLCANO = "volcano.sh/job-name"
WORKFLOW = "workflows.argoproj.io/workflow"

ALL_RUNS = "all of its runs write into one run folder, which has its own name"
CLUSTER = "its claims are those of the namespace that uses it"
KNATIVE = (
    "Knative's features kubernetes.podspec-fieldref, kubernetes.podspec-persistent-volume-claim and "
    "kubernetes.podspec-persistent-volume-write must be enabled"
)
FLINK = (
    "write either only spec.podTemplate, or only jobManager.podTemplate and taskManager.podTemplate, because Flink "
    "merges the lists of the first with those of the others by position. Name the container flink-main-container in "
    "each template"
)
SERVERLESS = "its Knative mode has the limits of a Knative Service"
SPARK_WEBHOOK = "the operator's webhook must be enabled"
STEPS = "all steps get the volumes by stepTemplate"

ANALYSIS = {"pods": "spec.metrics[].provider.job.spec.template.spec", "each": JOB}
LLM = {
    "pods": "spec.template spec.worker spec.prefill.template spec.prefill.worker spec.router.scheduler.template",
    "advice": "write spec.template, with a container main",
}
RAY_ADVICE = "annotate the RayCluster that clusterSelector names"
REPLICAS = "spec.{}ReplicaSpecs.*.template.spec"
RUNTIME = {
    "pods": "spec.template.spec.replicatedJobs[].template.spec.template.spec",
    "each": JOBSET,
    "note": "each TrainJob that uses it gets the volumes",
}
SERVING_RUNTIME = {
    "pods": "spec spec.workerSpec",
    "each": KSERVE,
    "note": "each InferenceService that uses it gets the volumes; " + SERVERLESS,
}
TASK = "annotate the Task that it refers to: pod templates of runs have no mounts"
WORKFLOW_TEMPLATE = "annotate the WorkflowTemplate that it refers to"


def _workflow(spec: str, **more: str) -> dict[str, str]:
    """Return the row of a kind whose spec at the path ``spec`` is that of an Argo Workflow."""
    steps = (f"{spec}.templates[].steps[][]", f"{spec}.templates[].dag.tasks[]")
    return {
        "pods": " ".join(f"{place}:argo" for place in (f"{spec}.templates[]", *(f"{step}.inline" for step in steps))),
        "references": " ".join((f"{spec}.workflowTemplateRef", *(f"{step}.templateRef" for step in steps))),
        "advice": WORKFLOW_TEMPLATE,
        **more,
    }


def _pipeline(spec: str, **more: str) -> dict[str, str]:
    """Return the row of a kind whose spec at the path ``spec`` is that of a Tekton Pipeline."""
    return {
        "pods": f"{spec}.tasks[].taskSpec:tekton {spec}.finally[].taskSpec:tekton",
        "references": f"spec.pipelineRef {spec}.tasks[].taskRef {spec}.finally[].taskRef",
        "advice": TASK,
        "note": STEPS,
        **more,
    }


TABLE: dict[str, dict[str, dict[str, str]]] = {
    "actions.github.com": {
        "AutoscalingRunnerSet": {"pods": "spec.template.spec"},
        "EphemeralRunner": {"refused": "its controller makes it", "advice": "annotate the AutoscalingRunnerSet"},
        "EphemeralRunnerSet": {"refused": "its controller makes it", "advice": "annotate the AutoscalingRunnerSet"},
    },
    "apps.kruise.io": {
        "AdvancedCronJob": {
            "pods": "spec.template.jobTemplate.spec.template.spec "
            "spec.template.broadcastJobTemplate.spec.template.spec",
            "note": ALL_RUNS,
        },
        "BroadcastJob": {"pods": "spec.template.spec"},
        "CloneSet": {"pods": "spec.template.spec"},
        "DaemonSet": {"pods": "spec.template.spec"},
        "SidecarSet": {"pods": "spec", "note": "the containers that it adds to other pods get the volumes"},
        "StatefulSet": {"pods": "spec.template.spec"},
        "UnitedDeployment": {
            "pods": "spec.template.statefulSetTemplate.spec.template.spec "
            "spec.template.advancedStatefulSetTemplate.spec.template.spec "
            "spec.template.cloneSetTemplate.spec.template.spec spec.template.deploymentTemplate.spec.template.spec"
        },
    },
    "apps.openshift.io": {"DeploymentConfig": {"pods": "spec.template.spec"}},
    "argoproj.io": {
        "AnalysisRun": ANALYSIS,
        "AnalysisTemplate": ANALYSIS,
        "ClusterAnalysisTemplate": {**ANALYSIS, "note": CLUSTER},
        "ClusterWorkflowTemplate": _workflow("spec", each=WORKFLOW, note=CLUSTER),
        "CronWorkflow": _workflow("spec.workflowSpec", each=WORKFLOW),
        "Experiment": {"pods": "spec.templates[].template.spec"},
        "Rollout": {
            "pods": "spec.template.spec",
            "references": "spec.workloadRef",
            "advice": "annotate the workload that workloadRef names",
        },
        "Workflow": _workflow("spec", name=WORKFLOW),
        "WorkflowTaskSet": {"refused": "its controller makes it", "advice": "annotate the Workflow"},
        "WorkflowTemplate": _workflow("spec", each=WORKFLOW),
    },
    "batch.volcano.sh": {
        "CronJob": {"pods": "spec.jobTemplate.spec.tasks[].template.spec", "each": VOLCANO, "mounts": "volumes"},
        "Job": {"pods": "spec.tasks[].template.spec", "name": VOLCANO, "mounts": "volumes"},
    },
    "core.polyaxon.com": {
        "Operation": {
            "pods": "batchJobSpec.template.spec serviceSpec.template.spec tfJobSpec.replicaSpecs.*.template.spec "
            "pytorchJobSpec.replicaSpecs.*.template.spec mpiJobSpec.replicaSpecs.*.template.spec"
        }
    },
    "disaggregatedset.x-k8s.io": {
        "DisaggregatedSet": {
            "pods": "spec.roles[].spec.leaderWorkerTemplate.leaderTemplate.spec "
            "spec.roles[].spec.leaderWorkerTemplate.workerTemplate.spec"
        }
    },
    "flink.apache.org": {
        "FlinkBlueGreenDeployment": {
            "pods": "spec.template.spec.podTemplate.spec | spec.template.spec.jobManager.podTemplate.spec "
            "spec.template.spec.taskManager.podTemplate.spec",
            "advice": FLINK,
            "note": "the container is flink-main-container",
        },
        "FlinkDeployment": {
            "pods": "spec.podTemplate.spec | spec.jobManager.podTemplate.spec spec.taskManager.podTemplate.spec",
            "advice": FLINK,
            "note": "the container is flink-main-container",
        },
        "FlinkSessionJob": {
            "refused": "it runs in the pods of a FlinkDeployment",
            "advice": "annotate the FlinkDeployment that deploymentName names",
        },
    },
    "flow.volcano.sh": {
        "JobFlow": {
            "refused": "it has no pod template, only patches for the pod templates of JobTemplates",
            "advice": "annotate the JobTemplates that it names",
        },
        "JobTemplate": {"pods": "spec.tasks[].template.spec", "each": VOLCANO, "mounts": "volumes"},
    },
    "jobset.x-k8s.io": {"JobSet": {"pods": "spec.replicatedJobs[].template.spec.template.spec", "name": JOBSET}},
    "keda.sh": {"ScaledJob": {"pods": "spec.jobTargetRef.template.spec", "each": JOB}},
    "kubeflow.org": {
        "Experiment": {
            "pods": "spec.trialTemplate.trialSpec:object",
            "references": "spec.trialTemplate.configMap",
            "advice": "write trialTemplate.trialSpec, with an object of a kind that `polyaxon-persistence kinds` lists",
            "note": "each trial has its own run folder",
        },
        "JAXJob": {"pods": REPLICAS.format("jax"), "name": TRAINING},
        "MPIJob": {"pods": REPLICAS.format("mpi"), "name": TRAINING},
        "Notebook": {"pods": "spec.template.spec"},
        "PaddleJob": {"pods": REPLICAS.format("paddle"), "name": TRAINING},
        "PyTorchJob": {"pods": REPLICAS.format("pytorch"), "name": TRAINING},
        "TFJob": {"pods": REPLICAS.format("tf"), "name": TRAINING},
        "Trial": {
            "pods": "spec.runSpec:object",
            "advice": "write runSpec, with an object of a kind that `polyaxon-persistence kinds` lists",
        },
        "XGBoostJob": {"pods": REPLICAS.format("xgb"), "name": TRAINING},
    },
    "kubernetes.dask.org": {
        "DaskCluster": {"pods": "spec.scheduler.spec spec.worker.spec"},
        "DaskJob": {"pods": "spec.job.spec spec.cluster.spec.scheduler.spec spec.cluster.spec.worker.spec"},
        "DaskWorkerGroup": {"pods": "spec.worker.spec"},
    },
    "kueue.x-k8s.io": {
        "Workload": {
            "refused": "Kueue makes it",
            "advice": "annotate the Job, or the other object that waits in the queue",
        }
    },
    "leaderworkerset.x-k8s.io": {
        "LeaderWorkerSet": {
            "pods": "spec.leaderWorkerTemplate.leaderTemplate.spec spec.leaderWorkerTemplate.workerTemplate.spec",
            "name": "leaderworkerset.sigs.k8s.io/name",
        }
    },
    "machinelearning.seldon.io": {
        "SeldonDeployment": {
            "pods": "spec.predictors[].componentSpecs[].spec",
            "advice": "write componentSpecs, with the containers that the graph names",
        }
    },
    "mlops.seldon.io": {
        "Model": {"refused": "it runs in the pods of a Server", "advice": "annotate the Server or ServerConfig"},
        "SeldonConfig": {"refused": "it configures Seldon itself", "advice": "annotate the Server or ServerConfig"},
        "SeldonRuntime": {"refused": "it configures Seldon itself", "advice": "annotate the Server or ServerConfig"},
        "Server": {"pods": "spec.podSpec", "advice": "annotate the ServerConfig that it names, or write podSpec"},
        "ServerConfig": {"pods": "spec.podSpec", "note": "each Server that uses it gets the volumes"},
    },
    "ray.io": {
        "RayCluster": {"pods": "spec.headGroupSpec.template.spec spec.workerGroupSpecs[].template.spec"},
        "RayCronJob": {
            "pods": "spec.jobTemplate.rayClusterSpec.headGroupSpec.template.spec "
            "spec.jobTemplate.rayClusterSpec.workerGroupSpecs[].template.spec "
            "spec.jobTemplate.submitterPodTemplate.spec",
            "references": "spec.jobTemplate.clusterSelector",
            "advice": RAY_ADVICE,
            "note": ALL_RUNS,
        },
        "RayJob": {
            "pods": "spec.rayClusterSpec.headGroupSpec.template.spec "
            "spec.rayClusterSpec.workerGroupSpecs[].template.spec spec.submitterPodTemplate.spec",
            "references": "spec.clusterSelector",
            "advice": RAY_ADVICE,
        },
        "RayService": {
            "pods": "spec.rayClusterConfig.headGroupSpec.template.spec "
            "spec.rayClusterConfig.workerGroupSpecs[].template.spec"
        },
    },
    "serving.knative.dev": {
        "Configuration": {"pods": "spec.template.spec", "lacks": "subPathExpr", "note": KNATIVE},
        "Revision": {"refused": "its Configuration makes it", "advice": "annotate the Service or Configuration"},
        "Service": {"pods": "spec.template.spec", "lacks": "subPathExpr", "note": KNATIVE},
    },
    "serving.kserve.io": {
        "ClusterServingRuntime": {**SERVING_RUNTIME, "note": f"{SERVING_RUNTIME['note']}; {CLUSTER}"},
        "InferenceService": {
            "pods": "spec.predictor:kserve spec.predictor.workerSpec spec.transformer:kserve spec.explainer:kserve "
            "spec.canary[].predictor:kserve spec.canary[].predictor.workerSpec",
            "advice": "write predictor.model or predictor.containers",
            "note": f"a model's container is kserve-container; {SERVERLESS}",
        },
        "LLMInferenceService": LLM,
        "LLMInferenceServiceConfig": {
            **LLM,
            "each": "app.kubernetes.io/name",
            "note": "each LLMInferenceService that uses it gets the volumes",
        },
        "ServingRuntime": SERVING_RUNTIME,
        "TrainedModel": {
            "refused": "it runs in the pods of an InferenceService",
            "advice": "annotate the InferenceService that it names",
        },
    },
    "sparkoperator.k8s.io": {
        "ScheduledSparkApplication": {"pods": "spec.template:spark", "each": SPARK, "note": SPARK_WEBHOOK},
        "SparkApplication": {"pods": "spec:spark", "name": SPARK, "note": SPARK_WEBHOOK},
        "SparkConnect": {
            "pods": "spec.server.template.spec spec.executor.template.spec",
            "advice": "write server.template and executor.template, with the containers spark-kubernetes-driver and "
            "spark-kubernetes-executor",
        },
    },
    "tekton.dev": {
        "Pipeline": _pipeline("spec", each="tekton.dev/pipelineRun"),
        "PipelineRun": _pipeline("spec.pipelineSpec", name="tekton.dev/pipelineRun"),
        "StepAction": {"refused": "a step has no volumes of its own", "advice": "annotate the Task that uses it"},
        "Task": {"pods": "spec:tekton", "each": "tekton.dev/taskRun", "note": STEPS},
        "TaskRun": {
            "pods": "spec.taskSpec:tekton",
            "name": "tekton.dev/taskRun",
            "references": "spec.taskRef",
            "advice": TASK,
            "note": STEPS,
        },
    },
    "tensorboard.kubeflow.org": {
        "Tensorboard": {
            "refused": "it has no pod template",
            "advice": "write spec.logspath: pvc://CLAIM/DIRECTORY, with the results that explain shows",
        }
    },
    "trainer.kubeflow.org": {
        "ClusterTrainingRuntime": {**RUNTIME, "note": f"{RUNTIME['note']}; {CLUSTER}"},
        "OptimizationJob": {
            "refused": "it has no pod template, only patches for the pod templates of a runtime",
            "advice": "annotate the TrainingRuntime or ClusterTrainingRuntime that runtimeRef names",
        },
        "TrainJob": {
            "refused": "it has no pod template, only patches for the pod templates of a runtime",
            "advice": "annotate the TrainingRuntime or ClusterTrainingRuntime that runtimeRef names",
        },
        "TrainingRuntime": RUNTIME,
    },
    "workload.codeflare.dev": {
        "AppWrapper": {
            "pods": "spec.components[].template:object",
            "advice": "write a component with an object of a kind that `polyaxon-persistence kinds` lists",
            "note": "the annotation may also be on one of its objects",
        }
    },
}


def read_kind(group: str, kind: str) -> WorkloadKind | None:
    """Return the row of an operator's kind as a WorkloadKind; None if TABLE has no row for the kind."""
    row = TABLE.get(group, {}).get(kind)
    if row is None:
        return None
    known = WorkloadKind(row.get("pods", ""), row.get("each", row.get("name", "")), creates_many_runs="each" in row)
    known.references = row.get("references", "")
    known.advice = row.get("advice", "")
    known.unsupported_reason = row.get("refused", "")
    known.unsupported_mount_field = row.get("lacks", "")
    known.shared_mounts_key = row.get("mounts", "")
    known.note = row.get("note", "")
    return known
