resource "terraform_data" "a" { triggers_replace = [2] }
resource "terraform_data" "b" { triggers_replace = { a = terraform_data.a.id } }
resource "terraform_data" "c" { triggers_replace = [terraform_data.b.id, "x"] }
resource "terraform_data" "d" { triggers_replace = "still" }
