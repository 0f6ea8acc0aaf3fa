"""Has the meaning of each code, a wrong example and what to write instead, for `why CODE` and docs/errors.md."""

from __future__ import annotations

from typing import NamedTuple


class CodeHelp(NamedTuple):
    """The help for one code.

    ``meaning``: what is wrong, and why it is an error or a warning.
    ``example``: wrong YAML (a part of a Kubernetes object, a polyaxonfile, or values with ``persistence``), or a wrong
    command, whose lines begin with ``$``.
    ``remedy``: a sentence, an empty line, then the right YAML or command.
    """

    meaning: str
    example: str
    remedy: str


CODE_HELP: dict[str, CodeHelp] = {
    "input-too-large": CodeHelp(
        "The post-renderer reads at most 64 MiB and 50,000 documents with polyaxon.com in one stream, 100 levels of "
        "nesting in one document, 1 MiB in one catalog or --persistence file, and 64 KiB in one polyaxonfile or in "
        "one list of names in an annotation. `migrate` reads at most 1 MiB in one file. The text is over one of these "
        "limits, so nothing is written.",
        """\
metadata:
  annotations:
    polyaxon.com/polyaxonfile: |
      kind: experiment
      params: {table: "…"}   # more than 64 KiB of text
""",
        """\
Split the release, make the nesting flatter, or remove long text from the polyaxonfile.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: |
      kind: experiment
""",
    ),
    "invalid-encoding": CodeHelp(
        "A document that contains polyaxon.com, a catalog file or a file for `migrate` must be UTF-8. This text has "
        "other bytes, and the post-renderer does not guess their encoding.",
        """\
# saved as Latin-1
metadata:
  labels:
    team: Vidéo
""",
        """\
Save the file as UTF-8.

$ iconv -f ISO-8859-1 -t UTF-8 job.yaml > job-utf8.yaml
""",
    ),
    "invalid-yaml": CodeHelp(
        "A document that contains polyaxon.com is not valid YAML, so the post-renderer can't know what it asks for. "
        "Look for the error on the reported line and above it. A file for `migrate` must be valid YAML too.",
        """\
args: [python, "train.py"
""",
        """\
Close each bracket and each quote, and check the indents.

args: [python, "train.py"]
""",
    ),
    "glued-separator": CodeHelp(
        "A line begins with `---` and has text right after it. Helm splits the stream at this line, but YAML reads the "
        "line as text of the document. For example, a `{{-` on the next line of a template can remove the newline.",
        """\
        image: busybox
---apiVersion: v1
kind: ConfigMap
""",
        """\
Write `---` on a line of its own.

        image: busybox
---
apiVersion: v1
kind: ConfigMap
""",
    ),
    "duplicate-key": CodeHelp(
        "A mapping has one key twice, and the post-renderer must read or change that mapping. Some YAML readers use "
        "the first value, and others use the last value. `check` and `explain` with `-- helm template … -f FILE` also "
        "report it in values files: Helm takes the last value without a message, so a run can get lost.",
        """\
env:
- name: MODE
  value: fast
env: []
""",
        """\
Remove one of the two keys.

env:
- name: MODE
  value: fast
""",
    ),
    "alias": CodeHelp(
        "An alias (`*name`), a merge key (`<<`) or an anchor that another place uses is in a place that the "
        "post-renderer must change, or must hash for a Job's name. A change would change the other place too. An alias "
        "that is only read is no error, except in a catalog and in a polyaxonfile.",
        """\
initContainers:
- name: prepare
  image: busybox
  env: &shared
  - name: MODE
    value: fast
containers:
- name: main
  image: busybox
  env: *shared
""",
        """\
Write the value in both places, without an anchor.

initContainers:
- name: prepare
  image: busybox
  env:
  - name: MODE
    value: fast
containers:
- name: main
  image: busybox
  env:
  - name: MODE
    value: fast
""",
    ),
    "unsupported-yaml": CodeHelp(
        "The YAML is valid, but it has a rare form, for example a key after `?`. The post-renderer adds lines to the "
        "text and keeps the rest, but this form has no safe place for new lines. The tag `!!binary` is such a form, "
        "too: its value is base64 text, which the post-renderer does not decode.",
        """\
? env
:
""",
        """\
Write the common form: `key: value`, and each list on lines of its own.

env: []
""",
    ),
    "no-final-newline": CodeHelp(
        "The last line of the stream belongs to a block scalar (`|` or `>`) and has no newline at its end. The "
        "post-renderer must add lines below it, and a newline there would change the string.",
        """\
args:   # the stream ends with these lines, without a newline
- |
  python train.py
""",
        """\
Add a newline at the end of the text, or write the string in quotes.

args:
- "python train.py"
""",
    ),
    "wrong-type": CodeHelp(
        "A field of a workload does not have the type that Kubernetes requires, for example a mapping where a list "
        "must be. An annotated object without a pod template, or a pod without containers, gives the same error.",
        """\
env:
  MODE: fast
""",
        """\
Write the type that Kubernetes requires.

env:
- name: MODE
  value: fast
""",
    ),
    "unknown-annotation": CodeHelp(
        "There is no annotation of this name with the prefix polyaxon.com/. It is an error, because a run with a "
        "misspelt annotation would start without the volumes that it asked for.",
        """\
metadata:
  annotations:
    polyaxon.com/container: main
""",
        """\
Correct the name. The hint of the message lists all valid names.

metadata:
  annotations:
    polyaxon.com/containers: main
""",
    ),
    "invalid-annotation": CodeHelp(
        "The annotation exists, but it does not allow this value. `run-policy` is keep or replace. `containers` "
        "and `data` are lists of names with commas between them; an empty `data` asks for no data volume. `outputs` is "
        "one name. `kind` is experiment, job, notebook, tensorboard or build. `run-folder`, `project` and `user` are "
        "directory names without a slash.",
        """\
metadata:
  annotations:
    polyaxon.com/run-policy: kept
""",
        """\
Write one of the allowed values.

metadata:
  annotations:
    polyaxon.com/run-policy: keep
""",
    ),
    "misplaced-annotation": CodeHelp(
        "The post-renderer reads annotations of polyaxon.com in two places: the metadata of the workload, and the "
        "metadata of its pod template. In any other place, an annotation has no effect.",
        """\
apiVersion: batch/v1
kind: CronJob
spec:
  jobTemplate:
    metadata:
      annotations:
        polyaxon.com/polyaxonfile: "{}"
""",
        """\
Move the annotation to the metadata of the object itself, or of the pod template.

apiVersion: batch/v1
kind: CronJob
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "not-a-workload": CodeHelp(
        "The annotated object has no pods, or the post-renderer does not know its kind, so it does not know the path "
        "to the pod specs. `polyaxon-persistence kinds` lists the known kinds.",
        """\
apiVersion: v1
kind: Service
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
        """\
Annotate the object that has the pods. Add an unknown kind under `persistence.workloads`.

apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "not-injectable": CodeHelp(
        "The post-renderer knows the kind, but a change of this manifest can't give volumes to the pods, or to a "
        "container that the annotation names. For example, the pod template is in another object. The hint of the "
        "message says what to do.",
        """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
        """\
Annotate the object that contains the pod template.

apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainingRuntime
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "pod-elsewhere": CodeHelp(
        "Some pods of the annotated object come from another object, or belong to an object inside it that can't get "
        "volumes. The other pods get their volumes, so it is a warning.",
        """\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
spec:
  tasks:
  - name: fetch
    taskRef: {name: git-clone}
  - name: train
    taskSpec: {steps: [{name: train, image: busybox}]}
""",
        """\
Annotate the other object if its pods need volumes.

apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: git-clone
  annotations:
    polyaxon.com/polyaxonfile: "{}"
spec:
  steps: [{name: clone, image: busybox}]
""",
    ),
    "no-request": CodeHelp(
        "The object has an annotation of polyaxon.com or the scheduling gate polyaxon.com/needs-post-renderer, but it "
        "asks for no volumes. The annotation would do nothing, and the pod would wait at the gate forever. Each of the "
        "annotations polyaxonfile, data, outputs and kind asks for volumes.",
        """\
metadata:
  annotations:
    polyaxon.com/containers: main
""",
        """\
Name the volumes. If you name only data, the run also gets the default outputs volume.

metadata:
  annotations:
    polyaxon.com/containers: main
    polyaxon.com/data: data1
""",
    ),
    "contradiction": CodeHelp(
        "The annotation is on the workload and on its pod template, and their values are different. Or data, "
        "outputs or kind differs from the same field of the polyaxonfile beside it. The polyaxonfile must have this "
        "field, with the same names in the same order. Two polyaxonfiles that ask for the same volumes are no error.",
        """\
metadata:
  annotations:
    polyaxon.com/polyaxonfile: |
      environment: {persistence: {data: [data1]}}
spec:
  template:
    metadata:
      annotations:
        polyaxon.com/polyaxonfile: |
          environment: {persistence: {data: [data2]}}
""",
        """\
Remove one of the two annotations.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: |
      environment: {persistence: {data: [data1]}}
""",
    ),
    "invalid-polyaxonfile": CodeHelp(
        "The polyaxonfile must be a mapping in valid YAML. An empty text is an error too: it does not mean "
        '"the defaults", because a template that fills in nothing would look the same.',
        """\
metadata:
  annotations:
    polyaxon.com/polyaxonfile: ""
""",
        """\
Write `{}` to ask for nothing by name and to get the defaults.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "invalid-request": CodeHelp(
        "The polyaxonfile has an unknown kind, a misspelt key or a value of the wrong form. `data` is a list of names, "
        "`outputs` is one name, and a number or a word such as `on` is a name only in quotes.",
        """\
kind: experiment
environment:
  persistence:
    data: data1
""",
        """\
Write the form that the hint of the message shows.

kind: experiment
environment:
  persistence:
    data: [data1]
""",
    ),
    "unknown-volume": CodeHelp(
        "The polyaxonfile or an annotation asks for a volume by a name that the catalog does not have, or has under "
        "the other key: a name under `outputs` is no data volume. The hint of the message lists the known names.",
        """\
kind: experiment
environment:
  persistence:
    data: [data-fo]
""",
        """\
Write a name of the catalog, or add the entry to the catalog.

kind: experiment
environment:
  persistence:
    data: [data-foo]
""",
    ),
    "request-ignored": CodeHelp(
        "The run asks for something that a run of its kind does not get: a tensorboard gets no data, a build gets no "
        "volumes, and of several `artifact_refs` a run gets the first one. The run starts with the rest, so it is a "
        "warning.",
        """\
kind: tensorboard
environment:
  persistence:
    data: [data1]
""",
        """\
Remove the request, or write a kind that gets it.

kind: experiment
environment:
  persistence:
    data: [data1]
""",
    ),
    "no-catalog": CodeHelp(
        "A run asks for volumes, but there is no catalog. The stream has no ConfigMap that the chart makes of "
        "`persistence`, and the command has no --persistence file.",
        """\
$ helm template demo ./my-jobs | polyaxon-persistence
""",
        """\
Install the run in one release with the chart that has `persistence`, or name a catalog file. Leave out `--show-only` of
`helm template`, because it leaves out the catalog. For the command `helm`, write the path of the file into
`POLYAXON_PERSISTENCE_FILES`.

$ helm template demo ./my-jobs | polyaxon-persistence --persistence site.yaml
""",
    ),
    "no-volumes": CodeHelp(
        "The catalog has no entry, and a run names no volumes. So the run gets no volume and no variable with a path "
        "for its results, and Kubernetes starts it. The results get lost. Most often the entries are in a site's file, "
        "and the option --persistence or the variable POLYAXON_PERSISTENCE_FILES is missing.",
        """\
persistence:
  data: {}
  outputs: {}
""",
        """\
Add entries, or name the site's file by --persistence. A run that wants nothing says so by `data: []`.

persistence:
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1-pvc}
""",
    ),
    "several-catalogs": CodeHelp(
        "The stream has more than one catalog, and the post-renderer can't decide which one this run uses. It "
        "compares the label app.kubernetes.io/instance (the release) of the run and of each catalog. If several "
        "catalogs are left, it compares the namespace, and then the label app.kubernetes.io/name (the chart). It does "
        "not guess.",
        """\
# the stream has the catalogs of the releases red and blue
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
        """\
Set the label to the release whose catalog the run uses.

metadata:
  labels:
    app.kubernetes.io/instance: red
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "catalog-version": CodeHelp(
        "The label polyaxon.com/catalog says how to read the catalog, and this post-renderer reads v1 only. The chart "
        "is newer than the post-renderer, or somebody wrote another value into the label.",
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  labels:
    polyaxon.com/catalog: v2
""",
        """\
Upgrade the post-renderer to the version of the chart, for example from its checkout.

$ pipx install --force .
""",
    ),
    "invalid-catalog": CodeHelp(
        "The catalog is not a mapping in valid YAML, has an unknown key, or has a setting with an impossible value. "
        "For example, a default is not the name of an entry, or the default outputs are read-only.",
        """\
persistence:
  data:
    data1: {mountPath: /data/1, existingClaim: data-1-pvc}
  defaultdata: [data1]
""",
        """\
Write the key and the value that the hint of the message shows.

persistence:
  data:
    data1: {mountPath: /data/1, existingClaim: data-1-pvc}
  defaultData: [data1]
""",
    ),
    "invalid-entry": CodeHelp(
        "An entry needs a name that is a DNS label, an absolute `mountPath` and exactly one source, or it is a bucket "
        "(`store` and `bucket`). A render checks all names and the entries that its runs use; `check` checks every "
        "entry.",
        """\
persistence:
  data:
    data1: {mountPath: /data/1, hostPath: /srv/data, existingClaim: data-1-pvc}
""",
        """\
Write one source.

persistence:
  data:
    data1: {mountPath: /data/1, existingClaim: data-1-pvc}
""",
    ),
    "no-default-outputs": CodeHelp(
        "The run names no outputs volume, and the catalog has outputs entries, but all of them are read-only. With "
        "`outputsSelection: spread`, a run whose name is generated has no default either.",
        """\
persistence:
  outputs:
    old: {mountPath: /old, existingClaim: old-pvc, readOnly: true}
""",
        """\
Add a writable entry, or name an outputs volume in the polyaxonfile.

persistence:
  outputs:
    old: {mountPath: /old, existingClaim: old-pvc, readOnly: true}
    new: {mountPath: /new, existingClaim: new-pvc}
""",
    ),
    "same-mount-path": CodeHelp(
        "Two entries may have the same `mountPath`, for example two versions of a data set, but one run can't have "
        "both. A run that names no data gets all data entries if there is no `defaultData`.",
        """\
persistence:
  data:
    set-v1: {mountPath: /data/set, existingClaim: set-v1}
    set-v2: {mountPath: /data/set, existingClaim: set-v2}
""",
        """\
Set `defaultData`, or name one of the two entries in the polyaxonfile.

persistence:
  data:
    set-v1: {mountPath: /data/set, existingClaim: set-v1}
    set-v2: {mountPath: /data/set, existingClaim: set-v2}
  defaultData: [set-v2]
""",
    ),
    "bucket-secrets": CodeHelp(
        "The `secretKey` of a bucket is the name of the variable that holds its credentials. Two entries of one run "
        "use the same variable for two Secrets, or the same bucket with two different Secrets or keys. With "
        "`credentials: env`, the variables have fixed names such as `AWS_ACCESS_KEY_ID`, so all S3 buckets of a run "
        "must have the same Secret. A bucket can also come from a reference to another run.",
        """\
persistence:
  data:
    images: {store: s3, bucket: "s3://images", secret: secret-a, secretKey: s3-key}
    texts: {store: s3, bucket: "s3://texts", secret: secret-b, secretKey: s3-key}
""",
        """\
Use different keys (`secretKey`) in the two Secrets. With `credentials: env`, the keys have fixed names: write one
Secret for both buckets, or remove `credentials: env` from one of them and set its `secretKey`. Or ask for only one of
the two buckets in the polyaxonfile, or remove the reference that adds the other bucket.

persistence:
  data:
    images: {store: s3, bucket: "s3://images", secret: secret-a, secretKey: images-key}
    texts: {store: s3, bucket: "s3://texts", secret: secret-b, secretKey: texts-key}
""",
    ),
    "nested-mount-path": CodeHelp(
        "One mount of a container is inside another mount, so it hides the files of the outer volume at that path. "
        "Kubernetes allows it, so it is a warning.",
        """\
persistence:
  data:
    all: {mountPath: /data, existingClaim: all-pvc}
    images: {mountPath: /data/images, existingClaim: images-pvc}
""",
        """\
Give one of the two mounts another path.

persistence:
  data:
    all: {mountPath: /data/all, existingClaim: all-pvc}
    images: {mountPath: /data/images, existingClaim: images-pvc}
""",
    ),
    "read-only-outputs": CodeHelp(
        "The run asks for an outputs entry with `readOnly: true`. It gets the volume, but it can't write its results "
        "there. A run may want old results only, so it is a warning.",
        """\
kind: experiment
environment:
  persistence:
    outputs: outputs1   # readOnly: true in the catalog
""",
        """\
Name a writable entry.

kind: experiment
environment:
  persistence:
    outputs: outputs-foo
""",
    ),
    "tensorboard-outputs": CodeHelp(
        "Tensorboard does not read credentials that are JSON. It can't open storage of Azure, and it can't show the "
        "root of an S3 bucket. The chart writes a command that opens a bucket of its values. But it does not see the "
        "buckets of --persistence files. Without an outputs entry, POLYAXON_BASE_OUTPUTS_PATH has no value.",
        """\
persistence:   # a --persistence file
  outputs:
    logs: {store: s3, bucket: "s3://logs/vision", secret: s3-secret, secretKey: s3-key.json}
""",
        """\
Write the bucket under `persistence.outputs` in the values of the chart, or use a Secret with one key for each variable.

persistence:
  outputs:
    logs: {store: s3, bucket: "s3://logs/vision", secret: s3-secret, credentials: env}
""",
    ),
    "run-folder": CodeHelp(
        "The post-renderer builds the run folder from `runFolder` of the catalog and from values of the run. "
        "`runFolder` is wrong, or the run lacks one of these values: its project, its user, or a name that its pod "
        "can know. `subPath` of a data entry can need the project and the user, too.",
        """\
persistence:
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1-pvc}
  runFolder: "{project}/{kind}/{name}"   # and the run has no project
""",
        """\
Set the annotation that the hint of the message names, or remove the part from `runFolder` or `subPath`.

metadata:
  annotations:
    polyaxon.com/project: vision
""",
    ),
    "invalid-reference": CodeHelp(
        "`environment.outputs` names another run, but this run can't get its results. For example, the other run is "
        "of another kind, is a CronJob, is invalid itself or has one volume for each pod, or several runs have that "
        "name.",
        """\
environment:
  outputs: {jobs: [train]}   # but train is of kind experiment
""",
        """\
Name the run as the hint of the message says.

environment:
  outputs: {experiments: [train]}
""",
    ),
    "unknown-run": CodeHelp(
        "The name of another run in `environment.outputs` is not in the stream, so it means an earlier run, whose "
        "results are expected on the storage. But the stream has a run with a similar name, so it may be a mistake. A "
        "name with the hash of a Job is always right.",
        """\
# the stream has a run train
environment:
  outputs: {experiments: [trian]}
""",
        """\
Write the name of the run. For an earlier run, write the full name of its Job, with the hash.

environment:
  outputs: {experiments: [train]}
""",
    ),
    "reference-cycle": CodeHelp(
        "References between runs form a cycle, or a run refers to itself. Each run would need the results of the "
        "next run first.",
        """\
# the polyaxonfile of the run train
kind: experiment
environment:
  outputs: {experiments: [train]}
""",
        """\
Remove one of the references, or refer to an earlier run by its full name, which ends in a hash.

kind: experiment
environment:
  outputs: {experiments: [train-20d1ec82d1]}
""",
    ),
    "same-run-folder": CodeHelp(
        "Two different objects would write into one run folder of one outputs volume, so one would overwrite the "
        "results of the other. By default, the namespace, the kind and the name (or polyaxon.com/run-folder) make the "
        "run folder.",
        """\
metadata:
  name: retrain   # and the stream has a Job train
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-folder: train
""",
        """\
Give one of the two objects another name.

metadata:
  name: retrain
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-folder: retrain
""",
    ),
    "value-too-long": CodeHelp(
        "A variable such as POLYAXON_DATA_PATHS would have more than 128 KiB. Linux refuses to start a program with a "
        "longer variable, so the container would fail.",
        """\
kind: experiment   # names no data, so it gets the thousands of entries of the catalog
""",
        """\
Ask for fewer volumes.

kind: experiment
environment:
  persistence:
    data: [data1, data2]
""",
    ),
    "conflict": CodeHelp(
        "The workload already has something else in the place of an item that the post-renderer would add: a volume "
        "of that name, a mount at that path, a variable, or an annotation that run-policy needs. The post-renderer "
        "replaces nothing.",
        """\
# the catalog has an entry data-foo
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
spec:
  template:
    spec:
      volumes:
      - name: data-foo
        nfs: {server: nfs.example.com, path: /srv}
""",
        """\
Rename or remove the item of the workload.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
spec:
  template:
    spec:
      volumes:
      - name: my-nfs
        nfs: {server: nfs.example.com, path: /srv}
""",
    ),
    "claim-mounted-twice": CodeHelp(
        "The pod has its own volume for a claim that it also gets from the catalog, under another volume name. Some "
        "kubelets (1.34) never start a pod with two volumes on one claim. Other kubelets do, so it is a warning.",
        """\
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
spec:
  template:
    spec:
      volumes:
      - name: mine
        persistentVolumeClaim: {claimName: data-foo-pvc}
""",
        """\
Remove the volume of the pod, and ask for the entry of the catalog.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: |
      environment: {persistence: {data: [data-foo]}}
""",
    ),
    "claim-in-use": CodeHelp(
        "The `accessModes` in the catalog say that only one pod, or only the pods of one node, can use the claim at a "
        "time. Several pods of the stream mount it, so some of them wait. Pods of one node can share a ReadWriteOnce "
        "claim, so it is a warning.",
        """\
persistence:
  data:
    disk: {mountPath: /disk, existingClaim: disk, accessModes: [ReadWriteOnce]}   # and two Jobs ask for it
""",
        """\
Run the Jobs one after another, or use a claim that several nodes can mount.

persistence:
  data:
    disk: {mountPath: /disk, existingClaim: shared-disk, accessModes: [ReadWriteMany]}
""",
    ),
    "concurrency": CodeHelp(
        "The annotation polyaxon.com/concurrency says how many runs of a group Polyaxon ran at the same time. The "
        "chart writes it for `hptuning.concurrency`. A Job starts at once and does not see the other Jobs, so all runs "
        "of the group start together. Only a queue, such as one of Kueue, starts them one after another.",
        """\
metadata:   # of two Jobs
  annotations:
    polyaxon.com/kind: experiment
    polyaxon.com/group: sweep
    polyaxon.com/concurrency: "1"
""",
        """\
Write the name of a queue of Kueue in the label (in the chart: `runs.<run>.labels`). If all runs may start together,
remove the annotation (in the chart: `hptuning.concurrency`).

metadata:
  labels: {kueue.x-k8s.io/queue-name: one-at-a-time}
  annotations:
    polyaxon.com/kind: experiment
    polyaxon.com/group: sweep
    polyaxon.com/concurrency: "1"
""",
    ),
    "read-only-claim": CodeHelp(
        "The `accessModes` in the catalog say that the claim is ReadOnlyMany, but a volume on it is writable. "
        "ReadOnlyMany means that pods only read the claim.",
        """\
persistence:
  data:
    set: {mountPath: /data/set, existingClaim: set-pvc, accessModes: [ReadOnlyMany]}
""",
        """\
Write `readOnly: true` for the volume.

persistence:
  data:
    set: {mountPath: /data/set, existingClaim: set-pvc, accessModes: [ReadOnlyMany], readOnly: true}
""",
    ),
    "unknown-container": CodeHelp(
        "polyaxon.com/containers lists the containers that get the volumes, but the pod has no container with this "
        "name. The program would start without its volumes.",
        """\
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/containers: mian
""",
        """\
Write the name of a container. Or remove the annotation: then all regular containers get the volumes.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/containers: main
""",
    ),
    "run-policy": CodeHelp(
        "With a run-policy, a Job gets a name with a hash of its content. That is not possible for an object that is "
        "no Job (batch/v1), for a hook, for a Job with `generateName`, for a Job with its own selector, or for `keep` "
        "with a fixed run folder.",
        """\
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
        """\
Remove the annotation.

apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "name-too-long": CodeHelp(
        "With a run-policy, the name of a Job gets a dash and a hash of 10 characters. The limit of Kubernetes is 63 "
        "characters, so metadata.name can have 52. In an Indexed Job the limit is lower, because pods add their index.",
        """\
metadata:
  name: a-training-of-the-large-model-with-all-the-data-of-2024
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
        """\
Write a shorter name.

metadata:
  name: large-model-2024
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
    ),
    "same-name": CodeHelp(
        "The stream has two Jobs with a run-policy, the same name and the same content. A Job with a run-policy gets "
        "its name by its content, so the two Jobs would become one Job.",
        """\
# twice in the stream
metadata:
  name: train
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
        """\
Give one of the two Jobs another name.

metadata:
  name: train-again
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
    ),
    "base-name": CodeHelp(
        "A render writes polyaxon.com/base-name, the name of the Job without its hash. The name of this object is not "
        "that name with a hash, so no render wrote both the annotation and the name.",
        """\
metadata:
  name: train
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
    polyaxon.com/base-name: trained
""",
        """\
Remove the annotation.

metadata:
  name: train
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
    ),
    "helm4-rewrites": CodeHelp(
        "A Job with a run-policy gets its name by its content, and Helm 4 changes this block scalar or missing value "
        "before the post-renderer reads it. With Helm 3 the Job would have another name. That does no harm if you use "
        "only one version of Helm, so it is a warning.",
        """\
args:
- |+
  python train.py

""",
        """\
Write the string in quotes, or as a `|` literal that ends in one newline and is not the last value.

args:
- "python train.py\\n\\n"
""",
    ),
    "changes-with-chart": CodeHelp(
        "A Job with a run-policy gets its name by its content, because its pod template can't be changed. Many charts "
        "write their version as a label into the pod template. Each new version of the chart then gives the Job "
        "another name, so the run starts again although its program is the same. That may be what you want, so it is "
        "a warning.",
        """\
metadata:
  name: train
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
spec:
  template:
    metadata:
      labels:
        helm.sh/chart: other-1.2.3
    spec: {containers: [{name: main, image: busybox}]}
""",
        """\
Write the label only on the Job itself. If the chart is not yours, look for a value that removes the label of the pod.

metadata:
  name: train
  labels:
    helm.sh/chart: other-1.2.3
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
    ),
    "no-object": CodeHelp(
        "`check`, `explain` and `verify` look at Kubernetes objects, and the input has none: it is empty, or a values "
        "file, or not the output of Helm. An object is a document, or an item of a List, with apiVersion and kind. "
        "Nothing was checked, so the result must not be green.",
        """\
runs:
  train: {image: busybox}
""",
        """\
Give the output of Helm, and not its input.

$ polyaxon-persistence check -- helm template demo ./chart -f values.yaml
""",
    ),
    "unread-document": CodeHelp(
        "This document can't be read. It has no annotation of polyaxon.com in its text, so a render does not change "
        "it. Kubernetes will probably refuse it. `check` does not know whether it contains a run.",
        """\
apiVersion: v1
data: [a
""",
        """\
Fix the document.

apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
""",
    ),
    "unknown-domain": CodeHelp(
        "A key has the name of an annotation that the post-renderer reads, but a domain that only looks like "
        "polyaxon.com. Nothing reads it, so the workload gets no volumes.",
        """\
metadata:
  annotations:
    polyaxon.io/polyaxonfile: "{}"
""",
        """\
Write the domain polyaxon.com.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "blocked-run": CodeHelp(
        "`check --against` found a Job whose pod template changes, or a Pod that changes, and the name stays the same. "
        "Kubernetes does not allow this change, so the whole upgrade would fail. The report lists the changed fields.",
        """\
$ polyaxon-persistence check --against installed.yaml -- helm template demo ./chart
""",
        """\
Delete the Job before the upgrade, or give it a run-policy, so that a changed run gets another name. Helm then
deletes the old Job, also if it runs.

metadata:
  annotations:
    polyaxon.com/run-policy: keep
""",
    ),
    "too-many-starts": CodeHelp(
        "`check --against FILE --max-starts N` counts the runs that an upgrade would start, and there are more than N. "
        "One more entry in the catalog changes each run that gets all data, so it starts these runs again.",
        """\
$ polyaxon-persistence check --against installed.yaml --max-starts 1 -- helm template demo ./chart
""",
        """\
Set `defaultData` or name the data in the runs, so that they do not change; or allow the number that you want.

$ polyaxon-persistence check --against installed.yaml --max-starts 2 -- helm template demo ./chart
""",
    ),
    "hook-withheld": CodeHelp(
        "`check` found a hook that asks for volumes. Helm 3 does not give hooks to a post-renderer, so with Helm 3 "
        "the hook would start without its volumes. Helm 4 gives hooks to it, so it is a warning.",
        """\
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    helm.sh/hook: post-install
""",
        """\
Use Helm 4, or remove the annotation helm.sh/hook.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "not-verified": CodeHelp(
        "`verify` found a run that lacks something that it asked for. The run was rendered without the post-renderer, "
        "or somebody changed the run or the catalog after the render.",
        """\
$ helm upgrade --install demo ./chart -f my-values.yaml
$ polyaxon-persistence verify -- helm get manifest demo
""",
        """\
Upgrade the release with the post-renderer.

$ helm upgrade --install demo ./chart -f my-values.yaml --post-renderer polyaxon-persistence
""",
    ),
    "invalid-name": CodeHelp(
        "`inventory` prints commands that delete Jobs and ConfigMaps. Kubernetes accepts only DNS names for these "
        "objects and for their namespaces, so this name does not come from a cluster. For this Job, no command is "
        "printed.",
        """\
apiVersion: batch/v1
kind: Job
metadata:
  name: train; ls
  namespace: default
  uid: 6f1c2a4e
  labels: {app.kubernetes.io/instance: demo}
  annotations:
    helm.sh/resource-policy: keep
    polyaxon.com/base-name: train
spec:
  template: {spec: {containers: [{name: main, image: busybox}]}}
""",
        """\
Read the objects from the cluster again.

$ kubectl get jobs,configmaps -A -o yaml | polyaxon-persistence inventory --stale
""",
    ),
    "unused-namespace": CodeHelp(
        "The option --namespace is for the objects of the next FILE that have no namespace. In this file, each object "
        "has a namespace itself, which counts more. So the file may be of another namespace than you think.",
        """\
apiVersion: v1   # after --namespace vision
kind: ConfigMap
metadata: {name: files, namespace: default}
""",
        """\
Leave out the option, or give the file whose objects have no namespace.

apiVersion: v1   # after --namespace vision
kind: ConfigMap
metadata: {name: files}
""",
    ),
    "argocd-parameter": CodeHelp(
        "The Application sets an unknown parameter of the plugin, sets a parameter twice, or gives a parameter a "
        "wrong form. A file that does not exist and a directory without a chart give the same error.",
        """\
plugin:
  name: polyaxon-persistence
  parameters:
  - name: value-files
    array: [values-production.yaml]
""",
        """\
Write a parameter that docs/argocd.md lists, in the form that the list shows.

plugin:
  name: polyaxon-persistence
  parameters:
  - name: values-files
    array: [values-production.yaml]
""",
    ),
    "empty-output": CodeHelp(
        "The program that `--then` names read objects and wrote none, for example nothing, `null` or an empty list. "
        "With such a stream, Helm 3 would delete all objects of the release.",
        """\
$ helm template demo ./chart | polyaxon-persistence --then true
""",
        """\
Name a program that writes the objects that it read. If none must be left, let it write a comment line of its own.

$ helm template demo ./chart | polyaxon-persistence --then cat
""",
    ),
    "not-patchable": CodeHelp(
        "`flux-patches` writes the changes as patches of a HelmRelease. A patch can't rename a Job, so a run-policy "
        "is not possible. A patch finds an object by its apiVersion, kind and name, so the object needs all of them, "
        "and two objects with the same ones can't need different changes.",
        """\
metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
    polyaxon.com/run-policy: keep
""",
        """\
Remove the run-policy (in the chart: `policy: none`), and delete the Job before its run changes.

metadata:
  annotations:
    polyaxon.com/polyaxonfile: "{}"
""",
    ),
    "unsafe-path": CodeHelp(
        "The Argo CD plugin runs for many repositories, and one repository must not read the files of another one. "
        "Here, a path or a symbolic link leads out of the repository, Helm could read a name as an option or as "
        "another file, a JSON schema refers to a file or an address, a file such as Chart.yaml is not plain YAML, or "
        "the archive of a subchart can't be read.",
        """\
plugin:
  name: polyaxon-persistence
  parameters:
  - name: values-files
    array: [../../../other/values.yaml]
""",
        """\
Name a file of the repository, relative to the directory of the Application.

plugin:
  name: polyaxon-persistence
  parameters:
  - name: values-files
    array: [../common/values.yaml]
""",
    ),
    "not-migrated": CodeHelp(
        "`migrate` found something of Polyaxon 0.x that has no counterpart. Its lines stay in the file as comments, "
        "below a comment that says what to do. The rest is translated, so it is a warning.",
        """\
persistence:
  data:
    data1: {mountPath: /data/1, existingClaim: data-1}
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1}
  logs: {mountPath: /logs, existingClaim: logs}
""",
        """\
Do what the comment says, then delete the lines.

persistence:
  data:
    data1: {mountPath: /data/1, existingClaim: data-1}
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1}
""",
    ),
    "changed-meaning": CodeHelp(
        "`migrate` translated something of Polyaxon 0.x that has another form or another meaning now. Programs or "
        "people may depend on the old form, so it is a warning.",
        """\
persistence:
  data:
    data_1: {mountPath: /data/1, existingClaim: data-1}
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1}
""",
        """\
Read the message, and change what depends on the old form, for example names in programs.

persistence:
  data:
    data-1: {mountPath: /data/1, existingClaim: data-1}
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1}
""",
    ),
    "not-migratable": CodeHelp(
        "`migrate` found something of Polyaxon 0.x that somebody must decide first, for example because the run would "
        "do something else without it. No file is changed.",
        """\
version: 1
kind: group
hptuning:
  random_search: {n_experiments: 4}
  matrix:
    lr: {uniform: 0.1:0.2}
build: {image: busybox}
run: {cmd: "train --lr={{ lr }}"}
""",
        """\
Do what the hint of the message says. Here, write the values to try.

version: 1
kind: group
hptuning:
  concurrency: 2
  matrix:
    lr: {values: [0.1, 0.2]}
build: {image: busybox}
run: {cmd: "train --lr={{ lr }}"}
""",
    ),
}
