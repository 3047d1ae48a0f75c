variable "password" {
  type      = string
  default   = "hunter2"
  sensitive = true
}
resource "terraform_data" "a" { input = { user = "root", password = var.password } }
resource "terraform_data" "b" { input = "${terraform_data.a.input.user}:${terraform_data.a.input.password}" }
resource "terraform_data" "c" { input = nonsensitive(length(var.password)) }
output "password" {
  value     = var.password
  sensitive = true
}
output "user" { value = terraform_data.a.input.user }
