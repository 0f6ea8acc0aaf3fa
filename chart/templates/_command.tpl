{{/*
Reads: .at (the name so far), .value (its value). Writes: .into, a map: name that {{ … }} of run.cmd may use -> its
text. A value inside a param has the name name.key or name[0]. The text of a list is the text that Python prints for the
list. The text is nil for a value that {{ … }} can't use.
*/}}
{{- define "polyaxon-persistence.paramTexts" -}}
{{- $at := .at }}
{{- $into := .into }}
{{- if kindIs "map" .value }}
{{- range $key, $value := .value }}
{{- include "polyaxon-persistence.paramTexts" (dict "at" (ternary (printf "%s.%s" $at $key) $key (ne $at "")) "value" $value "into" $into) }}
{{- end }}
{{- $_ := set $into $at nil }}
{{- else if kindIs "slice" .value }}
{{- $texts := list }}
{{- range $index, $value := .value }}
{{- $inside := printf "%s[%d]" $at $index }}
{{- include "polyaxon-persistence.paramTexts" (dict "at" $inside "value" $value "into" $into) }}
{{- $text := get $into $inside }}
{{- if typeIs "string" $value }}
{{- $text = ternary nil (printf "'%s'" $text) (regexMatch "['\\\\\\n]" (toString $text)) }}
{{- end }}
{{- $texts = append $texts $text }}
{{- end }}
{{- $_ := set $into $at (ternary nil (printf "[%s]" (join ", " $texts)) (has nil $texts)) }}
{{- else if typeIs "string" .value }}
{{- $_ := set $into $at .value }}
{{- else }}
{{- $_ := set $into $at (get (dict "true" "True" "false" "False" "null" "None") (toJson .value) | default (toJson .value)) }}
{{- end }}
{{- end }}

