variable "seed" {}
module "inner" {
  source = "./inner"
  seed   = var.seed
}
resource "terraform_data" "o" { triggers_replace = module.inner.id }
output "id" { value = terraform_data.o.id }
