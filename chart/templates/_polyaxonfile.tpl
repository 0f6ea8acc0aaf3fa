{{/*
The keys of a polyaxonfile, by section: those that this chart takes, with the kind of their value ("any" is the
post-renderer's to check, or starts nothing), and what to write instead of the others. %s stands for the run.
*/}}
{{- define "polyaxon-persistence.polyaxonfileKeys" -}}
polyaxonfile:
  taken: {version: any, kind: string, name: any, description: any, logging: any, tags: any, framework: any, backend: string,
          declarations: mapping, params: mapping, environment: mapping, build: mapping, run: mapping}
  instead:
    hptuning: write one run for each set of params
    matrix: write one run for each set of params
    settings: write one run for each set of params
    inputs: write the values under params
    outputs: write what the program writes below POLYAXON_RUN_OUTPUTS_PATH; environment.persistence.outputs chooses the volume
    model: write the model in the program that run.cmd starts
    project: write runs.%s.project
    user: write runs.%s.user
    image: write build.image
    cmd: write run.cmd
    command: write run.cmd
    schedule: write runs.%s.schedule
    persistence: write environment.persistence
environment:
  taken: {persistence: any, outputs: any, data_refs: any, artifact_refs: any, resources: mapping, node_selector: strings,
          node_selectors: strings, tolerations: list, affinity: mapping, labels: strings, annotations: strings, configmap_refs: names,
          config_map_refs: names, secret_refs: names, service_account: string, image_pull_secrets: names, max_restarts: number}
  instead:
    tensorflow: write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation
    pytorch: write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation
    horovod: write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation
    mpi: write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation
    mxnet: write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation
    replicas: write one run for each replica, or a training operator's own object with the polyaxonfile as its annotation
    env_vars: write runs.%s.env
    security_context: write runs.%s.podSecurityContext
    ttl: write runs.%s.ttlSecondsAfterFinished
    image: write build.image
    data: write environment.persistence.data
environment.resources:
  taken: {cpu: mapping, memory: mapping, gpu: mapping}
  instead:
    tpu: write runs.%s.resources, with the resource's full name
    requests: write cpu, memory and gpu, each with requests and limits; or runs.%s.resources in Kubernetes' form
    limits: write cpu, memory and gpu, each with requests and limits; or runs.%s.resources in Kubernetes' form
build:
  taken: {image: string}
  instead:
    build_steps: build an image that has these steps done and write its name in build.image
    dockerfile: build that image and write its name in build.image
    context: build that image and write its name in build.image
    ref: write the image that was built in build.image
    git: build an image that holds the code and write its name in build.image
    commit: build an image that holds the code and write its name in build.image
    branch: build an image that holds the code and write its name in build.image
    env_vars: write runs.%s.env
    lang_env: "write runs.%s.env, say {name: LANG, value: C.UTF-8}"
    nocache: leave it out, nothing is built here
    backend: leave it out, nothing is built here
run:
  taken: {cmd: any}
  instead:
    image: write build.image
    build_steps: build an image that has these steps done and write its name in build.image
    env_vars: write runs.%s.env
    git: build an image that holds the code and write its name in build.image
    command: write run.cmd
    args: write run.cmd
{{- end }}

