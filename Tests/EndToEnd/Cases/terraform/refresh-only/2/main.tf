resource "terraform_data" "a" { input = "b" }
output "a" { value = terraform_data.a.output }
