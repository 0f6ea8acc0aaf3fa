#!/usr/bin/env bash
# Builds the external tools of the tests into .tools/bin, each from ci/tools/<family>/go.mod, which pins its version.
# Skips a tool that exists and whose pins, row below and function `build` have not changed.
# usage: ci/tools.sh [--sources] [FAMILY…]   (default: those of `make test`; `make bench` uses yq and kubectl, others have their own targets)
#   --sources   only downloads what `go build` needs, and builds nothing
set -euo pipefail
cd "$(dirname "$0")/.."
# GOTOOLCHAIN: Argo CD needs a newer Go than the others, and Go downloads the version in a go.mod.
# -dwarf=false: nobody debugs these programs, and without debugging data the build takes a tenth less time.
export GOFLAGS="${GOFLAGS:-} -mod=readonly -gcflags=all=-dwarf=false" GOTOOLCHAIN=auto CGO_ENABLED=0
export GOGC="${GOGC:-400}" # the compiler collects garbage less often, which saves another tenth
bin="$PWD/.tools/bin"
mkdir -p "$bin"

# family, package, its module, and the variable that holds the program's version (empty: none)
tools() {
  cat <<'TABLE'
helm3 helm.sh/helm/v3/cmd/helm helm.sh/helm/v3 helm.sh/helm/v3/internal/version.version
helm4 helm.sh/helm/v4/cmd/helm helm.sh/helm/v4 helm.sh/helm/v4/internal/version.version
helm4-oldest helm.sh/helm/v4/cmd/helm helm.sh/helm/v4 helm.sh/helm/v4/internal/version.version
kubeconform github.com/yannh/kubeconform/cmd/kubeconform github.com/yannh/kubeconform main.version
helm-unittest github.com/helm-unittest/helm-unittest/cmd/helm-unittest github.com/helm-unittest/helm-unittest main.version
yq github.com/mikefarah/yq/v4 github.com/mikefarah/yq/v4
registry github.com/google/go-containerregistry/cmd/registry github.com/google/go-containerregistry
kustomize sigs.k8s.io/kustomize/kustomize/v5 sigs.k8s.io/kustomize/kustomize/v5 sigs.k8s.io/kustomize/api/provenance.version
helmfile github.com/helmfile/helmfile github.com/helmfile/helmfile go.szostok.io/version.version
tofu github.com/opentofu/opentofu/cmd/tofu github.com/opentofu/opentofu
skaffold github.com/GoogleContainerTools/skaffold/v2/cmd/skaffold github.com/GoogleContainerTools/skaffold/v2 github.com/GoogleContainerTools/skaffold/v2/pkg/skaffold/version.version
kubectl k8s.io/kubernetes/cmd/kubectl k8s.io/kubernetes k8s.io/component-base/version.gitVersion
argocd github.com/argoproj/argo-cd/v3/cmd github.com/argoproj/argo-cd/v3 github.com/argoproj/argo-cd/v3/common.version
TABLE
}

build() {
  local family=$1 package=$2 module=$3 variable=$4 version flags minor started=$SECONDS
  cd "ci/tools/$family"
  version="$(go list -m -f '{{.Version}}' "$module")"
  flags="-s -w${variable:+ -X $variable=$version}"
  # Like the makefile of Helm 3: without a cluster, Helm assumes the Kubernetes version of its client library.
  minor="$(go list -m -f '{{.Version}}' k8s.io/client-go 2>/dev/null | cut -d. -f2 || true)"
  for package_of_helm3 in chartutil lint/rules; do
    flags="$flags -X helm.sh/helm/v3/pkg/$package_of_helm3.k8sVersionMajor=1"
    flags="$flags -X helm.sh/helm/v3/pkg/$package_of_helm3.k8sVersionMinor=$minor"
  done
  go build -trimpath -ldflags "$flags" -o "$bin/$family" "$package"
  echo "built $family $version in $((SECONDS - started)) s"
}

command -v go >/dev/null || { echo "ci/tools.sh: Go is needed to build the test tools (https://go.dev/dl)" >&2; exit 1; }
only_sources=
if [ "${1:-}" = --sources ]; then only_sources=yes; shift; fi
wanted=" ${*:-helm3 helm4 helm4-oldest kubeconform helm-unittest kustomize registry} "
tools | while read -r family package module variable; do
  case "$wanted" in *" $family "*) ;; *) continue ;; esac
  stamp=".tools/$family.stamp"
  sum="$({ cat "ci/tools/$family/go.mod" "ci/tools/$family/go.sum"; echo "$package $variable"; declare -f build; } | sha256sum)"
  if [ -x "$bin/$family" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ]; then continue; fi
  if [ "$only_sources" ]; then (cd "ci/tools/$family" && go list -deps "$package" >/dev/null); continue; fi
  (build "$family" "$package" "$module" "$variable")
  echo "$sum" > "$stamp"
done
