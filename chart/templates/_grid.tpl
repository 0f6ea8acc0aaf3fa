{{/*
Reads: .root, .name, .given. Writes: .into.members, the runs that one entry of runs means. Each is a map: `file` is its
polyaxonfile, and `grid` says which member of a grid it is. An entry without a matrix means one run, and its grid is nil.
The name of a member comes from its values of the matrix, so a new value of a param renames no other member.
*/}}
{{- define "polyaxon-persistence.members" -}}
{{- $file := dict }}
{{- include "polyaxon-persistence.layerPolyaxonfile" (dict "root" .root "name" .name "given" .given "into" $file) }}
{{- if or (hasKey $file "hptuning") (hasKey $file "matrix") }}
{{- include "polyaxon-persistence.gridMembers" (dict "root" .root "name" .name "given" .given "file" $file "into" .into) }}
{{- else }}
{{- $_ := set .into "members" (list (dict "file" $file "grid" nil)) }}
{{- end }}
{{- end }}

{{/* Reads: .root, .name, .given, .file (with a matrix). Writes: .into.members. */}}
{{- define "polyaxon-persistence.gridMembers" -}}
{{- $where := printf "%s.polyaxonfile" (include "polyaxon-persistence.runPath" .) }}
{{- include "polyaxon-persistence.checkGrid" . }}
{{- $tuning := .file.hptuning | default dict }}
{{- $at := ternary "matrix" "hptuning.matrix" (hasKey .file "matrix") }}
{{- $matrix := .file.matrix | default $tuning.matrix }}
{{- include "polyaxon-persistence.checkRead" (dict "where" (printf "%s: %s" $where $at) "value" $matrix) }}
{{- $key := ternary "declarations" "params" (hasKey .file "declarations") }}
{{- $params := get .file $key | default dict }}
{{- $wanted := ($tuning.grid_search | default dict).n_experiments }}
{{- if and $wanted (gt (int $wanted) 200) }}
{{- $wanted = 0 }}
{{- end }}
{{- $combinations := list (dict "texts" list "values" dict) }}
{{- range $param, $option := $matrix }}
{{- $read := dict }}
{{- include "polyaxon-persistence.matrixValues" (dict "where" (printf "%s: %s.%s" $where $at $param) "file" $where "option" $option "wanted" $wanted "into" $read) }}
{{- if and (kindIs "map" $params) (hasKey $params $param) }}
{{- fail (printf "%s: %s.%s is also in %s, so all members would get the same value: remove it from one of the two" $where $at $param $key) }}
{{- end }}
{{- if gt (mul (len $combinations) (len $read.values)) 200 }}
{{- if $wanted }}
{{- include "polyaxon-persistence.refusePart" (dict "where" $where "wanted" $wanted "total" "more than 200") }}
{{- end }}
{{- fail (printf "%s: %s has more than 200 combinations, the most for one run: write fewer values, or write several runs with a part of the values each" $where $at) }}
{{- end }}
{{- $next := list }}
{{- range $combination := $combinations }}
{{- range $value := $read.values }}
{{- $text := printf "%s:%s" (toJson $param) (include "polyaxon-persistence.canonical" $value) }}
{{- $next = append $next (dict "texts" (append $combination.texts $text) "values" (set (omit $combination.values) $param $value)) }}
{{- end }}
{{- end }}
{{- $combinations = $next }}
{{- end }}
{{- $total := len $combinations }}
{{- if and $wanted (lt (int $wanted) $total) }}
{{- include "polyaxon-persistence.refusePart" (dict "where" $where "wanted" $wanted "total" $total) }}
{{- end }}
{{- $group := include "polyaxon-persistence.name" (dict "root" .root "name" .name "run" (dict)) }}
{{- $members := list }}
{{- $shared := dict }}{{- /* what all members have, and the first one computes */}}
{{- $names := dict }}
{{- range $combinations }}
{{- $name := printf "%s-%s" $.name (printf "{%s}" (join "," .texts) | sha256sum | trunc 8) }}
{{- if hasKey $names $name }}
{{- fail (printf "%s: two members of the grid get the name %s, because their values have the same hash: change a value a little" $where $name) }}
{{- end }}
{{- if kindIs "map" (get $.root.Values.runs $name) }}
{{- fail (printf "%s: a member of the grid gets the name %s, which is the name of another run: rename that run" $where $name) }}
{{- end }}
{{- $_ := set $names $name true }}
{{- $file := omit $.file "hptuning" "matrix" }}
{{- $_ := set $file "kind" "experiment" }}
{{- if kindIs "map" $params }}{{- /* else the checks of the keys refuse it */}}
{{- $all := omit $params }}
{{- range $param, $value := .values }}
{{- $_ := set $all $param $value }}
{{- end }}
{{- $_ := set $file $key $all }}
{{- end }}
{{- $grid := dict "member" $name "group" $group "total" $total "values" .values "shared" $shared }}
{{- if lt (int ($tuning.concurrency | default $total)) $total }}
{{- $_ := set $grid "concurrency" ($tuning.concurrency | int | toString) }}
{{- end }}
{{- $members = append $members (dict "file" $file "grid" $grid) }}
{{- end }}
{{- $_ := set .into "members" $members }}
{{- end }}

