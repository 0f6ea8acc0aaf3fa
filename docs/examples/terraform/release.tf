resource "helm_release" "demo" {
  name      = "demo"
  namespace = "vision"
  chart     = "./chart"
  values    = [file("values.yaml")]

  postrender = {
    binary_path = "polyaxon-persistence"
    args        = ["--persistence", "site.yaml"]
  }
}
