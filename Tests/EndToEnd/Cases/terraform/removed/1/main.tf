resource "terraform_data" "kept" { input = 1 }
resource "terraform_data" "gone" { input = 1 }
resource "terraform_data" "many" { count = 2 }
