# Terraform starts helm (3 or 4) when the chart, the values or the site's catalog have changed.
locals {
  files = sort(concat(["values.yaml", "site.yaml"], tolist(fileset(path.module, "chart/**"))))
}

resource "terraform_data" "demo" {
  triggers_replace = { for file in local.files : file => filesha256("${path.module}/${file}") }

  provisioner "local-exec" {
    working_dir = path.module
    command     = <<-EOT
      helm upgrade --install demo ./chart -n vision -f values.yaml --post-renderer polyaxon-persistence \
        --post-renderer-args --persistence --post-renderer-args site.yaml
    EOT
  }
}
