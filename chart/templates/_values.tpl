{{/*
Writes "true", or nothing if the values say enabled: false. Every template begins with it, so that it renders nothing
then. Refuses invalid names and unknown keys before that, all of them together.
*/}}
{{- define "polyaxon-persistence.isEnabled" -}}
{{- if ne (toString .Values.enabled) "false" }}
{{- $problems := list }}
{{- range list "valuesProblems" "persistenceProblems" "runProblems" }}
{{- $problems = concat $problems (include (printf "polyaxon-persistence.%s" .) $ | fromJsonArray) }}
{{- end }}
{{- with include "polyaxon-persistence.polyaxonfileAsValues" . }}
{{- $problems = list . }}
{{- end }}
{{- if gt (len $problems) 1 }}
{{- $problems = prepend $problems (printf "the values have %d errors:" (len $problems)) }}
{{- end }}
{{- if $problems }}
{{- fail (join "\n" $problems) }}
{{- end }}
{{- print "true" }}
{{- end }}
{{- end }}

{{/* Writes the keys above these values in the values of an umbrella chart, as in "vision."; nothing in the chart itself. */}}
{{- define "polyaxon-persistence.valuesPath" -}}
{{- range rest (splitList "/charts/" (dir .Template.BasePath)) }}
{{- printf "%s." . }}
{{- end }}
{{- end }}

{{/* Reads: .root, .name. Writes the path of a run in the values, as in runs.train or vision.runs.train. */}}
{{- define "polyaxon-persistence.runPath" -}}
{{- printf "%sruns.%s" (include "polyaxon-persistence.valuesPath" .root) .name }}
{{- end }}

{{/* Writes the name of this chart: nameOverride, else its alias in an umbrella chart, else polyaxon-persistence. */}}
{{- define "polyaxon-persistence.chartName" -}}
{{- .Values.nameOverride | default .Chart.Name }}
{{- end }}

{{/* Writes the beginning of the names of all objects. Only overrides and an alias make it another text than the release. */}}
{{- define "polyaxon-persistence.prefix" -}}
{{- $name := .Values.nameOverride | default (ternary "" .Chart.Name (eq .Chart.Name "polyaxon-persistence")) }}
{{- .Values.fullnameOverride | default (ternary (printf "%s-%s" .Release.Name $name) .Release.Name (ne $name "")) }}
{{- end }}

{{/*
Writes labels as JSON: the labels by which an object and its pods belong to this chart. A release can have this chart
twice, under two names. Without another name the labels are those of earlier versions, because they are part of pods.
*/}}
{{- define "polyaxon-persistence.ownLabels" -}}
{{- $labels := dict "app.kubernetes.io/instance" .Release.Name }}
{{- if ne (include "polyaxon-persistence.prefix" .) .Release.Name }}
{{- $_ := set $labels "app.kubernetes.io/name" (include "polyaxon-persistence.chartName" .) }}
{{- end }}
{{- toJson $labels }}
{{- end }}

{{/*
Reads: the mapping of data or outputs. If it is one volume without a name, as in Polyaxon up to 0.1.0, writes a key of this
volume. A mapping is a volume that has the name of a key. values.schema.json has the same list of keys.
*/}}
{{- define "polyaxon-persistence.keyOfSingle" -}}
{{- $keys := list }}
{{- range list "mountPath" "existingClaim" "hostPath" "store" "bucket" "name" "size" "accessMode" "volumeSource" }}
{{- $value := get $ . }}
{{- if not (or (not (hasKey $ .)) (kindIs "invalid" $value) (and (kindIs "map" $value) (ne . "volumeSource"))) }}
{{- $keys = append $keys . }}
{{- end }}
{{- end }}
{{- first $keys | default "" }}
{{- end }}