{{/* Refuses what one section (.section, .at) holds and the chart can't honour. */}}
{{- define "polyaxon-persistence.checkKeys" -}}
{{- $known := get (include "polyaxon-persistence.polyaxonfileKeys" . | fromYaml) .at }}
{{- $problems := list }}
{{- range $key := keys .section | sortAlpha }}
{{- $where := printf "runs.%s.polyaxonfile: %s.%s" $.name $.at $key | replace " polyaxonfile." " " }}
{{- $kind := get $known.taken $key }}
{{- if not $kind }}
{{- $instead := get $known.instead $key | default (printf "take it out; known here: %s" (keys $known.taken | sortAlpha | join ", ")) }}
{{- $problems = append $problems (printf "%s is not supported: %s" $where ($instead | replace "%s" $.name)) }}
{{- else if ne (include "polyaxon-persistence.isKind" (dict "kind" $kind "value" (get $.section $key))) "true" }}
{{- $wanted := get (dict "strings" "mapping of strings" "names" "list of names") $kind | default $kind }}
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
{{- if or (kindIs "map" $value) (kindIs "slice" $value) }}
{{- range $value }}
{{- $strings = and $strings (typeIs "string" .) }}
{{- end }}
{{- end }}
{{- get (dict
      "any" true
      "string" (typeIs "string" $value)
      "number" (or (has (kindOf $value) (list "float64" "int64" "int")) (typeIs "json.Number" $value))
      "mapping" (kindIs "map" $value)
      "strings" (and (kindIs "map" $value) $strings)
      "list" (kindIs "slice" $value)
      "names" (and (kindIs "slice" $value) $strings)) .kind }}
{{- end }}

{{/* A polyaxonfile given as text or as a map (.given) becomes a map at .into.polyaxonfile. */}}
{{- define "polyaxon-persistence.readPolyaxonfile" -}}
{{- if kindIs "map" .given }}
{{- $_ := set .into "polyaxonfile" .given }}
{{- else }}
{{- $where := printf "runs.%s.polyaxonfile" .name }}
{{- $text := regexReplaceAll "^(\\s*(#[^\\n]*)?\\n)*---[ \\t]*(#[^\\n]*)?\\r?(\\n|$)" .given "" }}
{{- if regexMatch "(?m)^(---|\\.\\.\\.)(\\s|$)" $text }}
{{- fail (printf "%s holds more than one document: write one polyaxonfile for each run" $where) }}
{{- end }}
{{- $read := fromYaml $text }}
{{- if hasKey $read "Error" }}
{{- fail (printf "%s is not a YAML mapping: %s" $where $read.Error) }}
{{- end }}
{{- /* fromYaml gives the same for nothing and for an empty mapping; only the latter is no list. */}}
{{- if and (not $read) (not (fromYamlArray $text)) }}
{{- fail (printf "%s is empty: write {} to ask for nothing, or take the key out" $where) }}
{{- end }}
{{- /* Of a section written twice, fromYaml keeps the last without a word. */}}
{{- $sections := list }}
{{- range regexFindAll "(?m)^[\"']?[A-Za-z_]+[\"']?[ \\t]*:" $text -1 }}
{{- $section := regexFind "[A-Za-z_]+" . }}
{{- if has $section $sections }}
{{- fail (printf "%s holds %s twice: write it once" $where $section) }}
{{- end }}
{{- $sections = append $sections $section }}
{{- end }}
{{- $_ := set .into "polyaxonfile" $read }}
{{- end }}
{{- end }}

