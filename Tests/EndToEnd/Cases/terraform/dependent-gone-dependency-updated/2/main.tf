resource "terraform_data" "a" { input = 2 }
resource "terraform_data" "d" { input = terraform_data.a.output }
