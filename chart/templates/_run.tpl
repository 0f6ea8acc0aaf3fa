{{/*
Reads: .root, .name, .given (the run's values) and perhaps .member, one of "polyaxon-persistence.members". Writes: .into,
the complete run. The polyaxonfile overrides runDefaults, and the run's own values override both.
*/}}
{{- define "polyaxon-persistence.run" -}}
{{- $defaults := .root.Values.runDefaults | default dict }}
{{- $given := .given }}
{{- $file := dict }}
{{- if .member }}
{{- $file = .member.file }}
{{- else }}
{{- include "polyaxon-persistence.layerPolyaxonfile" (dict "root" .root "name" .name "given" $given "into" $file) }}
{{- end }}
{{- $translated := dict }}
{{- include "polyaxon-persistence.translate" (dict "root" .root "name" .name "polyaxonfile" $file "image" $given.image "into" $translated) }}
{{- range list $defaults $translated $given }}
{{- include "polyaxon-persistence.layer" (dict "under" $.into "over" (omit . "polyaxonfile" "env")) }}
{{- end }}
{{- $env := list $translated.env $given.env }}
{{- if not (hasKey $given "env") }}
{{- $env = list $defaults.env $translated.env }}
{{- end }}
{{- if not (and (kindIs "invalid" (first $env)) (kindIs "invalid" (last $env))) }}
{{- include "polyaxon-persistence.layerVariables" (dict "layers" $env "into" .into) }}
{{- end }}
{{- $_ := set .into "polyaxonfile" $file }}
{{- if and .member .member.grid }}
{{- $_ := set .into "grid" .member.grid }}
{{- end }}
{{- $context := dict "root" .root "name" .name "given" $given "run" .into }}
{{- include "polyaxon-persistence.checkKind" $context }}
{{- if eq (include "polyaxon-persistence.isServed" $context) "true" }}
{{- include "polyaxon-persistence.serve" $context }}
{{- end }}
{{- include "polyaxon-persistence.checkRun" $context }}
{{- end }}

{{/* Reads: .root, .name, .given. Writes: .into, the polyaxonfile of a run: that of runDefaults, merged with the run's own. */}}
{{- define "polyaxon-persistence.layerPolyaxonfile" -}}
{{- $own := dict }}
{{- range list (.root.Values.runDefaults | default dict) .given }}
{{- if not (kindIs "invalid" .polyaxonfile) }}
{{- $read := dict }}
{{- include "polyaxon-persistence.readPolyaxonfile" (dict "root" $.root "name" $.name "given" .polyaxonfile "into" $read) }}
{{- $_ := set $own "removesNothing" (and (hasKey $read.polyaxonfile "run") (kindIs "invalid" $read.polyaxonfile.run) (not (hasKey $.into "run"))) }}
{{- include "polyaxon-persistence.layer" (dict "under" $.into "over" $read.polyaxonfile) }}
{{- end }}
{{- end }}
{{- /* Null removes the section of runDefaults. Without such a section, nobody wrote a command. */}}
{{- if or (eq (toJson .into.run) "{}") (and .given.polyaxonfile $own.removesNothing) }}
{{- fail (printf "%s.polyaxonfile: run is empty: write a command, or remove the key to run the command of the image" (include "polyaxon-persistence.runPath" .)) }}
{{- end }}
{{- end }}