{{/* Writes a JSON list: the unknown keys at the top of the values. The schema accepts them, so that this message appears. */}}
{{- define "polyaxon-persistence.valuesProblems" -}}
{{- $found := dict "problems" list }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" (include "polyaxon-persistence.valuesPath" . | trimSuffix ".") "given" (omit .Values) "section" "values" "into" $found) }}
{{- toJson $found.problems }}
{{- end }}

{{/* Writes a JSON list: what is wrong with the names and keys under persistence. */}}
{{- define "polyaxon-persistence.persistenceProblems" -}}
{{- $persistence := .Values.persistence | default dict }}
{{- $keys := include "polyaxon-persistence.knownKeys" . | fromYaml }}
{{- $at := printf "%spersistence" (include "polyaxon-persistence.valuesPath" .) }}
{{- $found := dict "problems" list }}
{{- $top := dict "keys" $keys.values.known "beside" "persistence" }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" $at "given" $persistence "section" "persistence" "outer" (list $top) "into" $found) }}
{{- range $role := list "data" "outputs" }}
{{- $entries := get $persistence $role | default dict }}
{{- $where := printf "%s.%s" $at $role }}
{{- $single := include "polyaxon-persistence.keyOfSingle" $entries }}
{{- if $single }}
{{- $key := get (dict "name" "existingClaim" "size" "create.size" "accessMode" "accessModes") $single | default $single }}
{{- $_ := set $found "problems" (append $found.problems (printf "%s.%s: each volume needs a name. Write %s.NAME.%s. For values of Polyaxon 0.x, run polyaxon-persistence migrate" $where $single $where $key)) }}
{{- else }}
{{- $settings := dict "keys" $keys.persistence.known "beside" $role }}
{{- $outer := list $settings $top }}
{{- $entries = include "polyaxon-persistence.withoutIndented" (dict "at" $where "given" $entries "outer" $outer "own" $keys.entry.known "into" $found) | fromJson }}
{{- include "polyaxon-persistence.findInvalidNames" (dict "at" $where "given" $entries "what" "volume" "into" $found) }}
{{- range $name, $entry := $entries }}
{{- $outer := list $settings $top (dict "marks" (list "mountPath" "store") "beside" $name) }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" (printf "%s.%s" $where $name) "given" $entry "section" "entry" "outer" $outer "into" $found) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $found.problems }}
{{- end }}

{{/* Writes a JSON list: what is wrong with the names and keys under runs and runDefaults, and with the names of the chart. */}}
{{- define "polyaxon-persistence.runProblems" -}}
{{- $keys := include "polyaxon-persistence.knownKeys" . | fromYaml }}
{{- $at := include "polyaxon-persistence.valuesPath" . }}
{{- $found := dict "problems" list }}
{{- /* A run may have the key persistence: it belongs in its polyaxonfile. */}}
{{- $top := without $keys.values.known "persistence" "enabled" }}
{{- $outer := dict "keys" $top "beside" "runs" }}
{{- include "polyaxon-persistence.findInvalidOverrides" (dict "root" . "at" $at "into" $found) }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" (printf "%srunDefaults" $at) "given" .Values.runDefaults "section" "run" "outer" (list (dict "keys" $top "beside" "runDefaults")) "into" $found) }}
{{- $runs := include "polyaxon-persistence.withoutIndented" (dict "at" (printf "%sruns" $at) "given" .Values.runs "outer" (list $outer) "own" $keys.run.known "any" true "into" $found) | fromJson }}
{{- include "polyaxon-persistence.findInvalidNames" (dict "at" (printf "%sruns" $at) "given" $runs "what" "run" "into" $found) }}
{{- range $name, $run := $runs }}
{{- $outer := list $outer (dict "marks" (list "polyaxonfile" "image" "command") "beside" $name) }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" (printf "%sruns.%s" $at $name) "given" $run "section" "run" "outer" $outer "into" $found) }}
{{- end }}
{{- toJson $found.problems }}
{{- end }}

{{/*
Reads: .at, .given (a mapping of names) and what beside reads. Writes as JSON the mapping without the names that are keys of a
level above, and adds these to .into.problems.
*/}}
{{- define "polyaxon-persistence.withoutIndented" -}}
{{- $names := omit (.given | default dict) }}
{{- range $name, $value := .given }}
{{- $problem := include "polyaxon-persistence.beside" (merge (dict "name" $name "value" $value) $) }}
{{- if $problem }}
{{- $names = omit $names $name }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s.%s: %s" $.at $name $problem)) }}
{{- end }}
{{- end }}
{{- toJson $names }}
{{- end }}

{{/* Reads: .at, .given (a mapping of names), .what. Adds to .into.problems each name that Kubernetes would refuse. */}}
{{- define "polyaxon-persistence.findInvalidNames" -}}
{{- $taken := omit (.given | default dict) }}
{{- range $name, $value := .given }}
{{- $problem := "" }}
{{- if kindIs "invalid" $value }}
{{- /* null removes a name */}}
{{- else if has $name (list "true" "false") }}
{{- $problem = printf "YAML reads an unquoted on, off, yes, no, y or n as true or false: give the %s another name" $.what }}
{{- else if ne (include "polyaxon-persistence.isName" $name) "true" }}
{{- $better := include "polyaxon-persistence.toName" $name }}
{{- if or (not $better) (hasKey $taken $better) (has $better (list "true" "false")) }}
{{- $better = "another name" }}
{{- end }}
{{- $_ := set $taken $better true }}
{{- $problem = printf "a name must have only lower-case letters, digits and dashes, must begin and end with a letter or digit, and must have at most 63 characters: write %s" $better }}
{{- end }}
{{- if $problem }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s.%s: %s" $.at $name $problem)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Reads: .root, .at. Adds to .into.problems each override, or the alias, that can't be the beginning of a name. */}}
{{- define "polyaxon-persistence.findInvalidOverrides" -}}
{{- $values := .root.Values }}
{{- range $key := list "nameOverride" "fullnameOverride" }}
{{- $name := get $values $key | default "" }}
{{- if and $name (ne (include "polyaxon-persistence.isName" $name) "true") }}
{{- $better := include "polyaxon-persistence.toName" $name | default "another name" }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s%s is %s, but a name must have only lower-case letters, digits and dashes, must begin and end with a letter or digit, and must have at most 63 characters: write %s" $.at $key (toJson $name) $better)) }}
{{- end }}
{{- end }}
{{- $alias := .root.Chart.Name }}
{{- if not (or $values.nameOverride $values.fullnameOverride (eq (include "polyaxon-persistence.isName" $alias) "true")) }}
{{- $better := include "polyaxon-persistence.toName" $alias | default "NAME" }}
{{- $_ := set .into "problems" (append .into.problems (printf "the alias %s can't be part of the names of objects: write another alias, or %snameOverride: %s" $alias .at $better)) }}
{{- end }}
{{- end }}

{{- define "polyaxon-persistence.isName" -}}
{{- regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" . }}
{{- end }}

{{/* Writes a text as a name that Kubernetes accepts; nothing if the text has no letter and no digit. */}}
{{- define "polyaxon-persistence.toName" -}}
{{- regexReplaceAll "[^a-z0-9]+" (lower .) "-" | trimAll "-" | trunc 63 | trimSuffix "-" }}
{{- end }}
