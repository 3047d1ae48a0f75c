resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "d" { input = "d" }
output "a" { value = terraform_data.a.input }
output "d" { value = terraform_data.d.id }