{{/*
Refuses params (.value, .where) that contain {{ or {%, because only run.cmd is filled in. Polyaxon filled params, too, and
evaluated the result as Python.
*/}}
{{- define "polyaxon-persistence.checkUnfilled" -}}
{{- $where := .where }}
{{- if kindIs "map" .value }}
{{- range $key, $value := .value }}
{{- include "polyaxon-persistence.checkUnfilled" (dict "where" (printf "%s.%s" $where $key) "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $index, $value := .value }}
{{- include "polyaxon-persistence.checkUnfilled" (dict "where" (printf "%s[%d]" $where $index) "value" $value) }}
{{- end }}
{{- else if typeIs "string" .value }}
{{- with regexFind "\\{[{%][^}]*\\}*" .value }}
{{- if hasPrefix "{{" . }}
{{- fail (printf "%s contains %s, but only run.cmd can contain it: write the value itself, or write %s in run.cmd" $where . .) }}
{{- end }}
{{- fail (printf "%s contains %s, but only run.cmd can contain {{ name }}: write the value itself" $where .) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Refuses params and variables (.value, .where) that YAML or Helm changes when it reads them: names that are read as true or
false, and numbers that are too large for a 64-bit float, which fromYaml reads numbers into.
*/}}
{{- define "polyaxon-persistence.checkRead" -}}
{{- $where := .where }}
{{- if kindIs "map" .value }}
{{- range $key, $value := .value }}
{{- if has $key (list "true" "false") }}
{{- $read := ternary "y, yes or on" "n, no or off" (eq $key "true") }}
{{- fail (printf "%s: YAML reads an unquoted name %s as %s: write the name in quotes, or use another name" $where $read $key) }}
{{- end }}
{{- include "polyaxon-persistence.checkRead" (dict "where" (printf "%s.%s" $where $key) "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $index, $value := .value }}
{{- include "polyaxon-persistence.checkRead" (dict "where" (printf "%s[%d]" $where $index) "value" $value) }}
{{- end }}
{{- else if eq (include "polyaxon-persistence.isKind" (dict "kind" "number" "value" .value)) "true" }}
{{- if ge (float64 (toJson .value | trimPrefix "-")) 9007199254740992.0 }}
{{- fail (printf "%s: a number of 9007199254740992 or more may lose its last digits: write it in quotes" $where) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Writes a command without its continuations. A continuation is a backslash outside of quotes that is before a space, a line end
or the end of the command. It and the spaces around it become one space. In most scalars, YAML has changed a line end to a
space. A literal (|) still has its line ends. There, a backslash before a line end is a continuation in quotes, too.
*/}}
{{- define "polyaxon-persistence.joinContinued" -}}
{{- $lines := regexReplaceAll "[ \\t]*\\\\[ \\t]*\\r?\\n\\s*" . " " }}
{{- $quoted := "\\$'(?:\\\\[\\s\\S]|[^'\\\\])*'|'[^']*'|\"(?:\\\\[\\s\\S]|[^\"\\\\])*\"" }}
{{- $escaped := "\\\\\\S" }}
{{- $continuation := "(?:[ \\t]*\\\\([ \\t]|$))+[ \\t]*" }}
{{- regexReplaceAll (printf "(%s|%s)|%s" $quoted $escaped $continuation) (trim $lines) "$1$2" | trim }}
{{- end }}

{{/* Refuses a command (.cmd, .at) that holds only spaces and comments. .isList: it is an item of a list. */}}
{{- define "polyaxon-persistence.checkNotEmpty" -}}
{{- if regexMatch "^(\\s*(#[^\\n]*)?(\\n|$))*$" .cmd }}
{{- fail (printf "%s is empty%s" .at (ternary ": write a command, or remove the item" ": write a command, or remove the key to run the command of the image" .isList)) }}
{{- end }}
{{- end }}

{{/*
Reads: .name, .cmd, .params. Writes run.cmd as one shell command: joins a list by &&, as Polyaxon did, and fills {{ name }}
from the params.
*/}}
{{- define "polyaxon-persistence.cmd" -}}
{{- $where := printf "%s.polyaxonfile: run.cmd" (include "polyaxon-persistence.runPath" .) }}
{{- $texts := dict }}
{{- include "polyaxon-persistence.paramTexts" (dict "at" "" "value" .params "into" $texts) }}
{{- $cmds := .cmd }}
{{- if kindIs "string" .cmd }}
{{- $cmds = list .cmd }}
{{- end }}
{{- if not (kindIs "slice" $cmds) }}
{{- fail (printf "%s must be a string or a list of strings" $where) }}
{{- end }}
{{- $isList := kindIs "slice" .cmd }}
{{- $lines := list }}
{{- range $index, $cmd := $cmds }}
{{- $at := ternary (printf "%s[%d]" $where $index) $where $isList }}
{{- if not (or (kindIs "string" $cmd) (kindIs "invalid" $cmd)) }}
{{- fail (printf "%s must be a string or a list of strings" $where) }}
{{- end }}
{{- $cmd = include "polyaxon-persistence.joinContinued" ($cmd | default "") }}
{{- include "polyaxon-persistence.checkNotEmpty" (dict "at" $at "cmd" $cmd "isList" $isList) }}
{{- if contains "\n" $cmd }}
{{- fail (printf "%s has several lines, which Polyaxon joined into one command: write a list for several commands, or fold one long command with >- and indent all its lines equally" $where) }}
{{- end }}
{{- $needsJoin := false }}
{{- range $path, $text := $texts }}
{{- $pattern := printf "\\{\\{\\s*%s\\s*\\}\\}" (regexQuoteMeta $path) }}
{{- if and $path (regexMatch $pattern $cmd) }}
{{- if kindIs "invalid" $text }}
{{- fail (printf "%s uses {{ %s }}, which is not a simple value: write the value itself in run.cmd" $where $path) }}
{{- end }}
{{- $cmd = regexReplaceAllLiteral $pattern $cmd $text }}
{{- $needsJoin = or $needsJoin (regexMatch "[\\\\\\n]" $text) }}
{{- end }}
{{- end }}
{{- range list "{{" "{%" }}
{{- if contains . $cmd }}
{{- fail (printf "%s: nothing fills %s: write a simple value of that name under params, or write the value itself in run.cmd" $where (regexFind "\\{[{%][^}]*\\}*" $cmd)) }}
{{- end }}
{{- end }}
{{- /* Polyaxon filled the params first, and joined the lines of the result. */}}
{{- if $needsJoin }}
{{- $cmd = regexReplaceAll "\\s*\\n\\s*" (include "polyaxon-persistence.joinContinued" $cmd) " " }}
{{- end }}
{{- include "polyaxon-persistence.checkNotEmpty" (dict "at" $at "cmd" $cmd "isList" $isList) }}
{{- $lines = append $lines $cmd }}
{{- end }}
{{- join " && " $lines }}
{{- end }}

{{/*
Reads: .name, .params, .polyaxonfile. Writes: .into.env, the environment variables of a polyaxonfile as Kubernetes
writes them. The params are first, under the later and the earlier name of Polyaxon. The variables of the sections
follow. If two variables have the same name, the second variable stays.
*/}}
{{- define "polyaxon-persistence.variables" -}}
{{- $path := include "polyaxon-persistence.runPath" . }}
{{- $where := printf "%s.polyaxonfile" $path }}
{{- $env := list }}
{{- with .params }}
{{- range $name := list "POLYAXON_PARAMS" "POLYAXON_DECLARATIONS" }}
{{- $env = append $env (dict "name" $name "value" (toRawJson $.params | replace "$" "$$")) }}
{{- end }}
{{- end }}
{{- with .polyaxonfile.build }}
{{- if .lang_env }}
{{- $lang := .lang_env }}
{{- range list "LC_ALL" "LANG" "LANGUAGE" }}
{{- $env = append $env (dict "name" . "value" $lang) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $section := list "build" "run" "environment" }}
{{- $at := printf "%s: %s.env_vars" $where $section }}
{{- $given := dig $section "env_vars" list $.polyaxonfile | default list }}
{{- include "polyaxon-persistence.checkRead" (dict "where" $at "value" $given) }}
{{- $pairs := list }}
{{- if kindIs "map" $given }}
{{- range $name, $value := $given }}
{{- $pairs = append $pairs (list $name $value) }}
{{- end }}
{{- else }}
{{- $pairs = $given }}
{{- end }}
{{- range $pair := $pairs }}
{{- if or (not (kindIs "slice" $pair)) (ne (len $pair) 2) (not (typeIs "string" (first $pair))) (has (kindOf (last $pair)) (list "map" "slice" "invalid")) }}
{{- fail (printf "%s must be a list of names with their values: [[NAME, value]]" $at) }}
{{- end }}
{{- $value := last $pair }}
{{- if and (contains "$" (toString $value)) (ne $section "environment") }}
{{- fail (printf "%s: %s contains a $, which only the build of an image replaces: write the value itself, or write %s.env" $at (first $pair) $path) }}
{{- end }}
{{- if not (typeIs "string" $value) }}
{{- $value = ternary (title (toJson $value)) (toJson $value) (kindIs "bool" $value) }}
{{- end }}
{{- $env = append $env (dict "name" (first $pair) "value" $value) }}
{{- end }}
{{- end }}
{{- if $env }}
{{- include "polyaxon-persistence.layerVariables" (dict "layers" (list $env) "into" .into) }}
{{- end }}
{{- end }}