{{/* run.cmd as one shell command: a list is joined by &&, as Polyaxon did, and {{ name }} is filled from the params. */}}
{{- define "polyaxon-persistence.cmd" -}}
{{- $where := printf "runs.%s.polyaxonfile: run.cmd" .name }}
{{- $cmds := .cmd }}
{{- if kindIs "string" .cmd }}
{{- $cmds = list .cmd }}
{{- end }}
{{- if or (not (kindIs "slice" $cmds)) (not $cmds) }}
{{- fail (printf "%s must be a string or a list of strings" $where) }}
{{- end }}
{{- $lines := list }}
{{- range $cmd := $cmds }}
{{- if or (not (kindIs "string" $cmd)) (not (trim (toString $cmd))) }}
{{- fail (printf "%s must be a string or a list of strings, none of them empty" $where) }}
{{- end }}
{{- $cmd = regexReplaceAll "[ \\t]*\\\\\\r?\\n\\s*" $cmd " " | trim }}
{{- if contains "\n" $cmd }}
{{- fail (printf "%s has several lines, which Polyaxon joined into one command: write a list for several commands, or fold one long command with >-" $where) }}
{{- end }}
{{- range $key, $value := $.params }}
{{- $pattern := printf "\\{\\{\\s*%s\\s*\\}\\}" (regexQuoteMeta $key) }}
{{- if regexMatch $pattern $cmd }}
{{- if or (kindIs "map" $value) (kindIs "slice" $value) (contains "{{" (toString $value)) }}
{{- fail (printf "%s uses {{ %s }}, which is not a simple value: write it out in run.cmd" $where $key) }}
{{- end }}
{{- $text := ternary $value (toJson $value) (typeIs "string" $value) }}
{{- if kindIs "bool" $value }}
{{- $text = title $text }}
{{- end }}
{{- $cmd = regexReplaceAllLiteral $pattern $cmd $text }}
{{- end }}
{{- end }}
{{- range list "{{" "{%" }}
{{- if contains . $cmd }}
{{- $bool := ternary " (quote names like n, y, on and off: unquoted, YAML reads true or false)" "" (or (hasKey $.params "true") (hasKey $.params "false")) }}
{{- fail (printf "%s: nothing fills %s: write a simple value of that name under params, or the value itself%s" $where (regexFind "\\{[{%][^}]*\\}*" $cmd) $bool) }}
{{- end }}
{{- end }}
{{- $lines = append $lines $cmd }}
{{- end }}
{{- join " && " $lines }}
{{- end }}

{{/* Polyaxon's resources (cores, Mi, GPUs) in Kubernetes' form, at .into.resources. */}}
{{- define "polyaxon-persistence.resources" -}}
{{- include "polyaxon-persistence.checkKeys" (dict "name" .name "section" .resources "at" "environment.resources") }}
{{- $where := printf "runs.%s.polyaxonfile: environment.resources" .name }}
{{- $out := dict }}
{{- range $resource, $amounts := .resources }}
{{- if and (eq $resource "gpu") (hasKey $amounts "requests") }}
{{- if and (hasKey $amounts "limits") (ne (toString $amounts.limits) (toString $amounts.requests)) }}
{{- fail (printf "%s.gpu: Kubernetes gives as many GPUs as the limit says: write the same number for requests and limits" $where) }}
{{- end }}
{{- $amounts = dict "limits" $amounts.requests }}
{{- end }}
{{- range $bound, $amount := $amounts }}
{{- if not (has $bound (list "requests" "limits")) }}
{{- fail (printf "%s.%s.%s is not supported: write requests or limits" $where $resource $bound) }}
{{- end }}
{{- $number := eq (include "polyaxon-persistence.isKind" (dict "kind" "number" "value" $amount)) "true" }}
{{- if not (or $number (typeIs "string" $amount)) }}
{{- fail (printf "%s.%s.%s must be a number" $where $resource $bound) }}
{{- end }}
{{- $quantity := ternary (printf "%s%s" (toJson $amount) (ternary "Mi" "" (eq $resource "memory"))) $amount $number }}
{{- $key := ternary "nvidia.com/gpu" $resource (eq $resource "gpu") }}
{{- $_ := set $out $bound (set (get $out $bound | default dict) $key $quantity) }}
{{- end }}
{{- end }}
{{- $_ := set .into "resources" $out }}
{{- end }}