{{/* Refuses values that contradict each other. values.schema.json checks types; _values.tpl checks names, and _keys.tpl keys. */}}
{{- define "polyaxon-persistence.checkRun" -}}
{{- $run := .run }}
{{- $where := include "polyaxon-persistence.runPath" . }}
{{- include "polyaxon-persistence.checkFiles" . }}
{{- if not $run.image }}
{{- fail (printf "%s has no image: write %s.image, or build.image in its polyaxonfile" $where $where) }}
{{- end }}
{{- if and .given.args (not .given.command) (dig "run" "cmd" "" $run.polyaxonfile) }}
{{- fail (printf "%s.args can't be used here: run.cmd of the polyaxonfile is one shell command, and takes no args. Write the arguments in run.cmd, or set %s.command together with %s.args" $where $where $where) }}
{{- end }}
{{- if $run.hook }}
{{- if $run.schedule }}
{{- fail (printf "%s: a run can't have a hook and a schedule: remove hook or schedule" $where) }}
{{- end }}
{{- if $run.suspend }}
{{- fail (printf "%s: Helm would wait for ever for a suspended hook: remove hook or suspend" $where) }}
{{- end }}
{{- if semverCompare "<4.0.0-0" .root.Capabilities.HelmVersion.Version }}
{{- fail (printf "%s.hook needs Helm 4: Helm 3 passes no hooks to a post-renderer, so the run would start without its volumes: use Helm 4, or remove hook" $where) }}
{{- end }}
{{- else if and $run.folder (eq (include "polyaxon-persistence.isKept" .) "true") }}
{{- fail (printf "%s.folder: with policy keep the old and the new run would write into the same run folder: write policy replace or none" $where) }}
{{- end }}
{{- $reserved := dict "labels" (list "polyaxon.com/" "app.kubernetes.io/instance") "annotations" (list "polyaxon.com/" "helm.sh/hook:")
      "podLabels" (list "polyaxon.com/" "app.kubernetes.io/instance" "batch.kubernetes.io/") "podAnnotations" (list "polyaxon.com/") }}
{{- $asked := dict "polyaxon.com/polyaxonfile" "" "polyaxon.com/kind" ".kind"
      "polyaxon.com/data" ".environment.persistence.data" "polyaxon.com/outputs" ".environment.persistence.outputs" }}
{{- if hasKey (include "polyaxon-persistence.ownLabels" .root | fromJson) "app.kubernetes.io/name" }}
{{- range list "labels" "podLabels" }}
{{- $_ := set $reserved . (append (get $reserved .) "app.kubernetes.io/name:") }}
{{- end }}
{{- end }}
{{- range $field, $prefixes := $reserved }}
{{- range $key, $_ := get $run $field | default dict }}
{{- range $prefixes }}
{{- if hasPrefix . (printf "%s:" $key) }}
{{- if hasKey $asked $key }}
{{- fail (printf "%s.%s: %s can't be set here, because the chart writes a polyaxonfile for each run: write %s.polyaxonfile%s" $where $field $key $where (get $asked $key)) }}
{{- end }}
{{- fail (printf "%s.%s: %s can't be set here, because the chart or the post-renderer sets it: use the run's values folder, project, user, containers, hook or rerun" $where $field $key) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Writes <release>-<run>, or another prefix than the release. The post-renderer appends 11 characters to a Job's name, and Kubernetes appends 11 to a CronJob's. The
pods of an Indexed Job also have an index in their names. A longer name is cut and gets a hash of the whole name, so that it
stays unique.
*/}}
{{- define "polyaxon-persistence.name" -}}
{{- $room := 52 }}
{{- if eq (.run.completionMode | default "NonIndexed") "Indexed" }}
{{- $last := sub (int (.run.completions | default .run.parallelism | default 1)) 1 }}
{{- $room = sub $room (len (printf "-%d" $last)) }}
{{- end }}
{{- $name := printf "%s-%s" (include "polyaxon-persistence.prefix" .root) (include "polyaxon-persistence.runName" .) }}
{{- if gt (len $name) (int $room) }}
{{- $name = printf "%s-%s" (trunc (int (sub $room 11)) $name | trimAll "-.") (sha256sum $name | trunc 10) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Writes the name that labels and references have for a run: for a member of a grid another one than the name in the values. */}}
{{- define "polyaxon-persistence.runName" -}}
{{- dig "grid" "member" .name .run }}
{{- end }}

{{/* The labels that Jobs and pods share. kubectl -l finds a run by them. */}}
{{- define "polyaxon-persistence.runLabels" -}}
{{- $labels := include "polyaxon-persistence.ownLabels" .root | fromJson }}
{{- with .run.grid }}
{{- $_ := set $labels "polyaxon.com/group" .group }}
{{- end }}
{{- merge $labels (dict "polyaxon.com/run" (include "polyaxon-persistence.runName" .) "polyaxon.com/kind" (.run.polyaxonfile.kind | default "job")) | toJson }}
{{- end }}

{{/* The labels of all objects of a run except its pods. */}}
{{- define "polyaxon-persistence.labels" -}}
{{- $chart := dict "app.kubernetes.io/name" (include "polyaxon-persistence.chartName" .root) "app.kubernetes.io/managed-by" .root.Release.Service
      "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") }}
{{- merge (include "polyaxon-persistence.runLabels" . | fromJson) (.run.labels | default dict) $chart | toJson }}
{{- end }}

{{/* Whether the run is a Job that is named by its content. */}}
{{- define "polyaxon-persistence.hasPolicy" -}}
{{- not (or .run.schedule .run.hook (eq (.run.policy | default "keep") "none") (eq (include "polyaxon-persistence.isServed" .) "true")) }}
{{- end }}

{{/* Whether the run's Job stays when the release is removed. */}}
{{- define "polyaxon-persistence.isKept" -}}
{{- and (eq (include "polyaxon-persistence.hasPolicy" .) "true") (eq (.run.policy | default "keep") "keep") }}
{{- end }}

{{/* The labels and annotations of a run's workload. The annotations in the values override the annotations for Argo CD. */}}
{{- define "polyaxon-persistence.runMetadata" -}}
{{- $run := .run -}}
labels:
  {{- include "polyaxon-persistence.labels" . | fromJson | include "polyaxon-persistence.block" | nindent 2 }}
annotations:
  polyaxon.com/polyaxonfile: |
    {{- toYaml $run.polyaxonfile | nindent 4 }}
  {{- if eq (include "polyaxon-persistence.hasPolicy" .) "true" }}
  polyaxon.com/run-policy: {{ $run.policy | default "keep" }}
  {{- end }}
  {{- $grid := $run.grid | default dict }}
  {{- range $key, $value := dict "run-folder" $run.folder "project" $run.project "user" $run.user "containers" (join "," $run.containers) "group" $grid.group "concurrency" $grid.concurrency }}
  {{- if $value }}
  polyaxon.com/{{ $key }}: {{ toJson $value }}
  {{- end }}
  {{- end }}
  {{- $annotations := dict }}
  {{- if $run.hook }}
  {{- $_ := set $annotations "helm.sh/hook" $run.hook }}
  {{- else if and (ne (include "polyaxon-persistence.isServed" .) "true") (ne (toString (dig "ignoreHealth" true (.root.Values.argocd | default dict))) "false") }}
  {{- $_ := set $annotations "argocd.argoproj.io/ignore-healthcheck" "true" }}
  {{- end }}
  {{- with merge (deepCopy ($run.annotations | default dict)) $annotations }}
  {{- include "polyaxon-persistence.block" . | nindent 2 }}
  {{- end }}
{{- end }}