{{/* Refuses a grid of which only the first runs (.wanted of .total) are asked for. */}}
{{- define "polyaxon-persistence.refusePart" -}}
{{- fail (printf "%s: hptuning.grid_search.n_experiments is %d, but the matrix has %v combinations, and Helm does not keep the order of keys that decides which of them run: run polyaxon-persistence migrate, which writes these runs, or write fewer values" .where (int .wanted) .total) }}
{{- end }}

{{/* Refuses what a grid can't have. Reads: .root, .name, .given, .file. */}}
{{- define "polyaxon-persistence.checkGrid" -}}
{{- $where := printf "%s.polyaxonfile" (include "polyaxon-persistence.runPath" .) }}
{{- $path := include "polyaxon-persistence.runPath" . }}
{{- $kind := .file.kind | default "group" }}
{{- if not (has $kind (list "group" "experiment")) }}
{{- fail (printf "%s: a run of kind %s can't have a matrix: write kind: group, or remove %s" $where $kind (ternary "matrix" "hptuning" (hasKey .file "matrix"))) }}
{{- end }}
{{- if gt (len .name) 54 }}
{{- fail (printf "%s has a matrix, so its name can have at most 54 characters, because the name of a member is longer: write a shorter name" $path) }}
{{- end }}
{{- range $key, $instead := dict
      "schedule" "a grid runs once: remove schedule, or write one run with this schedule for each set of params"
      "hook" "a grid can't be a hook: remove hook"
      "folder" "each member has its own run folder: remove folder" }}
{{- if get $.given $key | default (ternary nil (get ($.root.Values.runDefaults | default dict) $key) (hasKey $.given $key)) }}
{{- fail (printf "%s.%s can't be used with a matrix: %s" $path $key $instead) }}
{{- end }}
{{- end }}
{{- $tuning := .file.hptuning | default dict }}
{{- if not (kindIs "map" $tuning) }}
{{- fail (printf "%s: hptuning must be a mapping" $where) }}
{{- end }}
{{- $search := "only a program that sees the results of earlier runs can do it: write hptuning.matrix with values, or let the program itself search" }}
{{- $random := "a render gives the same runs each time, so nothing is random: write hptuning.matrix with the values to try" }}
{{- $refused := dict "random_search" $random "hyperband" $search "bo" $search
      "early_stopping" "no run sees the results of the others: remove the key, and stop runs that are not needed: kubectl delete job" }}
{{- $known := list "concurrency" "grid_search" "matrix" "seed" }}
{{- range $key, $value := $tuning }}
{{- if and (hasKey $refused $key) (not (has (toJson $value) (list "null" "[]"))) }}
{{- fail (printf "%s: hptuning.%s is not supported: %s" $where $key (get $refused $key)) }}
{{- else if not (or (hasKey $refused $key) (has $key $known)) }}
{{- fail (printf "%s: hptuning.%s is not supported: %s" $where $key (include "polyaxon-persistence.knownInstead" (dict "key" $key "known" $known))) }}
{{- end }}
{{- end }}
{{- $search := $tuning.grid_search | default dict }}
{{- if not (kindIs "map" $search) }}
{{- fail (printf "%s: hptuning.grid_search must be a mapping" $where) }}
{{- end }}
{{- range $key := without (keys $search | sortAlpha) "n_experiments" }}
{{- fail (printf "%s: hptuning.grid_search.%s is not supported: %s" $where $key (include "polyaxon-persistence.knownInstead" (dict "key" $key "known" (list "n_experiments")))) }}
{{- end }}
{{- range $at, $value := dict "concurrency" $tuning.concurrency "grid_search.n_experiments" $search.n_experiments }}
{{- if not (or (kindIs "invalid" $value) (regexMatch "^[1-9][0-9]{0,8}$" (toJson $value))) }}
{{- fail (printf "%s: hptuning.%s is %s: write a whole number, 1 or more" $where $at (toJson $value)) }}
{{- end }}
{{- end }}
{{- if and .file.matrix $tuning.matrix }}
{{- fail (printf "%s: matrix and hptuning.matrix mean the same: write only one of the two" $where) }}
{{- end }}
{{- $matrix := .file.matrix | default $tuning.matrix }}
{{- if or (not (kindIs "map" $matrix)) (not $matrix) }}
{{- fail (printf "%s: hptuning.matrix must be a mapping of params with their values, such as lr: {values: [0.1, 0.01]}" $where) }}
{{- end }}
{{- end }}

