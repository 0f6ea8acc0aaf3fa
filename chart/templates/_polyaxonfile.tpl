{{/*
The keys of a polyaxonfile, by section. `taken`: supported key -> kind of its value. `instead`: key that is not
supported -> what to write instead. "any": the post-renderer checks the value, or the key has no effect. %s means the
path of the run in the values.
*/}}
{{- define "polyaxon-persistence.polyaxonfileKeys" -}}
polyaxonfile:
  taken: {version: any, kind: string, name: any, description: any, logging: any, tags: any, framework: any, backend: string,
          declarations: mapping, params: mapping, inputs: declared, outputs: declared, environment: mapping, build: mapping, run: mapping}
  instead:
    hptuning: "a run of this kind can't have a matrix: write kind: group, or remove the key"
    matrix: "a run of this kind can't have a matrix: write kind: group, or remove the key"
    settings: write its matrix and the other keys about the search under hptuning, and remove logging and run_type
    model: write the model in the program that run.cmd starts
    train: write the model in the program that run.cmd starts
    eval: write the model in the program that run.cmd starts
    ops: write one run for each operation
    templates: write one run for each operation
    conditions: "install this run when its conditions are true: all runs of a release start at the same time"
    trigger: "install this run when its conditions are true: all runs of a release start at the same time"
    dependencies: "install this run when its conditions are true: all runs of a release start at the same time"
    termination: write environment.max_restarts, and %s.activeDeadlineSeconds
    timeout: write %s.activeDeadlineSeconds
    ttl: "write %s.ttlSecondsAfterFinished, if the run may start again: Kubernetes then removes the finished Job, and the next upgrade starts the run again"
    execute_at: write %s.schedule
    max_retries: write environment.max_restarts
    project: write %s.project; for user/project, write the user in %s.user
    user: write %s.user
    resources: write environment.resources
    node_selector: write environment.node_selector
    node_selectors: write environment.node_selectors
    tolerations: write environment.tolerations
    affinity: write environment.affinity
    env_vars: write environment.env_vars
    secret_refs: write environment.secret_refs
    config_map_refs: write environment.config_map_refs
    configmap_refs: write environment.configmap_refs
    data_refs: write environment.data_refs
    artifact_refs: write environment.artifact_refs
    max_restarts: write environment.max_restarts
    service_account: write environment.service_account
    image_pull_secrets: write environment.image_pull_secrets
    security_context: write environment.security_context
    concurrency: write hptuning.concurrency
    grid_search: write hptuning.grid_search
    lang_env: write build.lang_env
    image: write build.image
    cmd: write run.cmd
    command: write run.cmd
    schedule: write %s.schedule
    data: write environment.persistence.data
    persistence: write environment.persistence with the names of volumes; define the volumes in the values, under persistence
environment:
  taken: {persistence: any, outputs: any, data_refs: any, artifact_refs: any, resources: mapping, node_selector: strings,
          node_selectors: strings, tolerations: list, affinity: mapping, labels: strings, annotations: strings, configmap_refs: names,
          config_map_refs: names, secret_refs: names, service_account: string, image_pull_secrets: names, max_restarts: number,
          env_vars: variables, security_context: mapping}
  instead:
    tensorflow: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    pytorch: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    horovod: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    mpi: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    mxnet: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    replicas: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    n_workers: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    n_ps: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    default_worker_resources: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    default_ps_resources: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    worker_resources: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    ps_resources: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    default_worker_config: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    default_ps_config: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    worker_configs: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    ps_configs: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    delay_workers_by_global_step: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    run_config: write one run for each replica, or write an object of a training operator, with the polyaxonfile as its annotation
    master_resources: write environment.resources
    restart_policy: write environment.max_restarts
    max_retries: write environment.max_restarts
    ttl: "write %s.ttlSecondsAfterFinished, if the run may start again: Kubernetes then removes the finished Job, and the next upgrade starts the run again"
    image: write build.image
    data: write environment.persistence.data with the names of volumes; define the volumes in the values, under persistence
environment.resources:
  taken: {cpu: mapping, memory: mapping, gpu: mapping}
  instead:
    tpu: write %s.resources, with the resource's full name
    requests: write cpu, memory and gpu, each with requests and limits; or %s.resources in Kubernetes' form
    limits: write cpu, memory and gpu, each with requests and limits; or %s.resources in Kubernetes' form
