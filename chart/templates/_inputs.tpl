{{/*
Reads: .root, .name, .polyaxonfile. Writes: .into.params, the values for {{ … }} of run.cmd and for POLYAXON_PARAMS: the params
(or declarations), and the default of each input that they do not set. A flag becomes the text --name, or an empty text.
Refuses inputs without a value, all of them together.
*/}}
{{- define "polyaxon-persistence.params" -}}
{{- $file := .polyaxonfile }}
{{- $where := printf "%s.polyaxonfile" (include "polyaxon-persistence.runPath" .) }}
{{- $given := $file.params | default $file.declarations | default dict }}
{{- $read := dict "where" (printf "%s: %s" $where (ternary "params" "declarations" (hasKey $file "params"))) "value" $given }}
{{- include "polyaxon-persistence.checkRead" $read }}
{{- include "polyaxon-persistence.checkUnfilled" $read }}
{{- include "polyaxon-persistence.checkRead" (dict "where" (printf "%s: inputs" $where) "value" $file.inputs) }}
{{- $known := list "default" "description" "is_flag" "is_list" "is_optional" "name" "options" "type" }}
{{- $params := omit $given }}
{{- $problems := list }}
{{- $names := list }}
{{- range $index, $input := $file.inputs }}
{{- $at := printf "%s: inputs[%d]" $where $index }}
{{- $unknown := list }}
{{- range $key := keys $input | sortAlpha }}
{{- if not (has $key $known) }}
{{- $unknown = append $unknown $key }}
{{- $problems = append $problems (printf "%s.%s is not supported: %s" $at $key (include "polyaxon-persistence.knownInstead" (dict "key" $key "known" $known))) }}
{{- end }}
{{- end }}
{{- $name := $input.name }}
{{- $value := $input.default }}
{{- include "polyaxon-persistence.checkUnfilled" (dict "where" (printf "%s.default" $at) "value" $value) }}
{{- if $unknown }}
{{- /* It may be the value, under a key with a typing error. */}}
{{- else if not (and $name (typeIs "string" $name)) }}
{{- $problems = append $problems (printf "%s.name must be a name. YAML reads words such as n, on and yes as false or true: write such a name in quotes" $at) }}
{{- else if has $name $names }}
{{- $problems = append $problems (printf "%s.name: there are two inputs with the name %s: remove one of them" $at $name) }}
{{- else }}
{{- if hasKey $given $name }}
{{- $value = get $given $name }}
{{- end }}
{{- if kindIs "invalid" $value }}
{{- $problems = append $problems (printf "%s: the input %s has no value: write the value under params, or write a default for the input" $where $name) }}
{{- else if eq (toString $input.is_flag) "true" }}
{{- $_ := set $params $name (ternary (printf "--%s" $name) "" (not (not $value))) }}
{{- else }}
{{- $_ := set $params $name $value }}
{{- end }}
{{- end }}
{{- $names = append $names $name }}
{{- end }}
{{- if $problems }}
{{- fail (join "\n" $problems) }}
{{- end }}
{{- $_ := set .into "params" $params }}
{{- end }}
