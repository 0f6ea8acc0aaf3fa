{{/*
The known keys of a mapping in the values, as values.schema.json lists them. `instead`: key that is not known -> what to
write instead. What belongs at another level of the values is found without these rows: see place and beside.
*/}}
{{- define "polyaxon-persistence.knownKeys" -}}
values:
  known: [enabled, nameOverride, fullnameOverride, persistence, runDefaults, runs, guard, admissionPolicy, argocd, global]
  instead:
    run: did you mean "runs"?
persistence:
  known: [data, outputs, defaultData, defaultOutputs, outputsSelection, runFolder, isolateRuns, workloads]
  instead:
    logs: this was a volume of Polyaxon's own server. Remove the key. kubectl logs reads the logs of a run
    repos: this was a volume of Polyaxon's own server. Remove the key. Build an image with the code, or write the volume under persistence.data
    upload: this was a volume of Polyaxon's own server. Remove the key. kubectl cp copies files into a volume
    extra: write each volume under persistence.data with a name, or run polyaxon-persistence migrate, which does so
  ignored: true
entry:
  known: [mountPath, hostPath, hostPathType, existingClaim, volumeSource, readOnly, accessModes, subPath, description,
          createRunFolder, create, store, bucket, secret, secretKey, credentials]
  instead:
    name: write existingClaim with the name of the claim; the key above names the volume
    accessMode: write accessModes with a list, as in [ReadWriteOnce]
    size: write create.size if the chart must make the claim; else remove it
  ignored: true
run:
  known: [polyaxonfile, policy, rerun, suspend, schedule, timeZone, hook, folder, project, user, containers, image,
          imagePullPolicy, imagePullSecrets, command, args, workingDir, env, envFrom, resources, nodeSelector, tolerations,
          affinity, priorityClassName, runtimeClassName, serviceAccountName, automountServiceAccountToken,
          podSecurityContext, securityContext, initContainers, extraVolumes, extraVolumeMounts, shm, labels, annotations,
          podLabels, podAnnotations, backoffLimit, activeDeadlineSeconds, parallelism, completions, completionMode,
          ttlSecondsAfterFinished, port, service, ingress, tokenSecret, startupProbe, readinessProbe, livenessProbe, files]
  instead:
    cmd: write polyaxonfile.run.cmd, or command and args
    volumes: write extraVolumes
    volumeMounts: write extraVolumeMounts
    restartPolicy: write backoffLimit, the number of times that a failed pod is started again
{{- end }}

