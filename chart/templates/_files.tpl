{{/*
Small code from the values (.run.files) for one run: a ConfigMap named by what it holds, so that a changed file is a changed
pod, and the ConfigMap of a Job that is kept stays as long as its Job.
*/}}
{{- define "polyaxon-persistence.filesName" -}}
{{- printf "%s-%s" (include "polyaxon-persistence.name" .) (toRawJson .run.files | sha256sum | trunc 10) }}
{{- end }}

{{- define "polyaxon-persistence.filesConfigMap" -}}
{{- if .run.files }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "polyaxon-persistence.filesName" . | toJson }}
  namespace: {{ toJson .root.Release.Namespace }}
  labels:
    {{- include "polyaxon-persistence.labels" . | fromJson | include "polyaxon-persistence.block" | nindent 4 }}
  {{- if eq (include "polyaxon-persistence.isKept" .) "true" }}
  annotations:
    helm.sh/resource-policy: keep
    argocd.argoproj.io/sync-options: Prune=false
    argocd.argoproj.io/compare-options: IgnoreExtraneous
  {{- end }}
data:
  {{- include "polyaxon-persistence.block" .run.files | nindent 2 }}
immutable: true
{{- end }}
{{- end }}

{{/*
Reads: .root, .name, .run. Writes: .into.volumes, .into.volumeMounts. The files of a run, mounted one by one, so that the
image's own files stay beside them.
*/}}
{{- define "polyaxon-persistence.filesVolume" -}}
{{- $mounts := list }}
{{- range $file, $_ := .run.files }}
{{- $mounts = append $mounts (dict "name" "run-files" "mountPath" (printf "/code/%s" $file) "subPath" $file "readOnly" true) }}
{{- end }}
{{- $source := dict "name" (include "polyaxon-persistence.filesName" .) "defaultMode" 365 }}
{{- $_ := set .into "volumes" (list (dict "name" "run-files" "configMap" $source)) }}
{{- $_ := set .into "volumeMounts" $mounts }}
{{- end }}

{{- define "polyaxon-persistence.checkFiles" -}}
{{- $where := printf "runs.%s.files" .name }}
{{- $size := 0 }}
{{- range $file, $text := .run.files }}
{{- if or (not (regexMatch "^[-._a-zA-Z0-9]{1,253}$" $file)) (has $file (list "." "..")) }}
{{- fail (printf "%s: %s is not the name of a file in /code: letters, digits, dots, dashes and underscores, no folders; more code belongs into the image" $where (toJson $file)) }}
{{- end }}
{{- if regexMatch "(^|[^\\\\])(\\\\\\\\)*\\\\ufffd" (toRawJson $text) }}
{{- fail (printf "%s: %s is not UTF-8 text: put it into the image" $where $file) }}
{{- end }}
{{- $size = add $size (len $file) (len $text) }}
{{- end }}
{{- if gt (int $size) 1048576 }}
{{- fail (printf "%s: %d bytes, and a ConfigMap holds 1048576: put the code into the image" $where $size) }}
{{- end }}
{{- if and .run.files (regexMatch "pre-(install|upgrade|rollback)|post-delete" (.run.hook | default "")) }}
{{- fail (printf "%s: their ConfigMap is not there yet, or not any more, when a hook %s runs: write post-install,post-upgrade, or put the code into the image" $where .run.hook) }}
{{- end }}
{{- end }}