{{/*
Reads: .where, .option (a param in a matrix: one key that says which values it has), and for errors .file and .wanted
(grid_search.n_experiments, at most 200). Writes: .into.values, a list.
*/}}
{{- define "polyaxon-persistence.matrixValues" -}}
{{- $where := .where }}
{{- $example := "write values: [0.1, 0.01], range: [1, 10, 2] or linspace: [0.1, 0.5, 5]" }}
{{- $given := dict }}
{{- range $kind, $value := ternary .option dict (kindIs "map" .option) }}
{{- if not (kindIs "invalid" $value) }}
{{- $_ := set $given $kind $value }}
{{- end }}
{{- end }}
{{- if ne (len $given) 1 }}
{{- fail (printf "%s must have exactly one key: %s" $where $example) }}
{{- end }}
{{- $kind := keys $given | first }}
{{- $value := get $given $kind }}
{{- if eq $kind "values" }}
{{- if or (not (kindIs "slice" $value)) (not $value) }}
{{- fail (printf "%s.values must be a list with at least one value" $where) }}
{{- end }}
{{- $read := dict "where" (printf "%s.values" $where) "value" $value }}
{{- include "polyaxon-persistence.checkRead" $read }}
{{- include "polyaxon-persistence.checkUnfilled" $read }}
{{- $_ := set .into "values" $value }}
{{- else if eq $kind "range" }}
{{- include "polyaxon-persistence.rangeValues" (dict "where" (printf "%s.range" $where) "given" $value "file" .file "wanted" .wanted "into" .into) }}
{{- else if eq $kind "linspace" }}
{{- include "polyaxon-persistence.linspaceValues" (dict "where" (printf "%s.linspace" $where) "given" $value "file" .file "wanted" .wanted "into" .into) }}
{{- else if has $kind (list "logspace" "geomspace") }}
{{- fail (printf "%s.%s: Helm's templates can't compute it: run polyaxon-persistence migrate, which writes its values, or write them yourself under values" $where $kind) }}
{{- else if has $kind (list "pvalues" "uniform" "quniform" "loguniform" "qloguniform" "normal" "qnormal" "lognormal" "qlognormal") }}
{{- fail (printf "%s.%s is a distribution, which only random search can use: %s" $where $kind $example) }}
{{- else }}
{{- $known := list "values" "range" "linspace" "logspace" "geomspace" }}
{{- $near := include "polyaxon-persistence.nearest" (dict "word" $kind "known" $known) }}
{{- fail (printf "%s.%s is not supported: %s" $where $kind (ternary (printf "did you mean %q? Or %s" $near $example) $example (ne $near ""))) }}
{{- end }}
{{- $texts := list }}
{{- range .into.values }}
{{- $text := include "polyaxon-persistence.canonical" . }}
{{- if has $text $texts }}
{{- fail (printf "%s has the value %s twice: write it once" $where $text) }}
{{- end }}
{{- $texts = append $texts $text }}
{{- end }}
{{- end }}

{{/*
Reads: .members, those of a grid. Writes one line about them for NOTES.
*/}}
{{- define "polyaxon-persistence.gridLine" -}}
{{- $names := list }}
{{- range .members }}
{{- $names = append $names .grid.member }}
{{- end }}
{{- $more := ternary (printf " and %d more" (sub (len $names) 12)) "" (gt (len $names) 12) }}
{{- printf "grid of %d Jobs (polyaxon.com/group=%s): %s%s" (len $names) (first .members).grid.group (slice $names 0 (min (len $names) 12) | join ", ") $more }}
{{- end }}

{{/*
Writes a value as JSON that is the same for each way to write it: in each Helm, in a map and in text, with 1 and with
1.0. Helm reads all numbers as 64-bit floats, except for some that stay text (json.Number).
*/}}
{{- define "polyaxon-persistence.canonical" -}}
{{- if kindIs "map" . }}
{{- $parts := list }}
{{- range $key, $value := . }}
{{- $parts = append $parts (printf "%s:%s" (toJson $key) (include "polyaxon-persistence.canonical" $value)) }}
{{- end }}
{{- printf "{%s}" (join "," $parts) }}
{{- else if kindIs "slice" . }}
{{- $parts := list }}
{{- range . }}
{{- $parts = append $parts (include "polyaxon-persistence.canonical" .) }}
{{- end }}
{{- printf "[%s]" (join "," $parts) }}
{{- else if eq (include "polyaxon-persistence.isKind" (dict "kind" "number" "value" .)) "true" }}
{{- toJson . | float64 | toJson }}
{{- else }}
{{- toJson . }}
{{- end }}
{{- end }}