{{/* Says in the run's own words (.into) what the polyaxonfile (.polyaxonfile) says about the pod; refuses what can't be honoured. */}}
{{- define "polyaxon-persistence.translate" -}}
{{- $file := .polyaxonfile }}
{{- $into := .into }}
{{- $where := printf "runs.%s.polyaxonfile" .name }}
{{- $kind := $file.kind | default "job" }}
{{- if not (has $kind (list "experiment" "job")) }}
{{- $instead := get (dict
      "notebook" "not supported yet: write a Deployment or StatefulSet of your own with the polyaxonfile as its annotation polyaxon.com/polyaxonfile"
      "tensorboard" "not supported yet: write a Deployment of your own with the polyaxonfile as its annotation polyaxon.com/polyaxonfile"
      "build" "not supported yet: build the image elsewhere and write its name in build.image of an experiment or job"
      "group" "not supported: write one run for each set of params, of kind experiment"
      "pipeline" "not supported: write one run for each step") (toString $kind) | default "unknown: write experiment or job" }}
{{- fail (printf "%s: kind %s is %s" $where (toJson $kind) $instead) }}
{{- end }}
{{- include "polyaxon-persistence.checkKeys" (dict "name" .name "section" $file "at" "polyaxonfile") }}
{{- if and (hasKey $file "version") (ne (toString $file.version) "1") }}
{{- fail (printf "%s: version %s is not supported: write version 1 (Polyaxon 0.x)" $where (toJson $file.version)) }}
{{- end }}
{{- if not (has ($file.backend | default "native") (list "native")) }}
{{- fail (printf "%s: backend %s is not supported: take it out, the run becomes a Job" $where (toJson $file.backend)) }}
{{- end }}
{{- $environment := $file.environment | default dict }}
{{- $build := $file.build | default dict }}
{{- $command := $file.run | default dict }}
{{- include "polyaxon-persistence.checkKeys" (dict "name" .name "section" $environment "at" "environment") }}
{{- include "polyaxon-persistence.checkKeys" (dict "name" .name "section" $build "at" "build") }}
{{- include "polyaxon-persistence.checkKeys" (dict "name" .name "section" $command "at" "run") }}
{{- range $at, $section := dict "environment" $environment "build" $build }}
{{- if contains "{{" (toJson $section) }}
{{- fail (printf "%s: %s holds a {{ … }}: only run.cmd is filled, write the value itself" $where $at) }}
{{- end }}
{{- end }}
{{- range list (list "declarations" "params" $file) (list "node_selectors" "node_selector" $environment) (list "configmap_refs" "config_map_refs" $environment) }}
{{- if and (hasKey (last .) (index . 0)) (hasKey (last .) (index . 1)) }}
{{- fail (printf "%s: %s and %s are the same: write one of them" $where (index . 0) (index . 1)) }}
{{- end }}
{{- end }}
{{- $params := $file.params | default $file.declarations | default dict }}
{{- if hasKey $build "image" }}
{{- $_ := set $into "image" $build.image }}
{{- end }}
{{- if hasKey $command "cmd" }}
{{- $cmd := include "polyaxon-persistence.cmd" (dict "name" .name "cmd" $command.cmd "params" $params) }}
{{- $_ := set $into "command" (list "/bin/bash" "-c" $cmd) }}
{{- $_ := set $into "args" nil }}
{{- end }}
{{- if hasKey $environment "resources" }}
{{- include "polyaxon-persistence.resources" (dict "name" .name "resources" $environment.resources "into" $into) }}
{{- end }}
{{- $names := dict "node_selector" "nodeSelector" "node_selectors" "nodeSelector" "tolerations" "tolerations" "affinity" "affinity"
      "labels" "podLabels" "annotations" "podAnnotations" "service_account" "serviceAccountName" "max_restarts" "backoffLimit" }}
{{- range $theirs, $ours := $names }}
{{- if hasKey $environment $theirs }}
{{- $_ := set $into $ours (get $environment $theirs) }}
{{- end }}
{{- end }}
{{- $envFrom := list }}
{{- range $environment.configmap_refs | default $environment.config_map_refs }}
{{- $envFrom = append $envFrom (dict "configMapRef" (dict "name" .)) }}
{{- end }}
{{- range $environment.secret_refs }}
{{- $envFrom = append $envFrom (dict "secretRef" (dict "name" .)) }}
{{- end }}
{{- if $envFrom }}
{{- $_ := set $into "envFrom" $envFrom }}
{{- end }}
{{- $secrets := list }}
{{- range $environment.image_pull_secrets }}
{{- $secrets = append $secrets (dict "name" .) }}
{{- end }}
{{- if $secrets }}
{{- $_ := set $into "imagePullSecrets" $secrets }}
{{- end }}
{{- end }}
