{{/* Reads: .name, .resources. Writes: .into.resources. Translates Polyaxon's resources (cores, Mi, GPUs) to Kubernetes' form. */}}
{{- define "polyaxon-persistence.resources" -}}
{{- include "polyaxon-persistence.checkKeys" (dict "root" .root "name" .name "section" .resources "at" "environment.resources") }}
{{- $where := printf "%s.polyaxonfile: environment.resources" (include "polyaxon-persistence.runPath" .) }}
{{- $out := dict }}
{{- range $resource, $amounts := .resources }}
{{- if and (eq $resource "gpu") (hasKey $amounts "requests") }}
{{- if and (hasKey $amounts "limits") (ne (toString $amounts.limits) (toString $amounts.requests)) }}
{{- fail (printf "%s.gpu: requests and limits differ, but Kubernetes allows only equal numbers of GPUs: write the same number for requests and limits" $where) }}
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

{{/*
Reads: .name, .polyaxonfile, .image (the run's own). Writes: .into. Translates the keys for the pod to keys of a run,
and refuses keys that the chart does not support.
*/}}
{{- define "polyaxon-persistence.translate" -}}
{{- $file := .polyaxonfile }}
{{- $into := .into }}
{{- $where := printf "%s.polyaxonfile" (include "polyaxon-persistence.runPath" .) }}
{{- $kind := $file.kind | default "job" }}
{{- if not (has $kind (list "experiment" "job" "notebook" "tensorboard")) }}
{{- $instead := get (dict
      "build" "not supported: build the image elsewhere and write its name in build.image of an experiment or job"
      "group" "only for a run with a matrix: write hptuning.matrix, or write kind: experiment"
      "pipeline" "not supported: write one run for each step") (toString $kind) | default "unknown: write experiment, job, notebook or tensorboard" }}
{{- fail (printf "%s: kind %s is %s" $where (toJson $kind) $instead) }}
{{- end }}
{{- include "polyaxon-persistence.checkKeys" (dict "root" .root "name" .name "section" $file "at" "polyaxonfile") }}
{{- if and (hasKey $file "version") (ne (toString $file.version) "1") }}
{{- fail (printf "%s: version %s is not supported: write version 1 (Polyaxon 0.x)" $where (toJson $file.version)) }}
{{- end }}
{{- $backends := ternary (list "notebook" "lab") (list "native") (eq $kind "notebook") }}
{{- if not (has ($file.backend | default (first $backends)) $backends) }}
{{- fail (printf "%s: backend %s is not supported: write %s, or remove the key" $where (toJson $file.backend) (join " or " $backends)) }}
{{- end }}
{{- $environment := $file.environment | default dict }}
{{- $build := $file.build | default dict }}
{{- $command := $file.run | default dict }}
{{- include "polyaxon-persistence.checkKeys" (dict "root" .root "name" .name "section" $environment "at" "environment") }}
{{- include "polyaxon-persistence.checkKeys" (dict "root" .root "name" .name "section" $build "at" "build" "built" .image) }}
{{- include "polyaxon-persistence.checkKeys" (dict "root" .root "name" .name "section" $command "at" "run") }}
{{- if and (has $kind (list "notebook" "tensorboard")) (hasKey $environment "max_restarts") }}
{{- fail (printf "%s: environment.max_restarts is not supported, because a %s that ends is always started again: remove the key, or write null if runDefaults has it" $where $kind) }}
{{- end }}
{{- if and (hasKey $environment "max_restarts") (not (regexMatch "^[0-9]+$" (toJson $environment.max_restarts))) }}
{{- fail (printf "%s: environment.max_restarts is %s: write a whole number, 0 or more" $where (toJson $environment.max_restarts)) }}
{{- end }}
{{- range $at, $section := dict "environment" $environment "build" (pick $build "image" "env_vars" "lang_env") "run.env_vars" $command.env_vars }}
{{- if contains "{{" (toJson $section) }}
{{- fail (printf "%s: %s contains {{ … }}, but only run.cmd can contain it: write the value itself" $where $at) }}
{{- end }}
{{- end }}
{{- range list (list "declarations" "params" $file) (list "node_selectors" "node_selector" $environment) (list "configmap_refs" "config_map_refs" $environment) }}
{{- if and (hasKey (last .) (index . 0)) (hasKey (last .) (index . 1)) }}
{{- fail (printf "%s: %s and %s mean the same: write only one of the two" $where (index . 0) (index . 1)) }}
{{- end }}
{{- end }}
{{- $filled := dict }}
{{- include "polyaxon-persistence.params" (dict "root" .root "name" .name "polyaxonfile" $file "into" $filled) }}
{{- $params := $filled.params }}
{{- if hasKey $build "image" }}
{{- $_ := set $into "image" $build.image }}
{{- end }}
{{- if hasKey $command "cmd" }}
{{- $cmd := include "polyaxon-persistence.cmd" (dict "root" .root "name" .name "cmd" $command.cmd "params" $params) }}
{{- $_ := set $into "command" (list "/bin/bash" "-c" $cmd) }}
{{- $_ := set $into "args" nil }}
{{- end }}
{{- if hasKey $environment "resources" }}
{{- include "polyaxon-persistence.resources" (dict "root" .root "name" .name "resources" $environment.resources "into" $into) }}
{{- end }}
{{- $names := dict "node_selector" "nodeSelector" "node_selectors" "nodeSelector" "tolerations" "tolerations" "affinity" "affinity"
      "labels" "podLabels" "annotations" "podAnnotations" "service_account" "serviceAccountName" "max_restarts" "backoffLimit"
      "security_context" "podSecurityContext" }}
{{- range $key, $field := $names }}
{{- if hasKey $environment $key }}
{{- $_ := set $into $field (get $environment $key) }}
{{- end }}
{{- end }}
{{- include "polyaxon-persistence.variables" (dict "root" .root "name" .name "polyaxonfile" $file "params" $params "into" $into) }}
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
