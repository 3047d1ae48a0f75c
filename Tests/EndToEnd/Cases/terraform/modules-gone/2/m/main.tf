resource "terraform_data" "x" { input = 1 }
resource "terraform_data" "z" { input = terraform_data.x.id }
output "id" { value = terraform_data.z.id }