build:
  taken: {image: string, env_vars: variables, lang_env: string, environment: any, nocache: any, backend: any, kind: any, version: any,
          name: any, description: any, tags: any, logging: any}
  instead:
    build_steps: build an image with these steps and write its name in %s.image
    dockerfile: build that image and write its name in %s.image
    context: build that image and write its name in %s.image
    ref: write the name of the built image in %s.image
    git: build an image that contains the code and write its name in %s.image
    commit: build an image that contains the code and write its name in %s.image
    branch: build an image that contains the code and write its name in %s.image
run:
  taken: {cmd: any, env_vars: variables, nocache: any}
  instead:
    image: write build.image
    envs: write run.env_vars
    steps: build an image with these steps and write its name in %s.image
    build_steps: build an image with these steps and write its name in %s.image
    git: build an image that contains the code and write its name in %s.image
    dockerfile: build that image and write its name in %s.image
    commit: build an image that contains the code and write its name in %s.image
    branch: build an image that contains the code and write its name in %s.image
    lang_env: write build.lang_env
    resources: write environment.resources
    command: write run.cmd
    args: write run.cmd
{{- end }}

{{/*
Refuses the keys of one section (.section, .at) that the chart does not support. .built: the image that the run names,
or nil. With an image, the keys that say how to build an image are accepted. An empty list or mapping asks for nothing.
*/}}
{{- define "polyaxon-persistence.checkKeys" -}}
{{- $known := get (include "polyaxon-persistence.polyaxonfileKeys" . | fromYaml) .at }}
{{- $problems := list }}
{{- $path := include "polyaxon-persistence.runPath" . }}
{{- $ofRun := (include "polyaxon-persistence.knownKeys" . | fromYaml).run.known }}
{{- range $key := keys .section | sortAlpha }}
{{- $where := printf "%s.polyaxonfile: %s.%s" $path $.at $key | replace " polyaxonfile." " " }}
{{- $kind := get $known.taken $key }}
{{- $isEmpty := has (toJson (get $.section $key)) (list "[]" "{}") }}
{{- if and (or $.built $isEmpty) (hasKey $known.instead $key) }}
{{- $kind = "any" }}
{{- end }}
{{- if not $kind }}
{{- $instead := get $known.instead $key }}
{{- if and (not $instead) (eq $.at "polyaxonfile") (has $key $ofRun) }}
{{- $instead = printf "write %s.%s" $path $key }}
{{- end }}
{{- if not $instead }}
{{- $instead = include "polyaxon-persistence.knownInstead" (dict "key" $key "known" (keys $known.taken) "also" (ternary (keys $known.instead) list (not (not $.built)))) }}
{{- end }}
{{- $problems = append $problems (printf "%s is not supported: %s" $where ($instead | replace "%s" $path)) }}
{{- else if ne (include "polyaxon-persistence.isKind" (dict "kind" $kind "value" (get $.section $key))) "true" }}
{{- $wanted := get (dict "strings" "mapping of strings" "names" "list of names" "variables" "list of names with their values: [[NAME, value]]"
      "declared" "list of mappings: [{name: NAME, type: TYPE}]") $kind | default $kind }}
{{- if and (eq $kind "declared") (eq $key "outputs") }}
{{- $wanted = printf "%s. The volume for the results is in environment.persistence.outputs" $wanted }}
{{- end }}
{{- $problems = append $problems (printf "%s must be a %s" $where $wanted) }}
{{- end }}
{{- end }}
{{- if $problems }}
{{- fail (join "\n" $problems) }}
{{- end }}
{{- end }}

{{- define "polyaxon-persistence.isKind" -}}
{{- $value := .value }}
{{- $strings := true }}
{{- $declared := kindIs "slice" $value }}
{{- if or (kindIs "map" $value) (kindIs "slice" $value) }}
{{- range $value }}
{{- $strings = and $strings (typeIs "string" .) }}
{{- $declared = and $declared (kindIs "map" .) }}
{{- end }}
{{- end }}
{{- get (dict
      "any" true
      "string" (typeIs "string" $value)
      "number" (or (has (kindOf $value) (list "float64" "int64" "int")) (typeIs "json.Number" $value))
      "mapping" (kindIs "map" $value)
      "strings" (and (kindIs "map" $value) $strings)
      "list" (kindIs "slice" $value)
      "declared" $declared
      "variables" (or (kindIs "map" $value) (kindIs "slice" $value))
      "names" (and (kindIs "slice" $value) $strings)) .kind }}
{{- end }}

