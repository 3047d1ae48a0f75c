variable "size" { type = number }
variable "name" { type = string }
resource "terraform_data" "host" {
  count = var.size
  input = "${var.name}-${count.index}"
}
output "id" { value = terraform_data.host[0].id }
output "size" { value = length(terraform_data.host) }
