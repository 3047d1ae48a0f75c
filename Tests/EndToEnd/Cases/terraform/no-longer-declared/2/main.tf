resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "d" { input = terraform_data.a.id }
output "d" { value = terraform_data.d.id }
