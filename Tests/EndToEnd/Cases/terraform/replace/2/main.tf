resource "terraform_data" "a" {
  input            = "x"
  triggers_replace = "two"
}
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" { input = terraform_data.a.input }
output "b" { value = terraform_data.b.output }
output "c" { value = terraform_data.c.output }
