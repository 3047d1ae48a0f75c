variable "name" { type = string }
variable "seed" {}
locals { full = "net-${var.name}" }
resource "terraform_data" "net" { input = local.full }
resource "terraform_data" "sub" { input = { net = terraform_data.net.id, seed = var.seed } }
output "id" { value = terraform_data.sub.id }
output "name" { value = local.full }
