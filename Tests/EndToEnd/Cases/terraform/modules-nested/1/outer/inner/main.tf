variable "seed" {}
resource "terraform_data" "i" { triggers_replace = var.seed }
output "id" { value = terraform_data.i.id }
