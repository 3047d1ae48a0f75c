resource "terraform_data" "a" { input = "two" }
resource "terraform_data" "b" { input = terraform_data.a.output }
resource "terraform_data" "c" { input = terraform_data.a.id }
resource "terraform_data" "d" { input = terraform_data.b.output }
resource "terraform_data" "still" { input = "still" }
output "a" { value = terraform_data.a.output }
output "id" { value = terraform_data.a.id }