{{/*
Reads: .at, .given (a mapping or nil), .section (of knownKeys) and perhaps .outer, as beside reads it. Adds to .into.problems
each key that is not known.
*/}}
{{- define "polyaxon-persistence.findUnknownKeys" -}}
{{- $known := get (include "polyaxon-persistence.knownKeys" . | fromYaml) .section }}
{{- $strange := list }}
{{- range $key, $value := .given }}
{{- if not (or (kindIs "invalid" $value) (has $key $known.known) (and (eq $.section "values") (hasPrefix "x-" $key))) }}
{{- $hint := include "polyaxon-persistence.hint" (merge (dict "key" $key "value" $value) $) }}
{{- if and (eq $.section "values") (not $hint) }}
{{- $strange = append $strange $key }}
{{- else if hasPrefix "is " $hint }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s.%s: %s" $.at $key $hint)) }}
{{- else }}
{{- $last := ternary "Polyaxon ignored it. Remove it" "remove it" (default false $known.ignored) }}
{{- $hint = $hint | default (printf "%s%s" $last (include "polyaxon-persistence.allKeys" $known.known)) }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s: unknown key: %s" (printf "%s.%s" $.at $key | trimPrefix ".") $hint)) }}
{{- end }}
{{- end }}
{{- end }}
{{- if $strange }}
{{- /* They may be the many keys of Polyaxon's own chart. */}}
{{- $keys := ternary "unknown key: remove it" "unknown keys: remove them" (eq (len $strange) 1) }}
{{- $_ := set .into "problems" (append .into.problems (printf "%s: %s. For values of Polyaxon 0.x, run polyaxon-persistence migrate%s" (join ", " $strange) $keys (include "polyaxon-persistence.allKeys" $known.known))) }}
{{- end }}
{{- end }}

{{/* Reads: known keys. Writes a sentence that lists them, or nothing if there are too many to read. */}}
{{- define "polyaxon-persistence.allKeys" -}}
{{- if le (len .) 16 }}
{{- printf ". The known keys are: %s" (sortAlpha . | join ", ") }}
{{- end }}
{{- end }}

{{/*
Reads what findUnknownKeys reads, and .key, .value. Writes what to do about an unknown key; nothing if only removing helps.
The place of the same word at another level comes before a word that is only similar.
*/}}
{{- define "polyaxon-persistence.hint" -}}
{{- $known := get (include "polyaxon-persistence.knownKeys" . | fromYaml) .section }}
{{- $near := include "polyaxon-persistence.nearest" (dict "word" .key "known" $known.known) }}
{{- $isSame := eq (regexReplaceAll "[-_ ]" (lower .key) "") (lower $near) }}
{{- $hint := get $known.instead .key }}
{{- if not (or $hint $isSame) }}
{{- $hint = include "polyaxon-persistence.beside" (dict "name" .key "value" .value "outer" .outer) }}
{{- end }}
{{- if not (or $hint $isSame) }}
{{- $hint = include "polyaxon-persistence.place" . }}
{{- end }}
{{- if and $near (not $hint) }}
{{- $hint = printf "did you mean %q?" $near }}
{{- end }}
{{- $hint }}
{{- end }}

{{/*
Reads: .name, .value, .outer: a list of mappings `keys`, the keys of a level above, and `beside`, the key of that level above
the name. Or `marks`: a mapping with one of these keys belongs to that level, whatever its name is. Then perhaps .own: the
keys of a mapping that has such a name by right, and .any: whether these keys may have mappings as values. Writes a message
if the name is indented too far.
*/}}
{{- define "polyaxon-persistence.beside" -}}
{{- $isMap := kindIs "map" .value }}
{{- $isOwn := false }}
{{- if and .own $isMap (eq (include "polyaxon-persistence.isName" .name) "true") }}
{{- range $key, $value := .value }}
{{- if has $key $.own }}
{{- $isOwn = or $isOwn $.any (not (kindIs "map" $value)) (eq $key "volumeSource") }}
{{- end }}
{{- end }}
{{- end }}
{{- $beside := "" }}
{{- if not (or $isOwn (kindIs "invalid" .value)) }}
{{- range .outer }}
{{- if or (has $.name (.keys | default list)) (and $isMap (include "polyaxon-persistence.hasOne" (dict "map" $.value "keys" .marks))) }}
{{- $beside = $beside | default .beside }}
{{- end }}
{{- end }}
{{- end }}
{{- if $beside }}
{{- printf "is %q indented too far? It belongs beside %s" .name $beside }}
{{- end }}
{{- end }}

{{/* Reads: .map, .keys. Writes "true", or nothing if the mapping has none of the keys. */}}
{{- define "polyaxon-persistence.hasOne" -}}
{{- $found := false }}
{{- range .keys }}
{{- $found = or $found (hasKey $.map .) }}
{{- end }}
{{- ternary "true" "" $found }}
{{- end }}

{{/*
Reads: .at, .key, .value, .section. Writes where a key belongs that is written one or more levels too high; nothing if no
level below has such a key.
*/}}
{{- define "polyaxon-persistence.place" -}}
{{- $keys := include "polyaxon-persistence.knownKeys" . | fromYaml }}
{{- $places := list }}
{{- $run := .at }}
{{- if eq .section "persistence" }}
{{- $places = list (dict "keys" $keys.entry.known "at" (printf "%s.data.<name>" .at)) }}
{{- else if eq .section "values" }}
{{- $run = printf "%s.runs.<name>" .at | trimPrefix "." }}
{{- $persistence := printf "%s.persistence" .at | trimPrefix "." }}
{{- $settings := ternary $keys.persistence.known (without $keys.persistence.known "data" "outputs") (kindIs "map" .value) }}
{{- $places = list (dict "keys" $settings "at" $persistence) (dict "keys" $keys.run.known "at" $run) }}
{{- end }}
{{- $hint := "" }}
{{- if has .section (list "values" "run") }}
{{- $file := include "polyaxon-persistence.polyaxonfileKeys" . | fromYaml }}
{{- $at := printf "%s.polyaxonfile" $run }}
{{- $references := ternary .value dict (kindIs "map" .value) }}
{{- if or (eq .key "data") (and (eq .key "outputs") (not (kindIs "slice" .value)) (not (or (hasKey $references "jobs") (hasKey $references "experiments")))) }}
{{- $places = append $places (dict "keys" (list .key) "at" (printf "%s.environment.persistence" $at)) }}
{{- else if and (eq .key "outputs") $references }}
{{- $places = append $places (dict "keys" (list .key) "at" (printf "%s.environment" $at)) }}
{{- end }}
{{- $places = append $places (dict "keys" (concat (keys $file.polyaxonfile.taken) (list "hptuning" "matrix")) "at" $at) }}
{{- range $section := list "environment" "run" }}
{{- $places = append $places (dict "keys" (keys (get $file $section).taken) "at" (printf "%s.%s" $at $section)) }}
{{- end }}
{{- /* The same text as inside the polyaxonfile, from the level of the run. */}}
{{- $hint = get $file.polyaxonfile.instead .key | replace "%s" $run | replace "write environment." (printf "write %s.environment." $at) | replace "write build." (printf "write %s.build." $at) | replace "write run." (printf "write %s.run." $at) | replace "write hptuning." (printf "write %s.hptuning." $at) }}
{{- end }}
{{- range $places }}
{{- if has $.key .keys }}
{{- $hint = printf "write %s.%s" .at $.key }}
{{- break }}
{{- end }}
{{- end }}
{{- $hint }}
{{- end }}

{{/*
Writes a message if the values are a polyaxonfile, given with -f; else nothing. One of its keys alone may be a key of the
values at the wrong level.
*/}}
{{- define "polyaxon-persistence.polyaxonfileAsValues" -}}
{{- $count := 0 }}
{{- range list "version" "kind" "environment" "build" "run" "hptuning" "matrix" "declarations" "params" "settings" "inputs" "framework" }}
{{- $value := get $.Values . }}
{{- $isOther := or (and (has . (list "environment" "build")) (not (kindIs "map" $value))) (and (eq . "run") (not (hasKey (ternary $value dict (kindIs "map" $value)) "cmd"))) }}
{{- if and (hasKey $.Values .) (not $isOther) }}
{{- $count = add1 $count }}
{{- end }}
{{- end }}
{{- if gt (int $count) 1 }}
{{- print "this is a polyaxonfile, not a values file: run polyaxon-persistence migrate FILE, or write it under runs.<name>.polyaxonfile" }}
{{- end }}
{{- end }}

{{/*
Reads: .word, .known (words). Writes the known word that is most like the word: the same without upper case, dashes and
underscores; else with one letter less, more or other, or two letters exchanged; else one that begins or ends with it.
Writes nothing if there is none.
*/}}
{{- define "polyaxon-persistence.nearest" -}}
{{- $word := regexReplaceAll "[-_ ]" (lower .word) "" | trunc 40 }}
{{- $near := "" }}
{{- $best := 0 }}
{{- $cuts := dict }}
{{- include "polyaxon-persistence.cuts" (dict "word" $word "into" $cuts) }}
{{- range $known := sortAlpha .known }}
{{- $other := regexReplaceAll "[-_ ]" (lower $known) "" }}
{{- $otherCuts := dict }}
{{- include "polyaxon-persistence.cuts" (dict "word" $other "into" $otherCuts) }}
{{- $score := 0 }}
{{- if eq $word $other }}
{{- $score = 3 }}
{{- else if ne (len (merge (dict) $cuts $otherCuts)) (add (len $cuts) (len $otherCuts) | int) }}
{{- $score = 2 }}
{{- else if and (ge (len $word) 5) (or (hasPrefix $word $other) (hasSuffix $word $other)) }}
{{- $score = 1 }}
{{- end }}
{{- if gt $score $best }}
{{- $best = $score }}
{{- $near = $known }}
{{- end }}
{{- end }}
{{- $near }}
{{- end }}

{{/* Writes what to do about an unknown key (.key) of a section that has the keys .known, and .also, which are accepted but not listed. */}}
{{- define "polyaxon-persistence.knownInstead" -}}
{{- $near := include "polyaxon-persistence.nearest" (dict "word" .key "known" (concat .known (.also | default list))) }}
{{- $all := include "polyaxon-persistence.allKeys" .known | trimPrefix "." }}
{{- ternary (printf "did you mean %q?%s" $near $all) (printf "remove the key%s" ($all | replace " The" "; the")) (ne $near "") }}
{{- end }}

{{/* Writes the keys of .into: .word, and .word without one of its letters, for each letter. */}}
{{- define "polyaxon-persistence.cuts" -}}
{{- $_ := set .into .word true }}
{{- range $index := until (len .word) }}
{{- $_ := set $.into (printf "%s%s" (substr 0 $index $.word) (substr (int (add1 $index)) (len $.word) $.word)) true }}
{{- end }}
{{- end }}
