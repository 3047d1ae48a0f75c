resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" { input = terraform_data.b.id }
resource "terraform_data" "d" { input = terraform_data.a.id }
output "c" { value = terraform_data.c.id }
output "d" { value = terraform_data.d.id }
