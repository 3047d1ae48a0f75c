resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" { input = terraform_data.b.id }
resource "terraform_data" "d" { input = "d" }
output "a" { value = terraform_data.a.input }
output "c" { value = terraform_data.c.id }
output "both" { value = [terraform_data.b.id, terraform_data.d.id] }
output "fixed" { value = "x" }