{{/*
Reads: .where, .given, .keys (the names of three numbers). Writes: .into.numbers. Polyaxon accepted the three numbers as
text with colons, as a list and as a mapping.
*/}}
{{- define "polyaxon-persistence.threeNumbers" -}}
{{- $given := .given }}
{{- $keys := .keys }}
{{- $parts := list }}
{{- if kindIs "map" $given }}
{{- if eq (keys $given | sortAlpha | join ",") (sortAlpha $keys | join ",") }}
{{- range $keys }}
{{- $parts = append $parts (get $given .) }}
{{- end }}
{{- end }}
{{- else if kindIs "slice" $given }}
{{- $parts = $given }}
{{- else if kindIs "string" $given }}
{{- $parts = splitList ":" $given }}
{{- end }}
{{- $numbers := list }}
{{- range $parts }}
{{- $text := ternary . (toJson .) (typeIs "string" .) | trim }}
{{- if regexMatch "^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]{1,2})?$" $text }}
{{- $numbers = append $numbers (float64 $text) }}
{{- end }}
{{- end }}
{{- if or (ne (len $parts) 3) (ne (len $numbers) 3) }}
{{- fail (printf "%s must have three numbers: write \"%s\", a list or a mapping" .where (join ":" $keys)) }}
{{- end }}
{{- if ge (first $numbers) (index $numbers 1) }}
{{- fail (printf "%s: %s must be greater than %s" .where (index $keys 1) (first $keys)) }}
{{- end }}
{{- $_ := set .into "numbers" $numbers }}
{{- end }}

{{/* Reads: .where, .given. Writes: .into.values: start and each step after it that is below stop, as numpy.arange. */}}
{{- define "polyaxon-persistence.rangeValues" -}}
{{- $read := dict }}
{{- include "polyaxon-persistence.threeNumbers" (dict "where" .where "given" .given "keys" (list "start" "stop" "step") "into" $read) }}
{{- $start := first $read.numbers }}
{{- $step := last $read.numbers }}
{{- if le $step 0.0 }}
{{- fail (printf "%s: step must be greater than 0" .where) }}
{{- end }}
{{- $count := ceil (divf (subf (index $read.numbers 1) $start) $step) }}
{{- if gt $count 200.0 }}
{{- if .wanted }}
{{- include "polyaxon-persistence.refusePart" (dict "where" .file "wanted" .wanted "total" "more than 200") }}
{{- end }}
{{- fail (printf "%s has more than 200 values, the most for one run: write a greater step" .where) }}
{{- end }}
{{- $values := list }}
{{- range until (int $count) }}
{{- $values = append $values (addf $start (mulf . $step)) }}
{{- end }}
{{- $_ := set .into "values" $values }}
{{- end }}

{{/* Reads: .where, .given. Writes: .into.values: num values from start to stop, with equal distances, as numpy.linspace. */}}
{{- define "polyaxon-persistence.linspaceValues" -}}
{{- $read := dict }}
{{- include "polyaxon-persistence.threeNumbers" (dict "where" .where "given" .given "keys" (list "start" "stop" "num") "into" $read) }}
{{- $start := first $read.numbers }}
{{- $stop := index $read.numbers 1 }}
{{- $number := last $read.numbers }}
{{- if not (regexMatch "^[1-9][0-9]*$" (toJson $number)) }}
{{- fail (printf "%s: num must be a whole number, 1 or more" .where) }}
{{- end }}
{{- if gt $number 200.0 }}
{{- if .wanted }}
{{- include "polyaxon-persistence.refusePart" (dict "where" .file "wanted" .wanted "total" "more than 200") }}
{{- end }}
{{- fail (printf "%s has more than 200 values, the most for one run: write a smaller num" .where) }}
{{- end }}
{{- /* divf rounds to 16 decimal places. So the distance is written as a number between 1 and 10 first. */}}
{{- $distance := subf $stop $start }}
{{- $power := regexFind "[-+][0-9]+$" (printf "%e" $distance) | atoi }}
{{- $digits := mulf $distance (printf "1e%d" (sub 0 $power) | float64) }}
{{- $values := list $start }}
{{- range untilStep 1 (int $number) 1 }}
{{- $part := divf (mulf . $digits) (subf $number 1) }}
{{- $values = append $values (addf $start (mulf $part (printf "1e%d" $power | float64))) }}
{{- end }}
{{- if gt (len $values) 1 }}
{{- $values = append (initial $values) $stop }}
{{- end }}
{{- $_ := set .into "values" $values }}
{{- end }}
