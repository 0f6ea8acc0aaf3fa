{{- /*
Writes a CEL expression that is true if one of the objects in the list `.` asks for volumes: an object and its pod template.
A member of a group does, too, because the post-renderer refuses one without a request.
A build gets no volumes. A polyaxonfile or a kind of a build is also about data and outputs on the other object of the list.
*/}}
{{- define "polyaxon-persistence.asks" -}}
({{ . }}.exists(it, !{{ include "polyaxon-persistence.isBuild" "kind: build" }})
  || {{ . }}.exists(it, it.?metadata.?annotations[?"polyaxon.com/data"].hasValue()
    || it.?metadata.?annotations[?"polyaxon.com/outputs"].hasValue() || it.?metadata.?annotations[?"polyaxon.com/kind"].hasValue()
    || it.?metadata.?annotations[?"polyaxon.com/group"].hasValue())
  && !{{ . }}.exists(it, it.?metadata.?annotations[?"polyaxon.com/kind"].orValue("") == "build"
    || {{ include "polyaxon-persistence.isBuild" "" }}))
{{- end }}

{{- /* Writes whether the polyaxonfile of `it` is one of a build. Without a polyaxonfile, the text `.` counts instead. */}}
{{- define "polyaxon-persistence.isBuild" -}}
it.?metadata.?annotations[?"polyaxon.com/polyaxonfile"].orValue({{ toJson . }}).matches("(^|[{,\\n])\\s*[\"']?kind[\"']?\\s*:\\s*[\"']?build\\b")
{{- end }}

{{- define "polyaxon-persistence.denied" -}}
it asks for volumes in its annotations of polyaxon.com, and was not rendered by the post-renderer, so it would run without them.
{{- printf " With Helm: add --post-renderer polyaxon-persistence. Without: polyaxon-persistence < FILE | kubectl apply -f -" }}
{{- end }}

{{- /* Writes the metadata of a cluster-scoped object. The argument is (list $ NAME). */}}
{{- define "polyaxon-persistence.policyMetadata" -}}
{{- $root := index . 0 -}}
metadata:
  name: {{ index . 1 | toJson }}
  labels:
    app.kubernetes.io/instance: {{ $root.Release.Name | toJson }}
    app.kubernetes.io/managed-by: {{ $root.Release.Service | toJson }}
    app.kubernetes.io/name: {{ include "polyaxon-persistence.chartName" $root | toJson }}
    helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | toJson }}
{{- end }}

{{- /* Writes the binding, without which a policy has no effect. The argument is (list $ NAME). */}}
{{- define "polyaxon-persistence.policyBinding" -}}
{{- $root := index . 0 -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
spec:
  policyName: {{ index . 1 | toJson }}
  validationActions: ["Deny"]
  {{- with $root.Values.admissionPolicy.namespaceSelector }}
  matchResources:
    namespaceSelector: {{- toYaml . | nindent 6 }}
  {{- end }}
{{ include "polyaxon-persistence.policyMetadata" . }}
{{- end }}