{{/* Reads: .root, .name, .given (text or a map). Writes: .into.polyaxonfile, a map. */}}
{{- define "polyaxon-persistence.readPolyaxonfile" -}}
{{- if kindIs "map" .given }}
{{- $_ := set .into "polyaxonfile" .given }}
{{- else }}
{{- $where := printf "%s.polyaxonfile" (include "polyaxon-persistence.runPath" .) }}
{{- $text := regexReplaceAll "^(\\s*(#[^\\n]*)?\\n)*---[ \\t]*(#[^\\n]*)?\\r?(\\n|$)" .given "" }}
{{- $text = regexReplaceAll "(^|\\n)\\.\\.\\.[ \\t]*([ \\t]#[^\\n]*)?\\r?(\\n\\s*(#[^\\n]*)?)*$" $text "$1" }}
{{- if regexMatch "(?m)^(---|\\.\\.\\.)(\\s|$)" $text }}
{{- fail (printf "%s contains more than one document: write one polyaxonfile for each run" $where) }}
{{- end }}
{{- $read := fromYaml $text }}
{{- if hasKey $read "Error" }}
{{- fail (printf "%s is not a YAML mapping: %s" $where $read.Error) }}
{{- end }}
{{- /* fromYaml returns the same for an empty text and for an empty mapping. fromYamlArray fails only for a mapping. */}}
{{- if and (not $read) (not (fromYamlArray $text)) }}
{{- fail (printf "%s is empty: write {} to ask for nothing, or remove the key" $where) }}
{{- end }}
{{- /* If a section is written twice, fromYaml keeps the last one and reports nothing. */}}
{{- $sections := list }}
{{- range regexFindAll "(?m)^[\"']?[A-Za-z_]+[\"']?[ \\t]*:" $text -1 }}
{{- $section := regexFind "[A-Za-z_]+" . }}
{{- if has $section $sections }}
{{- fail (printf "%s contains %s twice: write it once" $where $section) }}
{{- end }}
{{- $sections = append $sections $section }}
{{- end }}
{{- /* In a text, null is a param without values. In the values, it removes a param of runDefaults. */}}
{{- range $at, $matrix := dict "matrix" $read.matrix "hptuning.matrix" (get (ternary $read.hptuning dict (kindIs "map" $read.hptuning)) "matrix") }}
{{- range $param, $option := ternary $matrix dict (kindIs "map" $matrix) }}
{{- if kindIs "invalid" $option }}
{{- fail (printf "%s: %s.%s is empty: write values: [0.1, 0.01], or remove the key" $where $at $param) }}
{{- end }}
{{- end }}
{{- end }}
{{- $_ := set .into "polyaxonfile" $read }}
{{- end }}
{{- include "polyaxon-persistence.checkHasCommand" . }}
{{- end }}

{{/*
Refuses an empty command (.into.polyaxonfile) before null removes its key: the run would run the command of the image. In the
values, null under the key run removes the section of runDefaults. In a text, it is a section that only holds comments.
*/}}
{{- define "polyaxon-persistence.checkHasCommand" -}}
{{- $run := .into.polyaxonfile.run }}
{{- $at := "" }}
{{- if and (kindIs "invalid" $run) (hasKey .into.polyaxonfile "run") (not (kindIs "map" .given)) }}
{{- $at = "run" }}
{{- else if kindIs "map" $run }}
{{- if and (hasKey $run "cmd") (has (kindOf $run.cmd) (list "invalid" "string" "slice")) (not $run.cmd) }}
{{- $at = "run.cmd" }}
{{- end }}
{{- end }}
{{- if $at }}
{{- fail (printf "%s.polyaxonfile: %s is empty: write a command, or remove the key to run the command of the image" (include "polyaxon-persistence.runPath" .) $at) }}
{{- end }}
{{- end }}
